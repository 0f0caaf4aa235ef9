"""A class on the workers of a Dask cluster, which get each hand-in as plain data.

A worker may grade if what decides about scores is the same there as here, and if it has a sandbox.
It is asked before anything is sent, and again with every hand-in, for workers may join later. One
that dies has its hand-ins run elsewhere, whole; what nobody could run is entered nowhere.
"""

import hashlib
import platform
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from course_lib.teach.build.proof import DATA
from course_lib.teach.grade.execution import Executed, Job, execute
from course_lib.teach.grade.record import LIBRARY
from course_lib.teach.grade.runs import Runs
from course_lib.teach.grade.sandbox import check_sandbox

if TYPE_CHECKING:
    from dask.distributed import Client

_PATIENCE = 15
"""Seconds in which a scheduler must answer."""
_NO_DASK = (
    "--dask needs Dask, and it is not installed here: "
    'python -m pip install -c constraints.txt -e ".[dask]"'
)
_NO_SCHEDULER = (
    "no Dask scheduler answers at {address} ({why}). Start one with `dask scheduler`, and on every "
    "machine that helps, in its copy of this course, `dask worker {address}`"
)
_LOST = (
    "no worker could run {students} ({why}). All others are entered: look at the workers' logs, "
    "and run this command again, with --dask or without; it runs these only"
)
_NO_WORKER = "the scheduler at {address} has no workers: start some with `dask worker {address}`"


class UnfitWorker(ValueError):
    """A worker that may not grade; the message says why, and what to do."""


@contextmanager
def on_cluster(address: str, *, sandboxed: bool = True) -> Iterator[Runs]:
    """Runs on all workers of the Dask scheduler at `address`.

    ValueError: no Dask here, nobody answers there, or a worker may not grade.
    """
    try:
        from dask.distributed import Client
    except ImportError as error:
        raise ValueError(_NO_DASK) from error
    try:
        client = Client(address, timeout=_PATIENCE)
    except (OSError, ValueError) as error:
        raise ValueError(_NO_SCHEDULER.format(address=address, why=error)) from error
    with client:
        threads = client.nthreads()
        if not threads:
            raise ValueError(_NO_WORKER.format(address=address))
        here = fingerprint()
        asked = client.run(check_worker, here, sandboxed=sandboxed, on_error="return")
        _refuse_unfit(asked)
        yield Runs(sum(threads.values()), lambda jobs: _results(client, jobs, here), sandboxed)


def fingerprint() -> dict[str, str]:
    """What decides about scores: hashes of course_lib and its data, and versions."""
    sources = sorted((LIBRARY / "course_lib").rglob("*.py"))
    data = sorted(path for pattern in DATA for path in (LIBRARY / "data").glob(pattern))
    found = {"Python": platform.python_version(), "course_lib": "", "data": ""}
    for name, paths in (("course_lib", sources), ("data", data)):
        digest = hashlib.sha256()
        for path in paths:
            content = path.read_bytes()
            place = path.relative_to(LIBRARY).as_posix()
            digest.update(f"{place} {len(content)}\n".encode() + content)
        found[name] = digest.hexdigest()[:12]
    return found | {name: version(name) for name in ("numpy", "torch")}


@cache
def _no_sandbox() -> str:
    """Why no hand-in can run here in a sandbox, '' if one can."""
    try:
        check_sandbox()
    except ValueError as error:
        return str(error)
    return ""


def check_worker(wanted: Mapping[str, str], *, sandboxed: bool) -> None:
    """UnfitWorker where this process may not grade for one with the fingerprint `wanted`."""
    here = fingerprint()
    differ = [
        f"{name} ({here[name]}, not {wanted[name]})"
        for name in wanted
        if here[name] != wanted[name]
    ]
    if differ:
        raise UnfitWorker(
            f"its {', '.join(differ)} would give other scores: bring this course and its "
            "environment there (git pull, make setup), and start the worker again"
        )
    if sandboxed and (why := _no_sandbox()):
        raise UnfitWorker(why)


def execute_there(job: Job, wanted: Mapping[str, str]) -> Executed:
    """`execute` on a worker, if it may."""
    try:
        check_worker(wanted, sandboxed=job.sandboxed)
    except UnfitWorker as error:
        raise UnfitWorker(f"the worker on {platform.node()} may not grade: {error}") from error
    return execute(job)


def _refuse_unfit(asked: Mapping[str, Any]) -> None:
    """ValueError that names each worker whose answer is an error."""
    unfit = {worker: said for worker, said in asked.items() if isinstance(said, Exception)}
    if unfit:
        lines = [f"{worker}: {_reason(said)}" for worker, said in sorted(unfit.items())]
        raise UnfitWorker("\n".join(["these workers may not grade:", *lines]))


def _reason(error: BaseException) -> str:
    if isinstance(error, UnfitWorker):
        return str(error)
    return (
        f"this course's code does not run there ({type(error).__name__}: {error}); start the "
        "worker in its copy of this course, with that copy's Python"
    )


def _results(
    client: "Client", jobs: Sequence[Job], wanted: Mapping[str, str]
) -> Iterator[Executed]:
    """What came of the jobs, as they finish; what still waits goes with the client.

    OSError, after all others have come: some came to nothing, through no fault of their own.
    UnfitWorker: a worker that joined later may not grade.
    """
    from dask.distributed import as_completed

    waiting = {client.submit(execute_there, job, wanted, pure=False): job.student for job in jobs}
    lost: dict[str, Exception] = {}
    for future in as_completed(list(waiting)):
        student = waiting.pop(future)
        try:
            executed = future.result()
        except UnfitWorker:
            raise
        except Exception as error:
            lost[student] = error
        else:
            yield executed
    if lost:
        why = str(next(iter(lost.values()))).splitlines()[0]
        raise OSError(_LOST.format(students=", ".join(sorted(lost)), why=why))
