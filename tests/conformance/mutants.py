"""Damaged files: a good one with stretches cut out, doubled, swapped, or replaced by what trips readers up."""

import json
import tomllib
from typing import Any

from hypothesis import strategies as st

#: What breaks readers: other types, depth, sizes, halves of characters, and the marks of every format we read.
NASTY = (
    *("", "\x00", "\ufeff", "\u202e", "\u2028", "é", "𝄞", "٣", "²", "１", "-", "--", "---", "\n---\n", "\r\n", "\t"),
    *('"', "'", '"""', "[", "]", "[[", "{", "}", "[[x]]", "x = 1", "x = [1, {a = 2}]", "= ", "#", "<!--", "-->", "```"),
    *(
        "null",
        "true",
        "1",
        "-1",
        "0",
        "1e999",
        "NaN",
        "[]",
        "{}",
        '{"a":[{}]}',
        "9" * 400,
        "1" * 5000,
        "0x",
        "1979-05-27",
    ),
    *("&a", "*a", "!!python/object:os.system", "? ", ": ", "| ", "> ", "$", "$$", "\\frac{", "\\", "%", "{{", "{%"),
)
DEEP = ("[" * 3000, "{a=" * 2000, '{"a":' * 3000, "- " * 2000, "(" * 3000, "> " * 1000)


def mutants(good: str) -> st.SearchStrategy[str]:
    """``good`` as it might arrive. Mostly a few small wounds; sometimes any text at all."""
    size = len(good)
    wound = st.tuples(
        st.integers(0, size), st.integers(0, 30), st.one_of(st.sampled_from(NASTY), st.text(max_size=8), _piece(good))
    )
    damaged = st.lists(wound, min_size=1, max_size=6).map(lambda wounds: _wounded(good, wounds))
    deep = st.tuples(st.integers(0, size), st.sampled_from(DEEP)).map(lambda at: good[: at[0]] + at[1] + good[at[0] :])
    return st.one_of(damaged, damaged, damaged, st.text(max_size=60), deep, st.just(good))


def _piece(good: str) -> st.SearchStrategy[str]:
    return st.tuples(st.integers(0, len(good)), st.integers(0, 60)).map(lambda at: good[at[0] : at[0] + at[1]])


def _wounded(good: str, wounds: list[tuple[int, int, str]]) -> str:
    for at, length, put in wounds:
        good = good[:at] + put + good[at + length :]
    return good


def damaged_bytes(good: bytes) -> st.SearchStrategy[bytes]:
    """A binary file with some bytes changed, cut or put in."""
    wound = st.tuples(st.integers(0, len(good)), st.integers(0, 40), st.binary(max_size=12))

    def hurt(wounds: list[tuple[int, int, bytes]]) -> bytes:
        found = good
        for at, length, put in wounds:
            found = found[:at] + put + found[at + length :]
        return found

    return st.one_of(st.lists(wound, min_size=1, max_size=4).map(hurt), st.binary(max_size=80))


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.sampled_from(NASTY)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)),
    max_leaves=8,
)


def twisted(good: Any) -> st.SearchStrategy[Any]:
    """A JSON value with parts of it replaced by values of any type, or left out."""

    @st.composite
    def twist(draw: st.DrawFn) -> Any:
        value = json.loads(json.dumps(good))
        for _ in range(draw(st.integers(1, 3))):
            value = _replaced(draw, value, draw(st.integers(0, 4)))
        return value

    return twist()


def _replaced(draw: st.DrawFn, value: Any, depth: int) -> Any:
    if depth and isinstance(value, dict) and value:
        key = draw(st.sampled_from(sorted(value)))
        if draw(st.integers(0, 5)) == 0:
            return {name: one for name, one in value.items() if name != key}
        return {**value, key: _replaced(draw, value[key], depth - 1)}
    if depth and isinstance(value, list) and value:
        at = draw(st.integers(0, len(value) - 1))
        return [*value[:at], _replaced(draw, value[at], depth - 1), *value[at + 1 :]]
    return draw(VALUES)


def twisted_json(good: Any) -> st.SearchStrategy[str]:
    """The same as text: well formed, but of the wrong shape; sometimes not even that."""
    text = json.dumps(good, ensure_ascii=False)
    return _either(twisted(good).map(lambda value: json.dumps(value, ensure_ascii=False)), mutants(text))


def _either(one: st.SearchStrategy[str], other: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Half of each; ``one_of`` would count every branch of both."""
    return st.booleans().flatmap(lambda first: one if first else other)


def twisted_toml(good: str) -> st.SearchStrategy[str]:
    """A TOML file, well formed, whose values are of the wrong kind; sometimes not even well formed."""
    return _either(twisted(tomllib.loads(good)).map(_toml), mutants(good))


def _toml(value: Any) -> str:
    table = value if isinstance(value, dict) else {"value": value}
    return "\n".join(f"{_key(name)} = {_inline(one)}" for name, one in table.items() if one is not None)


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(name)} = {_inline(one)}" for name, one in value.items() if one is not None) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_inline(one) for one in value if one is not None) + "]"
    return _key(value) if isinstance(value, str) else repr(value).lower()


def _key(text: str) -> str:
    return json.dumps(text, ensure_ascii=True)
