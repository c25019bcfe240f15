"""What is left when things go wrong: kills, a full disk, closed streams, two runs in one folder.

Runs the commands that write files and takes something from them. What must hold: no traceback, one
line on standard error, the right exit code, the files of a folder all old or all new (or, after a kill, a
folder that says it is unfinished), what belongs to others as it was, and nothing left once the next
run is done. Kills come at random moments, half of them just when the first file shows, in a
process forked from a warm one. A full disk takes root, which mounts a small one; else it is skipped.

    nice python -m benchmarks.faults [--kills 200] [--seed 1] [--only figure,kill]
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import logging
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from benchmarks.forked import ended, forked_command
from epitope.files import UNFINISHED, temporary
from epitope.show.files import write_whole

ROOT = Path(__file__).resolve().parent.parent
NOBODY = 65534
FULL_DISK_KB = 128
WRITERS: dict[str, tuple[str, ...]] = {
    "figure": ("figure", "burial", "{variant}"),
    "view": ("view", "{variant}", "--viewer-script", "none", "--out", "{out}/m.html,pml,cxc"),
    "assess": ("assess", "{variant}", "p.Phe61del"),
    "compare": ("compare", "{own}", "blinatumomab", "--variant", "{variant}"),
    "scan": ("scan",),
    "report": ("report", "{variant}", "--viewer-script", "none", "--renderer", "flat", "--no-png"),
    "survey": ("survey", "{file}", "--chains", "{sides}", "--workers", "1", "--work", "{parts}"),
    "fetch": ("structure", "fetch", "{own}", "--cache", "{out}"),
}
"""Commands that write several files; one that is added here goes through every fault."""
FORKED = ("two runs in a folder", "kill")
"""Faults that `structure fetch` goes through: it asks a server of this process, which only its children know."""
SERVE = ("serve", "--no-browser", "--port", "0", "--viewer-script", "none")
VARIANTS = ("R163L", "ex2part")
PARTS = Path(tempfile.gettempdir(), f"epitope-faults-{os.getpid()}")
"""What surveys have measured, for all of them: what is tried is how they write."""
MINE = {"mine.txt": "somebody's own", "figures.txt": "too"}
PROGRESS = re.compile(r"\d+ of \d+ structures, .*")
State = Mapping[str, str]


def arguments(name: str, out: Path, variant: str) -> list[str]:
    """Return the arguments of a command that writes into ``out``."""
    from epitope.structure import bundled_structure
    from epitope.target import load_target

    file = bundled_structure()
    told = {"out": out, "variant": variant, "own": load_target().structure.split(".")[0], "file": file}
    if name == "survey":
        import epitope

        sides = epitope.load().complex.roles.sides
        told |= {"sides": sides if variant == VARIANTS[0] else sides[:-2], "parts": PARTS}
    words = [word.format(**told) for word in WRITERS[name]]
    return words if "--out" in words or "--cache" in words else [*words, "--out", f"{out}/"]


def state(folder: Path) -> State:
    """Return the hash of each file that a person sees in a folder, by name."""
    if not folder.is_dir():
        return {}
    names = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    return {
        str(name): hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in names
        if not name.parts[0].startswith(".epitope-staged-") and name.parts[0] != UNFINISHED
    }


def left_over(folder: Path) -> list[str]:
    """Return what killed runs have left in and beside a folder."""
    found = [*folder.parent.iterdir(), *(folder.iterdir() if folder.is_dir() else ())]
    return [path.name for path in found if path.name.startswith(".epitope-staged-") or path.name == UNFINISHED]


def forked(name: str, out: Path, variant: str) -> int:
    """Run a command that writes into ``out`` in a child of this process; return its process id.

    It runs in the folder of ``out``, whose name alone is then in the command that a result names.
    """
    return forked_command(arguments(name, Path(out.name), variant), out.parent)


class Archive(BaseHTTPRequestHandler):
    """Sends the bundled entry, whatever is asked for."""

    def do_GET(self) -> None:
        """Answer with the packed file, to whom may be gone by then."""
        from epitope.structure import bundled_structure

        data = gzip.compress(bundled_structure().read_bytes(), mtime=0)
        self.send_response(200)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        with suppress(ConnectionError):
            self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def warm() -> None:
    """Import and measure once what every run needs, and let entries be fetched from here."""
    import epitope
    from epitope.structure import fetch_structure

    server = ThreadingHTTPServer(("127.0.0.1", 0), Archive)
    Thread(target=server.serve_forever, daemon=True).start()
    fetch_structure.__kwdefaults__["sources"] = (f"http://127.0.0.1:{server.server_port}/{{id}}",)
    epitope.assess(VARIANTS)
    loaded = epitope.load()
    _ = loaded.residues, loaded.interface


def kills(name: str, count: int, dice: random.Random) -> Counter[str]:
    """Kill a command at random moments and count what was found."""
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as scratch:
        old, new, fresh = (Path(scratch, kind, "out") for kind in ("old", "new", "fresh"))
        for out in (old, new, fresh):
            out.parent.mkdir()
        start = time.monotonic()
        ended(forked(name, old, VARIANTS[0]))
        seconds = time.monotonic() - start
        for file, text in MINE.items():
            (old / file).write_text(text)
        shutil.copytree(old, new)
        for out in (new, fresh):
            ended(forked(name, out, VARIANTS[1]))
        complete = {True: (state(old), state(new)), False: ({}, state(fresh))}
        for number in range(count):
            there = bool(number % 2)
            place = Path(scratch, f"run{number}")
            place.mkdir()
            out = place / "out"
            if there:
                shutil.copytree(old, out)
            child = forked(name, out, VARIANTS[1])
            _kill(child, out, dice.uniform(0, seconds) if number % 4 < 2 else None, dice)
            was_killed = ended(child) == -signal.SIGKILL
            found["killed" if was_killed else "had ended"] += 1
            now, signs = state(out), left_over(out)
            if UNFINISHED in signs:
                found["said to be unfinished"] += 1
            elif now not in complete[there]:
                found["BROKEN: files in part, without a sign"] += 1
            found["left a staging folder"] += any(sign != UNFINISHED for sign in signs)
            write_whole(out / "s.json", b"")
            after = {file: digest for file, digest in state(out).items() if file != "s.json"}
            if left_over(out):
                found["BROKEN: left over after the next run"] += 1
            if after not in complete[there]:
                found["BROKEN: files in part after the next run"] += 1
            shutil.rmtree(place)
    return found


def _kill(child: int, out: Path, moment: float | None, dice: random.Random) -> None:
    """Kill a child after a time, or, without one, just when its first file shows."""
    if moment is not None:
        time.sleep(moment)
    else:
        before = _looks(out)
        while _looks(out) == before and os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            pass
        time.sleep(dice.choice((0, 0, 0.0002, 0.001)))
    os.kill(child, signal.SIGKILL)


def _looks(out: Path) -> tuple[str, ...]:
    """Return the entries of a folder, without the hidden ones: cheap enough to be asked all the time."""
    try:
        return tuple(f"{e.name}{e.inode()}" for e in os.scandir(out) if not e.name.startswith("."))
    except OSError:
        return ()


def run(
    words: Sequence[str],
    *,
    shell: str = "",
    before: Sequence[str] = (),
    env: Mapping[str, str | None] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a command as its user does; ``shell`` is written behind it, ``env`` changes variables or takes them."""
    changed = {**os.environ, "PYTHONPATH": str(ROOT), "EPITOPE_OFFLINE": "1", **(env or {})}
    environment = {key: value for key, value in changed.items() if value is not None}
    command = [*before, sys.executable, "-m", "epitope", *words]
    if shell:
        command = ["sh", "-c", f'"$@" {shell}', "sh", *command]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=600, check=False)


