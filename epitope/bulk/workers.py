"""Workers on this machine: a process for each core, fed one structure at a time.

A worker is a fresh interpreter that reads jobs as lines of JSON and answers in the same way. So
nothing is forked, a script that starts a survey needs no guard for its main module, and if the system ends
a worker it is known which structure it held. Not for other machines: `epitope.bulk.cluster`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict
from queue import SimpleQueue

from epitope.bulk.jobs import Job
from epitope.bulk.measure import Done, Options, measure_job

JOBS_PER_PROCESS = 200
"""After so many structures a worker is replaced, whatever its libraries have kept in memory."""
TRIES = 2
"""A structure that takes its worker with it is given to another before it is called bad."""
_BATCH = 1000
_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)
_PROGRAM = "import sys; sys.path[:] = sys.argv[1:]; from epitope.bulk.workers import answer_jobs; answer_jobs()"


def measure_here(jobs: Sequence[Job], options: Options, workers: int) -> Iterator[tuple[Job, Done]]:
    """Measure structures in processes of this machine.

    Parameters
    ----------
    jobs : sequence of Job
    options : Options
    workers : int
        Processes, each with one thread and one structure at a time.

    Yields
    ------
    tuple of Job and Done
        In the order of the jobs.
    """
    count = min(workers, len(jobs))
    pool = [Worker(options) for _ in range(count)]
    idle: SimpleQueue[Worker] = SimpleQueue()
    for worker in pool:
        idle.put(worker)

    def ask(job: Job) -> Done:
        worker = idle.get()
        try:
            return worker.measure(job)
        finally:
            idle.put(worker)

    threads = ThreadPoolExecutor(count)
    try:
        for start in range(0, len(jobs), _BATCH):  # a million futures at once would take a gigabyte
            batch = jobs[start : start + _BATCH]
            yield from zip(batch, threads.map(ask, batch), strict=True)
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
        for worker in pool:
            worker.close()
        threads.shutdown()


class Worker:
    """One process, started when it is first needed and again when it is gone or old."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._process: subprocess.Popen[str] | None = None
        self._given = 0
        self._closed = False

    def measure(self, job: Job) -> Done:
        """Have one structure measured; a process that does not survive it is replaced."""
        code = 0
        for _ in range(TRIES):
            if self._closed:
                break
            process = self._started()
            assert process.stdin is not None and process.stdout is not None
            answer = ""
            with suppress(OSError):  # a broken pipe: it is gone
                process.stdin.write(json.dumps(asdict(job)) + "\n")
                process.stdin.flush()
                answer = process.stdout.readline()
            if answer:
                return Done(**json.loads(answer))
            code = self._ended()
        what = f"ended by signal {-code}, which often means that memory ran out" if code < 0 else f"exit code {code}"
        return Done(error=f"{job.file}: its process did not survive it ({what}); measure it alone, with more memory")

    def close(self) -> None:
        """End the process at once; what it was measuring is not kept."""
        self._closed = True
        if (process := self._process) is not None:
            process.kill()
            process.wait()

    def _started(self) -> subprocess.Popen[str]:
        """Return the process, a fresh one where there is none or it has done its share."""
        if self._given >= JOBS_PER_PROCESS:
            self._ended()
        if self._process is None:
            self._given = 0
            self._process = subprocess.Popen(  # nosec B603  # no shell, a program of our own
                [sys.executable, "-c", _PROGRAM, *sys.path],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
                env={**os.environ, **_ONE_THREAD, "PYTHONUTF8": "1"},
                start_new_session=True,  # Ctrl-C is for the one who asks
            )
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(asdict(self._options)) + "\n")
        self._given += 1
        return self._process

    def _ended(self) -> int:
        """Let the process come to its end, and return its exit code."""
        process, self._process = self._process, None
        if process is None:
            return 0
        assert process.stdin is not None and process.stdout is not None
        with suppress(OSError):
            process.stdin.close()
        process.stdout.close()
        return process.wait()


def answer_jobs() -> None:
    """Be a worker: read options and jobs from standard input, answer each in a line, until it ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints must not be taken for an answer
    options = Options(**json.loads(sys.stdin.readline()))
    for line in sys.stdin:
        done = measure_job(Job(**json.loads(line)), options)
        answers.write(json.dumps(asdict(done)) + "\n")
        answers.flush()
