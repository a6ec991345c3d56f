"""``diotima doctor``: what is installed, what works here, and what to do about the rest."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from tutor.cli.opening import settings_given

if TYPE_CHECKING:
    from tutor.cli.checks.finding import Finding
    from tutor.config import Settings


def doctor(
    online: Annotated[bool, typer.Option("--online", help="Ask the language model and online voices too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Try everything that this machine needs, on a small scale, and tell what to do where it doesn't work."""
    from dataclasses import asdict

    from tutor.cli.checks.finding import lines

    settings = settings_given()
    failed = False
    told: list[dict[str, object]] = []
    for title, findings in _examination(settings, online):
        if not as_json:
            print(f"{title}:" if not told else f"\n{title}:", flush=True)
        for one in findings:
            failed = failed or one.state == "failed"
            told.append({"area": title, **asdict(one)})
            if not as_json:
                print("\n".join(lines([one])), flush=True)
    if as_json:
        print(json.dumps(told, ensure_ascii=False, indent=1))
    elif failed:
        print("\nWhat is marked !! doesn't work yet; -- works, but could be better.")
    raise typer.Exit(1 if failed else 0)


def _examination(settings: "Settings", online: bool) -> "Iterator[tuple[str, Iterator[Finding]]]":
    from tutor.cli.checks import films, machine, models, storage

    yield "This machine", machine.findings(settings)
    yield "Data", storage.findings(settings)
    yield "Search", models.embedder(settings, online)
    yield "Course material", storage.reading()
    yield "Language model", models.chat(settings, online)
    yield "Films", films.findings(settings, online)


def shown(url: str) -> str:
    """The database's address without its password."""
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    return url.replace(f":{parts.password}@", ":***@") if parts.password else url
