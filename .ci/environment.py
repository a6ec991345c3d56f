"""Makes the Python environment in .venv from a hash-locked file, with nothing but the standard library.

    python3 .ci/environment.py requirements.lock

The second time it costs a tenth of a second: the environment carries the SHA-256 of the locks it was made from.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "diotima.stamp"
OLDEST, TOO_NEW = (3, 11), (3, 14)
PIP = ["-m", "pip", "--disable-pip-version-check", "--no-input"]

LAUNCHER = """#!/bin/sh
exec "$(dirname "$(readlink -f "$0")")/python" -m tutor.cli "$@"
"""


def say(text: str) -> None:
    print(text, flush=True)


def fail(text: str) -> "SystemExit":
    return SystemExit("\n" + text)


def digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def is_ready(lock: Path) -> bool:
    """Whether .venv was made from this lock. The development lock holds everything of the other."""
    if not python_of(VENV).exists() or not STAMP.exists():
        return False
    root, *made_from = STAMP.read_text().splitlines() or [""]
    return root == str(ROOT) and digest(lock) in made_from


def python_of(folder: Path) -> Path:
    return folder / "bin" / "python"


def find_python() -> str:
    """A Python that is new enough: the one running, else one on the PATH."""
    if OLDEST <= sys.version_info[:2] < TOO_NEW:
        return getattr(sys, "_base_executable", None) or sys.executable
    for minor in (13, 12, 11):
        found = shutil.which(f"python3.{minor}")
        if found and subprocess.run([found, "-c", ""], capture_output=True).returncode == 0:
            return found
    raise fail(
        f"Diotima needs Python 3.11, 3.12 or 3.13; {sys.executable} is {sys.version.split()[0]}.\n"
        "Install one (Debian, Ubuntu: apt-get install python3 python3-venv; macOS: brew install python@3.12), or name\n"
        "the one to use:  make serve PYTHON=/path/to/python3.12"
    )


def make_venv(python: str) -> None:
    shutil.rmtree(VENV, ignore_errors=True)
    VENV.mkdir()
    STAMP.write_text(f"{ROOT}\n")  # ours, so it may be made anew should this be interrupted
    done = subprocess.run([python, "-m", "venv", str(VENV)], capture_output=True, text=True)
    if done.returncode == 0:
        return
    uv = shutil.which("uv")
    shutil.rmtree(VENV, ignore_errors=True)
    if uv and subprocess.run([uv, "venv", "--quiet", "--seed", "--python", python, str(VENV)]).returncode == 0:
        return
    package = "python{}.{}-venv".format(*version_of(python))
    if install_packages([package]) and subprocess.run([python, "-m", "venv", "--clear", str(VENV)]).returncode == 0:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    raise fail(
        f"This Python ({python}) can't make an environment: it lacks the venv module.\n"
        f"Debian, Ubuntu: sudo apt-get install {package}\n\n{(done.stdout + done.stderr).strip()[-400:]}"
    )


def adopt_venv() -> None:
    """An environment that somebody made by hand is used and added to, never deleted."""
    python = str(python_of(VENV))
    try:
        version = tuple(map(int, version_of(python)))
    except (OSError, ValueError):
        version = (0, 0)
    fit = OLDEST <= version < TOO_NEW
    if fit and subprocess.run([python, *PIP, "--version"], capture_output=True).returncode != 0:
        fit = (
            bool(shutil.which("uv")) or subprocess.run([python, "-m", "ensurepip"], capture_output=True).returncode == 0
        )
    if not fit:
        raise fail(
            f"There is a folder {VENV} that was not made by this command, without a usable Python 3.11 to 3.13.\n"
            "Move it away and run the same command again."
        )
    say("Adding what is missing to the environment in .venv …")


def version_of(python: str) -> tuple[str, str]:
    said = subprocess.run([python, "-c", "import sys; print(*sys.version_info[:2])"], capture_output=True, text=True)
    major, minor = said.stdout.split()
    return major, minor


def install(lock: Path) -> None:
    """Install exactly what the lock names. uv is quick where it is set up for this machine's index; else pip."""
    python = str(python_of(VENV))
    uv = shutil.which("uv")
    if uv:
        command = [uv, "pip", "install", "--python", python, "--require-hashes", "-r", str(lock)]
        if subprocess.run(command).returncode == 0:
            return
        say("uv could not install the packages; trying pip.")
    count = len(re.findall(r"^[a-z0-9].*==", lock.read_text(), re.MULTILINE | re.IGNORECASE))
    command = [python, *PIP, "install", "--require-hashes", "--progress-bar=off", "-r", str(lock)]
    seen, tail = 0, []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        assert pip.stdout
        for line in pip.stdout:
            tail = [*tail, line.rstrip()][-12:]
            if line.startswith(("Collecting ", "Processing ")):
                seen += 1
                name = line.split()[1].split("==")[0].rsplit("/", 1)[-1]
                if sys.stdout.isatty():
                    print(f"\r  {seen} of {count} packages: {name:<40}", end="", flush=True)
                elif seen % 25 == 0:
                    say(f"  {seen} of {count} packages")
            elif line.startswith("Installing collected"):
                say(("\r" if sys.stdout.isatty() else "") + f"  {seen} packages fetched; unpacking them …{'':<30}")
    if pip.returncode != 0:
        raise fail(
            "The packages could not be installed. pip said:\n\n  " + "\n  ".join(tail) + "\n\n"
            "The first time needs a connection to the Python package index, or a mirror set up for pip.\n"
            "Run the same command again to go on."
        )


def link_checkout() -> None:
    """Put this checkout on the environment's path and the `diotima` command beside its Python."""
    python = str(python_of(VENV))
    asked = [python, "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"]
    packages = Path(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip())
    (packages / "diotima-checkout.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    launcher = VENV / "bin" / "diotima"
    launcher.write_text(LAUNCHER)
    launcher.chmod(0o755)


def install_packages(packages: list[str]) -> bool:
    """Install Debian packages where apt and the right to use it are there; False where they are not or it failed."""
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return False
    say(f"Installing {', '.join(packages)} …")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = [apt, "install", "-y", "-q", "--no-install-recommends", *packages]
    for before in ([], [[apt, "update", "-q"]]):
        for step in before:
            subprocess.run(step, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode == 0:
            return True
    say(f"apt-get could not install them:\n{done.stderr.strip()[-400:]}")
    return False


def ensure(lock: Path) -> None:
    """Make or refresh .venv; returns at once when it is as the lock says."""
    if is_ready(lock):
        return
    started = time.monotonic()
    ours = STAMP.read_text().splitlines() if STAMP.exists() else None
    if ours is None and VENV.exists():
        adopt_venv()
    elif ours is None or len(ours) < 2 or ours[0] != str(ROOT) or not python_of(VENV).exists():
        say("Making the environment in .venv (once; it takes a few minutes and about 1 GB) …")
        make_venv(find_python())
    else:
        say("The list of packages has changed; updating the environment …")
    install(lock)
    link_checkout()
    locks = [lock] if lock.name != "requirements-dev.lock" else [lock, ROOT / "requirements.lock"]
    STAMP.write_text("\n".join([str(ROOT), *map(digest, locks)]) + "\n")
    say(f"The environment is ready ({time.monotonic() - started:.0f} s).")


if __name__ == "__main__":
    try:
        ensure(ROOT / sys.argv[1])
    except KeyboardInterrupt:
        raise SystemExit("\nInterrupted; run the same command again to go on.") from None