def judged(result: subprocess.CompletedProcess[str], codes: Sequence[int], lines: int | None = 1) -> str:
    """Say what is wrong with an end, "" where nothing is."""
    said = [line for line in result.stderr.strip().splitlines() if not PROGRESS.fullmatch(line)]
    if "Traceback" in result.stderr:
        return f"traceback: {said[-1]}"
    if result.returncode not in codes:
        return f"exit code {result.returncode}: {' '.join(said)[:200]}"
    return f"{len(said)} lines on stderr: {said[:3]}" if lines is not None and len(said) != lines else ""


def full_disk(name: str, scratch: Path) -> str | None:
    """Let a command write where there is no room."""
    place = scratch / "small"
    place.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", f"size={FULL_DISK_KB}k", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mounted, capture_output=True, check=False).returncode:
        return None
    try:
        with suppress(OSError), (place / "filler").open("wb", buffering=0) as filler:
            while filler.write(b"x" * 1024):
                pass
        wrong = judged(run(arguments(name, place / "out", VARIANTS[0])), [2])
        return wrong or ("" if [path.name for path in place.iterdir()] == ["filler"] else "something is left")
    finally:
        subprocess.run(["umount", str(place)], check=False)


def read_only(name: str, scratch: Path) -> str | None:
    """Let a plain user write into a folder that is not theirs; root gives up what it may do beyond that."""
    place = scratch / "out"
    place.mkdir()
    (place / "mine.txt").write_text("x")
    place.chmod(0o555)
    plain: tuple[str, ...] = ()
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            return None
        plain = ("setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner")
        os.chown(place, NOBODY, NOBODY)
    result = run(arguments(name, place, VARIANTS[0]), before=plain)
    place.chmod(0o755)
    return judged(result, [2]) or ("" if set(state(place)) == {"mine.txt"} else "something was written")


