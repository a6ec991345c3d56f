"""The script behind the make targets: quick when there is nothing to do, and careful with what is not its own."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder, with a space in its name, that holds what the script needs."""
    folder = tmp_path / "a checkout"
    shutil.copytree(ROOT / ".ci", folder / ".ci", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "Makefile", folder)
    (folder / "requirements.lock").write_text("")
    return folder


def run(checkout: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ".ci/environment.py", "requirements.lock"]
    # No network, whatever pip or uv are set up to use here.
    settings = {"PATH": "/usr/bin:/bin", "PIP_NO_INDEX": "1", "UV_OFFLINE": "1"}
    return subprocess.run(command, cwd=checkout, env=settings, capture_output=True, text=True)


def test_an_environment_is_made_once_and_then_known(checkout: Path) -> None:
    first = run(checkout)
    assert first.returncode == 0, first.stderr
    assert "The environment is ready" in first.stdout
    assert (checkout / ".venv/bin/diotima").exists()
    assert run(checkout).stdout == ""
    (checkout / "requirements.lock").write_text("# renewed\n")
    assert "The list of packages has changed" in run(checkout).stdout


def test_the_command_runs_this_checkout_from_anywhere(checkout: Path, tmp_path: Path) -> None:
    assert run(checkout).returncode == 0
    package = checkout / "tutor"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "cli.py").write_text("import sys; print('this checkout', sys.argv[1:])")
    done = subprocess.run([checkout / ".venv/bin/diotima", "a b"], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == "this checkout ['a b']\n"


def test_an_environment_made_by_hand_is_never_deleted(checkout: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", checkout / ".venv"], check=True)
    (checkout / ".venv/mine").write_text("precious")
    done = run(checkout)
    assert done.returncode == 0, done.stderr
    assert (checkout / ".venv/mine").read_text() == "precious"


def test_a_folder_that_is_no_environment_is_left_alone(checkout: Path) -> None:
    (checkout / ".venv").mkdir()
    (checkout / ".venv/mine").write_text("precious")
    done = run(checkout)
    assert done.returncode == 1
    assert "Move it away" in done.stderr
    assert (checkout / ".venv/mine").read_text() == "precious"


def test_packages_that_cannot_be_had_are_told_plainly(checkout: Path) -> None:
    (checkout / "requirements.lock").write_text(f"no-such-package==1.0 --hash=sha256:{'0' * 64}\n")
    done = run(checkout)
    assert done.returncode == 1
    assert "could not be installed" in done.stderr
    assert "Run the same command again" in done.stderr
    assert "Traceback" not in done.stderr
    # What was begun is begun anew.
    (checkout / "requirements.lock").write_text("")
    assert run(checkout).returncode == 0


def test_a_missing_python_is_told_plainly(checkout: Path) -> None:
    done = subprocess.run(["make", "serve", "PYTHON=python0"], cwd=checkout, capture_output=True, text=True)
    assert done.returncode != 0
    assert "there is no python0 here" in done.stdout
