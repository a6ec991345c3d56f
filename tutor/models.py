"""The model files: what one is, whether it is here, and how it comes. Which there are is in ``tutor.model_list``.

A model file is data: any source will do, because a file is accepted only if its SHA-256 is the pinned one. The
project's own address comes first; the packages that carry the same bytes on the Python package index or the npm
registry come second. A carrier is never installed or imported, only unpacked.
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
ResolveNpm = Callable[[str, str], str]  # name, version -> address of the tarball


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
class NpmPackage:
    """A package on the npm registry that carries files; ``size`` in bytes of its tarball."""

    project: str
    version: str
    sha256: str
    size: int


Carrier = Wheel | NpmPackage


@dataclass(frozen=True)
class Member:
    """A file inside a carrier. Paths in the tarball of an npm package begin with ``package/``."""

    carrier: Carrier
    path: str


@dataclass(frozen=True)
class Joined:
    """A file that was cut in parts: they are joined in this order, and only the whole is checked."""

    parts: tuple[Member, ...]


Source = Web | Member | Joined


@dataclass(frozen=True)
class ModelFile:
    """``path`` is relative to the models folder; ``size`` in bytes; ``sources`` in the order to try."""

    path: str
    size: int
    sha256: str
    sources: tuple[Source, ...]


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
    except (OSError, ValueError, AttributeError, RecursionError):
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
    resolve_npm: ResolveNpm = download.resolve_npm,
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
    with _locked(folder / ".lock"), _Fetching(folder, report, resolve, resolve_npm, sleep) as fetching:
        lacking = [file for file, state in states(model, folder).items() if state is not FileState.PRESENT]
        # Files with one source first: if they need a carrier, the rest are taken from it rather than fetched apart.
        for file in sorted(lacking, key=lambda f: len(f.sources)):
            fetching.bring(file, [f for f in lacking if f is not file])
        states(model, folder)
    return tuple(lacking)


class _Fetching:
    """One fetch: keeps a carrier while files are taken from it and deletes it afterwards."""

    def __init__(self, folder: Path, report: Report, resolve: Resolve, resolve_npm: ResolveNpm, sleep: Sleep) -> None:
        self._folder, self._report, self._sleep = folder, report, sleep
        self._resolve, self._resolve_npm = resolve, resolve_npm
        self._carriers: dict[Carrier, Path] = {}
        self._kept: list[Path] = []

    def __enter__(self) -> "_Fetching":
        return self

    def __exit__(self, *exc: object) -> None:
        for carrier in self._kept:
            carrier.unlink(missing_ok=True)

    def bring(self, file: ModelFile, others: Sequence[ModelFile]) -> None:
        sources = sorted(file.sources, key=lambda s: not (isinstance(s, Member) and s.carrier in self._carriers))
        problems: list[str] = []
        for source in sources:
            try:
                if isinstance(source, Web):
                    self._download(source.url, self._folder / file.path, file.path, file.sha256, file.size)
                elif isinstance(source, Joined):
                    carriers = [(self._carrier(part.carrier), part.path) for part in source.parts]
                    download.extract(carriers, self._folder / file.path, sha256=file.sha256)
                else:
                    self._take(source, file, sum(f.size for f in others if _carried(f, source.carrier)))
                return
            except DownloadFailed as error:
                problems.append(str(error))
        raise DownloadFailed(f"{file.path} could not be fetched. " + " ".join(f"[{p}]" for p in problems))

    def _take(self, member: Member, file: ModelFile, wanted_besides: int) -> None:
        carrier, destination = member.carrier, self._folder / file.path
        if (
            isinstance(carrier, Wheel)
            and carrier not in self._carriers
            and (file.size + wanted_besides) * 8 < carrier.size
        ):
            url = self._address(carrier)
            if download.path_of(url) is None:
                with contextlib.suppress(DownloadFailed), download.remote_archive(url) as archive:
                    self._report(PurePosixPath(file.path).name, 0, file.size)
                    download.extract([(archive, member.path)], destination, sha256=file.sha256)
                    self._report(PurePosixPath(file.path).name, file.size, file.size)
                    return
        download.extract([(self._carrier(carrier), member.path)], destination, sha256=file.sha256)

    def _address(self, carrier: Carrier) -> str:
        if isinstance(carrier, NpmPackage):
            return self._resolve_npm(carrier.project, carrier.version)
        return self._resolve(carrier.project, carrier.version, carrier.platform)

    def _carrier(self, carrier: Carrier) -> Path:
        """Where the carrier lies: fetched once, or in place where the index is a folder."""
        if carrier not in self._carriers:
            url = self._address(carrier)
            local = download.path_of(url)
            if local is None:
                ending = ".whl" if isinstance(carrier, Wheel) else ".tgz"
                local = self._folder / f".{carrier.project.replace('/', '-')}-{carrier.version}{ending}"
                self._download(url, local, f"{carrier.project} {carrier.version}", carrier.sha256, carrier.size)
                self._kept.append(local)
            self._carriers[carrier] = local
        return self._carriers[carrier]

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


def _carried(file: ModelFile, carrier: Carrier) -> bool:
    return any(isinstance(source, Member) and source.carrier == carrier for source in file.sources)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    import fcntl

    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
