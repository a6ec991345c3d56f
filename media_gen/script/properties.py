"""Properties of a slide: ``key: value`` lines in a comment (Marp), at its top (remark) or between dashes (Slidev)."""

import re
from collections.abc import Mapping

OURS = frozenset({"id", "layout", "chapter", "subtitle", "goto", "sources", "narration", "reveal"})
_OTHERS = {
    "marp": """marp theme style headingDivider size math title author description keywords url image lang paginate
        header footer class backgroundColor backgroundImage backgroundPosition backgroundRepeat backgroundSize color
        transition auto-scaling""",
    "remark": """name class layout count template exclude continued background-image background-color background-size
        background-position background-repeat""",
    "slidev": """layout clicks clicksStart disabled hide hideInToc level preload routeAlias src title transition zoom
        class background backgroundSize image backgroundImage dragPos fonts color""",
}
MARP, REMARK, SLIDEV = (frozenset(_OTHERS[tool].split()) for tool in ("marp", "remark", "slidev"))
# Comments for other tools.
_TOOL = re.compile(
    r"(?:fit|toc|omit in toc|slide|break|prettier-ignore\S*|(?:markdownlint|textlint|cspell|eslint)\b.*)\Z",
    re.IGNORECASE | re.DOTALL,
)
_LINE = re.compile(r"_?([A-Za-z][\w-]*)[ \t]*:(?:[ \t]+(.*)|[ \t]*)\Z")


def of_comment(text: str) -> dict[str, str] | None:
    """The properties that a comment sets; {} for a comment to another tool; None where it is a note."""
    if _TOOL.match(text.strip()):
        return {}
    return of_lines(text, OURS | MARP)


def of_lines(text: str, known: frozenset[str] | None = None) -> dict[str, str] | None:
    """``key: value`` lines, each with a known key; an indented line goes on with the value before it. Else None.
    ``known`` None: any key will do."""
    found: dict[str, str] = {}
    for raw in text.strip("\n").split("\n"):
        line = raw.rstrip()
        if not line.strip():
            continue
        match = _LINE.match(line.strip())
        if match and (known is None or match[1] in known):
            found[match[1]] = _unquoted(match[2] or "")
        elif not (found and raw[:1] in " \t"):
            return None
    return found or None


def _unquoted(value: str) -> str:
    value = value.strip()
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value


def words(value: str) -> tuple[str, ...]:
    """``a, b`` or ``[a, b]`` as a list."""
    return tuple(part.strip("\"'") for part in value.strip("[] ").replace(",", " ").split())


def is_on(properties: Mapping[str, str], key: str) -> bool:
    return properties.get(key, "").lower() in ("true", "yes")
