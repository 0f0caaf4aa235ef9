"""The challenges of labs 01 and 02 on a table, and a search that passes each."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from torch import Generator

from course_lib.checks.lab01_rl_nas.challenge import CHALLENGE as LAB01
from course_lib.checks.lab02_weight_sharing.challenge import CHALLENGE as LAB02
from course_lib.checks.lab02_weight_sharing.inherited import SPACE
from course_lib.checks.result import Result
from course_lib.checks.search_challenge import PROBLEMS, SearchChallenge
from course_lib.core import Oracle, Space
from course_lib.nas.search import local_search
from course_lib.nas.table import Table, digits201
from tests.misconceptions.reference import Solution


def additive() -> Table:
    """Additive values with a little noise: what a search can learn, and what it cannot."""
    rng = np.random.default_rng(0)
    effects = rng.random((6, 3))
    values = np.array([effects[range(6), arch].sum() for arch in SPACE])
    values = 0.5 + 0.06 * values + rng.normal(0, 0.01, len(values))
    return Table(SPACE, np.arange(len(values)), values[:, None, None], {})


@dataclass(frozen=True)
class Case:
    """A challenge on a table, and a search that passes it."""

    challenge: SearchChallenge
    table: Table
    good: Any

    def judged(self, path: Path, variant: int = 1) -> Result:
        return self.challenge.judge(path, [variant], points=10, table=self.table)

    def scores(self, search: Any, attempts: int) -> list[float]:
        """The mean score over the problems, of several attempts."""
        play, score = self.challenge.play, self.challenge.score
        return [
            float(np.mean([score(play(search, v, k, self.table)) for k in range(PROBLEMS)]))
            for v in range(attempts)
        ]

    @property
    def needed(self) -> float:
        return self.challenge.needed(self.table)


FILTER = Solution("lab02_weight_sharing").function("my_search")


CASES = {
    "lab01": lambda: Case(LAB01, additive(), local_search),
    "lab02": lambda: Case(LAB02, digits201(), FILTER),
}


def handed_in(case: Case, folder: Path, search: Any = None, variant: int = 1) -> Path:
    path = folder / "challenge.json"
    case.challenge.write(search or case.good, variant, path, table=case.table)
    return path


def random_search(space: Space, oracle: Oracle, rng: Generator) -> None:
    with oracle:
        while True:
            oracle(space.sample(rng))
