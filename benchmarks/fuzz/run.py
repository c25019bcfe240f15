"""Damaged inputs by the thousand: each gives a result or the package's own error.

    python -m benchmarks.fuzz DOOR --cases N --seed S [--minutes M] [--workers W] [--keep FOLDER]
    python -m benchmarks.fuzz --replay FILE

DOOR is one of those of `benchmarks.fuzz.doors`. A case is broken where it ends in another error than
`EpitopeError`, in a message of several lines, in a dead process, after more than 10 s of computing or
with more than 2 GB. Cases run in processes of their own; a broken one is stored in FOLDER, its traceback
beside it, and ``--replay`` opens it in this process. The exit code is 1 where a case was broken.
"""

from __future__ import annotations

import argparse
import logging
import math
import multiprocessing
import random
import re
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from benchmarks.fuzz.doors import DOORS, Door

SECONDS, MEGABYTES = 10.0, 2_000
CHUNK = 50
STUCK_S = 600
"""After this time by the clock a case waits for something; a busy machine alone is no fault."""
_CONTEXT = multiprocessing.get_context("spawn")


@dataclass
class Summary:
    """What became of the cases."""

    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, int] = (0.0, -1)


def case_of(door: str, seed: int, number: int) -> bytes:
    """Make one case; it depends on nothing else."""
    return DOORS[door].make(random.Random(f"{door} {seed} {number}"))


def outcome_of(door: Door, case: bytes) -> tuple[str, str]:
    """Open a case; return "result", "refused" or "broken", and why it is broken."""
    from epitope.errors import EpitopeError

    with tempfile.TemporaryDirectory(prefix="epitope-fuzz-") as folder:
        try:
            door.open(case, Path(folder))
        except EpitopeError as error:
            message = str(error)
            message.encode()
            if "\n" in message or not message.isprintable() or len(message) > 5_000:
                return "broken", f"a message of {len(message)} characters: {message[:300]!r}"
            return "refused", ""
        except KeyboardInterrupt:
            raise
        except BaseException:  # native code raises what is no Exception
            return "broken", traceback.format_exc()
    return "result", ""


def _work(door: str, seed: int, pipe: Connection) -> None:
    """Take chunks of numbers; before each case say which, after it what became of it.

    A timer of the computing time ends the process where a case does not come back, in native code too.
    """
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    limit = 3 * MEGABYTES * 1_000_000
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    while (numbers := pipe.recv()) is not None:
        for number in numbers:
            case = case_of(door, seed, number)
            begin = time.process_time()
            pipe.send(("open", number, "", 0.0))
            signal.setitimer(signal.ITIMER_PROF, 2 * SECONDS)
            kind, why = outcome_of(DOORS[door], case)
            signal.setitimer(signal.ITIMER_PROF, 0)
            seconds = time.process_time() - begin
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_000
            if seconds > SECONDS and kind != "broken":
                kind, why = "broken", f"{seconds:.0f} s"
            if peak > MEGABYTES and kind != "broken":
                kind, why = "broken", f"{peak} MB"
            pipe.send((kind, number, why, seconds))
        pipe.send(("more", -1, "", 0.0))


@dataclass
class _Worker:
    process: BaseProcess
    pipe: Connection
    left: list[int]
    current: int = -1
    since: float = 0.0


