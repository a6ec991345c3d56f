"""What is seen of a message before anything is graded: cues, shape, form, wording, and the item it was sent at.

Features are named and binary, so that every weight of the fitted classifier can be read:

``cue:KIND``    a cue of ``intent_cues``; also ``^`` at the start, ``~`` near it, ``$`` at the end, ``+`` of several
                words, ``=`` filling most of the message
``shape:...``   see ``intent_shape``
``form:...``    the sum of the cues: how much of the message speaks to the tutor, and the form of what it asks
``at:...``      the item, crossed with the shape (a number is an answer where a number is asked for)
``w:`` ``b:``   words and pairs of words, for the languages trained on
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from tutor.grading.intent_clauses import clauses, states
from tutor.grading.intent_cues import STATING, Found, heard, is_marked, is_polar, listed, normalised, words
from tutor.grading.intent_offers import offers
from tutor.grading.intent_shape import ends_in_answer, has_asking_accent, shape

PIECES = 240  # characters whose words are features
_DIGITS = re.compile(r"\d")

#: A question mark, and an interrogative at the head of a clause, or a tag ("right?"), or "and the roots?"; an order to
#: give the answer; words put into another speaker's mouth.
NEVER_GRADED = "form:?sure"
#: "Chlorophyll?", "to make sugar?", "maybe the soil?": an answer that only ends in a question mark; "no wait, b".
PLAIN_GUESS = "form:?guess"
# Kinds of cue that ask something of the tutor or tell of the learner, and are no part of an answer.
SPEAKING = frozenset(
    {
        "hint",
        "explain",
        "tell",
        "skip",
        "practise",
        "dontknow",
        "frustration",
        "contest",
        "greet",
        "chat",
        "game",
        "ask",
    }
    | {"yes", "no", "already", "urge"}
)
# What tells only together: to give and the answer, to ignore and the rules. None of these kinds is a cue by itself.
PAIRS = (
    ("order", "key"),
    ("order", "encode"),
    ("encode", "key"),
    ("wh", "encode"),
    ("wh", "key"),
    ("obtain", "key"),
    ("ignore", "rules"),
    ("me", "role"),
    ("role", "key"),
    ("role", "order"),
    ("reward", "you"),
    ("reward", "key"),
    ("reward", "tell"),
    ("urge", "order"),
    ("urge", "tell"),
    ("urge", "me"),
    ("already", "you"),
    ("already", "key"),
    ("rules", "key"),
    ("promise", "condition"),
    ("promise", "key"),
    ("promise", "order"),
    ("promise", "tell"),
    ("promise", "reward"),
    ("condition", "key"),
    ("condition", "tell"),
    ("condition", "reward"),
    ("here", "key"),
    ("here", "promise"),
    ("here", "order"),
    ("you", "encode"),
)
PAIRED = frozenset(
    {"obtain", "order", "key", "encode", "ignore", "rules", "role", "reward", "already", "urge", "promise"}
)
# Spanish: "tell it to me" is one word, and so is "cross out for me" (with its accent, which no other form has).
_FOR_ME = re.compile(r"[a-z]{2,}(?:me|nos)l[oa]s?")
# Arabic: so is "tell it" and "show me"; nouns end so too, but seldom open a message.
_ARABIC_BID = re.compile(r"[وف]?ا(?!ل)\w{2,3}(?:ها|ني)")
# A speaker of a chat's transcript or a channel of a model's: "[admin] ...", "<system>", "assistant: ...".
_SPEAKER = (
    r"(?:assistant|system|admin|developer|user|tutor|teacher|student|asistente|sistema|profesor|alumno|assistent"
    r"|lehrer|schuler|المساعد|النظام|المعلم|مشرف|الطالب)"
)
_CHANNEL = re.compile(rf"[<\[{{|]/?\s*{_SPEAKER}\s*[>\]}}|:]|^\W*{_SPEAKER}\s*:|<\|\w+\|>")
_SAYS_IT = frozenset({"is", "es", "ist", "هو", "هي", "was", "era", "war"})
_BID = re.compile(r"\s*[¿¡]?\s*\w*[áéíóú]\w*[aei](?:me|nos)\b", re.IGNORECASE)
_I_KNOW = re.compile(r"\bs(?:é|e\u0301)\b")
_INFINITIVE = re.compile(r"[aei]r(?:l[aeo]s?|[mts]e|nos)?$")
_GOES_ON = re.compile(r"\w\s*[,;:.…-]+[\s¿]*\w")
CROSSED = frozenset(
    {"shape:number", "shape:number-only", "shape:maths", "shape:option", "shape:option-start", "shape:letter-list"}
    | {"shape:pairs", "shape:?$", "shape:??", "shape:1", "shape:2"}
)


def features(message: str, question: str, kind: str) -> frozenset[str]:
    """The names of the features that hold. ``kind`` is the type of the open item, ``""`` when none is open."""
    folded = normalised(message)
    tokens = words(folded)
    polar = bool(question) and is_polar(question)
    heard_here = [*heard(folded, tokens), *offers(tokens)]
    stating = states(folded, tokens, heard_here, is_marked(folded))
    found = [
        cue
        for cue in heard_here
        if not (polar and cue.kind in ("yes", "no"))
        and not (cue.kind == "dontknow" and _knows(cue, message, tokens, kind))
        and not (cue.kind == "tell" and _says_it(cue, tokens, folded))
        and not (cue.kind == "hint" and _helps(cue, tokens))
        and not (stating and cue.start <= 1 and cue.kind in ("wh", "whaux", "polar"))
    ]
    said = frozenset(_cues(found, tokens))
    shapes = frozenset(shape(message, folded, tokens))
    at = kind if question or kind else "none"
    context = {"at:none"} if at == "none" else set()
    bids = bool(_BID.match(message[:PIECES]))
    # Further on in what ends without a question mark, "dónde" asks nothing: "le muestra dónde unirse".
    asking = message if "¿" in message or is_marked(folded) else " ".join(message[:PIECES].split()[:3])
    form = frozenset(_form(found, folded, tokens, "¿" in message, has_asking_accent(asking), bids))
    if "form:asks" not in form:
        context.update(f"at:{at}&{name}" for name in shapes & CROSSED)
        if ends_in_answer(tokens, kind):
            context.add("ends-in-answer")
            if kind == "multiple_choice" and len(tokens) <= 4:
                context.add(PLAIN_GUESS)
    begs = any(name.startswith(("pair:", "cue:game", "cue:tell", "cue:explain", "cue:promise")) for name in form | said)
    if kind == "poll" and not begs and form & {"form:unmarked-says-none", "form:unmarked-says-trace"}:
        context.add(PLAIN_GUESS)  # nothing there is right or wrong
    if _CHANNEL.search(folded):
        context.add(NEVER_GRADED)
    if question and "form:speaks-none" in form:
        context.update(_echo(tokens, question))
    return said | shapes | context | form | frozenset(_wording(folded))


def _cues(found: list[Found], tokens: list[str]) -> Iterator[str]:
    """Cues by place. A single word far into a long message says little: "enzymes help ..." is no cry for help."""
    covered: dict[str, set[int]] = {}
    brief = len(tokens) <= 12
    for cue in found:
        if cue.kind in ("you", "me", "condition", "here"):  # short words, and others in another language: see _form
            continue
        if cue.kind in PAIRED:
            if cue.end - cue.start > 1:
                yield f"cue:{cue.kind}+"
            continue
        if cue.start == 0:
            yield f"cue:{cue.kind}^"
        elif cue.start <= 2:
            yield f"cue:{cue.kind}~"
        if cue.end == len(tokens):
            yield f"cue:{cue.kind}$"
        if cue.end - cue.start > 1:
            yield f"cue:{cue.kind}+"
        yield f"cue:{cue.kind}" if brief else f"cue:{cue.kind}/long"
        covered.setdefault(cue.kind, set()).update(range(cue.start, cue.end))
    for kind, places in covered.items():
        if 5 * len(places) >= 3 * len(tokens):
            yield f"cue:{kind}="
    speaking = covered.keys() - STATING
    if not speaking:
        yield "cue:none"
        yield "cue:none&brief" if len(tokens) <= 3 else "cue:none&long"
    taken = set().union(*(covered[kind] for kind in speaking)) if speaking else set()
    rest = len(tokens) - len(taken)
    yield f"rest:{min(rest, 8)}" if speaking else "rest:all"
    if "dontknow" in speaking and "but" in covered:
        yield "dontknow&but"
    if "dontknow" in speaking and rest >= 3:
        yield "dontknow&hedge" if "hedge" in covered else "dontknow&rest"


def _echo(tokens: list[str], question: str) -> Iterator[str]:
    """How much of the message takes up the words of the question."""
    asked = {word for word in words(normalised(question)) if len(word) > 3}
    long = [word for word in tokens if len(word) > 3]
    if long and asked:
        share = sum(word in asked for word in long) / len(long)
        yield "echo:none" if share == 0 else "echo:some" if share < 0.5 else "echo:most"


def _knows(cue: Found, message: str, tokens: list[str], kind: str) -> bool:
    """Whether what sounds like not knowing says something else: "first blank water", where there are blanks; "no se
    gasta" (it isn't used up), without the accent and before what can't follow "no sé"."""
    said = tokens[cue.start : cue.end]
    if kind == "cloze" and said in (["blank"], ["blanks"]):
        return True
    if said != ["no", "se"] or cue.end == len(tokens) or _I_KNOW.search(message.lower()):
        return False
    follows = tokens[cue.end]
    return not cue.closes and follows not in listed("after_no_se") and not _INFINITIVE.search(follows)


