"""The YAML block at the head of a Markdown file."""

from __future__ import annotations

import re
from typing import Any

from retrieval.errors import UnreadableDocument

_BLOCK = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.S)
LONGEST = 64_000  # characters; YAML aliases and depth are bounded by refusing odd sizes


def split(text: str, path: str) -> tuple[dict[str, Any], str]:
    """The front matter as a mapping (empty where there is none) and the text after it.

    Raises ``UnreadableDocument`` (``front_matter``) where the block is no YAML mapping.
    """
    match = _BLOCK.match(text)
    if match is None:
        return {}, text
    import yaml

    try:
        if len(match[1]) > LONGEST or re.search(r"(?:^|[\s:\[,])[&*]\w", match[1]):
            raise yaml.YAMLError("anchors, aliases and very long blocks are not read")
        data = yaml.safe_load(match[1])
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UnreadableDocument(
            f"{path}: the block between the --- lines is not valid YAML.", path=path, reason="front_matter"
        ) from error
    if data is None:
        return {}, text[match.end() :]
    if not isinstance(data, dict):
        # A thematic break at the head of an ordinary page, not front matter.
        return {}, text
    return data, text[match.end() :]
