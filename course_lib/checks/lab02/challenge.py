"""The challenge of lab 02: a search with two prices, handed in as its histories of thirty problems.

A question costs 1 if the cell is trained alone, 1/50 if it inherits its weights from a supernet. It
is graded by looking the histories up. Every problem is the same 729 cells under other names: on
each edge the operations are numbered anew. The mean of the thirty best stand-alone accuracies must
reach what random search on stand-alone accuracies exceeds in 5 % of its attempts.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Generator

from course_lib.checks.guard import is_placeholder, seeded
from course_lib.checks.lab01.challenge import threshold
from course_lib.checks.lab02.inherited import SPACE, inherited
from course_lib.checks.lab02.sections import INHERITED
from course_lib.checks.progress import grading, record
from course_lib.checks.result import Finding, Outcome, Result
from course_lib.checks.wrong import Wrong
from course_lib.core import Arch, BudgetExhausted, History, Oracle, Space, Trial
from course_lib.nas.table import Table, digits201

PROBLEMS = 30
BUDGET = 10
CHEAP = 1
"""The fidelity of an answer with inherited weights."""
PRICE = 0.02
FILE = "challenge.json"
LAW = "better than random search at the same budget"
HINTS = (
    "Random search buys ten trainings. What do you know after two hundred inherited answers and "
    "six trainings?",
    "The supernet's answers are wrong in detail: do not train only the cell that it likes best.",
    "Ask for inherited accuracies of many random cells, sort, and train the best few alone: "
    "oracle(arch, 1), then oracle(arch).",
)
_FORMAT = "lab02_weight_sharing challenge/1"
_UNWRITTEN = "Write my_search first, then run this cell again."
_NO_FILE = f"Write my_search, then run the cell that writes {FILE}, then this one."

Search = Callable[[Space, Oracle, Generator], object]


class TwoPrices:
    """measure(arch): trained alone, cost 1; measure(arch, 1): inherited weights, cost PRICE.

    The choices are renumbered on every edge.
    """

    def __init__(self, table: Table, rng: Generator) -> None:
        self.space = Space(SPACE.choices)
        self._table = table
        self._names = [torch.randperm(n, generator=rng).tolist() for n in SPACE.choices]

    def __call__(self, arch: Arch, fidelity: int | None = None) -> Trial:
        self.space.validate(arch)
        real = tuple(names[choice] for names, choice in zip(self._names, arch, strict=True))
        if fidelity is None:
            return Trial(arch, stand_alone(self._table, real), 1.0)
        if fidelity != CHEAP:
            raise ValueError(
                f"fidelity is {fidelity}, expected {CHEAP} for inherited weights, or none at all "
                "for a training alone"
            )
        return Trial(arch, inherited()[real], PRICE)


def stand_alone(table: Table, arch: Arch) -> float:
    """The table's validation accuracy of a cell of `SPACE`."""
    return table.measure(table.space.parse(SPACE.describe(arch))).value


def problem(variant: int, number: int, table: Table | None = None) -> TwoPrices:
    """Problem number 0, 1, ..., PROBLEMS - 1 of a variant: a space and its measure."""
    return TwoPrices(table or digits201(), seeded(variant, 100 + number))


def write_challenge(
    search: Search, variant: int, path: str | Path = FILE, *, table: Table | None = None
) -> str:
    """Run the search once on every problem, write the histories, say what was written.

    While nbgrader grades, a file that was handed in stays as it is. A placeholder writes nothing. A
    search that fails leaves no file, so that an earlier one is not judged in its place.
    """
    path = Path(path)
    if grading() and path.is_file():
        return f"{path} was handed in and is graded as it is."
    if is_placeholder(search):
        return _UNWRITTEN
    table = table or digits201()
    try:
        histories = [_played(search, variant, number, table) for number in range(PROBLEMS)]
    except Exception as error:
        if isinstance(error, NotImplementedError) and not error.args:
            return _UNWRITTEN
        path.unlink(missing_ok=True)
        if isinstance(error, BudgetExhausted):
            raise BudgetExhausted(f"{error}: put the questions inside `with oracle:`") from error
        raise
    text = {
        "format": _FORMAT,
        "variant": variant,
        "histories": [json.loads(history.to_json()) for history in histories],
    }
    path.write_text(json.dumps(text) + "\n", encoding="utf-8")
    score = np.mean([best_alone(history) for history in histories])
    return f"Wrote {path}: {PROBLEMS} histories, mean of the best trained cells {score:.4f}."