def _helps(cue: Found, tokens: list[str]) -> bool:
    """Whether what sounds like a cry for help tells what helps what: "enzymes help the reaction", "ayuda a que"."""
    said, after = tokens[cue.start : cue.end], tokens[cue.end : cue.end + 1]
    if said == ["help"] and cue.start > 0 and after and after[0] not in listed("helped"):
        return tokens[cue.start - 1] not in listed("before_help")
    return said == ["ayuda"] and bool(after) and after[0].endswith(("ando", "iendo"))


def _says_it(cue: Found, tokens: list[str], folded: str) -> bool:
    """Whether what sounds like wanting the solution goes on to say it: "the solution is 3", "also ist die Lösung 3"."""
    if is_marked(folded) or cue.end >= len(tokens):
        return False
    begun = cue.start > 0 and tokens[cue.start - 1] in _SAYS_IT
    return tokens[cue.end] in _SAYS_IT or (begun and tokens[cue.end][0].isdigit())


def _asks_by_verb(tokens: list[str]) -> bool:
    """A verb at the head of what ends in a question mark; German puts any verb there, before its pronoun."""
    return tokens[0] in listed("verbs") or (tokens[0].endswith(("t", "en")) and tokens[1] in listed("german_pronouns"))


def _opens_by_verb(tokens: list[str]) -> bool:
    """ "Can plants live without light", typed without its mark: an English auxiliary before a plural."""
    second = tokens[1]
    return (
        len(tokens) > 2
        and tokens[0] in listed("auxiliaries")
        and second.endswith("s")
        and not second.endswith(("ss", "ys"))
    )


