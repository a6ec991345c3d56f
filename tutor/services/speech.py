"""A model's Markdown, cut into sentences while it still streams.

Pure. The pieces joined give the input back exactly, and they do not depend on how the stream was cut. A piece never
ends inside code, a formula, or square brackets, so that links and citations stay whole for ``strip_remote``.
"""

import re

from tutor.services.remote import strip_remote

__all__ = ["SentenceSplitter", "strip_remote"]

# Ends that need white space after them, and ends that do not (full-width, Devanagari and Arabic signs).
_SPACED_ENDS = ".!?…"
_FREE_ENDS = "。！？｡؟۔।॥"
_ENDS = _SPACED_ENDS + _FREE_ENDS
_NOTABLE = re.compile(rf"[`~$\\\[\]()\n{re.escape(_ENDS)}]")

# What may stand between the end sign and the white space: quotes, brackets, emphasis, and citations like [1], [2, 3].
_CLOSERS = "\"'”’»›)*_」』】）》〉"
_CITATION = re.compile(r"[ \t]*\[\d+(?:\s*[,;–-]\s*\d+)*\](?!\()")
_CITATION_BEGUN = re.compile(r"[ \t]*\[[\d\s,;–-]*$")

# Words whose full stop does not end a sentence; those for which that holds only before a number; and those whose
# full stop ends it if a capital follows.
_ABBREVIATIONS, _BEFORE_NUMBERS, _SOMETIMES = (
    frozenset(words.split())
    for words in (
        "e.g i.e fig figs eq eqs eqn nr dr prof mr mrs ms vs cf approx eds st viz sr sra srta dra ud uds p.ej ej aprox "
        "ing lic vgl bzw z.b d.h u.a",
        "no nos p pp ch chap sec vol ref refs tab art ed núm pág págs cap ca",
        "etc al a.m p.m inc ltd co corp jr u.s u.k u.n ee.uu usw resp",
    )
)
_LAST_WORD = re.compile(r"[^\W_][\w.·’'-]*$")

# Lines that stand for themselves: list items, headings, quotes, table rows, fences, display formulas, rules.
_BLOCK_LINE = re.compile(r"[ \t]*(?:[-*+][ \t]|\d{1,9}[.)][ \t]|#{1,6}[ \t]|>|\||`{3}|~{3}|\$\$|\\\[|-{3}|\*{3}|_{3})")
_BLOCK_LINE_BEGUN = re.compile(r"[ \t]*(?:[-*+]{1,2}|_{1,2}|\d{1,9}[.)]?|#{1,6}|`{1,2}|~{1,2}|\$|\\)?$")
_LIST_NUMBER = re.compile(r"[ \t>#]*\d{1,9}$")
_AMOUNT = re.compile(r"\$\d[\d.,]*")
_TABLE_ROW = re.compile(r"[ \t>]*\|")
_FENCE_PREFIX = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?$")