def _played(search: Search, variant: int, number: int, table: Table) -> History:
    measure = problem(variant, number, table)
    oracle = Oracle(measure, BUDGET)
    search(measure.space, oracle, seeded(variant, 200 + number))
    if not any(trained_alone(trial) for trial in oracle.history):
        raise ValueError(f"on problem {number} my_search trained no cell alone: oracle(arch)")
    return oracle.history


def trained_alone(trial: Trial) -> bool:
    """Whether the answer was paid as a training, and not as an inherited accuracy."""
    return trial.cost > PRICE


def best_alone(history: History) -> float:
    """The best accuracy among the cells that were trained alone."""
    return max(trial.value for trial in history if trained_alone(trial))


def needed(table: Table) -> float:
    """What the mean best value of random search, ten trainings a problem, exceeds in 5 %."""
    values = np.array([stand_alone(table, arch) for arch in SPACE])
    return threshold(values, budget=BUDGET, problems=PROBLEMS)


def challenge(
    path: str | Path = FILE,
    variant: int = 0,
    *,
    points: float | None = None,
    table: Table | None = None,
) -> Result:
    """All points for histories within the budget, every value looked up, whose mean best trained
    cell reaches `needed`; none otherwise."""
    finding = Finding(LAW, Outcome.NOT_ATTEMPTED, _NO_FILE)
    if Path(path).is_file():
        try:
            finding = _judged(_read(Path(path), variant), variant, table or digits201())
        except Wrong as wrong:
            finding = Finding(LAW, Outcome.FAILED, wrong.said)
    result = Result("lab02_weight_sharing", "challenge", INHERITED, points, (finding,))
    record(result)
    return result


def _read(path: Path, variant: int) -> list[History]:
    """The histories in the file; Wrong says what is the matter with it."""
    again = f"run the cell that calls `write_challenge` again to write a new {FILE}"
    try:
        data: Any = json.loads(path.read_text(encoding="utf-8"))
        histories = [History.from_json(json.dumps(entry)) for entry in data["histories"]]
        whole = data["format"] == _FORMAT and len(histories) == PROBLEMS
        written_for = data["variant"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Wrong(f"{path.name} is damaged ({error}): {again}") from error
    if not whole:
        raise Wrong(f"{path.name} must hold {PROBLEMS} histories: {again}")
    if written_for != variant:
        raise Wrong(
            f"{path.name} was written for variant {written_for}, and this notebook is variant "
            f"{variant}: {again}"
        )
    return histories


def _judged(histories: list[History], variant: int, table: Table) -> Finding:
    for number, history in enumerate(histories):
        _verify(history, problem(variant, number, table), number)
    asked = [tuple((trial.arch, trial.cost) for trial in history) for history in histories]
    if len(set(asked)) < len(asked):
        raise Wrong("two of the histories ask exactly the same questions: one is a copy")
    score, least = float(np.mean([best_alone(history) for history in histories])), needed(table)
    said = f"mean of the {PROBLEMS} best trained cells {score:.4f}, needed {least:.4f}"
    return Finding(LAW, Outcome.PASSED if score >= least else Outcome.FAILED, said)


def _verify(history: History, measure: TwoPrices, number: int) -> None:
    """The history is what an oracle of this budget would have recorded."""
    oracle = Oracle(measure, BUDGET)
    for trial in history:
        if trial.arch not in measure.space:
            raise Wrong(f"problem {number}: {trial.arch} is outside the space")
        try:
            right = oracle(trial.arch) if trained_alone(trial) else oracle(trial.arch, CHEAP)
        except BudgetExhausted as error:
            raise Wrong(f"problem {number}: {error}") from error
        if abs(trial.value - right.value) > 1e-9 or abs(trial.cost - right.cost) > 1e-9:
            raise Wrong(
                f"problem {number}: value {trial.value} at cost {trial.cost} for {trial.arch} is "
                "not what the oracle answers"
            )
    if not any(trained_alone(trial) for trial in history):
        raise Wrong(f"problem {number}: no cell was trained alone")
