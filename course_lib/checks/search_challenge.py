"""A search as a challenge, handed in as its histories of thirty problems and looked up.

Every problem is the same measure under other names: on each edge the operations are numbered anew,
so that only the answers tell which choice is good.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Generator

from course_lib.checks.artefact import Artefact, damaged, write_again
from course_lib.checks.result import Result
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Wrong
from course_lib.core import Arch, BudgetExhausted, History, Measure, Oracle, Space, Trial
from course_lib.nas.table import Table, digits201

PROBLEMS = 30
QUANTILE = 0.95
FILE = "challenge.json"

Search = Callable[[Space, Oracle, Generator], object]


class Disguised:
    """A measure on `space` whose choices are renumbered on every edge."""

    def __init__(self, space: Space, measure: Measure, rng: Generator) -> None:
        self.space = Space(space.choices)
        self._measure = measure
        self._names = [torch.randperm(n, generator=rng).tolist() for n in space.choices]

    def __call__(self, arch: Arch, fidelity: int | None = None, /) -> Trial:
        self.space.validate(arch)
        real = tuple(names[choice] for names, choice in zip(self._names, arch, strict=True))
        return replace(self._measure(real, fidelity), arch=arch)


class Counted:
    """A measure that counts how often it is asked."""

    def __init__(self, measure: Disguised) -> None:
        self.measure = measure
        self.asked = 0

    def __call__(self, arch: Arch, fidelity: int | None = None, /) -> Trial:
        self.asked += 1
        return self.measure(arch, fidelity)


@dataclass(frozen=True)
class SearchChallenge:
    """The mean score of the thirty histories must reach what is needed.

    fidelities: by what an answer costs. posed: the table -> the space, and what a search asks.
    score: of a history; Wrong, in words after "my_search ", where it lacks something.
    scored: the name of the scores. needed: the table -> the least mean score.
    salt: another one gives other problems, should luck pass those of the usual variant.
    """

    artefact: Artefact
    budget: float
    fidelities: Mapping[float, int | None]
    posed: Callable[[Table], tuple[Space, Measure]]
    score: Callable[[History], float]
    scored: str
    needed: Callable[[Table], float]
    salt: int = 0

    def problem(self, variant: int, number: int, table: Table | None = None) -> Disguised:
        """Problem number 0, 1, ..., PROBLEMS - 1 of a variant: a space and its measure."""
        table = table or digits201()
        return Disguised(*self.posed(table), seeded(variant, 1100 + self.salt + number))

    def write(
        self, search: Search, variant: int, path: str | Path = FILE, *, table: Table | None = None
    ) -> str:
        """Run the search once on every problem, write the histories, say what was written."""
        path, table = Path(path), table or digits201()

        def histories_into_file() -> str:
            histories, scores = [], []
            for number in range(PROBLEMS):
                histories.append(self.play(search, variant, number, table))
                scores.append(self._score(histories[-1], number))
            entries = [json.loads(history.to_json()) for history in histories]
            data = {"format": self._format, "variant": variant, "histories": entries}
            path.write_text(json.dumps(data) + "\n", encoding="utf-8")
            reached = f"mean of the {self.scored} {np.mean(scores):.4f}"
            needed = f"needed {self.needed(table):.4f}"
            return f"Wrote {path}: {PROBLEMS} histories, {reached}, {needed}."

        return self.artefact.write(path, search, histories_into_file)

    def play(self, search: Search, variant: int, number: int, table: Table) -> History:
        """The history of the search on one problem."""
        measure = Counted(self.problem(variant, number, table))
        oracle = Oracle(measure, self.budget)
        try:
            search(measure.measure.space, oracle, seeded(variant, 200 + number))
        except BudgetExhausted as error:
            raise BudgetExhausted(f"{error}: put the questions inside `with oracle:`") from error
        if (free := measure.asked - len(oracle.history)) > 1:  # one may have been too dear
            raise ValueError(
                f"problem {number}: {free} values were measured and not paid for. Ask "
                "oracle(arch); oracle.measure is what the oracle itself asks"
            )
        return oracle.history

    def judge(
        self,
        path: str | Path = FILE,
        variants: Sequence[int] = (0,),
        *,
        points: float | None = None,
        table: Table | None = None,
    ) -> Result:
        """All points for histories within the budget, every value looked up, whose mean score
        reaches what is needed; none otherwise.

        variants: the one that the file was written for.
        """
        (variant,) = variants
        table = table or digits201()

        def scored(path: Path) -> tuple[str, float, float]:
            histories = self._read(path, variant)
            scores = []
            for number, history in enumerate(histories):
                scores.append(self._score(history, number))
                self._verify(history, number, self.problem(variant, number, table))
            asked = [tuple((trial.arch, trial.cost) for trial in h) for h in histories]
            if len(set(asked)) < len(asked):
                raise Wrong("two of the histories ask exactly the same questions: one is a copy")
            mean = float(np.mean(scores))
            return f"mean of the {PROBLEMS} {self.scored}", mean, self.needed(table)

        return self.artefact.judge(Path(path), scored, points)

    @property
    def _format(self) -> str:
        return f"{self.artefact.lab} challenge/1"

    def _score(self, history: History, number: int) -> float:
        try:
            return self.score(history)
        except Wrong as wrong:
            raise Wrong(f"problem {number}: my_search {wrong.said}") from wrong

    def _read(self, path: Path, variant: int) -> list[History]:
        try:
            data: Any = json.loads(path.read_text(encoding="utf-8"))
            histories = [History.from_json(json.dumps(entry)) for entry in data["histories"]]
            whole = data["format"] == self._format and len(histories) == PROBLEMS
            written_for = data["variant"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise damaged(path, error) from error
        if not whole:
            raise Wrong(f"{path.name} must hold {PROBLEMS} histories: {write_again(path)}")
        if written_for != variant:
            raise Wrong(
                f"{path.name} was written for variant {written_for}, and this notebook is variant "
                f"{variant}: {write_again(path)}"
            )
        return histories

    def _verify(self, history: History, number: int, measure: Disguised) -> None:
        """The history is what an oracle of this budget would have recorded."""
        oracle = Oracle(measure, self.budget)
        for trial in history:
            if trial.arch not in measure.space:
                raise Wrong(f"problem {number}: {trial.arch} is outside the space")
            try:
                price = min(self.fidelities, key=lambda price: abs(price - trial.cost))
                right = oracle(trial.arch, self.fidelities[price])
            except BudgetExhausted as error:
                raise Wrong(f"problem {number}: {error}") from error
            if abs(trial.value - right.value) > 1e-9 or abs(trial.cost - right.cost) > 1e-9:
                raise Wrong(
                    f"problem {number}: value {trial.value} at cost {trial.cost:g} for "
                    f"{trial.arch} is not what the oracle answers"
                )


def threshold(values: np.ndarray, budget: int, problems: int = PROBLEMS) -> float:
    """What the mean over `problems` of the best of `budget` random draws exceeds 5 times in 100.

    The best of n uniform draws with replacement from N values is the one at rank ceil(N u^(1/n)),
    u uniform in [0, 1]; the mean of several is simulated, 20,000 times from a fixed seed.
    """
    ordered = np.sort(values)
    u = np.random.default_rng(0).random((20_000, problems))
    ranks = np.ceil(u ** (1 / budget) * len(ordered)).astype(int)
    best = ordered[np.clip(ranks, 1, len(ordered)) - 1]
    return float(np.quantile(best.mean(axis=1), QUANTILE))
