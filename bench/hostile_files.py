"""What harm a file can do: ``python -m bench.hostile_files``.

A thousand files of every format that is read here, spoilt at random and on purpose (``_hostile_mutations``: flipped
bits, cuts, bombs, entities, climbing paths, passwords, macros), are brought into a course, a hundred at a time, as the
server does it. ``--seed`` makes the same corpus again.

``files``              offered
``read``               of which at least one document came out
``refused``            of which none did, with a message that names the file
``crashes_of_server``  batches in which the process that serves ended or raised
``escapes``            files or addresses outside that were reached, or that the reading process tried to open
``hangs``              files that took longer than the limits allow, and batches that never ended
``silent``             files that were neither read nor refused by name
``slowest_s``          the longest that one file took
``restarts``           reading processes that were replaced: crashes, time and memory that ran out there

It ends with status 1 where a server crashed, a file escaped, hung or was passed over in silence.
"""

from __future__ import annotations

import argparse
import http.server
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench._hostile_mutations import MUTATIONS, Trap
from bench._hostile_seeds import seeds
from retrieval.confined.child import Waiting
from retrieval.confined.process import Limits
from retrieval.errors import UnreadableDocument
from retrieval.lexical import LexicalIndex
from retrieval.loaders import LoadedDocument, Source
from retrieval.loaders.process import ReadingProcess
from tutor.services.indexing import Indexer, Wanted
from tutor.services.notes import Notes
from tutor.store.memory import MemoryStore

BATCH = 100
SECRET = "the-canary-sang-7f3a"
LIMITS = Limits(seconds=10, memory=600_000_000)
MOST = 3 * LIMITS.seconds + LIMITS.start  # seconds that a file may take on a loaded machine
VIOLATIONS = ("crashes_of_server", "escapes", "hangs", "silent")


@dataclass
class Batch:
    """What became of the files of one batch. ``outcomes`` are ``read`` or the reason of the refusal, by file."""

    outcomes: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    reached: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    leaked: list[str] = field(default_factory=list)
    restarts: int = 0


class _Watched(ReadingProcess):
    """The product's reader, which also writes down what files took and tried."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.tried: list[str] = []
        self.took: Counter[str] = Counter()
        self.reasons: dict[str, str] = {}

    def read(self, data: bytes, source: Source, waiting: Waiting = lambda: None) -> LoadedDocument:
        began = time.monotonic()
        try:
            return super().read(data, source, waiting)
        except UnreadableDocument as error:
            self.reasons[source.path] = str(error.data["reason"])
            raise
        finally:
            self.took[source.path.split("/")[0]] += time.monotonic() - began  # type: ignore[assignment]
            self.tried += [f"{source.path}: {each}" for each in self.reached]


def corpus(count: int, seed: int, trap: Trap) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of hostile files."""
    mutations, weights = zip(*MUTATIONS, strict=True)
    for number in range(count):
        rng = random.Random(f"{seed}:{number}")
        suffix = rng.choice(list(seeds()))
        mutation = rng.choices(mutations, weights)[0]
        suffix, data = mutation(suffix, seeds()[suffix], rng, trap)
        yield f"{number:04d}-{mutation.__name__}{suffix}", data


def bring_in(folder: Path, state: Path, limits: Limits = LIMITS) -> Batch:
    """Bring the files of a folder into a course, as the server does."""
    library, text, reader, batch = MemoryStore().library, LexicalIndex(state / "text.db"), _Watched(limits), Batch()
    said: list[str] = []
    indexer = Indexer(library, text, None, "", Notes(state / "notes.json"), lambda text, doubt: "en", reader=reader)
    try:
        wanted = Wanted(folder, "hostile", "upload", "Hostile", "en")
        indexer.ingest(wanted, lambda stage, done, total, message=None: said.append(message or ""))
    finally:
        indexer.close()
        text.close()
    documents = [document.path for document in library.documents("hostile")]
    for file in sorted(path.name for path in folder.iterdir()):
        own = [path for path in documents if path == file or path.startswith(f"{file}/")]
        messages = [message for message in said if file in message]
        if not own and not messages:
            batch.silent.append(file)
        batch.outcomes[file] = "read" if own else reader.reasons.get(file, "refused")
        for path in own:
            document = library.document("hostile", path)
            if document is not None and SECRET in document.text:
                batch.leaked.append(path)
    batch.seconds = dict(reader.took)
    batch.reached, batch.restarts = reader.tried, max(reader.started - 1, 0)
    return batch


