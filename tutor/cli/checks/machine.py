"""Python, packages, folders and room on the disk."""

import importlib.metadata
import re
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tutor import __version__
from tutor.cli.checks.finding import Finding, tried

if TYPE_CHECKING:
    from tutor.config import Settings

PROJECT = Path(__file__).parents[3] / "pyproject.toml"
ROOM_GB = 2.0
REINSTALL = "Run `make serve` again, or install the locked packages anew (requirements.lock)."
#: Whose versions help whoever is asked for help.
NAMED = (
    *("fastapi", "uvicorn", "websockets", "sqlalchemy", "chromadb", "litellm", "typst", "av", "kokoro-onnx"),
    *("pypdfium2", "python-docx", "python-pptx", "sympy"),
)


def findings(settings: "Settings") -> Iterator[Finding]:
    """What is installed, and where data goes."""
    fine = (3, 11) <= sys.version_info[:2] < (3, 14)
    version = f"Diotima {__version__} on Python {sys.version.split()[0]} (3.11 to 3.13), {sys.platform}"
    yield Finding("ok" if fine else "failed", "python", version, "" if fine else "Make the environment anew with one.")
    yield _packages()
    for folder in dict.fromkeys((settings.data_dir, settings.shared_files)):
        yield _folder(folder)
    yield Finding(
        "ok", "telemetry", f"traces go to {settings.otlp_endpoint}" if settings.otlp_endpoint else "traces go nowhere"
    )


def _packages() -> Finding:
    wanted = _wanted()
    names = [re.split(r"[\[<>=~!; ]", line)[0] for line in wanted if "extra ==" not in line]
    missing = [name for name in names if _version(name) is None]
    if missing:
        return Finding("failed", "packages", f"packages are missing: {', '.join(missing)}", REINSTALL)
    versions = ", ".join(f"{name} {_version(name)}" for name in NAMED)
    return Finding("ok", "packages", f"packages: all {len(names)} are here; {versions}")


def _wanted() -> list[str]:
    """What the project asks for. In a checkout its own file says so: installed metadata may be of an older one."""
    if PROJECT.is_file():
        return list(tomllib.loads(PROJECT.read_text("utf-8"))["project"]["dependencies"])
    try:
        return importlib.metadata.requires("diotima") or list(NAMED)
    except importlib.metadata.PackageNotFoundError:
        return list(NAMED)


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _folder(folder: Path) -> Finding:
    where = folder.resolve()

    def write() -> str:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"diotima")
        return f"data folder {where} can be written"

    found = tried("data_folder", write, f"Let the account that runs Diotima write to {where}, or set DIOTIMA_DATA_DIR.")
    free = shutil.disk_usage(where).free / 1e9 if found.state == "ok" else ROOM_GB
    if free < ROOM_GB:
        about = f"data folder {where} has {free:.1f} GB left"
        return Finding("note", "data_folder", about, "Films, vectors and backups need room: free some.")
    return found
