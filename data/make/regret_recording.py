"""data/recordings/regret.json: what is left to gain, behind the demo of lecture 05.

Each search with the settings and on the seeds of the claim `05_side_by_side`.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from claims.searches import CANDIDATES, run_all
from claims.side_by_side import MORE
from course_lib.nas.table import digits201
from course_lib.show.measured import read_measured
from course_lib.show.nas.regret import RECORDING, regrets_of
from course_lib.show.recordings import Run, write_recording

BUDGETS = (10, 20, 30, 50, 70, 100, 200, 300, 500)


def record_regret(
    *, seeds: Sequence[int] | None = None, budgets: Sequence[float] = BUDGETS
) -> Path:
    """Search, write data/recordings/regret.json; some minutes on one core.

    seeds: those of the claim, unless told otherwise. Searches that plan run once per budget.
    """
    table = digits201()
    claim = read_measured("05_side_by_side")
    tuned = claim.settings["tuned"]
    searches = {name: partial((CANDIDATES | MORE)[name][0], **own) for name, own in tuned.items()}
    runs = run_all(searches, claim.seeds if seeds is None else seeds, budgets, n_jobs=1)
    found = regrets_of(runs, table.measure, budgets, optimum=table.best().value)
    recorded = [
        Run(
            name,
            tuned[name],
            {"budgets": list(budgets), "regrets": found.rows[name].round(4).tolist()},
            [],
        )
        for name in found.rows
    ]
    return write_recording(RECORDING, recorded)
