"""Train every distinct cell once: `python -m course_lib.nas.build_digits201`.

Resumable: every finished training is appended to a checkpoint at once, so that a kill loses at most
the trainings in flight. Deterministic: a training depends on its form and seed alone.
"""

import argparse
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import torch

from course_lib.core import Arch, make_rng
from course_lib.datasets import ImageTask, cluttered_digits
from course_lib.nas.cells import CellSpace
from course_lib.nas.training import EPOCHS, TrainResult, train, training_rng

SUBSPACE = CellSpace(("skip_connect", "nor_conv_1x1", "nor_conv_3x3"))
DATA = Path(__file__).parents[2] / "data"
RECIPE = {"format": "digits201/1", "train": 2000, "valid": 1000, "test": 6000, "epochs": EPOCHS}

Job = tuple[str, Arch, int]
_task: ImageTask | None = None


def representatives(space: CellSpace) -> dict[str, Arch]:
    """One architecture per distinct form, by the form's text, in the space's order."""
    found: dict[str, Arch] = {}
    for arch in space:
        found.setdefault(str(space.canonical(arch)), arch)
    return found


def ordered_forms(space: CellSpace) -> dict[str, Arch]:
    """The forms in the order of computation: the sub-space's first, then the rest shuffled."""
    forms = representatives(space)
    first = [text for text in representatives(SUBSPACE) if text in forms]
    rest = [text for text in forms if text not in set(first)]
    order = torch.randperm(len(rest), generator=make_rng(201)).tolist()
    return {text: forms[text] for text in [*first, *(rest[i] for i in order)]}


class Checkpoint:
    """Finished trainings in an append-only file of JSON lines; a damaged last line is dropped."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.done: dict[tuple[str, int], dict[str, Any]] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_text(json.dumps(RECIPE) + "\n")
        head, *lines = path.read_text().splitlines(keepends=True)
        if json.loads(head) != RECIPE:
            raise ValueError(f"{path} holds trainings by another recipe: {head}expected {RECIPE}")
        for line in lines:
            if line.endswith("\n"):
                entry = json.loads(line)
                self.done[entry["form"], entry["seed"]] = entry
        if lines and not lines[-1].endswith("\n"):
            os.truncate(path, path.stat().st_size - len(lines[-1].encode()))

    def append(self, form: str, seed: int, result: TrainResult) -> None:
        entry = {
            "form": form,
            "seed": seed,
            "curve": result.curve,
            "test": round(result.test_accuracy, 6),
            "parameters": result.parameters,
            "flops": result.flops,
            "seconds": round(result.seconds, 2),
        }
        with self.path.open("a") as file:
            file.write(json.dumps(entry, separators=(",", ":")) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self.done[form, seed] = entry


def train_form(job: Job, space: CellSpace) -> tuple[Job, TrainResult]:
    """One training on one thread; the task is rendered once per process."""
    global _task
    torch.set_num_threads(1)
    if _task is None:
        _task = cluttered_digits()
    form, arch, seed = job
    rng = training_rng(form, seed)
    return job, train(space.build(arch, rng=rng), _task, rng)


def run(jobs: Iterable[Job], checkpoint: Checkpoint, space: CellSpace, n_jobs: int) -> None:
    from joblib import Parallel, delayed
    from tqdm import tqdm

    waiting = [job for job in jobs if (job[0], job[2]) not in checkpoint.done]
    parallel = Parallel(n_jobs=n_jobs, return_as="generator_unordered", batch_size=1)
    answers: Iterator[tuple[Job, TrainResult]] = parallel(
        delayed(train_form)(job, space) for job in waiting
    )
    for (form, _, seed), result in tqdm(
        answers, total=len(waiting), desc="trainings", mininterval=30
    ):
        checkpoint.append(form, seed, result)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    space = CellSpace()
    checkpoint = Checkpoint(DATA / "digits201.partial" / "trainings.jsonl")
    jobs = [(form, arch, 0) for form, arch in ordered_forms(space).items()]
    run(jobs, checkpoint, space, arguments.jobs)


if __name__ == "__main__":
    main()
