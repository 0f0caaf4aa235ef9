"""Train every distinct cell: `python -m course_lib.nas.build_digits201` writes data/digits201.npz.

Resumable: each finished training is on disk at once, so that a kill loses only those in flight;
call it again to go on. Deterministic: a training depends on its form and seed alone. The table is
written whenever a space is whole: first the sub-space, then the space, then with further seeds.
"""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from inspect import signature
from pathlib import Path

import numpy as np
import torch

from course_lib.core import Arch, make_rng
from course_lib.core.threads import one_thread
from course_lib.datasets import ImageTask, cluttered_digits
from course_lib.nas.cells import CellSpace
from course_lib.nas.checkpoint import Checkpoint
from course_lib.nas.datasheet import renew
from course_lib.nas.table import Table
from course_lib.nas.table_file import MISSING, Records, read_records, write_records
from course_lib.nas.training import EPOCHS, TrainResult, train, training_rng

SUBSPACE = CellSpace(("skip_connect", "nor_conv_1x1", "nor_conv_3x3"))
DATA = Path(__file__).parents[2] / "data"

Job = tuple[str, int]
"""The text of a form, and a seed."""


@dataclass(frozen=True)
class Plan:
    """What is trained: the forms of `spaces`, each space within the next, in that order.

    train, valid, test: pictures. The `best` forms of the last space and `other` random ones are
    trained with `seeds` seeds, the rest with one.
    """

    spaces: tuple[CellSpace, ...] = (SUBSPACE, CellSpace())
    train: int = 2000
    valid: int = 1000
    test: int = 10_000
    epochs: int = EPOCHS
    best: int = 600
    other: int = 300
    seeds: int = 3

    @property
    def recipe(self) -> dict[str, object]:
        """What two trainings must have in common to be compared."""
        pictures = {"train": self.train, "valid": self.valid, "test": self.test}
        steps = {
            name: parameter.default
            for name, parameter in signature(train).parameters.items()
            if name in ("batch", "learning_rate", "momentum", "weight_decay")
        }
        return {"format": "digits201/2", **pictures, "epochs": self.epochs, **steps}


def representatives(space: CellSpace) -> dict[str, Arch]:
    """The first architecture of every distinct form, by the form's text, in the space's order."""
    found: dict[str, Arch] = {}
    for arch in space:
        found.setdefault(str(space.canonical(arch)), arch)
    return found


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
            jobs = [(forms[index], 0) for index in _shuffle(len(forms))]
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


def chosen_again(first: np.ndarray, plan: Plan) -> tuple[np.ndarray, np.ndarray]:
    """Which networks are trained with further seeds, as indices: the best and some random ones.

    first: (networks,) final values with the first seed.
    """
    best = np.argsort(-first, kind="stable")[: plan.best]
    return best, _shuffle(len(first))[: plan.other]


def _shuffle(count: int) -> np.ndarray:
    """The indices below count in the order in which forms are trained."""
    return torch.randperm(count, generator=make_rng(201)).numpy()


def _run(
    jobs: Sequence[Job], plan: Plan, checkpoint: Checkpoint, n_jobs: int, progress: bool
) -> None:
    """Train what is not done yet, each result into the checkpoint as it comes."""
    from joblib import Parallel, delayed
    from tqdm import tqdm

    archs = representatives(plan.spaces[-1])
    waiting = [job for job in jobs if job not in checkpoint.done]
    parallel = Parallel(n_jobs=n_jobs, return_as="generator_unordered", batch_size=1)
    answers = parallel(delayed(_train)(job, archs[job[0]], plan) for job in waiting)
    bar = tqdm(answers, desc="trainings", total=len(waiting), disable=not progress)
    for (form, seed), result, trained_on in bar:
        checkpoint.append(form, seed, result, trained_on)


def _train(job: Job, arch: Arch, plan: Plan) -> tuple[Job, TrainResult, str]:
    """One training, on one thread, and the kind of machine that it ran on."""
    form, seed = job
    rng = training_rng(form, seed)
    with one_thread():
        network = plan.spaces[-1].build(arch, rng=rng)
        task = _pictures(plan.train, plan.valid, plan.test)
        return job, train(network, task, rng, epochs=plan.epochs), machine()


@lru_cache(maxsize=1)
def _pictures(train: int, valid: int, test: int) -> ImageTask:
    """Rendered once per process."""
    return cluttered_digits(train=train, valid=valid, test=test)


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


def machine() -> str:
    """What decides the last bits of a training: torch and the instructions that it may use."""
    return f"torch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}"


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m course_lib.nas.build_digits201")
    parser.add_argument("--jobs", type=int, default=-1, help="processes (default: one per core)")
    parser.add_argument("--dask", metavar="ADDRESS", help="scheduler of a Dask cluster to run on")
    parser.add_argument(
        "--report", action="store_true", help="train nothing, renew the numbers in data/README.md"
    )
    options = parser.parse_args(arguments)
    if options.report:
        renew(DATA / "README.md", Table.from_records(read_records(DATA / "digits201.npz")))
        return
    with ExitStack() as stack:
        if options.dask:
            from dask.distributed import Client
            from joblib import parallel_config

            stack.enter_context(Client(options.dask))  # type: ignore[no-untyped-call]
            stack.enter_context(parallel_config("dask"))
        build(Plan(), DATA, n_jobs=options.jobs)


if __name__ == "__main__":
    # the worker processes must find the functions in the module, not in __main__
    from course_lib.nas import build_digits201

    build_digits201.main()
