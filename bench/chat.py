"""What the chat costs and keeps: a streamed token beside a bare ``websockets`` server, an open connection, a bad line.

    python -m bench.chat [--connections N ...] [--rounds N] [--seconds S] [--turns N] [--json]

**A token.** The server under test is ``diotima serve`` (uvicorn, SQLite, all layers) with the direct adapter, which
reads a model server in a process of its own: loopback, OpenAI's protocol, one event a token, each reply at a steady
pace. Its readers are a third process. Counted is the CPU of the server's process, all threads, user and system, while
every reply streams: reading the model, cutting sentences, the guard, the log in SQLite, previews, sending. What a turn
costs before its first token and after its last is ``cpu_ms_per_turn`` and not in it. The baseline is a bare
``websockets`` server on the same event loop that makes the same tokens itself and sends each as a frame of JSON: no
model, no log, nothing. They run one after the other, so that none takes another's processor, in several rounds:
figures and ratios are medians of theirs. The server may join tokens that come within a pause which grows with the
number of replies; what that costs is in the latency, from the moment the model (or the bare server) sends a token until
a reader has it.

``guarded`` is the same with a question open: every sentence is checked before it is shown, and nothing is shown before.
No embedder is set, so the guard goes by words; with one every sentence costs its embedding on top, some ten
milliseconds (``python -m bench.guard`` prints them).

**A connection.** Resident memory of both servers for each connection that is open and idle.

**A bad line.** Learners talk with the shipped fake for a model; lines are cut without a goodbye anywhere in a turn, and
messages are sent twice. ``lost``, ``doubled`` and ``reordered`` count messages, turns and frames; ``different`` the
conversations that a client which went through it all knows otherwise than one that comes fresh.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench._chat_child import Child
from bench._chat_reply import Spoken, tokens
from bench._chat_room import Learner, Served, cpu_seconds, furnish, resident_kb
from bench._chat_torture import torture

# Tokens a second of one reply. With 100 readers about what a model of the day sends; with 500 what still leaves two
# processors to the other processes of the bench.
PACES = {100: 50.0, 500: 20.0}
WARM = 20
DROPS, DUPLICATES = 0.1, 0.05
LEADING = 8  # tokens that every reply must be past before CPU is counted


@dataclass(frozen=True)
class Streamed:
    """``cpu_us`` a token; ``cpu_ms_turn`` of what is not streaming; milliseconds until a token arrives; frames a token;
    replies that arrived with a hole or short; kilobytes a connection."""

    cpu_us: float
    cpu_ms_turn: float
    p50: float
    p99: float
    frames: float
    lost: int
    kb: float = 0.0


@dataclass(frozen=True)
class Load:
    """So many readers at once, each of a reply of ``count`` tokens, ``pace`` of them a second."""

    connections: int
    pace: float
    seconds: float

    @property
    def count(self) -> int:
        # The window, the time in which the replies begin one after the other, and some before and after.
        return int(self.pace * (self.seconds + self.spread + 3)) + LEADING

    @property
    def spread(self) -> float:
        return 1.0 + self.connections / 100

    @property
    def script(self) -> tuple[str, str, str]:
        return "0", str(self.count), str(self.pace)


def stream(load: Load, source: Child, pid: int, pages: Child, *, guarded: bool = False) -> Streamed:
    """One reply to every page, measured while all of them stream."""
    spoken = Spoken(tokens(load.count))
    began, before = cpu_seconds(pid), source.ask(do="sent")["sent"]
    pages.ask(do="speak", round=1, spread=load.spread)
    while pages.ask(do="reached")["least"] < LEADING:
        time.sleep(0.2)
    sent, cpu = source.ask(do="sent")["sent"], cpu_seconds(pid)
    time.sleep(load.seconds)
    sent_after, cpu_after = source.ask(do="sent")["sent"], cpu_seconds(pid)
    over = pages.ask(do="over", seconds=300)
    all_cpu, all_sent = cpu_seconds(pid) - began, source.ask(do="sent")["sent"] - before
    each = (cpu_after - cpu) / (sent_after - sent)
    left, came = source.ask(do="left")["left"], pages.ask(do="came")["came"]
    delays = sorted(_delays(spoken, left, came))
    return Streamed(
        cpu_us=1e6 * each,
        cpu_ms_turn=1e3 * max(0.0, all_cpu - each * all_sent) / load.connections,
        p50=1e3 * delays[len(delays) // 2],
        p99=1e3 * delays[int(len(delays) * 0.99)],
        frames=over["frames"] / (load.connections * load.count),
        # What the guard keeps back is not lost.
        lost=(0 if guarded else over["short"]) + over["holes"] + len(set(over["outcomes"]) - {"complete"}),
    )


def _delays(spoken: Spoken, left: dict[str, list[float]], came: dict[str, list[tuple[float, int]]]) -> Iterator[float]:
    """Seconds from the sending of each token to its arrival."""
    for mark, stretches in came.items():
        done = 0
        for at, end in stretches:
            upto = spoken.whole(end)
            yield from (at - left[mark][place] for place in range(done, upto))
            done = max(done, upto)


def bare(load: Load) -> Streamed:
    with Child("bench._chat_bare", *load.script) as server:
        url = f"ws://127.0.0.1:{server.ready['port']}"
        with Child("bench._chat_pages", url, str(load.count)) as pages:
            pid = server.process.pid
            kb = _opened(pages, pid, [{}] * load.connections)
            return _with_memory(stream(load, server, pid, pages), kb)


def ours(load: Load, *, guarded: bool = False) -> Streamed:
    with _house(load.connections) as (folder, learners), Child("bench._chat_model", *load.script) as model:
        changes = {
            "DIOTIMA_CHAT_ADAPTER": "openai",
            "DIOTIMA_CHAT_MODEL": "bench-model",
            "DIOTIMA_CHAT_API_BASE": f"http://127.0.0.1:{model.ready['port']}/v1",
        }
        with Served(folder, changes) as server:
            url, pid = f"ws://{server.address}/ws/chat", server.process.pid
            with Child("bench._chat_pages", url, str(load.count)) as pages:
                kb = _opened(pages, pid, [learner.page for learner in learners])
                if guarded:
                    pages.ask(do="practise")
                return _with_memory(stream(load, model, pid, pages, guarded=guarded), kb)


def _opened(pages: Child, pid: int, wanted: list[dict[str, str]]) -> float:
    """Open them; kilobytes each. The first ones bring in what is loaded once."""
    pages.ask(do="open", pages=wanted[:WARM])
    time.sleep(3)
    before = resident_kb(pid)
    pages.ask(do="open", pages=wanted[WARM:])
    return (resident_kb(pid) - before) / max(1, len(wanted) - WARM)


def _with_memory(found: Streamed, kb: float) -> Streamed:
    return Streamed(found.cpu_us, found.cpu_ms_turn, found.p50, found.p99, found.frames, found.lost, kb)


@contextmanager
def _house(learners: int) -> Iterator[tuple[Path, list[Learner]]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield folder, furnish(folder, learners)


def bad_line(turns: int, seed: int) -> dict[str, float]:
    """``turns`` in conversations of twenty, a tenth with a cut, a twentieth with a message sent twice."""
    with _house(max(1, turns // 20)) as (folder, learners):
        changes = {"DIOTIMA_CHAT_ADAPTER": "scripted", "DIOTIMA_SCRIPTED_SECONDS_PER_WORD": "0.003"}
        with Served(folder, changes) as server:
            began = time.monotonic()
            url = f"ws://{server.address}/ws/chat"
            found = asyncio.run(torture(url, learners, turns, int(turns * DROPS), int(turns * DUPLICATES), seed))
    return {**found, "seconds": round(time.monotonic() - began, 1)}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.chat", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--connections", type=int, nargs="*", default=sorted(PACES), help="readers (default 100 500)")
    parser.add_argument("--pace", type=float, help="tokens a second of one reply (default 50 with 100, 20 with 500)")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long CPU is counted (default 10)")
    parser.add_argument("--rounds", type=int, default=3, help="of all three servers; medians count (default 3)")
    parser.add_argument("--turns", type=int, default=10_000, help="over a bad line (default 10,000; 0: none)")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    options = parser.parse_args(arguments)
    result: dict[str, float] = {}
    if options.connections:
        heads = ("us/token", "ratio", "ms/turn", "p50 ms", "p99 ms", "frames", "lost", "kB each")
        print(f"{'':<22}" + "".join(f"{head:>10}" for head in heads), flush=True)
    for connections in options.connections:
        load = Load(connections, options.pace or PACES.get(connections, 20.0), options.seconds)
        rounds: list[dict[str, float]] = []
        for _ in range(options.rounds):
            found = {"bare websockets": bare(load), "diotima": ours(load), "guarded": ours(load, guarded=True)}
            for name, one in found.items():
                _print_row(f"{connections} x {load.pace:g}/s {name}"[:22], one, found["bare websockets"].cpu_us)
            rounds.append(_figures(found))
        figures = {name: round(statistics.median(one[name] for one in rounds), 2) for name in rounds[0]}
        figures["streams_lost"] = sum(one["streams_lost"] for one in rounds)
        # Without a number: of the fewest connections, which is how most servers run.
        result |= {**figures, **result} | {f"{name}_{connections}": value for name, value in figures.items()}
    if options.turns:
        told = bad_line(options.turns, options.seed)
        print("\n" + ", ".join(f"{name} {value:g}" for name, value in sorted(told.items())))
        result |= {name: told[name] for name in ("turns", "lost", "doubled", "reordered", "torn", "different")}
    print()
    for name, value in result.items():
        print(f"{name} {value:g}")
    if options.json:
        print(json.dumps(result))
    sys.exit(1 if any(result.get(name) for name in ("lost", "doubled", "reordered", "torn", "different")) else 0)


def _print_row(name: str, one: Streamed, base: float) -> None:
    numbers = (one.cpu_us, one.cpu_us / base, one.cpu_ms_turn, one.p50, one.p99, one.frames, one.lost, one.kb)
    print(f"{name:<22}" + "".join(f"{number:>10.2f}" for number in numbers), flush=True)


def _figures(found: dict[str, Streamed]) -> dict[str, float]:
    base, mine, guarded = found["bare websockets"], found["diotima"], found["guarded"]
    figures = {
        "cpu_us_per_token": mine.cpu_us,
        "cpu_ratio": mine.cpu_us / base.cpu_us,
        "guarded_cpu_us_per_token": guarded.cpu_us,
        "guarded_ratio": guarded.cpu_us / base.cpu_us,
        "added_p50_ms": mine.p50 - base.p50,
        "p99_ms": mine.p99,
        "added_p99_ms": mine.p99 - base.p99,
        "kb_per_connection": mine.kb,
        "kb_ratio": mine.kb / base.kb,
        "streams_lost": mine.lost + guarded.lost,
    }
    return {name: round(value, 2) for name, value in figures.items()}


if __name__ == "__main__":
    main()
