"""A text that is only a number is written as the other language writes numbers."""

import re

from media_gen.language import Language


def rewrite_number(text: str, source: Language, target: Language) -> str:
    """``text`` in the target's form of numbers where it begins with a number in the source's form and has no other
    (``2,870.5 %``); anything else unchanged."""
    point, group = re.escape(source.decimal), re.escape(source.group)
    found = re.fullmatch(rf"(\D*?)(\d{{1,3}}(?:{group}\d{{3}})+|\d+)(?:{point}(\d+))?(\D*)", text)
    if not found:
        return text
    before, whole, fraction, after = found.groups()
    whole = whole.replace(source.group, target.group)
    return before + whole + (target.decimal + fraction if fraction else "") + after
