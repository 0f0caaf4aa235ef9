"""data/recordings/regret.json: what is left to gain, behind the demo of lecture 05.

Each search with the settings that the claim `01_searches` found best, on the seeds of that claim.
"""

from functools import partial
from pathlib import Path

from claims.searches import CANDIDATES, SEEDS
from course_lib.core import compare
from course_lib.nas.table import digits201
from course_lib.show.measured import read_measured
from course_lib.show.nas.regret import RECORDING, regrets_of
from course_lib.show.recordings import Run, write_recording

BUDGETS = (10, 20, 30, 50, 70, 100, 200, 300, 500)


def record_regret() -> Path:
    """Search, write data/recordings/regret.json; about three minutes on one core."""
    table = digits201()
    tuned = read_measured("01_searches").settings["tuned"]
    searches = {name: partial(CANDIDATES[name][0], **own) for name, own in tuned.items()}
    histories = compare(searches, table.space, table.measure, budget=max(BUDGETS), seeds=SEEDS)
    found = regrets_of(histories, table.measure, BUDGETS, optimum=table.best().value)
    runs = [
        Run(
            name,
            tuned[name],
            {"budgets": BUDGETS, "regrets": found.rows[name].round(4).tolist()},
            [],
        )
        for name in found.rows
    ]
    return write_recording(RECORDING, runs)
