"""Why the best of several runs flatters: what it is expected to be, run by run."""

from collections.abc import Sequence

from course_lib.core.statistics import expected_best
from course_lib.show.lines import LinesInfo, lines_info
from course_lib.show.nas.regret import Regrets


def best_of_n_info(
    regrets: Regrets, *, budget: float, searches: Sequence[str] = (), most: int = 20
) -> LinesInfo:
    """Expected regret of the best of n = 1, ..., `most` runs, each of which spends the budget.

    searches: two or more of `regrets`, all without names. What one run of the last of them gives
    is marked, as a height, and said: with how many runs each of the others looks as good.
    Source: Dodge et al. 2019 (`expected_best`, with replacement).
    """
    names = list(searches) or list(regrets.rows)
    if budget not in regrets.budgets or not set(names) <= set(regrets.rows) or most < 1:
        raise ValueError(
            f"expected a budget of {regrets.budgets.tolist()}, searches of {list(regrets.rows)} "
            f"and at least one run, got {budget}, {names} and {most}"
        )
    place = regrets.budgets.tolist().index(budget)
    runs = range(1, most + 1)
    lines = {
        name: [-expected_best(-regrets.rows[name][:, place], n) for n in runs] for name in names
    }
    single = lines[names[-1]][0]
    return lines_info(
        runs,
        lines,
        x=f"n, runs of {budget:g} trainings of which the best is told",
        y="expected regret of the\nbest run, points",
        said=" ".join(_as_good(name, lines[name], names[-1], single) for name in names[:-1]),
        marks={f"one run of {names[-1]}": single},
    )


def _as_good(name: str, line: Sequence[float], other: str, single: float) -> str:
    reached = [n for n, regret in enumerate(line, start=1) if regret <= single]
    count = (
        f"The best of {reached[0]} runs" if reached else f"Not even the best of {len(line)} runs"
    )
    return f"{count} of {name} looks as good as one run of {other}."
