"""A survey on a Dask cluster of this machine: a scheduler and workers as their user starts them."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest
from typer.testing import CliRunner

from epitope import cli
from epitope.bulk import cluster
from epitope.errors import SchedulerError
from tests.bulk.conftest import SIDES
from tests.bulk.test_survey import contents, environment, survey

pytestmark = pytest.mark.extras


@pytest.fixture(autouse=True)
def needs_dask():
    pytest.importorskip("distributed")


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Dask:
    """A scheduler with workers, each a process."""

    def __init__(self, folder):
        self.folder = folder
        self.address = f"tcp://127.0.0.1:{free_port()}"
        self.scheduler = self._start("scheduler", "--host", self.address, "--no-dashboard", "--no-jupyter")
        self.workers = [self._worker(name) for name in "ab"]

    def _worker(self, name):
        return self._start(
            *("worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard"),
            *("--local-directory", str(self.folder / name)),
        )

    def _start(self, *arguments):
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments],
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
        )

    def close(self):
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture
def dask_cluster(tmp_path_factory):
    made = Dask(tmp_path_factory.mktemp("dask"))
    yield made
    made.close()


def start(complexes, out, address):
    asked = [sys.executable, "-m", "epitope", "survey", str(complexes), "--chains", SIDES]
    return subprocess.Popen(
        [*asked, "--out", str(out), "--scheduler", address, "--work", f"{out}.parts"],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for_parts(folder, n):
    until = time.monotonic() + 60
    while len(list(folder.glob("*/*.part"))) < n and time.monotonic() < until:
        time.sleep(0.02)


def test_with_a_worker_killed_half_way_nothing_is_lost_and_nothing_twice(complexes, tmp_path, dask_cluster):
    running = start(complexes, tmp_path / "c" / "s.csv", dask_cluster.address)
    wait_for_parts(tmp_path / "c" / "s.csv.parts", 2)
    dask_cluster.workers[0].send_signal(signal.SIGKILL)
    running.communicate(timeout=120)
    assert running.returncode == 1  # for the one broken file
    shutil.rmtree(tmp_path / "c" / "s.csv.parts")
    assert survey(complexes, "--chains", SIDES, "--out", tmp_path / "here" / "s.csv")[0] == 1
    assert contents(tmp_path / "c") == contents(tmp_path / "here")


def test_a_scheduler_that_goes_away_is_one_line_and_what_was_done_is_kept(complexes, tmp_path, dask_cluster):
    shutil.copytree(complexes, tmp_path / "in")
    os.mkfifo(tmp_path / "in" / "z.pdb")  # a file that nobody ever writes: whoever reads it waits
    running = start(tmp_path / "in", tmp_path / "s.csv", dask_cluster.address)
    wait_for_parts(tmp_path / "s.csv.parts", 1)
    dask_cluster.scheduler.send_signal(signal.SIGKILL)
    _, said = running.communicate(timeout=120)
    assert running.returncode == 2
    (line,) = said.strip().splitlines()
    assert "went away; start it again and give the same command once more" in line
    assert list((tmp_path / "s.csv.parts").glob("*/*.part"))
    assert not (tmp_path / "s.csv").exists()


@pytest.mark.parametrize("address", [f"tcp://127.0.0.1:{free_port()}", "nonsense"])
def test_a_scheduler_that_is_not_there_is_one_line(complexes, tmp_path, monkeypatch, address):
    monkeypatch.setattr(cluster, "PATIENCE_S", 1)
    result = CliRunner().invoke(
        cli.app, ["survey", str(complexes), "--out", str(tmp_path / "s.csv"), "--scheduler", address]
    )
    assert isinstance(result.exception, SchedulerError)
    assert f"--scheduler {address}: cannot be reached" in str(result.exception)
    assert not list(tmp_path.iterdir())
