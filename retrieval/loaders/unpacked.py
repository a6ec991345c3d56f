"""A folder of material with its archives unpacked: their files stand among the others as ``name.zip/inner/path.md``.

Archives are unpacked by the reading process; what comes out is written to a scratch folder that goes when the work is
done. A ``course.toml`` or ``SUMMARY.md`` inside an archive orders the files in it.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from retrieval.errors import UnreadableDocument
from retrieval.loaders import folder
from retrieval.loaders.entry_names import safe_member_name, shown
from retrieval.loaders.formats import is_archive
from retrieval.loaders.port import Source
from retrieval.loaders.process import ReadingProcess
from retrieval.loaders.text import title_from_name

LARGEST = 520_000_000  # bytes that one archive may unpack to
Waiting = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Material:
    """What can be read, in course order (``order`` runs from 0), and what cannot. ``roots`` says where the files of an
    archive lie meanwhile; valid inside ``opened`` only."""

    root: Path
    sources: tuple[Source, ...]
    problems: tuple[UnreadableDocument, ...]
    roots: dict[str, Path]

    def read_bytes(self, path: str) -> bytes:
        """As ``folder.read_bytes``, whose errors it raises."""
        archive, inner = split(path)
        if archive is None or archive not in self.roots:
            return folder.read_bytes(self.root, path)
        try:
            return folder.read_bytes(self.roots[archive], inner)
        except UnreadableDocument as error:
            raise _within(archive, error) from error


@contextmanager
def opened(
    planned: folder.FolderPlan, root: Path, reader: ReadingProcess, waiting: Waiting | None = None
) -> Iterator[Material]:
    """The material of a folder while its archives are unpacked. ``waiting`` as in ``ReadingProcess.read``."""
    if not any(is_archive(source.path) for source in planned.sources):
        yield Material(root, planned.sources, planned.problems, {})
        return
    sources: list[Source] = []
    problems = list(planned.problems)
    roots: dict[str, Path] = {}
    with tempfile.TemporaryDirectory(prefix="diotima-") as scratch:
        for number, source in enumerate(planned.sources):
            found: Iterable[Source] = (source,)
            if is_archive(source.path):
                tree = Path(scratch) / str(number)
                tree.mkdir()
                roots[source.path] = tree
                try:
                    problems += _unpack(root, source.path, tree, reader, waiting or (lambda: None))
                    found, further = _inside(source, tree, frozenset(left_out(root, source.path)))
                    problems += further
                except UnreadableDocument as error:
                    problems.append(error)
                    found = ()
            sources += [replace(each, order=len(sources) + at) for at, each in enumerate(found)]
        yield Material(root, tuple(sources), tuple(problems), roots)


def split(path: str) -> tuple[str | None, str]:
    """The archive in which a document stands (``None`` where it is a file of its own) and its path there."""
    parts = path.split("/")
    for at, part in enumerate(parts[:-1]):
        if is_archive(part):
            return "/".join(parts[: at + 1]), "/".join(parts[at + 1 :])
    return None, path


def left_out(root: Path, archive: str) -> tuple[str, ...]:
    """The files of an archive that somebody removed from the course one by one."""
    try:
        names = json.loads(_list_of(root, archive).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ()
    return tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else ()


def leave_out(root: Path, archive: str, inner: str) -> None:
    """Have a file of the archive left out from now on."""
    names = sorted({*left_out(root, archive), inner})
    _list_of(root, archive).write_text(json.dumps(names), encoding="utf-8")


def take_all(root: Path, archive: str) -> None:
    """Have no file of the archive left out: it was replaced, or is gone."""
    _list_of(root, archive).unlink(missing_ok=True)


def _list_of(root: Path, archive: str) -> Path:
    path = root / archive
    return path.with_name(f".{path.name}.left-out")  # hidden files are no material


def _unpack(
    root: Path, path: str, tree: Path, reader: ReadingProcess, waiting: Waiting
) -> Iterator[UnreadableDocument]:
    """Write the entries below ``tree``; the problems with some of them. Raises ``UnreadableDocument``."""
    problems = []
    for header, body in reader.unpack(folder.read_bytes(root, path), path, LARGEST, waiting):
        name = str(header.get("name"))
        inside = f"{path}/{shown(name)}"
        if "reason" in header:
            message = str(header.get("message"))[:1000]
            problems.append(UnreadableDocument(message, path=inside, reason=str(header["reason"])))
        elif safe_member_name(name) != name:  # the process was to see to that
            problems.append(
                UnreadableDocument(f"{inside}: this path leaves the archive.", path=inside, reason="outside")
            )
        else:
            try:
                (tree / name).parent.mkdir(parents=True, exist_ok=True)
                with (tree / name).open("xb") as file:
                    file.write(body)
            except OSError:
                problems.append(
                    UnreadableDocument(
                        f"{inside}: another file of the archive has this name.", path=inside, reason="duplicate"
                    )
                )
    yield from problems


def _inside(
    source: Source, tree: Path, without: frozenset[str]
) -> tuple[tuple[Source, ...], tuple[UnreadableDocument, ...]]:
    """The sources in an unpacked archive. One folder that holds everything is looked through."""
    prefix = ""
    while len(only := list((tree / prefix).iterdir())) == 1 and only[0].is_dir():
        prefix += f"{only[0].name}/"
    planned = folder.plan(tree / prefix, source.course, source.language)
    title = source.title or planned.title or title_from_name(source.path)
    found = tuple(
        replace(
            each,
            path=f"{source.path}/{prefix}{each.path}",
            breadcrumb=(*source.breadcrumb, title, *each.breadcrumb),
            kcs=each.kcs or source.kcs,
        )
        for each in planned.sources
        if prefix + each.path not in without
    )
    problems = tuple(_within(source.path, problem) for problem in planned.problems)
    if not planned.sources:
        problems += (
            UnreadableDocument(
                f"{source.path}: there is no file in it that can be read.", path=source.path, reason="empty"
            ),
        )
    return found, problems


def _within(archive: str, problem: UnreadableDocument) -> UnreadableDocument:
    inner = str(problem.data.get("path", ""))
    data = {**problem.data, "path": f"{archive}/{inner}" if inner else archive}
    return UnreadableDocument(f"{archive}: {problem.message}", **data)
