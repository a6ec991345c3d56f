"""Whether we keep to what others wrote down: the websocket protocol, and our own description of the HTTP API.

    python -m bench.conformance [--cases N] [--seed N] [--only websocket|http] [--json]

websocket   the 301 core cases of the Autobahn test suite (all but compression, which isn't offered), run by kosoku
            against an echo under the product's own server settings             promised 301, or 300 with the reason
http        N requests (5,000) that schemathesis makes up from the description of every route, by visitors, students,
            trainers, reviewers and admins in turn; right and wrong ones, half of them about things that there are
                                                                                 promised no answer of 500 or above
            and of the published API: no answer that its description doesn't have
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from bench import _conformance_http, _conformance_websocket
from tutor.observe import ROOMS, log_to_stderr

GROUPS = {
    "1": "framing", "2": "pings", "3": "reserved bits", "4": "opcodes", "5": "fragmentation", "6": "UTF-8",
    "7": "closing", "9": "large messages", "10": "other",
}  # fmt: skip


def websocket() -> dict[str, object]:
    """Prints a row for each group of cases."""
    with tempfile.TemporaryDirectory() as folder:
        results = _conformance_websocket.run(Path(folder), large=True)
    results.sort(key=lambda case: [int(part) for part in case.id.split(".")])
    print(f"{'websocket':<22}{'passed':>8}{'cases':>8}{'seconds':>9}")
    for group, cases in groupby(results, key=lambda case: case.id.partition(".")[0]):
        found = list(cases)
        passed, seconds = sum(case.passed for case in found), sum(case.seconds for case in found)
        print(f"{group:>3} {GROUPS[group]:<18}{passed:>8}{len(found):>8}{seconds:>9.1f}")
    failed = [case for case in results if not case.passed]
    passed = len(results) - len(failed)
    print(f"{'in all':<22}{passed:>8}{len(results):>8}")
    for case in failed:
        print(f"{case.id}: {_conformance_websocket.TOLERATED.get(case.id, 'NOT EXPECTED: ' + case.verdict)}")
    unexpected = sorted({case.id for case in failed} - _conformance_websocket.TOLERATED.keys())
    return {"passed": passed, "cases": len(results), "unexpected": unexpected}


def http(cases: int, seed: int) -> dict[str, object]:
    """Prints how often each status was the answer, and what broke a promise."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, _conformance_http.room(Path(folder)) as room:
        tally = _conformance_http.fuzz(room, cases, seed)
    print(f"\n{'http':<22}{'answers':>8}")
    for status, count in sorted(tally.statuses.items()):
        print(f"{status:<22}{count:>8}")
    print(f"{tally.cases} requests to {len(tally.operations)} operations in {time.monotonic() - began:.0f} s")
    for failure in tally.failures:
        print(f"FAILED {failure}")
    return {"cases": tally.cases, "crashes": tally.crashes, "failures": len(tally.failures)}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.conformance", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", type=int, default=5000, help="HTTP requests (default 5000)")
    parser.add_argument("--seed", type=int, default=1, help="of the requests that are made up (default 1)")
    parser.add_argument("--only", choices=("websocket", "http"))
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    options = parser.parse_args(arguments)
    log_to_stderr("error", *ROOMS)
    found: dict[str, dict[str, object]] = {}
    if options.only != "http":
        found["websocket"] = websocket()
    if options.only != "websocket":
        found["http"] = http(options.cases, options.seed)
    if options.json:
        print(json.dumps(found))
    broken = found.get("websocket", {}).get("unexpected") or found.get("http", {}).get("failures")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
