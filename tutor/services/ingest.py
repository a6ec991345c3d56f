"""Material on its way into a course: jobs, uploads, and the one worker that writes the indexes.

Whoever wants material in (the CLI, a trainer's upload, the demo) puts a job into SQL. The process that holds the index
lock works the jobs off; everybody follows their progress in SQL. Reading a folder is one job; it ends with a second
one, which embeds: the text is found by its words as soon as the first is done.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO

from retrieval.errors import IndexLocked, IndexUnavailable, RetrievalError
from retrieval.loaders import is_archive, kinds, suffixes, unpacked
from retrieval.loaders.formats import REFUSED, refusal
from tutor.domain.errors import DiotimaError, InvalidInput, NotFound, StoreBusy
from tutor.domain.jobs import Job
from tutor.observe import Logger
from tutor.ports import DocumentState, JobQueue, Library, NewId
from tutor.server_ports import IndexLock
from tutor.services import uploads
from tutor.services.indexing import UPLOAD, Indexer, Wanted
from tutor.services.uploads import UploadRefused

__all__ = ["IngestService", "UploadRefused"]

log = Logger(__name__)

INGEST, EMBED, REINDEX, REMOVE = KINDS = ("ingest", "embed", "reindex", "remove")
# Embedding takes long. The other kinds are done between two of its batches, so that new text is found at once.
QUICK = (INGEST, REINDEX, REMOVE)
LEASE = 30.0  # seconds; renewed with every report of progress
IDLE = 1.0  # seconds between two looks at the queue
MEND, LONGEST_MEND = 5.0, 300.0  # seconds between two looks for missing vectors; longer after each failure
OVER = ("done", "failed", "cancelled")


class _Stopped(Exception):
    """The job is no longer ours, or the process is closing."""

    def __init__(self, closing: bool) -> None:
        super().__init__()
        self.closing = closing


def readable(error: Exception) -> str:
    """What to tell the person who asked: our own errors in their words, others by kind (details are in the log)."""
    if isinstance(error, RetrievalError):
        return error.message
    return str(error) or type(error).__name__


class IngestService:
    """See the module. ``start`` runs the worker in a thread; without it ``run_pending`` works the jobs off."""

    def __init__(
        self, library: Library, jobs: JobQueue, indexer: Indexer, lock: IndexLock, material: Path, new_id: NewId
    ) -> None:
        self._library = library
        self._jobs = jobs
        self._indexer = indexer
        self._lock = lock
        self._material = material
        self._worker = f"ingest-{new_id()}"
        self._closing = threading.Event()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._behind: dict[str, int] = {}
        self._mend_at = 0.0
        self._mend_wait = MEND

    # -- asking for work -------------------------------------------------------------------------------------------

    def enqueue(self, wanted: Wanted, owner: str | None = None, *, key: str = "") -> Job:
        """Ask for a folder to be brought in. The same folder asked for again while it waits is the same job."""
        arguments = {
            "path": str(wanted.path),
            "course": wanted.course,
            "source": wanted.source,
            "title": wanted.title,
            "language": wanted.language,
        }
        return self._enqueue(INGEST, f"{wanted.course}:{wanted.source}:{key}", arguments, owner)

    def reindex(self, course: str | None = None, owner: str | None = None) -> Job:
        """Ask for the indexes of one course, or of all, to be built anew from SQL. Raises ``NotFound``."""
        if course is not None and self._library.course(course) is None:
            raise NotFound(f"There is no course {course}.", course=course)
        return self._enqueue(REINDEX, course or "", {"course": course or ""}, owner)

    def remove(self, course: str, path: str, owner: str | None = None) -> Job:
        """Ask for a document to leave the course, or with the path of an archive all that came out of it. An uploaded
        file is deleted; one of a folder of the operator's leaves the course until that folder is ingested again.
        Raises ``NotFound``."""
        if not self._named(course, path):
            raise NotFound("There is no such document.", course=course, path=path)
        return self._enqueue(REMOVE, f"{course}:{path}", {"course": course, "path": path}, owner)

    def save_upload(self, course: str, filename: str, stream: IO[bytes], limit: int, owner: str | None = None) -> Job:
        """Keep an uploaded file and ask for it to be brought in. ``limit`` in bytes.

        Raises ``NotFound`` for an unknown course and ``UploadRefused``; then nothing is kept.
        """
        if self._library.course(course) is None:
            raise NotFound("There is no such course.", course=course)
        name = uploads.safe_name(filename, (*suffixes(), *REFUSED))
        if (why := refusal(name)) is not None:
            raise UploadRefused(why.message, reason=str(why.data["reason"]), filename=name, advice=why.message)
        folder = self._material / course
        path, sha256 = uploads.save(folder, filename, stream, limit=limit, suffixes=suffixes())
        unpacked.take_all(folder, path.name)
        # The hash makes it a job of its own: one already under way may have passed this file's place.
        return self.enqueue(Wanted(folder.resolve(), course, UPLOAD), owner, key=sha256)

    def accepted(self) -> tuple[str, ...]:
        """File name endings that can be uploaded."""
        return suffixes()

    def kinds(self) -> tuple[str, ...]:
        """The names of the formats that can be uploaded, as people know them."""
        return kinds()

    def archives(self, course: str) -> dict[str, int]:
        """The archives that documents of the course came out of, and how many did."""
        found = (unpacked.split(state.path)[0] for state in self._library.documents(course))
        return dict(sorted(Counter(archive for archive in found if archive is not None).items()))

    def jobs(self, course: str | None = None, limit: int = 50) -> tuple[Job, ...]:
        """The newest jobs about material, of one course or of all."""
        found = (job for job in self._jobs.listed(limit=limit * 2) if job.kind in KINDS)
        return tuple(job for job in found if course is None or job.arguments.get("course") == course)[:limit]

    def job(self, job: str) -> Job | None:
        return self._jobs.get(job)

    def follow(self, job: str, wait: Callable[[float], object] | None = None) -> Iterator[Job]:
        """The job each time it has changed, until it is over. Raises ``NotFound``."""
        pause = wait or self._closing.wait
        last: Job | None = None
        while last is None or last.status not in OVER:
            now = self._jobs.get(job)
            if now is None:
                raise NotFound("There is no such job.", job=job)
            if now != last:
                last = now
                yield now
            else:
                pause(0.25)

    def embedding(self, course: str | None = None) -> tuple[Job, ...]:
        """The unfinished jobs that embed, of one course or of all; oldest first."""
        found = [job for job in self._jobs.listed(EMBED) if job.status not in OVER]
        return tuple(job for job in reversed(found) if course is None or job.arguments["course"] == course)

    def _enqueue(self, kind: str, key: str, arguments: dict[str, str], owner: str | None) -> Job:
        job = self._jobs.enqueue(kind, key, arguments, owner)
        self._wake.set()
        return job

    def items_are_in(self, course: str, source: str, root: Path) -> bool:
        """Whether the folder's item files are in the bank as they are now."""
        return self._indexer.items_are_in(course, source, root)

    # -- doing it --------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Work jobs off in a thread, as soon as and as long as this process can hold the index lock."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="ingest", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop after the batch under way; what is left of the job goes on at the next start."""
        self._closing.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._indexer.close()
        self._lock.release()

    def holds_lock(self) -> bool:
        """Take the index lock if it is free; whether this process has it now."""
        try:
            self._lock.acquire()
        except IndexLocked:
            return False
        return True

    def run_pending(self, *, embed: bool = True) -> int:
        """Work off every waiting job in this thread; how many. Without ``embed`` the vectors wait for another time.

        Raises ``IndexLocked`` when another process does the work."""
        self._lock.acquire()
        count = 0
        while not self._closing.is_set() and (job := self._claim(QUICK) or (self._claim((EMBED,)) if embed else None)):
            self._work(job)
            count += 1
        return count

    def _claim(self, kinds: Sequence[str]) -> Job | None:
        return self._jobs.claim(self._worker, LEASE, kinds)

    def _between_batches(self) -> None:
        while not self._closing.is_set() and (job := self._claim(QUICK)):
            self._work(job)

    def resume(self) -> None:
        """What a start owes: the text index up to date, exercises harvested as this version does it, and a job for
        every course with vectors missing."""
        self._indexer.sync_all_text()
        self._indexer.catch_up_items()
        self._embed(course.id for course in self._library.courses())

    def _embed(self, courses: Iterable[str]) -> None:
        for course in courses:
            if self._vectors_missing(course):
                self._enqueue(EMBED, course, {"course": course}, None)

    def _vectors_missing(self, course: str) -> bool:
        """As far as can be told: a vector index that is away keeps no text waiting."""
        try:
            return self._indexer.unembedded(course)
        except IndexUnavailable as error:
            log.warning("ingest.vectors_away", course=course, code=error.code)
            return False

    def _mend(self) -> None:
        """What was lost while we run: the vectors' folder was deleted or damaged, what embeds was away, or the disk
        was full."""
        if time.monotonic() < self._mend_at:
            return
        for course in self._library.courses():
            self._indexer.catch_up_text(course.id)
            if self._vectors_missing(course.id):
                last = next(iter(self._jobs.listed(EMBED, 1, key=course.id)), None)
                if last is not None and last.status == "failed":
                    self._jobs.retry(last.id)
                else:
                    self._enqueue(EMBED, course.id, {"course": course.id}, None)
        self._mend_at = time.monotonic() + self._mend_wait

    def _embedded(self, well: bool) -> None:
        self._mend_wait = MEND if well else self._mend_wait
        self._mend_at = time.monotonic() + self._mend_wait
        self._mend_wait = MEND if well else min(2 * self._mend_wait, LONGEST_MEND)

    def _run(self) -> None:
        resumed = False
        while not self._closing.is_set():
            self._wake.clear()
            try:
                if self.holds_lock():
                    if not resumed:
                        self.resume()
                        resumed = True
                    self._mend()
                    self.run_pending()
                else:
                    resumed = False
                    self._catch_up()
            except (StoreBusy, RetrievalError) as error:
                log.warning("ingest.trouble", error=str(error), code=error.code)
            except Exception:  # the worker outlives whatever a job or the database does
                log.exception("ingest.failed")
            self._wake.wait(IDLE)

    def _catch_up(self) -> None:
        """Another process writes the vectors, perhaps on another machine; our own text index follows SQL.

        A course is synchronised when its revision has stood still between two looks: on a shared disk the writer is
        then done with the file too, and there is nothing left to do.
        """
        for course in self._library.courses():
            revision = self._library.revision(course.id)
            if self._behind.get(course.id) == revision:
                self._indexer.sync_text(course.id)
            self._behind[course.id] = revision

    def _work(self, job: Job) -> None:
        def report(stage: str, done: int, total: int, message: str | None = None) -> None:
            ours = self._jobs.progress(
                job.id, self._worker, LEASE, stage=stage, done=done, total=total, message=message
            )
            if not ours or self._closing.is_set():
                raise _Stopped(closing=ours)
            if job.kind == EMBED:
                self._between_batches()

        try:
            self._do(job, report)
        except _Stopped as stopped:
            if stopped.closing:
                self._jobs.finish(job.id, self._worker, "pending")
            return
        except StoreBusy as error:
            # Where the database can't take even this, the lease runs out.
            self._jobs.finish(job.id, self._worker, "pending", readable(error), counts=True)
            raise
        except (DiotimaError, RetrievalError) as error:
            log.warning("ingest.job_failed", job=job.id, kind=job.kind, code=error.code, error=str(error))
            self._jobs.finish(job.id, self._worker, "failed", readable(error))
            if job.kind == EMBED:
                self._embedded(False)
        except Exception as error:
            log.exception("ingest.job_failed", job=job.id, kind=job.kind)
            self._jobs.finish(job.id, self._worker, "failed", type(error).__name__)
        else:
            self._jobs.finish(job.id, self._worker, "done")
            if job.kind == EMBED:
                self._embedded(True)

    def _do(self, job: Job, report: Callable[..., None]) -> None:
        course = job.arguments.get("course", "")
        match job.kind:
            case "ingest":
                arguments = job.arguments
                # Uploads lie in a folder that every machine may see under another name.
                uploaded = arguments["source"] == UPLOAD
                path = self._material.resolve() / course if uploaded else Path(arguments["path"])
                wanted = Wanted(path, course, arguments["source"], arguments["title"], arguments["language"])
                self._indexer.ingest(wanted, report)
                self._embed((course,))
            case "embed":
                self._indexer.embed(course, report)
            case "reindex":
                courses = [course] if course else [known.id for known in self._library.courses()]
                self._indexer.reindex(courses, report)
                self._embed(courses)
            case "remove":
                self._remove(course, job.arguments["path"])
            case _:
                raise InvalidInput(f"There is no work called {job.kind}.")

    def _named(self, course: str, path: str) -> list[DocumentState]:
        """The document at ``path``, or those of the archive there."""
        inside = f"{path}/" if is_archive(path) else "\0"
        return [
            state for state in self._library.documents(course) if state.path == path or state.path.startswith(inside)
        ]

    def _remove(self, course: str, path: str) -> None:
        root = self._material / course
        states = self._named(course, path)
        for state in states:
            self._indexer.remove(course, state.path)
        if any(state.source == UPLOAD for state in states):
            archive, inner = unpacked.split(path)
            if archive is not None and self._named(course, archive):
                unpacked.leave_out(root, archive, inner)
            else:
                (root / (archive or path)).unlink(missing_ok=True)
                unpacked.take_all(root, archive or path)
        for source in sorted({state.source for state in states}):
            self._indexer.settle(course, source, None, lambda problem: None)
