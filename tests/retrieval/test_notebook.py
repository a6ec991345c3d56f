"""Jupyter notebooks: prose, code in fences and what it printed."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import UnreadableDocument
from retrieval.loaders import LoadedDocument, Source
from retrieval.loaders.notebook import LINES, LOADER

NOTEBOOK = {
    "nbformat": 4,
    "metadata": {"kernelspec": {"language": "python"}, "title": "Growth"},
    "cells": [
        {"cell_type": "markdown", "source": ["# How yeast grows\n", "\n", "Its number is $N = N_0 e^{rt}$.\n"]},
        {"cell_type": "raw", "source": "left out"},
        {
            "cell_type": "code",
            "source": "print('```')\nlen(cells)",
            "outputs": [
                {"output_type": "stream", "name": "stdout", "text": ["```\n", "two\n"]},
                {"output_type": "stream", "name": "stderr", "text": "a warning"},
                {"output_type": "execute_result", "data": {"text/plain": "42"}},
                {"output_type": "display_data", "data": {"image/png": "AAAA", "text/plain": "<Figure>"}},
                {"output_type": "error", "traceback": ["left out too"]},
            ],
        },
        {"cell_type": "markdown", "source": "## Review questions\n\n1. What does $r$ mean?"},
    ],
}


def read(notebook: object, name: str = "growth.ipynb") -> LoadedDocument:
    data = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
    return LOADER.load(data, Source("biology", name, 0))


def test_cells_follow_each_other_and_pictures_errors_and_raw_cells_stay_out() -> None:
    found = read(NOTEBOOK)
    assert found.document.title == "Growth"
    assert found.document.text == (
        "# How yeast grows\n\nIts number is $N = N_0 e^{rt}$.\n\n````python\nprint('```')\nlen(cells)\n````"
        "\n\n````text\n```\ntwo\n````\n\n```text\n42\n```"
    )
    assert [item.question for item in found.items] == ["What does $r$ mean?"], "exercises are questions, not passages"


def test_long_outputs_are_shortened() -> None:
    outputs = [{"output_type": "stream", "name": "stdout", "text": "\n".join(map(str, range(500)))}]
    found = read(
        {"cells": [{"cell_type": "code", "source": "for n in r: print(n)", "outputs": outputs}], "metadata": {}}
    )
    assert f"{LINES - 1}\n…" in found.document.text
    assert f"\n{LINES}\n" not in found.document.text


def test_format_three_is_read() -> None:
    cells = [
        {"cell_type": "heading", "level": 2, "source": ["Old"]},
        {
            "cell_type": "code",
            "language": "python",
            "input": "1 + 1",
            "outputs": [{"output_type": "pyout", "text": ["2"]}],
        },
    ]
    found = read({"nbformat": 3, "worksheets": [{"cells": cells}], "metadata": {"name": ""}})
    assert found.document.text == "## Old\n\n```python\n1 + 1\n```\n\n```text\n2\n```"


@pytest.mark.parametrize(
    ("notebook", "reason"),
    [
        (b"{", "broken"),
        (b"[]", "broken"),
        (b'{"a": 1}', "broken"),
        (b"[" * 100_000, "broken"),
        ({"cells": []}, "no_text"),
    ],
)
def test_what_is_no_notebook_is_refused_by_name(notebook: object, reason: str) -> None:
    with pytest.raises(UnreadableDocument, match=r"growth\.ipynb") as refused:
        read(notebook)
    assert refused.value.data["reason"] == reason


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["cells", "cell_type", "source", "outputs", "data", "text", "metadata", "output_type", "level"]
            ),
            inner | st.sampled_from(["markdown", "code", "heading", "stream", "execute_result"]),
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(JSON | st.lists(JSON, max_size=4).map(lambda cells: {"cells": cells}))
def test_any_json_gives_a_document_or_a_refusal(notebook: object) -> None:
    with contextlib.suppress(UnreadableDocument):
        assert read(notebook).document.path == "growth.ipynb"
