"""What a cold start costs: our first page beside a hello-world FastAPI, in the same run.

    python -m bench.startup [--runs N] [--json]

Each server is started in a process of its own, asked for one page, and read at that moment: its CPU time (user and
system, all threads) and its resident memory. The runs alternate, and medians are compared. Linux only, as it reads
``/proc``. A start of each comes before the measured ones: it creates our database, and fills a byte-code cache of this
run's own, because where Python may not write one every start would compile every package again.
"""

import argparse
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HELLO = """
import sys
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
import uvicorn

app = FastAPI()

@app.get("/sign-in", response_class=HTMLResponse)
async def hello() -> str:
    return "<!doctype html><title>Hello</title><p>Hello, world"

uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
"""
OURS = """
import sys
from tutor.cli import main

main(["serve", "--no-demo", "--offline", "--port", sys.argv[1]])
"""
PAGE = "/sign-in"
PATIENCE = 60.0
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Start:
    """One cold start up to the first page: seconds of CPU, mebibytes resident, seconds by the clock."""

    cpu: float
    rss: float
    wall: float


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cpu_seconds(pid: int) -> float:
    # The fields after the command's name, which may hold spaces; utime and stime are the 14th and 15th of all.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def first_page(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Wait for a 200. A connection that is refused costs the server nothing, so asking often does no harm."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with status {process.returncode}")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
            connection.request("GET", PAGE)
            answer = connection.getresponse()
            answer.read()
            connection.close()
        except ConnectionRefusedError:
            time.sleep(0.01)
            continue
        if answer.status != 200:
            raise RuntimeError(f"{PAGE} answered {answer.status}")
        return
    raise TimeoutError("no page")


def measure(program: str, folder: Path) -> Start:
    port = free_port()
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment |= {"DIOTIMA_DATA_DIR": str(folder / "data"), "DIOTIMA_EMBEDDER": "none"}
    command = [sys.executable, "-c", program, str(port)]
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment, cwd=ROOT)
    try:
        first_page(port, process)
        return Start(cpu_seconds(process.pid), resident_mb(process.pid), time.monotonic() - began)
    finally:
        process.terminate()
        process.wait(PATIENCE)


def compare(runs: int) -> dict[str, float]:
    """Medians of ``runs`` alternating starts, and their ratios."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for program in (OURS, HELLO):
            measure(program, folder)
        pairs = [(measure(OURS, folder), measure(HELLO, folder)) for _ in range(runs)]
    ours, hello = ([pair[side] for pair in pairs] for side in (0, 1))

    def median(starts: Sequence[Start], what: str) -> float:
        return float(statistics.median(getattr(start, what) for start in starts))

    result = {
        f"{name}_{what}": round(median(starts, what), 3)
        for name, starts in (("ours", ours), ("hello", hello))
        for what in ("cpu", "rss", "wall")
    }
    # Each pair ran side by side in time, so its ratio is steadier than that of the medians on a busy machine.
    for what in ("cpu", "rss"):
        ratios = [getattr(mine, what) / getattr(other, what) for mine, other in pairs]
        result[f"{what}_ratio"] = round(statistics.median(ratios), 2)
    return result


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.startup", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=7, help="pairs of starts (default 7)")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    options = parser.parse_args(arguments)
    found = compare(options.runs)
    print(f"{'':<12}{'CPU s':>8}{'MiB':>8}{'wall s':>8}")
    for name in ("ours", "hello"):
        print(f"{name:<12}" + "".join(f"{found[f'{name}_{what}']:>8.2f}" for what in ("cpu", "rss", "wall")))
    print(f"{'ratio':<12}{found['cpu_ratio']:>8.2f}{found['rss_ratio']:>8.2f}")
    if options.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
