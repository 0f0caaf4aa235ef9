"""data/digits201.npz: every distinct cell of the NAS-Bench-201 space, trained.

Resumable: each finished training is on disk at once, so that a kill loses only those in flight;
call it again to go on. Deterministic: a training depends on its form and seed alone. The table is
written whenever a space is whole: first the sub-space, then the space, then with further seeds.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np

from course_lib.core import Arch
from course_lib.nas.cells import CellSpace
from course_lib.nas.plan import Job, Plan, chosen_again, shuffled, trained
from course_lib.nas.table_file import MISSING, Records, read_records, write_records
from data import FOLDER
from data.make.checkpoint import Checkpoint


def representatives(space: CellSpace) -> dict[str, Arch]:
    """The first architecture of every distinct form, by the form's text, in the space's order."""
    found: dict[str, Arch] = {}
    for arch in space:
        found.setdefault(str(space.canonical(arch)), arch)
    return found


def build_on(jobs: int, dask: str | None) -> None:
    """Build the table: with so many processes, or on the cluster of a Dask scheduler's address."""
    with ExitStack() as stack:
        if dask:
            from dask.distributed import Client
            from joblib import parallel_config

            stack.enter_context(Client(dask))
            stack.enter_context(parallel_config("dask"))
        build(Plan(), FOLDER, n_jobs=jobs)


def build(plan: Plan, folder: Path, *, n_jobs: int = 1, progress: bool = True) -> None:
    """Train what `folder` lacks, and write folder/digits201.npz from it.

    n_jobs: processes (joblib), -1 for all cores; inside `joblib.parallel_config("dask")` the
        trainings go to a cluster. The numbers do not depend on it.

    RuntimeError if another builder works in the same folder.
    """
    partial = folder / "digits201.partial"
    with alone(partial):
        checkpoint = Checkpoint(partial / "trainings.jsonl", plan.recipe)
        for space in plan.spaces:
            forms = list(representatives(space))
            jobs = [(forms[index], 0) for index in shuffled(len(forms))]
            _run(jobs, plan, checkpoint, n_jobs, progress)
            _publish(collect(checkpoint, space, plan), folder / "digits201.npz")
        _run(further_jobs(checkpoint, plan), plan, checkpoint, n_jobs, progress)
        _publish(collect(checkpoint, plan.spaces[-1], plan), folder / "digits201.npz")


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Nobody else may append to the checkpoint in `folder` meanwhile."""
    from filelock import FileLock, Timeout

    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / ".lock", timeout=0):
            yield
    except Timeout as error:
        raise RuntimeError(
            f"another builder is at work in {folder}: wait for it, or stop it first"
        ) from error


def _publish(records: Records, path: Path) -> None:
    """Write the table if it holds more than the one that is there."""
    if not path.exists() or _extent(read_records(path)) < _extent(records):
        write_records(records, path)


def _extent(records: Records) -> tuple[int, int]:
    """Strings, and trainings behind them."""
    return len(records.rows), int((records.test_right != MISSING).sum())


def further_jobs(checkpoint: Checkpoint, plan: Plan) -> list[Job]:
    """Seeds 1, 2, ... of the forms that did best with seed 0 and of some random ones."""
    forms = list(representatives(plan.spaces[-1]))
    first = np.array([checkpoint.done[form, 0].curve[-1] for form in forms])
    best, other = chosen_again(first, plan)
    chosen = dict.fromkeys([*best.tolist(), *other.tolist()])
    return [(forms[index], seed) for seed in range(1, plan.seeds) for index in chosen]


def _run(
    jobs: Sequence[Job], plan: Plan, checkpoint: Checkpoint, n_jobs: int, progress: bool
) -> None:
    """Train what is not done yet, each result into the checkpoint as it comes."""
    from joblib import Parallel, delayed
    from tqdm import tqdm

    archs = representatives(plan.spaces[-1])
    waiting = [job for job in jobs if job not in checkpoint.done]
    parallel = Parallel(n_jobs=n_jobs, return_as="generator_unordered", batch_size=1)
    answers = parallel(delayed(trained)(job, archs[job[0]], plan) for job in waiting)
    bar = tqdm(answers, desc="trainings", total=len(waiting), disable=not progress)
    for (form, seed), result, trained_on in bar:
        checkpoint.append(form, seed, result, trained_on)


def collect(checkpoint: Checkpoint, space: CellSpace, plan: Plan) -> Records:
    """The records of a space of which every form was trained with seed 0."""
    forms = list(representatives(space))
    row = {form: i for i, form in enumerate(forms)}
    seeds = 1 + max(seed for form, seed in checkpoint.done if form in row)
    valid_right = np.full((len(forms), seeds, plan.epochs), MISSING)
    test_right = np.full((len(forms), seeds), MISSING)
    seconds = np.full((len(forms), seeds), np.nan)
    for (form, seed), result in checkpoint.done.items():
        if form in row:
            valid_right[row[form], seed] = np.round(np.array(result.curve) * plan.valid)
            test_right[row[form], seed] = round(result.test_accuracy * plan.test)
            seconds[row[form], seed] = result.seconds
    first = [checkpoint.done[form, 0] for form in forms]
    return Records(
        operations=space.operations,
        rows=np.array([row[str(space.canonical(arch))] for arch in space]),
        valid_right=valid_right,
        test_right=test_right,
        valid_images=plan.valid,
        test_images=plan.test,
        parameters=np.array([result.parameters for result in first]),
        flops=np.array([result.flops for result in first]),
        seconds=np.nanmean(seconds, axis=1),
        machine="; ".join(sorted(checkpoint.machines)),
    )
