"""Workers on many machines: an existing Dask cluster that shares a file system with this one.

Each task writes the part of its structure into the shared folder and hands back its name alone. Tasks are given out a
few at a time, so that a million of them do not weigh on the scheduler. No scheduler is started here.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from itertools import islice
from typing import Any

from epitope.bulk.jobs import Job
from epitope.bulk.measure import Done, Options, measure_job
from epitope.errors import MissingDependencyError, SchedulerError

PATIENCE_S = 10
"""So long it is tried to reach a scheduler, and one that went away."""
AHEAD = 4
"""Tasks given out for each thread of the cluster."""


def measure_on_cluster(jobs: Sequence[Job], options: Options, address: str) -> Iterator[tuple[Job, Done]]:
    """Measure structures on the workers of a Dask scheduler.

    Parameters
    ----------
    jobs : sequence of Job
    options : Options
        Its folder of parts, and the files, must lie on a file system that all workers share.
    address : str
        Of the scheduler, such as ``tcp://node1:8786``.

    Yields
    ------
    tuple of Job and Done
        As they are finished.

    Raises
    ------
    MissingDependencyError
        If distributed is not installed.
    SchedulerError
        If the scheduler cannot be reached, has no worker, or goes away.
    """
    try:
        import dask
        from distributed import Client, as_completed
    except ImportError as error:
        raise MissingDependencyError('--scheduler: needs distributed; pip install "epitope[distributed]"') from error
    with _quiet(), dask.config.set({"distributed.comm.timeouts.connect": f"{PATIENCE_S}s"}):
        client = _connected(Client, address)
        try:
            ahead = AHEAD * max(1, sum(client.nthreads().values()))
            todo = iter(jobs)
            given: dict[str, Job] = {}

            def submitted(n: int) -> list[Any]:
                futures = []
                for job in islice(todo, n):
                    future = client.submit(measure_job, job, options, pure=False)
                    given[future.key] = job
                    futures.append(future)
                return futures

            running = as_completed(submitted(ahead), loop=client.loop)
            for future in running:
                job = given.pop(future.key)
                yield job, _done(job, future, address)
                running.update(submitted(1))
        except (OSError, TimeoutError, CancelledError):  # a connection that broke in the middle of a question
            raise _gone(address) from None
        finally:
            client.close(timeout=1)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep to one line of our own where the library would log a lost connection with its whole history."""
    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client")]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.CRITICAL)
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _connected(client: Any, address: str) -> Any:
    """Return a client of a scheduler that has workers."""
    try:
        found = client(address, timeout=PATIENCE_S, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise SchedulerError(
            f"--scheduler {address}: cannot be reached ({type(error).__name__}); start `dask scheduler`, "
            "or give its address as tcp://HOST:8786"
        ) from None
    try:
        found.wait_for_workers(1, timeout=PATIENCE_S)
    except (OSError, TimeoutError):
        found.close(timeout=1)
        raise SchedulerError(
            f"--scheduler {address}: has no worker; start some with `dask worker {address} --nthreads 1`"
        ) from None
    return found


def _gone(address: str) -> SchedulerError:
    return SchedulerError(f"--scheduler {address}: went away; start it again and give the same command once more")


def _done(job: Job, future: Any, address: str) -> Done:
    """Return what a task handed back; of one that several workers did not survive, the file is bad."""
    if future.status == "finished":
        done: Done = future.result()
        return done
    error = future.exception() if future.status == "error" else None
    if type(error).__name__ == "KilledWorker":
        return Done(error=f"{job.file}: no worker survived it; measure it alone, with more memory")
    if error is None or isinstance(error, OSError | TimeoutError | CancelledError):
        raise _gone(address)
    said = " ".join(f"{type(error).__name__}: {error}".split())[:200]
    raise SchedulerError(f"--scheduler {address}: its workers cannot run this ({said}); install the same epitope there")
