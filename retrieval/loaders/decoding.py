"""From bytes to clean text, or a plain refusal. Pure."""

from __future__ import annotations

import re
import unicodedata

from retrieval.errors import UnreadableDocument

# Byte order marks, longest first: the mark of UTF-32 begins with that of UTF-16.
_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
# Unicode's categories Cc (but line ends and tabs), Co and Cs: one pass of a pattern over megabytes.
_REMOVED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd]"
)


def decode(data: bytes, path: str) -> str:
    """Text with ``\\n`` line ends, in NFC, without control or private-use characters.

    UTF-8, or UTF-16/32 with a byte order mark. Other encodings are refused rather than guessed: a wrong guess
    would put wrong letters into citations. Raises ``UnreadableDocument`` (``binary`` or ``encoding``).
    """
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    if encoding == "utf-8" and b"\x00" in data[:8192]:
        raise UnreadableDocument(f"{path}: this is a binary file, not text.", path=path, reason="binary")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableDocument(
            f"{path}: not valid {encoding.upper()} at byte {error.start}. Save the file as UTF-8.",
            path=path,
            reason="encoding",
            byte=error.start,
        ) from error
    return clean(text)


def clean(text: str) -> str:
    """``text`` with ``\\n`` line ends, in NFC, without control characters, private-use ones and lone surrogates."""
    return _REMOVED.sub("", unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")))
