"""Runs the benchmarks and publishes what they found: ``make bench``, or ``python -m bench.figures [NAME ...]``.

``bench/figures.toml`` says which command gives which figure and what was asked. What a command found is kept in
``docs/figures.json``, so that one of them can be run anew by itself; ``docs/figures.md`` is written from both.

    --list      the names, and what each runs
    --data      the folder of public data sets
    --write     only write docs/figures.md anew from what is kept
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shlex
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LISTED = Path(__file__).with_suffix(".toml")
KEPT = ROOT / "docs" / "figures.json"
PAGE = ROOT / "docs" / "figures.md"
DATA = Path("../shared/data")
HEAD = """# Figures

What `make bench` measured, with what was asked of it and what stands beside it. Every table names its command; ratios
come from one run on one machine. This page is written by `python -m bench.figures` from `docs/figures.json`; the data
sets are public and named in the benchmarks, and don't come with the project.
"""
MISSING = object()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for, all by default; exits with 1 where a command failed or a figure missed what was asked."""
    parser = argparse.ArgumentParser(prog="python -m bench.figures", description=(__doc__ or "").split("\n")[0])
    benches = listed()
    parser.add_argument("name", nargs="*", metavar="NAME", help="which to run; all by default")
    parser.add_argument("--list", action="store_true", help="what there is")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of public data sets")
    parser.add_argument("--write", action="store_true", help="only write the page anew")
    given = parser.parse_args(arguments)
    if unknown := set(given.name) - {bench["name"] for bench in benches}:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; --list shows what there is")
    chosen = [bench for bench in benches if not given.name or bench["name"] in given.name]
    if given.list:
        for bench in chosen:
            print(f"{bench['name']:20} python -m {bench['command']}")
        return 0
    kept = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
    failed = []
    for bench in () if given.write else chosen:
        found = run(bench, given.data)
        if found is None:
            failed.append(bench["name"])
            continue
        kept[bench["name"]] = found
        KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", "utf-8")
    PAGE.write_text(page(benches, kept), "utf-8")
    missed = [
        f"{b['name']}: {f['says']}" for b in chosen for f in b["figures"] if met(f, kept.get(b["name"], {})) is False
    ]
    for line in missed:
        print(f"missed   {line}")
    for name in failed:
        print(f"FAILED   {name}")
    print(f"{PAGE.relative_to(ROOT)} is written.")
    return 1 if failed or missed else 0


def listed() -> list[dict[str, Any]]:
    benches: list[dict[str, Any]] = tomllib.loads(LISTED.read_text("utf-8"))["bench"]
    return benches


def run(bench: Mapping[str, Any], data: Path) -> dict[str, Any] | None:
    """Run one command and keep what it printed, by the keys of its figures; ``None`` where it failed."""
    command = bench["command"].format(data=data, biology=data / "courses" / "biology")
    print(f"== {bench['name']}: python -m {command}", flush=True)
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", *shlex.split(command), "--json"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        printed = last_object(done.stdout)
    except ValueError as error:
        print(done.stdout[-2000:], f"exit status {done.returncode}: {error}", sep="\n", file=sys.stderr)
        return None
    values = {key: value for key in keys(bench) if (value := at(printed, key)) is not MISSING}
    absent = sorted(set(keys(bench)) - set(values))
    if absent:
        print(f"   it printed no {', '.join(absent)}", file=sys.stderr)
    if done.returncode and not values:
        return None
    seconds = round(time.monotonic() - began)
    print(f"   {seconds} s", flush=True)
    return {"on": f"{datetime.now(UTC):%Y-%m-%d}", "machine": machine(), "seconds": seconds, "values": values}


def last_object(printed: str) -> dict[str, Any]:
    """The JSON object that ends the output, on one line or on several. Raises ``ValueError`` where there is none."""
    starts = [0] if printed.startswith("{") else []
    starts += [at + 1 for at in range(len(printed) - 1) if printed.startswith("\n{", at)]
    if not starts:
        raise ValueError("it printed no JSON object")
    found = json.loads(printed[starts[-1] :])
    if not isinstance(found, dict):
        raise ValueError("what it printed last is no JSON object")
    return found


def at(found: Mapping[str, Any], key: str) -> Any:
    """The value at a dotted path; ``MISSING`` where there is none."""
    value: Any = found
    for part in key.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return MISSING
        value = value[part]
    return value


def keys(bench: Mapping[str, Any]) -> Iterator[str]:
    for figure in bench["figures"]:
        yield figure["key"]
        yield from figure.get("beside", {}).values()


def met(figure: Mapping[str, Any], kept: Mapping[str, Any]) -> bool | None:
    """Whether the figure is what was asked; ``None`` where nothing was asked or nothing was measured."""
    value = kept.get("values", {}).get(figure["key"])
    if value is None or "asked" not in figure:
        return None
    sign, bound = figure["asked"].split()
    return bool({"<=": value <= float(bound), ">=": value >= float(bound), "==": value == float(bound)}[sign])


def page(benches: Sequence[Mapping[str, Any]], kept: Mapping[str, Any]) -> str:
    """The text of ``docs/figures.md``."""
    return "\n".join([HEAD, *(part for bench in benches if bench["name"] in kept for part in _part(bench, kept))])


def _part(bench: Mapping[str, Any], kept: Mapping[str, Any]) -> Iterator[str]:
    found = kept[bench["name"]]
    command = bench["command"].format(data="DATA", biology="DATA/courses/biology")
    yield f"## {bench['title']}\n\n`python -m {command}`, {found['on']}, {found['machine']}.\n"
    if "note" in bench:
        yield f"{bench['note']}\n"
    yield "| figure | ours | asked | beside it |\n| --- | ---: | --- | --- |"
    for figure in bench["figures"]:
        value = found["values"].get(figure["key"])
        beside = [f"{name} {shown(found['values'].get(key))}" for name, key in figure.get("beside", {}).items()]
        beside += [figure["peers"]] if "peers" in figure else []
        missed = " (missed)" if met(figure, found) is False else ""
        yield f"| {figure['says']} | {shown(value)}{missed} | {_asked(figure)} | {'; '.join(beside)} |"
    yield ""


def _asked(figure: Mapping[str, Any]) -> str:
    words = {"<=": "at most ", ">=": "at least ", "==": ""}
    sign, bound = figure["asked"].split() if "asked" in figure else ("==", "")
    return f"{words[sign]}{bound}"


def shown(value: float | None) -> str:
    """Three figures that count, as people read them."""
    if value is None:
        return "-"
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3f}" if abs(value) < 1 else f"{value:.1f}" if abs(value) >= 100 else f"{value:.2f}"


def machine() -> str:
    """How many cores, of which processor."""
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        model = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return f"{os.cpu_count()} cores, {model}"


if __name__ == "__main__":
    sys.exit(main())
