"""Material on its way into a course: jobs, uploads, and the one worker that writes the indexes.

Whoever wants material in (the CLI, a trainer's upload, the demo) puts a job into SQL. The process that holds the index
lock works the jobs off; everybody follows their progress in SQL. Reading a folder is one job; it ends with a second
one, which embeds: the text is found by its words as soon as the first is done.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO

from retrieval.errors import IndexLocked, RetrievalError
from retrieval.loaders import suffixes
from retrieval.writer_lock import WriterLock
from tutor.domain.errors import DiotimaError, InvalidInput, NotFound, StoreBusy
from tutor.domain.jobs import Job
from tutor.observe import Logger
from tutor.ports import JobQueue, Library, NewId
from tutor.services import uploads
from tutor.services.indexing import UPLOAD, Indexer, Wanted, readable
from tutor.services.uploads import UploadRefused

__all__ = ["IngestService", "UploadRefused"]

log = Logger(__name__)

INGEST, EMBED, REINDEX, REMOVE = KINDS = ("ingest", "embed", "reindex", "remove")
# Embedding takes long. The other kinds are done between two of its batches, so that new text is found at once.
QUICK = (INGEST, REINDEX, REMOVE)
LEASE = 30.0  # seconds; renewed with every report of progress
IDLE = 1.0  # seconds between two looks at the queue
OVER = ("done", "failed", "cancelled")


class _Stopped(Exception):
    """The job is no longer ours, or the process is closing."""

    def __init__(self, closing: bool) -> None:
        super().__init__()
        self.closing = closing


class IngestService:
    """See the module. ``start`` runs the worker in a thread; without it ``run_pending`` works the jobs off."""

    def __init__(
        self, library: Library, jobs: JobQueue, indexer: Indexer, lock: WriterLock, material: Path, new_id: NewId
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
        """Ask for a document to leave the course. An uploaded file is deleted; one of a folder of the operator's
        leaves the course until that folder is ingested again. Raises ``NotFound``."""
        if not any(state.path == path for state in self._library.documents(course)):
            raise NotFound("There is no such document.", course=course, path=path)
        return self._enqueue(REMOVE, f"{course}:{path}", {"course": course, "path": path}, owner)

    def save_upload(self, course: str, filename: str, stream: IO[bytes], limit: int, owner: str | None = None) -> Job:
        """Keep an uploaded file and ask for it to be brought in. ``limit`` in bytes.

        Raises ``NotFound`` for an unknown course and ``UploadRefused``; then nothing is kept.
        """
        if self._library.course(course) is None:
            raise NotFound("There is no such course.", course=course)
        folder = self._material / course
        _, sha256 = uploads.save(folder, filename, stream, limit=limit, suffixes=suffixes())
        # The hash makes it a job of its own: one already under way may have passed this file's place.
        return self.enqueue(Wanted(folder.resolve(), course, UPLOAD), owner, key=sha256)

    def accepted(self) -> tuple[str, ...]:
        """File name endings that can be uploaded."""
        return suffixes()

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
            if self._indexer.unembedded(course):
                self._enqueue(EMBED, course, {"course": course}, None)

    def _run(self) -> None:
        resumed = False
        while not self._closing.is_set():
            self._wake.clear()
            try:
                if self.holds_lock():
                    if not resumed:
                        self.resume()
                        resumed = True
                    self.run_pending()
                else:
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
        except (DiotimaError, RetrievalError) as error:
            log.warning("ingest.job_failed", job=job.id, kind=job.kind, code=error.code, error=str(error))
            self._jobs.finish(job.id, self._worker, "failed", readable(error))
        except Exception as error:
            log.exception("ingest.job_failed", job=job.id, kind=job.kind)
            self._jobs.finish(job.id, self._worker, "failed", type(error).__name__)
        else:
            self._jobs.finish(job.id, self._worker, "done")

    def _do(self, job: Job, report: Callable[..., None]) -> None:
        course = job.arguments.get("course", "")
        match job.kind:
            case "ingest":
                arguments = job.arguments
                wanted = Wanted(
                    Path(arguments["path"]), course, arguments["source"], arguments["title"], arguments["language"]
                )
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

    def _remove(self, course: str, path: str) -> None:
        state = next((s for s in self._library.documents(course) if s.path == path), None)
        if state is not None and state.source == UPLOAD:
            (self._material / course / path).unlink(missing_ok=True)
        self._indexer.remove(course, path)
        if state is not None:
            self._indexer.settle(course, state.source, None, lambda problem: None)
