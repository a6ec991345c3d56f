"""Chroma: what stays on disk, who may write, and what another embedder means."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from retrieval.dense import ChromaIndex, collection_name
from retrieval.embedders.hashing import HashingEmbedder
from retrieval.errors import IndexBroken, IndexLocked, IndexUnavailable
from retrieval.values import Passage
from retrieval.writer_lock import WriterLock


class Renamed(HashingEmbedder):
    name = "another"


def test_vectors_are_there_after_a_restart(tmp_path: Path, passages: tuple[Passage, ...]) -> None:
    first = ChromaIndex(HashingEmbedder(64), tmp_path)
    first.add("biology", passages)
    first.close()
    again = ChromaIndex(HashingEmbedder(64), tmp_path)
    assert again.ids("biology") == {passage.id for passage in passages}
    again.close()


def test_another_embedder_starts_empty_and_leaves_the_old_vectors(
    tmp_path: Path, passages: tuple[Passage, ...]
) -> None:
    first = ChromaIndex(HashingEmbedder(64), tmp_path)
    first.add("biology", passages)
    first.close()
    other = ChromaIndex(Renamed(64), tmp_path)
    assert other.count("biology") == 0
    other.add("biology", passages[:1])
    other.remove_course("biology")
    other.close()
    first = ChromaIndex(HashingEmbedder(64), tmp_path)
    assert first.count("biology") == 0
    first.close()


def test_a_second_writer_is_refused_and_may_still_read(tmp_path: Path, passages: tuple[Passage, ...]) -> None:
    writer = ChromaIndex(HashingEmbedder(64), tmp_path)
    writer.add("biology", passages)
    second = ChromaIndex(HashingEmbedder(64), tmp_path)
    with pytest.raises(IndexLocked) as refused:
        second.add("biology", passages)
    assert refused.value.code == "index_locked"
    assert refused.value.retryable
    for write in (lambda: second.remove("biology", ["x"]), lambda: second.remove_course("biology"), second.acquire):
        with pytest.raises(IndexLocked):
            write()
    assert second.count("biology") == 3
    writer.close()
    second.acquire()
    second.close()


def test_the_lock_is_free_again_when_its_process_was_killed(tmp_path: Path) -> None:
    path = tmp_path / "writer.lock"
    program = (
        "import os, signal, sys, pathlib; from retrieval.writer_lock import WriterLock;"
        "WriterLock(pathlib.Path(sys.argv[1])).acquire(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert ended.returncode == -9
    lock = WriterLock(path)
    lock.acquire()
    assert lock.held
    lock.release()
    assert not lock.held


def test_a_lock_whose_file_was_deleted_is_taken_anew(tmp_path: Path) -> None:
    holder, other = WriterLock(tmp_path / "lock"), WriterLock(tmp_path / "lock")
    holder.acquire()
    (tmp_path / "lock").unlink()
    holder.acquire()
    with pytest.raises(IndexLocked):
        other.acquire()
    (tmp_path / "lock").unlink()
    other.acquire()
    with pytest.raises(IndexLocked):
        holder.acquire()
    assert not holder.held
    other.release()


def test_collection_names_are_short_and_differ_by_course_and_embedder() -> None:
    names = {collection_name(course, e) for course in ("a", "b") for e in (HashingEmbedder(64), Renamed(64))}
    assert len(names) == 4
    assert all(3 <= len(name) <= 63 and name.replace("-", "").isalnum() for name in names)


def test_a_folder_that_is_deleted_while_it_is_open_is_noticed(tmp_path: Path, passages: tuple[Passage, ...]) -> None:
    index = ChromaIndex(HashingEmbedder(64), tmp_path / "vectors")
    index.add("biology", passages)
    before = index.generation("biology")
    shutil.rmtree(tmp_path / "vectors")
    assert index.generation("biology") == ""
    index.add("biology", passages[:2])
    assert index.generation("biology") != before
    index.close()
    again = ChromaIndex(HashingEmbedder(64), tmp_path / "vectors")
    assert again.count("biology") == 2
    again.close()


def test_a_damaged_folder_is_told_apart_and_can_be_started_over(tmp_path: Path, passages: tuple[Passage, ...]) -> None:
    first = ChromaIndex(HashingEmbedder(64), tmp_path)
    first.add("biology", passages)
    first.close()
    (tmp_path / "chroma.sqlite3").write_bytes(b"this is no database" * 1000)
    index = ChromaIndex(HashingEmbedder(64), tmp_path)
    for _ in range(2):
        with pytest.raises(IndexBroken):
            index.generation("biology")
    with pytest.raises(IndexUnavailable):
        index.search("biology", HashingEmbedder(64).embed_queries(["leaf"])[0], 3)
    index.start_over()
    assert index.add("biology", passages) == 3
    assert index.count("biology") == 3
    index.close()


def test_a_second_writer_may_not_start_over(tmp_path: Path, passages: tuple[Passage, ...]) -> None:
    writer, second = ChromaIndex(HashingEmbedder(64), tmp_path), ChromaIndex(HashingEmbedder(64), tmp_path)
    writer.add("biology", passages)
    with pytest.raises(IndexLocked):
        second.start_over()
    assert writer.count("biology") == 3
    writer.close()
    second.close()


def test_a_server_that_is_not_there_is_a_typed_error(tmp_path: Path) -> None:
    index = ChromaIndex(HashingEmbedder(64), tmp_path, url="http://127.0.0.1:9")
    with pytest.raises(IndexUnavailable) as failed:
        index.count("biology")
    assert failed.value.retryable
    index.close()


def test_nothing_heavy_is_imported_before_the_first_use() -> None:
    program = (
        "import sys; import retrieval.dense, retrieval.retriever, retrieval.lexical, retrieval.quotes,"
        "retrieval.loaders, retrieval.chunking,"
        "retrieval.embedders.e5, retrieval.embedders.minilm, retrieval.embedders.litellm,"
        "retrieval.embedders.hashing, retrieval.loaders.folder;"
        "heavy = {'chromadb', 'langchain_core', 'langchain_chroma', 'langchain_text_splitters', 'litellm', 'numpy',"
        "'onnxruntime', 'tokenizers'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert ended.stdout.strip() == "[]"