def no_home(name: str, scratch: Path) -> str:
    """Run with neither HOME nor a folder for temporary files."""
    missing = str(scratch / "missing")
    result = run(arguments(name, scratch / "out", VARIANTS[0]), env={"HOME": None, "TMPDIR": missing})
    return judged(result, [0], None) or ("" if state(scratch / "out") else "nothing was written")


def closed_output(name: str, scratch: Path) -> str:
    """Run with standard output closed: the files are written all the same."""
    result = run(arguments(name, scratch / "out", VARIANTS[0]), shell=">&-")
    return judged(result, [0], None) or ("" if state(scratch / "out") else "nothing was written")


def full_output(name: str, scratch: Path) -> str:
    """Run with a standard output that takes nothing."""
    return judged(run(arguments(name, scratch / "out", VARIANTS[0]), shell=">/dev/full"), [1, 2])


def closed_input(name: str, scratch: Path) -> str:
    """Run with standard input closed."""
    result = run(arguments(name, scratch / "out", VARIANTS[0]), shell="<&-")
    return judged(result, [0], None) or ("" if state(scratch / "out") else "nothing was written")


def two_runs(name: str, scratch: Path) -> str:
    """Run twice at once into one folder."""
    alone, out = scratch / "alone" / "out", scratch / "out"
    alone.parent.mkdir()
    children = [forked(name, out, variant) for variant in VARIANTS]
    codes = [ended(child) for child in children]
    if any(codes):
        return f"exit codes {codes}"
    states = []
    for order in (VARIANTS, VARIANTS[::-1]):
        for variant in order:
            ended(forked(name, alone, variant))
        states.append(state(alone))
        shutil.rmtree(alone)
    return "" if state(out) in states else "the files are of two runs"


def file_in_the_way(name: str, scratch: Path) -> str:
    """Have a file where the folder should be made."""
    (scratch / "out").write_text("mine")
    wrong = judged(run(arguments(name, scratch / "out", VARIANTS[0])), [2])
    return wrong or ("" if (scratch / "out").read_text() == "mine" else "the file is gone")


