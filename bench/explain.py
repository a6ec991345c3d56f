"""How long somebody who asks for a film in the chat waits for its first slide: ``seconds_to_playable``.

    python -m bench.explain [--runs N] [--language TAG] [--json]

A whole server with the demo course, without a model, and the usual voices. Each run asks for a film on another topic
over the chat's own commands, and watches the film's state as the page does. Printed are the seconds from the message to
the film's beginning that can be played, to the whole film, and the film's own length. The caches begin
empty; the server has been up for ten seconds.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from tutor.bootstrap import System, build
from tutor.config import Settings
from tutor.services import demo
from tutor.services.indexing import Wanted
from web.films_api import film_view

TOPICS = ("stomata", "the Calvin cycle", "glycolysis", "food chains", "enzymes", "fermentation")
PATIENCE = 300.0
READY = 10.0  # seconds that a server has been up before somebody asks


@dataclass(frozen=True)
class Wait:
    """Seconds from the message to what can be played, and to the whole; and the length of the film."""

    topic: str
    playable: float
    whole: float
    film: float


async def asked(system: System, topic: str, language: str) -> Wait:
    account = await system.accounts.by_username("student")
    assert account is not None
    conversation = await system.chat.start(account, demo.COURSE, language)
    began = time.monotonic()
    text = f"show me a video about {topic}"
    await system.chat.send(account, conversation, "one", text)
    playable = whole = 0.0
    while not whole and time.monotonic() - began < PATIENCE:
        await asyncio.sleep(0.1)
        film = next(
            (t.film for t in system.store.conversations.transcript(conversation).turns.values() if t.film), None
        )
        job = system.store.jobs.get(film.job) if film else None
        if job is None:
            continue
        view = film_view(system, job)
        if not playable and (view.first or view.files):
            playable = time.monotonic() - began
        if view.status == "done":
            whole = time.monotonic() - began
        elif view.status in ("failed", "cancelled"):
            raise SystemExit(f"the film on {topic} {view.status}: {view.problem}")
    if not whole:
        raise SystemExit(f"no film on {topic} within {PATIENCE:.0f} s")
    found = system.films.film(view.key)
    assert found is not None
    manifest = json.loads((found.folder / "timeline.json").read_text("utf-8"))
    return Wait(topic, playable, whole, float(manifest.get("seconds", 0.0)))


async def measured(folder: Path, runs: int, language: str) -> list[Wait]:
    settings = Settings(_env_file=None, data_dir=folder, embedder="none")  # type: ignore[call-arg]
    system = build(settings, model=None)
    try:
        await demo.load(system.accounts, system.store.library, system.ingest)
        system.ingest.enqueue(Wanted(demo.FOLDER, demo.COURSE, demo.SOURCE))
        await asyncio.to_thread(system.ingest.run_pending)
        system.film_workers.start(1)
        await asyncio.sleep(READY)
        return [await asked(system, topic, language) for topic in TOPICS[:runs]]
    finally:
        await system.chat.close()
        await asyncio.to_thread(system.close)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3, help=f"topics, at most {len(TOPICS)}")
    parser.add_argument("--language", default="en", help="of the conversation")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        waits = asyncio.run(measured(Path(folder), given.runs, given.language))
    worst = max(wait.playable for wait in waits)
    if given.json:
        json.dump({"seconds_to_playable": worst, "runs": [asdict(wait) for wait in waits]}, sys.stdout, indent=1)
        return
    print(f"{'topic':<18}{'playable':>10}{'whole':>10}{'film':>10}   (seconds)")
    for wait in waits:
        print(f"{wait.topic:<18}{wait.playable:>10.1f}{wait.whole:>10.1f}{wait.film:>10.1f}")
    print(
        f"seconds_to_playable: worst {worst:.1f}, median {statistics.median(w.playable for w in waits):.1f}; asked: 15"
    )


if __name__ == "__main__":
    main()