def _asks_in_spanish(found: list[Found], tokens: list[str]) -> bool:
    """ "¿Respiran las raíces?", "¿la respuesta es 12?"; but "¿del suelo?" and "¿porque hay luz?" are guesses."""
    if len(tokens) < 3 or any(cue.kind == "lead" for cue in found):
        return False
    return "es" in tokens or len(tokens) > 4 or tokens[0] not in listed("noun_follows")


def _together(found: list[Found], pair: tuple[str, str]) -> bool:
    """Whether a cue of each kind stands in the message, and they are not the same words."""
    first = {(cue.start, cue.end) for cue in found if cue.kind == pair[0]}
    second = {(cue.start, cue.end) for cue in found if cue.kind == pair[1]}
    return any(a != b for a in first for b in second)


def _form(
    found: list[Found], folded: str, tokens: list[str], spanish: bool, accented: bool, bids: bool
) -> Iterator[str]:
    """The sum of the cues: how much of the message speaks to the tutor, and the form of what it asks."""
    kinds = {cue.kind for cue in found}
    paired = [pair for pair in PAIRS if _together(found, pair)]
    yield from (f"pair:{a}&{b}" for a, b in paired)
    wanted = {("order", "key"), ("order", "encode")} & set(paired) and kinds.isdisjoint({"say", "hedge"})
    if wanted and any(cue.kind == "order" and cue.opens and cue.start <= 2 for cue in found):
        yield NEVER_GRADED
    if paired:
        yield "pair:several" if len(paired) > 1 else "pair:one"
    # "If you divide, the result is ..." speaks to nobody.
    told = {kind for pair in paired if pair[0] != "condition" for kind in pair if kind in PAIRED}
    if (
        bids
        or any(_FOR_ME.fullmatch(token) for token in tokens)
        or any(_ARABIC_BID.fullmatch(token) for token in tokens[:2])
        or any(cue.kind == "order" and cue.end < len(tokens) and tokens[cue.end] in listed("for_me") for cue in found)
    ):
        told.add("order")
        yield "pair:order&me"
    spoken = [cue for cue in found if cue.kind in SPEAKING or cue.kind in told]
    places = {place for cue in spoken for place in range(cue.start, cue.end)}
    share = len(places) / max(len(tokens), 1)
    level = (
        "none" if not share else "trace" if share < 0.2 else "some" if share < 0.4 else "half" if share < 0.7 else "all"
    )
    yield f"form:speaks-{level}"
    if any(cue.start == 0 for cue in spoken):
        yield f"form:speaks^-{level}"
    if any(cue.end - cue.start > 1 for cue in spoken):
        yield f"form:speaks+-{level}"
    if len({cue.kind for cue in spoken}) > 1:
        yield "form:speaks-twice"
    # "You" is as often anyone ("you multiply") as it is the tutor, and "du" is French as well.
    if "you" in kinds and level != "none":
        yield "form:you-speaks"
    hedged = "hedge" in kinds or "but" in kinds
    if "dontknow" in kinds:
        # "idk, 1000?" goes on to guess; "no idea where it comes from" does not.
        guess = hedged or (_GOES_ON.search(folded) and kinds.isdisjoint({"wh", "whaux", "polar", "ask"}))
        rest = len(tokens) - len(places)
        if not guess and any(cue.kind == "dontknow" and cue.start <= 4 for cue in found):
            yield NEVER_GRADED
        yield f"form:dontknow-{'guess' if guess else 'plain'}-{min(rest, 2)}"
    marked = is_marked(folded)
    key_words = [" ".join(tokens[cue.start : cue.end]) for cue in found if cue.kind == "key"]
    stated = frozenset(clauses(folded, found, key_words, marked))
    yield from stated
    if "me" in kinds:
        told_it = "form:key-is" in stated  # "the result that I get is ..."
        yield f"form:me-{'says' if told_it else 'silent' if level == 'none' else 'speaks'}"
    asks = next((kind for kind in ("whaux", "polar", "wh", "ask") if kind in kinds), "")
    if not asks and accented:
        asks = "accent"
    if not asks and marked and spanish and not hedged and _asks_in_spanish(found, words(folded.rpartition("¿")[2])):
        asks = "verb"
        yield NEVER_GRADED
    unsure = any(cue.kind == "dontknow" and cue.start == 0 for cue in found)  # "no sé, ¿1000?" is no "¿no es 1000?"
    if not asks and len(tokens) > 1 and not unsure and (_asks_by_verb(tokens) if marked else _opens_by_verb(tokens)):
        asks = "verb"
        yield NEVER_GRADED
    if asks:
        yield "form:asks"
        yield f"form:asks-{asks}"
        if any(cue.kind == asks and cue.start <= 1 for cue in found):
            yield f"form:asks^-{asks}"
    if not marked:
        yield f"form:unmarked-{'asks' if asks else 'says'}-{level}"
        return
    either = bool(listed("either") & set(tokens))
    lead = tokens[0] in listed("also") or tokens[0].startswith(("وال", "وب", "ول")) if tokens else False
    form = (
        "asks" if asks
        else "tag" if "tag" in kinds
        else "or" if either
        else "and" if lead
        else "hedged" if hedged
        else "begun" if any(cue.kind in ("say", "lead") and cue.start == 0 for cue in found)
        else "bare" if len(tokens) <= 3
        else "phrase" if len(tokens) <= 6
        else "long"
    )  # fmt: skip
    opening = "wh" in kinds or "whaux" in kinds or any(cue.kind == "polar" and cue.opens for cue in found)
    if "key" in kinds and not hedged:  # "so the answer would be 12?" puts it to the tutor
        opening = True
    if opening or form == "tag" or (form == "and" and len(tokens) <= 4):
        yield NEVER_GRADED
    yield f"form:?{form}"
    yield f"form:?{form}-{'silent' if level == 'none' else 'speaks'}"
    if level == "none" and (form == "bare" or (form in ("hedged", "begun") and len(tokens) <= 8)):
        yield PLAIN_GUESS


def _wording(folded: str) -> Iterator[str]:
    text = folded[:PIECES] if len(folded) <= PIECES else f"{folded[: PIECES - 60]} {folded[-60:]}"
    tokens = words(_DIGITS.sub("0", text))
    yield from (f"w:{token}" for token in tokens)
    yield from (f"b:{a} {b}" for a, b in pairwise(tokens))
    if tokens:
        yield f"w^:{tokens[0]}"
        yield f"w$:{tokens[-1]}"
