"""Rules for the repository as a whole."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("tutor", "retrieval", "prompts", "web")
# Put together here so that this file obeys its own rule.
REGISTRIES = [
    ".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("debian", "org"))
]
MACHINE = [r"(?<![\w.])/" + folder + "/" for folder in ("work", "root", "home/[a-z]+")]


def tracked() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def sources(*rooms: str) -> list[Path]:
    return [path for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]


def test_no_file_names_a_registry_or_a_folder_of_somebody_s_machine() -> None:
    rule = re.compile("|".join([*map(re.escape, REGISTRIES), *MACHINE]))
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in rule.finditer(text)]
    assert found == []


def test_only_the_settings_read_the_environment() -> None:
    found = []
    for path in sources(*ROOMS):
        if path == ROOT / "tutor/config.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv"):
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    # LiteLLM must be told before its import not to fetch its price list: that writes the environment, reading nothing.
    assert [place for place in found if not place.startswith(("tutor/llm/", "retrieval/embedders/"))] == []


def test_no_module_is_a_drawer_for_odds_and_ends() -> None:
    vague = {"utils", "util", "helpers", "helper", "manager", "misc", "common"}
    assert [str(path) for path in sources(*ROOMS, "tests", "bench") if path.stem in vague] == []


@pytest.mark.parametrize("path", sources(*ROOMS), ids=lambda path: str(path.relative_to(ROOT)))
def test_files_stay_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("path", sources(*ROOMS, "bench"), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_it_is_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not text.strip() or ast.get_docstring(ast.parse(text))


HEAVY = {"litellm", "chromadb", "langchain_core", "langchain_chroma", "onnxruntime", "numpy", "tokenizers"}


def loaded_by(program: str, *arguments: str) -> set[str]:
    """The modules that a process of its own has loaded at the end, under an audit hook that refuses connections."""
    guarded = f"""
import sys
def refuse(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        raise SystemExit(f"{{event}} {{args}}")
sys.addaudithook(refuse)
{program}
print(*sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", guarded, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


PREPARED = """
from pathlib import Path
from tutor.config import Settings
import tutor.bootstrap, tutor.cli, web.rest, web.serve
system = tutor.bootstrap.build(Settings(data_dir=Path(sys.argv[1]), _env_file=None))
web.serve.server_for(system)
web.rest.routers()
system.prepare()
"""


def test_a_server_loads_nothing_heavy_and_connects_nowhere(tmp_path: Path) -> None:
    """Not even when everything but the models and the vector index is there."""
    loaded = loaded_by(PREPARED, str(tmp_path))
    assert {"web.chat_socket", "tutor.services.turn", "tutor.services.films"} <= loaded
    assert loaded & HEAVY == set()