class SentenceSplitter:
    """Push text as it comes; get finished sentences, each with the white space after it.

    A sentence is given out as soon as what follows makes its end certain. ``pending`` is what has not been given out.
    """

    def __init__(self) -> None:
        self._text = ""
        self._at = 0
        self._fence = ""
        # What is open at the scan position: ticks of a code span, the sign of a formula, brackets, a link's target.
        self._code = 0
        self._math = ""
        self._depth = 0
        self._target = 0

    @property
    def pending(self) -> str:
        return self._text

    def push(self, text: str) -> list[str]:
        self._text += text
        return self._cut(final=False)

    def flush(self) -> list[str]:
        """The rest, at the end of the stream."""
        pieces = self._cut(final=True)
        if self._text:
            pieces.append(self._text)
        self._text, self._at, self._fence = "", 0, ""
        self._reset_inline()
        return pieces

    # -- the scan: each step returns (where to cut, or 0; where to go on, or None to wait for more) ---------

    def _cut(self, final: bool) -> list[str]:
        pieces: list[str] = []
        while self._at < len(self._text):
            if self._fence:
                cut, go_on = self._in_fence(final)
            else:
                found = _NOTABLE.search(self._text, self._at)
                if found is None:
                    self._at = len(self._text)
                    break
                self._at = found.start()
                cut, go_on = self._step(found[0], final)
            if go_on is None:
                break
            if cut:
                pieces.append(self._text[:cut])
                self._text = self._text[cut:]
            self._at = go_on - cut
        return pieces

    def _step(self, char: str, final: bool) -> tuple[int, int | None]:
        at = self._at
        if char in "`~":
            return self._backticks(char, final)
        if char == "\n":
            return self._newline(final)
        if self._code:
            return 0, at + 1
        if char == "\\":
            return self._backslash(final)
        if char == "$":
            return self._dollar(final)
        if self._math:
            return 0, at + 1
        if char in "[]()":
            return self._bracket(char, final)
        if self._depth or self._target:
            return 0, at + 1
        return self._end_sign(final)

    def _in_fence(self, final: bool) -> tuple[int, int | None]:
        """Inside a fenced block: read whole lines up to the closing fence."""
        end = self._text.find("\n", self._at)
        if end < 0 and not final:
            return 0, None
        end = len(self._text) if end < 0 else end + 1
        line = self._text[self._at : end].lstrip(" \t>").rstrip()
        if len(line) >= len(self._fence) and not line.strip(self._fence[0]):
            self._fence = ""
            return end, end
        return 0, end

    def _backticks(self, char: str, final: bool) -> tuple[int, int | None]:
        text, at = self._text, self._at
        end = at
        while end < len(text) and text[end] == char:
            end += 1
        if end == len(text) and not final:
            return 0, None
        run = end - at
        line_start = text.rfind("\n", 0, at) + 1
        # A fence is a block: it opens whatever is open within the paragraph before it.
        if run >= 3 and _FENCE_PREFIX.match(text[line_start:at]):
            line_end = text.find("\n", end)
            if line_end < 0 and not final:
                return 0, None
            line_end = len(text) if line_end < 0 else line_end + 1
            if char == "~" or "`" not in text[end:line_end]:
                self._fence = char * run
                self._reset_inline()
                return line_start, line_end
        if char == "`" and not self._math:
            if not self._code:
                self._code = run
            elif self._code == run:
                self._code = 0
        return 0, end

    def _newline(self, final: bool) -> tuple[int, int | None]:
        text, at = self._text, self._at
        after = at + 1
        while after < len(text) and text[after] in " \t\r\n":
            after += 1
        if after == len(text):
            return 0, (after if final else None)
        line = text.rfind("\n", at, after) + 1
        if text.count("\n", at, after) > 1:
            self._reset_inline()
            return line, line
        following = text[line:]
        if not final and _BLOCK_LINE_BEGUN.match(following):
            return 0, None
        if self._math == "$" and _BLOCK_LINE.match(following):
            self._math = ""
        if self._code or self._math or self._depth or self._target:
            return 0, line
        this_line = text[text.rfind("\n", 0, at) + 1 : at]
        if _BLOCK_LINE.match(this_line) or _BLOCK_LINE.match(following):
            return line, line
        return 0, line

    def _backslash(self, final: bool) -> tuple[int, int | None]:
        at = self._at
        if at + 1 == len(self._text):
            return 0, (at + 1 if final else None)
        escaped = self._text[at + 1]
        if escaped in "([" and not self._math:
            self._math = "\\)" if escaped == "(" else "\\]"
        elif self._math == "\\" + escaped:
            self._math = ""
        # A newline is looked at for itself.
        return 0, at + (1 if escaped == "\n" else 2)

    def _dollar(self, final: bool) -> tuple[int, int | None]:
        text, at = self._text, self._at
        if at + 1 == len(text):
            return 0, (at + 1 if final else None)
        if text[at + 1] == "$":
            self._math = {"": "$$", "$$": ""}.get(self._math, self._math)
            return 0, at + 2
        if not self._math and not text[at + 1].isspace():
            amount = _AMOUNT.match(text, at)
            if amount and amount.end() == len(text) and not final:
                return 0, None
            # "$5 " is a price: a formula that is only a number would close at once.
            if not (amount and text[amount.end() : amount.end() + 1].isspace()):
                self._math = "$"
        elif self._math == "$" and not text[at - 1 : at].isspace() and not text[at + 1].isdigit():
            self._math = ""
        return 0, at + 1

    def _bracket(self, char: str, final: bool) -> tuple[int, int | None]:
        at = self._at
        if char == "[":
            self._depth += 1
        elif char == "]" and self._depth:
            if at + 1 == len(self._text) and not final:
                return 0, None
            self._depth -= 1
            # The target of a link belongs to it: "](a. b)" holds no sentence end.
            if self._text[at + 1 : at + 2] == "(" and not self._target:
                self._target = 1
                return 0, at + 2
        elif self._target:
            self._target += {"(": 1, ")": -1}.get(char, 0)
        return 0, at + 1

    def _end_sign(self, final: bool) -> tuple[int, int | None]:
        text, at = self._text, self._at
        size = len(text)
        end = at
        while end < size and text[end] in _ENDS:
            end += 1
        signs = text[at:end]
        while end < size and text[end] in _CLOSERS:
            end += 1
        while cited := _CITATION.match(text, end):
            end = cited.end()
        if not final and (end == size or _CITATION_BEGUN.match(text, end)):
            return 0, None
        # Without a space, what follows must not come to stand at the start of a piece and look like a fence there.
        free = signs[-1] in _FREE_ENDS and text[end : end + 1] not in ("`", "~")
        after = end
        while after < size and text[after].isspace() and text[after] != "\n":
            after += 1
        if _TABLE_ROW.match(text, text.rfind("\n", 0, at) + 1):
            return 0, end
        if after == end and not free and text[end : end + 1] != "\n":
            return 0, end
        if after == size:
            return 0, (size if final else None)
        while cited := _CITATION.match(text, after):
            after = cited.end()
        if text[after] == "\n":
            # The newline decides; only a soft one leaves the decision to the sign.
            return self._soft_newline(signs, after, final)
        if not free and not self._ends_sentence(signs, text[after]):
            return 0, end
        return after, after

    def _soft_newline(self, signs: str, newline: int, final: bool) -> tuple[int, int | None]:
        text = self._text
        after = newline
        while after < len(text) and text[after] in " \t\r\n":
            after += 1
        if after == len(text):
            return 0, (after if final else None)
        if signs[-1] in _SPACED_ENDS and not self._ends_sentence(signs, text[after]):
            return 0, newline
        line = text.rfind("\n", newline, after) + 1
        return line, line

    def _ends_sentence(self, signs: str, following: str) -> bool:
        """Whether the spaced sign at the scan position ends a sentence that ``following`` would continue."""
        if following.islower():
            return False
        if signs != ".":
            return True
        line = self._text[self._text.rfind("\n", 0, self._at) + 1 : self._at]
        if _LIST_NUMBER.match(line):
            return False
        found = _LAST_WORD.search(line)
        if found is None:
            return True
        word = found[0].casefold()
        if word in _ABBREVIATIONS:
            return False
        if word in _BEFORE_NUMBERS:
            return not following.isdigit()
        if word in _SOMETIMES:
            return following.isupper()
        # A lone capital is an initial ("J. Watson"); "I" is a word.
        return not (len(word) == 1 and word.isalpha() and found[0].isupper() and word.isascii() and word != "i")

    def _reset_inline(self) -> None:
        self._code = 0
        self._math = ""
        self._depth = 0
        self._target = 0