class _Run:
    """Hands the numbers of cases to workers, and notes what became of each."""

    def __init__(self, door: str, cases: int, seed: int, keep: Path, minutes: float) -> None:
        self.door, self.seed, self.keep = door, seed, keep
        self.until = time.monotonic() + 60 * minutes
        self.summary = Summary()
        self.numbers = list(range(cases))[::-1]
        self.running: list[_Worker] = []

    def start(self, left: list[int]) -> None:
        ours, theirs = _CONTEXT.Pipe()
        process = _CONTEXT.Process(target=_work, args=(self.door, self.seed, theirs), daemon=True)
        process.start()
        theirs.close()
        ours.send(left)
        self.running.append(_Worker(process, ours, left))

    def chunk(self) -> list[int]:
        if time.monotonic() > self.until:
            return []
        return [self.numbers.pop() for _ in range(min(CHUNK, len(self.numbers)))]

    def note(self, kind: str, number: int, why: str, seconds: float) -> None:
        self.summary.outcomes[kind] += 1
        self.summary.slowest = max(self.summary.slowest, (seconds, number))
        if kind == "broken":
            reason = _last_line(why)
            self.summary.reasons[reason] += 1
            if self.summary.reasons[reason] <= 3:
                self.keep.mkdir(parents=True, exist_ok=True)
                path = self.keep / f"{self.door}.{self.seed}.{number}.case"
                path.write_bytes(case_of(self.door, self.seed, number))
                path.with_suffix(".txt").write_text(why, errors="replace")

    def listen(self, worker: _Worker) -> None:
        """Take what a worker says; it is done where it is no longer among the running."""
        while worker.pipe.poll():
            kind, number, why, seconds = worker.pipe.recv()
            if kind == "open":
                worker.current, worker.since = number, time.monotonic()
            elif kind == "more":
                worker.left = self.chunk()
                worker.pipe.send(worker.left or None)
                if not worker.left:
                    self.running.remove(worker)
                    return
            else:
                worker.left.remove(number)
                worker.current = -1
                self.note(kind, number, why, seconds)

    def replace(self, worker: _Worker, why: str) -> None:
        """End a worker that is stuck or dead, and let another take what it left."""
        worker.process.kill()
        worker.process.join()
        if worker.current < 0:
            raise SystemExit(f"a worker ended before its first case ({worker.process.exitcode})")
        self.note("broken", worker.current, f"{why} ({worker.process.exitcode})", time.monotonic() - worker.since)
        worker.left.remove(worker.current)
        self.running.remove(worker)
        if left := worker.left or self.chunk():
            self.start(left)

    def go(self, workers: int) -> Summary:
        for _ in range(workers):
            if left := self.chunk():
                self.start(left)
        while self.running:
            wait([worker.pipe for worker in self.running], timeout=1.0)
            for worker in list(self.running):
                try:
                    self.listen(worker)
                except (EOFError, ConnectionError):
                    self.replace(worker, "the process died")
                    continue
                if worker.current >= 0 and time.monotonic() - worker.since > STUCK_S:
                    self.replace(worker, f"gave no answer in {STUCK_S} s")
        return self.summary


def run(door: str, cases: int, seed: int, workers: int, keep: Path, minutes: float = math.inf) -> Summary:
    """Run the cases of a door, as many as the time allows, and store the broken ones."""
    return _Run(door, cases, seed, keep, minutes).go(workers)


def _last_line(why: str) -> str:
    lines = [line for line in why.strip().splitlines() if line.strip()]
    places = re.findall(r'epitope/(\S+\.py)", line (\d+)', why)
    where = f" at {places[-1][0]}:{places[-1][1]}" if places else ""
    return f"{lines[-1][:100] if lines else ''}{where}"


def main() -> None:
    """Run what was asked for, and print the summary."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("door", nargs="?", choices=DOORS)
    parser.add_argument("--cases", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=math.inf, help="no new cases after this time")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path("broken"))
    parser.add_argument("--replay", type=Path)
    given = parser.parse_args()
    if given.replay:
        begin = time.monotonic()
        kind, why = outcome_of(DOORS[given.replay.name.split(".")[0]], given.replay.read_bytes())
        print(f"{kind} after {time.monotonic() - begin:.2f} s\n{why}")
        sys.exit(kind == "broken")
    if not given.door:
        parser.error("name a door, or --replay FILE")
    begin = time.monotonic()
    summary = run(given.door, given.cases, given.seed, given.workers, given.keep, given.minutes)
    counts = ", ".join(f"{summary.outcomes[kind]:,} {kind}" for kind in ("result", "refused", "broken"))
    seconds, number = summary.slowest
    print(
        f"{given.door}, seed {given.seed}: {sum(summary.outcomes.values()):,} cases, {counts}; "
        f"slowest {seconds:.2f} s (case {number}); {time.monotonic() - begin:.0f} s in all"
    )
    for reason, count in summary.reasons.most_common():
        print(f"{count:6d}  {reason}")
    sys.exit(bool(summary.outcomes["broken"]))
