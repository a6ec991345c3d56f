"""Runs every check: style, types, the import rules and the tests. Run by `make test`, in the environment."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from environment import ROOT, VENV, install_packages, say

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MODELS = ("e5", "minilm", "kokoro", "piper-joe", "whisper-base", "fonts")
PAGE_TOOLS = ROOT / "tests" / "browser"


def has_postgres() -> bool:
    folders = (*Path("/usr/lib/postgresql").glob("*/bin/initdb"), *Path("/usr").glob("pgsql-*/bin/initdb"))
    return bool(folders or shutil.which("initdb"))


def has_browser() -> bool:
    return any(shutil.which(name) for name in BROWSERS) or Path("/Applications/Chromium.app").exists()


def prepare() -> list[str]:
    """Fetch what the tests need besides Python packages; a line for each thing that is missing and how to get it."""
    missing = []
    here = (("postgresql", has_postgres()), ("chromium", has_browser()))
    # One test asks the real Apertium to translate; without it that test is skipped.
    wanted = [name for name, is_here in (*here, ("apertium-eng-spa", shutil.which("apertium"))) if not is_here]
    if wanted:
        install_packages(wanted)
    if not has_postgres():
        missing.append("PostgreSQL's server programs (Debian: sudo apt-get install postgresql; macOS: brew install "
                       "postgresql@15)")  # fmt: skip
    if not has_browser():
        missing.append("Chromium (Debian: sudo apt-get install chromium; Ubuntu: sudo snap install chromium)")
    models = run("model files", [VENV / "bin" / "diotima", "models", "fetch", *MODELS], quiet=True)
    if models:
        missing.append("the model files (run `.venv/bin/diotima models fetch` to see why)")
    if (PAGE_TOOLS / "package-lock.json").exists() and not is_installed(PAGE_TOOLS):
        npm = shutil.which("npm")
        if npm is None:
            missing.append("Node.js with npm, for the accessibility checker (Debian: sudo apt-get install nodejs npm)")
        elif run("accessibility checker", [npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=PAGE_TOOLS):
            missing.append("the accessibility checker (`npm ci` in tests/browser failed; see above)")
    return missing


def is_installed(folder: Path) -> bool:
    made, lock = folder / "node_modules" / ".package-lock.json", folder / "package-lock.json"
    return made.exists() and made.stat().st_mtime >= lock.stat().st_mtime


def run(name: str, command: list[str | Path], *, quiet: bool = False, cwd: Path = ROOT) -> int:
    say(f"== {name}")
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, stdout=subprocess.DEVNULL if quiet else None
    ).returncode


def main(arguments: list[str]) -> int:
    missing = prepare()
    if missing:
        say("Missing for the tests:\n" + "\n".join(f"  - {line}" for line in missing))
    bin_ = VENV / "bin"
    results: list[tuple[str, int, float]] = []
    for name, command in (
        ("ruff check", [bin_ / "ruff", "check", "."]),
        ("ruff format", [bin_ / "ruff", "format", "--check", "."]),
        ("mypy", [bin_ / "python", "-m", "mypy"]),
        ("import rules", [bin_ / "python", "-c", "from importlinter.cli import lint_imports_command as m; m()"]),
        ("pytest", [bin_ / "python", "-m", "pytest", *arguments]),
    ):
        started = time.monotonic()
        results.append((name, run(name, command), time.monotonic() - started))
    failed = [name for name, code, _ in results if code] + (["setting up"] if missing else [])
    say("   ".join(f"{'FAILED' if code else 'ok'}: {name} ({seconds:.0f} s)" for name, code, seconds in results))
    say(f"Not all is well: {', '.join(failed)}." if failed else "All is well.")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