def others_files(name: str, scratch: Path) -> str:
    """Write into a folder of somebody else's files, and folders with the names of files."""
    out = scratch / "out"
    ended(forked(name, out, VARIANTS[0]))
    files = sorted(name for name in state(out) if "/" not in name)
    shutil.rmtree(out)
    (out / files[-1]).mkdir(parents=True)
    (out / "mine.txt").write_text("mine")
    wrong = judged(run(arguments(name, out, VARIANTS[0])), [2])
    return wrong or ("" if set(state(out)) == {"mine.txt"} else "files in part")


def ended_server(end: signal.Signals, count: int, dice: random.Random) -> Counter[str]:
    """End servers, most of them once their folder shows; count what they left, and what is left after the next."""
    found: Counter[str] = Counter()
    before = tempfile.tempdir
    for number in range(count):
        with tempfile.TemporaryDirectory() as scratch:
            tempfile.tempdir = scratch
            child = forked_command(SERVE, Path(scratch))
            while number % 4 and not any(Path(scratch).iterdir()):
                time.sleep(0.001)
            time.sleep(dice.choice((0, 0.01, dice.uniform(0, 2))))
            os.kill(child, end)
            code = ended(child)
            found[f"ended with {code}"] += 1
            left = any(Path(scratch).iterdir())
            found["left a folder"] += left
            found["BROKEN: left a folder"] += left and end is not signal.SIGKILL
            with temporary():
                pass
            found["BROKEN: left over after the next start"] += any(Path(scratch).iterdir())
            tempfile.tempdir = before
    return +found


FAULTS: dict[str, Callable[[str, Path], str | None]] = {
    "full disk": full_disk,
    "read-only folder": read_only,
    "no HOME nor TMPDIR": no_home,
    "stdout closed": closed_output,
    "stdout full": full_output,
    "stdin closed": closed_input,
    "two runs in a folder": two_runs,
    "a file in the way": file_in_the_way,
    "folders in the way": others_files,
}
"""Each says what is wrong, "" where all holds, ``None`` where it cannot be tried here."""
KILL = "kill"
ENDS = {KILL: signal.SIGKILL, "SIGTERM": signal.SIGTERM}
"""How `epitope serve` is ended."""


def main() -> int:
    """Try every fault; return 1 if one breaks something."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=60, help="in all, shared among the commands")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", metavar="A,B", help="commands and faults; kill is one of these")
    options = parser.parse_args()
    os.environ["EPITOPE_OFFLINE"] = "1"
    chosen = set(filter(None, options.only.split(",")))
    asked = [name for name in (*WRITERS, SERVE[0]) if name in chosen] or [*WRITERS, SERVE[0]]
    names = [name for name in WRITERS if name in asked]
    faults = [fault for fault in (*FAULTS, KILL) if fault in chosen] or [*FAULTS, KILL]
    dice, broken = random.Random(options.seed), False
    logging.disable()  # what the next run says of the killed one
    warm()
    for name in names:
        for fault in (fault for fault in faults if name != "fetch" or fault in FORKED):
            if fault == KILL:
                found = kills(name, -(-options.kills // len(asked)), dice)
                verdict = counted(found)
                broken |= "BROKEN" in verdict
            else:
                with tempfile.TemporaryDirectory() as scratch:
                    wrong = FAULTS[fault](name, Path(scratch))
                verdict = "not tried here" if wrong is None else wrong or "holds"
                broken |= bool(wrong)
            print(f"{name:8s}  {fault:22s}  {verdict}", flush=True)
    for fault, end in ENDS.items() if SERVE[0] in asked else ():
        verdict = counted(ended_server(end, -(-options.kills // len(asked)), dice))
        broken |= "BROKEN" in verdict
        print(f"{SERVE[0]:8s}  {fault:22s}  {verdict}", flush=True)
    shutil.rmtree(PARTS, ignore_errors=True)
    return int(broken)


def counted(found: Counter[str]) -> str:
    """Write what was counted in a line."""
    return ", ".join(f"{what}: {n}" for what, n in found.items() if n)


if __name__ == "__main__":
    raise SystemExit(main())
