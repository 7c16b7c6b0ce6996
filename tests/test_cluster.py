"""The same work on a Dask cluster, of two worker processes of this computer."""

import os
import signal
import subprocess
import sys

import pytest
from test_kill import contents, make_dumps

from fic2epub.builder.options import PublishOptions
from fic2epub.errors import UsageError
from fic2epub.library.book import MakeOptions
from fic2epub.library.cluster import cluster_in_order
from fic2epub.library.update import LibraryRun, RunOptions

pytest.importorskip("distributed")

PLAIN = MakeOptions(publish=PublishOptions(cover="none"))

WORKER = """
import sys
from distributed.cli.dask_worker import main
main(sys.argv[1:], standalone_mode=False)
"""
SCHEDULER = WORKER.replace("dask_worker", "dask_scheduler")


def start(script, *arguments, log):
    return subprocess.Popen([sys.executable, "-c", script, *arguments], stdout=log, stderr=log)


@pytest.fixture
def cluster(tmp_path):
    """A scheduler's address and two worker processes."""
    address_file = tmp_path / "scheduler.json"
    with (tmp_path / "log").open("wb") as log:
        processes = [
            start(
                SCHEDULER,
                "--host",
                "127.0.0.1",
                "--port",
                "0",
                "--no-dashboard",
                "--scheduler-file",
                str(address_file),
                log=log,
            )
        ]
        for _ in range(2):
            processes.append(
                start(
                    WORKER,
                    "--scheduler-file",
                    str(address_file),
                    "--nthreads",
                    "1",
                    "--no-dashboard",
                    "--no-nanny",
                    "--local-directory",
                    str(tmp_path / "scratch"),
                    "--host",
                    "127.0.0.1",
                    log=log,
                )
            )
        try:
            yield _address(address_file, processes[0]), processes[1:]
        finally:
            for process in reversed(processes):
                process.kill()
                process.wait()


def _address(file, scheduler):
    """What the scheduler writes once it listens."""
    import json
    import time

    for _ in range(600):
        if file.exists() and (text := file.read_text()):
            return json.loads(text)["address"]
        assert scheduler.poll() is None, "the scheduler has ended"
        time.sleep(0.1)
    raise AssertionError("no scheduler after a minute")


def keep(dumps, books, *, kill=None, **values):
    """One run; ``kill`` is a worker to be ended in its middle."""
    with LibraryRun(books, RunOptions(make=PLAIN, **values)) as run:
        plan = run.find([dumps])
        done = []
        for outcome in run.outcomes():
            done.append(outcome)
            if kill is not None and len(done) == len(plan.tasks) // 2:
                kill.send_signal(signal.SIGKILL)
        return done


def compare(tmp_path, cluster, number):
    address, workers = cluster
    dumps = make_dumps(tmp_path / "dumps", number)
    local = keep(dumps, tmp_path / "local", jobs=1)
    far = keep(dumps, tmp_path / "far", scheduler=address, kill=workers[0])
    assert workers[0].wait() == -signal.SIGKILL
    assert [(one.dump, one.status) for one in far] == [(one.dump, one.status) for one in local]
    assert contents(tmp_path / "far") == contents(tmp_path / "local")
    assert {one.status.value for one in far} == {"made", "duplicate"}


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_a_cluster_that_loses_a_worker_makes_the_same_books(tmp_path, cluster):
    compare(tmp_path, cluster, 40)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_five_hundred_dumps_on_a_cluster_that_loses_a_worker(tmp_path, cluster):
    compare(tmp_path, cluster, 500)


def end_process(item):
    if item == 3:
        os._exit(9)
    return item * 2


def test_nobody_at_the_address_is_told(monkeypatch):
    monkeypatch.setattr("fic2epub.library.cluster.PATIENCE", 1)
    with pytest.raises(UsageError, match="no Dask scheduler answers there"):
        list(cluster_in_order(end_process, [1], address="tcp://127.0.0.1:1", died=str))
