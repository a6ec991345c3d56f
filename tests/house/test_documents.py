"""What the documents promise is so: settings, commands, versions, licences, links."""

import importlib.metadata
import re
import shlex
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

import tutor
from tests.house import settings_table
from tutor.cli.command import app
from tutor.config import Settings
from tutor.model_list import MODELS
from tutor.services import demo

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
PERMISSIVE = re.compile(
    r"\b(MIT|MIT-0|BSD|0BSD|Apache|ISC|PSF|Python Software Foundation|Zlib|CC0|Unlicense|CNRI|Dual License)\b", re.I
)
COPYLEFT = re.compile(r"\b(A?GPL|LGPL|MPL|Mozilla|EPL|EUPL|CDDL|GNU General Public)(v\d)?\b", re.I)


def test_every_setting_is_documented_as_it_is() -> None:
    documented = [line for line in (ROOT / "docs/settings.md").read_text().splitlines() if "`DIOTIMA_" in line[:12]]
    assert documented == settings_table.rows()
    assert all(field.description for field in Settings.model_fields.values())


def test_only_settings_that_exist_are_named_anywhere() -> None:
    known = {f"DIOTIMA_{name.upper()}" for name in Settings.model_fields}
    for document in DOCUMENTS:
        named = set(re.findall(r"DIOTIMA_[A-Z][A-Z_]*[A-Z]", document.read_text()))
        assert named <= known, document.name


def test_one_version_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    latest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert latest is not None
    assert project["version"] == tutor.__version__ == latest[1]


def _examples() -> list[tuple[str, str]]:
    found = []
    for document in DOCUMENTS:
        for block in re.findall(r"```sh\n(.*?)```", document.read_text(), re.DOTALL):
            lines = [line.strip() for line in block.replace("\\\n", " ").splitlines()]
            found += [(document.name, line) for line in lines if re.match(r"(\S*/)?(diotima|make) ", line)]
    return found


@pytest.mark.parametrize(("document", "line"), _examples())
def test_commands_in_the_documents_exist(document: str, line: str) -> None:
    program, *arguments = shlex.split(line)
    if program == "make":
        targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        assert arguments[0] in targets
        return
    # `--help` after the real arguments: an unknown command or option fails, and nothing is run.
    result = CliRunner().invoke(app, [*arguments, "--help"])
    assert result.exit_code == 0, result.output
    offered = set(re.findall(r"--[a-z][a-z-]*", result.output))
    assert {a for a in arguments if a.startswith("--")} <= offered


def test_the_examples_are_not_none() -> None:
    assert len(_examples()) >= 10


def test_links_between_documents_lead_somewhere() -> None:
    for document in DOCUMENTS:
        text = re.sub(r"```.*?```|`[^`\n]*`", "", document.read_text(), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)#\s]+)", text):
            if "://" not in target and not target.startswith("/"):
                assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_the_readme_names_the_demo_accounts() -> None:
    readme = (ROOT / "README.md").read_text()
    for person in demo.PEOPLE:
        assert f"| {person.username} | {person.password} |" in readme


def _licence(package: importlib.metadata.Distribution) -> str:
    about = package.metadata
    classifiers = [c.rpartition("::")[2] for c in about.get_all("Classifier") or [] if c.startswith("License")]
    said = " ".join([about.get("License-Expression") or (about.get("License") or "")[:80], *classifiers]).strip()
    texts = [file for file in package.files or [] if "LICENSE" in file.name.upper()]
    return said or (texts[0].read_text()[:80] if texts else "")


def _locked(lock: str) -> set[str]:
    return {name.lower() for name in re.findall(r"^([A-Za-z0-9_.-]+)==", (ROOT / lock).read_text(), re.MULTILINE)}


def test_every_package_has_a_licence_we_listed() -> None:
    listed = (ROOT / "docs/licences.md").read_text()
    wanted = _locked("requirements.lock")
    seen = 0
    for package in importlib.metadata.distributions():
        name = package.metadata["Name"].lower().replace("_", "-")
        if name not in wanted:
            continue
        seen += 1
        licence = _licence(package)
        if COPYLEFT.search(licence) or not licence:  # one that doesn't say is taken for the strictest
            assert re.search(rf"^\| [^|]*\b{re.escape(name)}\b[^|]*\| [^|]*(GPL|MPL)", listed, re.MULTILINE), name
        else:
            assert PERMISSIVE.search(licence), f"{name}: {licence!r} is not listed in docs/licences.md"
    assert seen > 50


def test_every_dependency_and_model_is_in_the_list() -> None:
    listed = (ROOT / "docs/licences.md").read_text()
    dependencies = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    for dependency in dependencies:
        name = re.split(r"[\[<>=~!; ]", dependency)[0]
        assert re.search(rf"\b{re.escape(name)}\b", listed), name
    for model in MODELS.values():
        assert f"`{model.name}/" in listed
        assert model.licence in listed
