"""The challenge of lab 01: a search, handed in as its histories of thirty problems.

It is graded by looking the histories up. Every problem is the measured table under other names: on
each edge the operations are numbered anew, so that only the answers tell which choice is good. The
mean of the thirty best values must reach what random search exceeds in 5 % of its attempts at the
same budget.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Generator

from course_lib.checks.guard import is_placeholder, seeded
from course_lib.checks.lab01.sections import CLAIM
from course_lib.checks.progress import grading, record
from course_lib.checks.result import Finding, Outcome, Result
from course_lib.checks.wrong import Wrong
from course_lib.core import Arch, BudgetExhausted, History, Oracle, Space, Trial
from course_lib.nas.table import Table, digits201

PROBLEMS = 30
BUDGET = 60
QUANTILE = 0.95
FILE = "challenge.json"
LAW = "better than random search at the same budget"
HINTS = (
    "Random search forgets. Keep the answers in a dictionary and never ask twice.",
    "Spend about 20 answers on random samples, then `mutate` one of the best few.",
    "`with oracle:` ends quietly when the budget is spent; choose with `randint(rng, n)`.",
)
_FORMAT = "lab01_rl_nas challenge/1"
_UNWRITTEN = "Write my_search first, then run this cell again."
_NO_FILE = f"Write my_search, then run the cell that writes {FILE}, then this one."

Search = Callable[[Space, Oracle, Generator], History]


class Disguised:
    """A table whose choices are renumbered on every edge; every question costs 1."""

    def __init__(self, table: Table, rng: Generator) -> None:
        self.space = Space(table.space.choices)
        self._table = table
        self._names = [torch.randperm(n, generator=rng).tolist() for n in table.space.choices]

    def __call__(self, arch: Arch, fidelity: int | None = None) -> Trial:
        self.space.validate(arch)
        real = tuple(names[choice] for names, choice in zip(self._names, arch, strict=True))
        return Trial(arch, self._table.measure(real).value)


def problem(variant: int, number: int, table: Table | None = None) -> Disguised:
    """Problem number 0, 1, ..., PROBLEMS - 1 of a variant: a space and its measure."""
    return Disguised(table or digits201(), seeded(variant, 100 + number))


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
    try:
        histories = [_played(search, variant, number, table) for number in range(PROBLEMS)]
    except Exception as error:
        if isinstance(error, NotImplementedError) and not error.args:
            return _UNWRITTEN
        path.unlink(missing_ok=True)
        if isinstance(error, BudgetExhausted):
            raise BudgetExhausted(f"{error}: put the loop inside `with oracle:`") from error
        raise
    text = {
        "format": _FORMAT,
        "variant": variant,
        "histories": [json.loads(history.to_json()) for history in histories],
    }
    path.write_text(json.dumps(text) + "\n", encoding="utf-8")
    best = np.mean([history.best().value for history in histories])
    return f"Wrote {path}: {PROBLEMS} histories, mean of the best values {best:.4f}."


def _played(search: Search, variant: int, number: int, table: Table | None) -> History:
    measure = problem(variant, number, table)
    oracle = Oracle(measure, BUDGET)
    search(measure.space, oracle, seeded(variant, 200 + number))
    if len(oracle.history) < BUDGET:
        raise ValueError(
            f"on problem {number} my_search asked {len(oracle.history)} questions, expected all "
            f"{BUDGET}: `while True:` inside `with oracle:` ends when they are spent"
        )
    return oracle.history


def challenge(
    path: str | Path = FILE,
    variant: int = 0,
    *,
    points: float | None = None,
    table: Table | None = None,
) -> Result:
    """All points for histories of the whole budget, every value the table's, whose mean best value
    reaches `threshold`; none otherwise."""
    finding = Finding(LAW, Outcome.NOT_ATTEMPTED, _NO_FILE)
    if Path(path).is_file():
        try:
            finding = _judged(_read(Path(path), variant), variant, table or digits201())
        except Wrong as wrong:
            finding = Finding(LAW, Outcome.FAILED, wrong.said)
    result = Result("lab01_rl_nas", "challenge", CLAIM, points, (finding,))
    record(result)
    return result


def threshold(values: np.ndarray, budget: int = BUDGET, problems: int = PROBLEMS) -> float:
    """What the mean over `problems` of the best of `budget` random draws exceeds 5 times in 100.

    The best of n uniform draws with replacement from N values is the one at rank ceil(N u^(1/n)),
    u uniform in [0, 1]; the mean of several is simulated, 20,000 times from a fixed seed.
    """
    ordered = np.sort(values)
    u = np.random.default_rng(0).random((20_000, problems))
    ranks = np.ceil(u ** (1 / budget) * len(ordered)).astype(int)
    best = ordered[np.clip(ranks, 1, len(ordered)) - 1]
    return float(np.quantile(best.mean(axis=1), QUANTILE))


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
    asked = [tuple(trial.arch for trial in history) for history in histories]
    if len(set(asked)) < len(asked):
        raise Wrong("two of the histories ask exactly the same questions: one is a copy")
    score = float(np.mean([history.best().value for history in histories]))
    needed = threshold(np.array([table.measure(arch).value for arch in table.space]))
    said = f"mean of the {PROBLEMS} best values {score:.4f}, needed {needed:.4f}"
    return Finding(LAW, Outcome.PASSED if score >= needed else Outcome.FAILED, said)


def _verify(history: History, measure: Disguised, number: int) -> None:
    if len(history) != BUDGET:
        raise Wrong(f"problem {number}: {len(history)} questions, expected {BUDGET}")
    for trial in history:
        if trial.arch not in measure.space:
            raise Wrong(f"problem {number}: {trial.arch} is outside the space")
        if abs(trial.value - measure(trial.arch).value) > 1e-9:
            raise Wrong(
                f"problem {number}: the value {trial.value} of {trial.arch} is not what the oracle "
                "answers"
            )
