"""A folder of material: its order, its problems, and nothing from outside it."""

import os
from pathlib import Path

import pytest

from retrieval.errors import MaterialFolderMissing, UnreadableDocument
from retrieval.loaders.folder import plan, read, read_bytes


def write(root: Path, **files: str) -> Path:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_md", ".md").replace("_toml", ".toml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_course_toml_gives_units_and_titles(tmp_path: Path) -> None:
    manifest = (
        'title = "Energy"\nlanguage = "en-GB"\n[[unit]]\nid = "b"\ntitle = "Second"\nfolder = "two"\n'
        '[[unit]]\nid = "a"\ntitle = "First"\nfolder = "one"\n[[unit]]\nid = "c"\ntitle = "Gone"\nfolder = "../c"\n'
    )
    write(
        tmp_path, course_toml=manifest, one__x_md="x", two__10_md="x", two__9_md="x", two__items__q_md="q", loose_md="x"
    )
    planned = plan(tmp_path, "energy")
    assert (planned.title, planned.language, planned.order_from) == ("Energy", "en-GB", "course.toml")
    assert [(source.path, source.breadcrumb, source.order) for source in planned.sources] == [
        ("two/9.md", ("Second",), 0),
        ("two/10.md", ("Second",), 1),
        ("one/x.md", ("First",), 2),
    ]
    assert [problem.data["path"] for problem in planned.problems] == ["../c"]


def test_summary_gives_nesting(tmp_path: Path) -> None:
    summary = (
        "---\ntitle: Book\n---\n# Summary\n\n1.  {: .part} Unit 1\n    1.  {: .chapter} [Mendel\\'s peas](c/a.md)\n"
        "        1.  [Traits](c/b.md)\n    2.  [Away](https://example.org)\n"
        "- [Missing](c/z.md)\n- [Out](../../etc/passwd)\n"
    )
    write(tmp_path, SUMMARY_md=summary, c__a_md="Intro.", c__b_md="Traits.", c__unlisted_md="x")
    planned = plan(tmp_path, "book", "en")
    assert (planned.title, planned.order_from) == ("Book", "SUMMARY.md")
    assert [(source.path, source.breadcrumb, source.title) for source in planned.sources] == [
        ("c/a.md", ("Unit 1", "Mendel's peas"), "Mendel's peas"),
        ("c/b.md", ("Unit 1", "Mendel's peas"), "Traits"),
    ]
    assert [problem.data["reason"] for problem in planned.problems] == ["missing", "outside"]


def test_names_give_the_order_where_nothing_else_does(tmp_path: Path) -> None:
    write(
        tmp_path,
        **{"10-b_md": "x", "2-a_md": "x", "README_md": "x", "deep__c_md": "x", ".hidden_md": "x", "x.bin": "x"},
    )
    planned = plan(tmp_path, "c")
    assert [source.path for source in planned.sources] == ["2-a.md", "10-b.md", "deep/c.md"]
    assert planned.sources[2].breadcrumb == ("Deep",)
    assert read(tmp_path, planned.sources[0]).document.title == "A"


def test_links_and_climbing_paths_are_never_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.md").write_text("secret")
    root = tmp_path / "course"
    write(root, a_md="a")
    (root / "link.md").symlink_to(outside / "secret.md")
    (root / "folder").symlink_to(outside)
    assert [source.path for source in plan(root, "c").sources] == ["a.md"]
    for path in ("../outside/secret.md", "/etc/passwd", "link.md", "folder/secret.md", "a\\..\\b.md", "x\x00.md", ""):
        with pytest.raises(UnreadableDocument) as refused:
            read_bytes(root, path)
        assert refused.value.data["reason"] == "outside"


def test_odd_files_are_typed_errors(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "big.md").write_bytes(b"x" * 101)
    (tmp_path / "folder.md").mkdir()
    expected = {"pipe.md": "not_a_file", "folder.md": "not_a_file", "none.md": "missing"}
    for path, reason in expected.items():
        with pytest.raises(UnreadableDocument) as failed:
            read_bytes(tmp_path, path)
        assert failed.value.data["reason"] == reason
    with pytest.raises(UnreadableDocument) as failed:
        read_bytes(tmp_path, "big.md", largest=100)
    assert failed.value.data["reason"] == "too_large"
    assert len(read_bytes(tmp_path, "big.md", largest=101)) == 101


def test_no_folder_and_a_broken_manifest(tmp_path: Path) -> None:
    with pytest.raises(MaterialFolderMissing):
        plan(tmp_path / "none", "c")
    write(tmp_path, course_toml="title = ")
    with pytest.raises(UnreadableDocument) as failed:
        plan(tmp_path, "c")
    assert failed.value.data["reason"] == "manifest"
