"""A sample of the files of ``bench.hostile_files``: nothing crashes, escapes, hangs or is passed over in silence."""

from pathlib import Path

from bench._hostile_seeds import seeds
from bench.hostile_files import bring_in, corpus, strays, trapped
from retrieval.loaders import suffixes
from retrieval.loaders.process import Limits


def test_forty_spoilt_files_do_no_harm(tmp_path: Path) -> None:
    with trapped(tmp_path) as (trap, calls):
        folder, state = tmp_path / "courses" / "0", tmp_path / "states" / "0"
        folder.mkdir(parents=True)
        state.mkdir(parents=True)
        for name, data in corpus(40, 11, trap):
            (folder / name).write_bytes(data)
        batch = bring_in(folder, state, Limits(seconds=2, memory=600_000_000))
    assert len(batch.outcomes) == 40
    assert 5 < sum(outcome == "read" for outcome in batch.outcomes.values()) < 35
    assert (batch.silent, batch.leaked, batch.reached) == ([], [], [])
    assert (calls, strays(tmp_path)) == ([], [])


def test_the_corpus_is_the_same_for_the_same_seed_and_knows_every_format(tmp_path: Path) -> None:
    with trapped(tmp_path) as (trap, _):
        once, again = ([name for name, _ in corpus(60, 3, trap)] for _ in range(2))
    assert once == again
    synonyms = {".markdown", ".text", ".htm"}
    assert set(suffixes()) - synonyms == set(seeds())