@contextmanager
def trapped(folder: Path) -> Iterator[tuple[Trap, list[str]]]:
    """A secret beside the course and an address on this machine; and the list of who called there."""
    secret = folder / "secret.txt"
    secret.write_text(SECRET)
    calls: list[str] = []

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            calls.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Trap(str(secret), f"http://127.0.0.1:{server.server_port}"), calls
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def strays(folder: Path) -> list[str]:
    """Files that nobody put beside the courses, and places that climbing paths lead to."""
    known = {"secret.txt", "courses", "states"}
    found = [path.name for path in folder.iterdir() if path.name not in known]
    places = [Path("/canary.md"), folder.parent / "canary.md", Path.cwd() / "canary.md", *folder.glob("*/canary.md")]
    return found + [str(place) for place in places if place.exists()]


def run(count: int, seed: int, batch_size: int = BATCH) -> dict[str, Any]:
    """The figures."""
    figures: Counter[str] = Counter(dict.fromkeys(("files", "read", "refused", *VIOLATIONS, "restarts"), 0))
    outcomes: Counter[str] = Counter()
    slowest = (0.0, "")
    with tempfile.TemporaryDirectory() as scratch, trapped(Path(scratch)) as (trap, calls):
        root = Path(scratch)
        files = list(corpus(count, seed, trap))
        for begin in range(0, count, batch_size):
            folder, state = root / "courses" / str(begin), root / "states" / str(begin)
            folder.mkdir(parents=True)
            state.mkdir(parents=True)
            for name, data in files[begin : begin + batch_size]:
                (folder / name).write_bytes(data)
            batch = _served(folder, state, figures)
            if batch is None:
                continue
            _count(batch, figures, outcomes)
            slowest = max([slowest, *((seconds, file) for file, seconds in batch.seconds.items())])
            print(f"  {begin + len(batch.outcomes):5} files", end="\r", flush=True)
        found = strays(root)
        for each in (*calls, *found):
            print(f"  escaped: {each}")
        figures["escapes"] += len(calls) + len(found)
        figures["files"] = count
    for reason, number in outcomes.most_common():
        print(f"  {reason:20} {number}")
    print(f"  the slowest was {slowest[1]}")
    return {**figures, "slowest_s": round(slowest[0], 2)}


def _served(folder: Path, state: Path, figures: Counter[str]) -> Batch | None:
    """A batch in a process of its own, which stands for the server."""
    command = [sys.executable, "-m", "bench.hostile_files", "--batch", str(folder), str(state)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=1800, check=False)
        return Batch(**json.loads(done.stdout.splitlines()[-1]))
    except subprocess.TimeoutExpired:
        print(f"  {folder.name}: never ended")
        figures["hangs"] += 1
    except (ValueError, IndexError, TypeError):
        print(f"  {folder.name}: the server ended with {done.returncode}: {done.stderr.decode()[-2000:]}")
        figures["crashes_of_server"] += 1
    return None


def _count(batch: Batch, figures: Counter[str], outcomes: Counter[str]) -> None:
    for each in (*batch.reached, *batch.leaked):
        print(f"  escaped: {each}")
    for file in batch.silent:
        print(f"  silent: {file}")
    for file, seconds in batch.seconds.items():
        if seconds > MOST:
            print(f"  hung: {file} ({seconds:.0f} s)")
            figures["hangs"] += 1
    outcomes.update(batch.outcomes.values())
    read = sum(outcome == "read" for outcome in batch.outcomes.values())
    figures["read"] += read
    figures["refused"] += len(batch.outcomes) - read - len(batch.silent)
    figures["silent"] += len(batch.silent)
    figures["escapes"] += len(batch.reached) + len(batch.leaked)
    figures["restarts"] += batch.restarts


def main() -> int:
    """Run, print a table, and with ``--json`` one flat object as the last line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--batch", nargs=2, type=Path, metavar=("FOLDER", "STATE"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.batch:
        print(json.dumps(asdict(bring_in(*given.batch))))
        return 0
    figures = run(given.files, given.seed)
    print("  ".join(figures))
    print("  ".join(f"{value!s:>{len(name)}}" for name, value in figures.items()))
    if given.json:
        print(json.dumps(figures))
    return 1 if any(figures[name] for name in VIOLATIONS) else 0


if __name__ == "__main__":
    sys.exit(main())
