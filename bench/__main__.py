"""`python -m bench [NAME ...]`: measure (all without names) and write bench/results.md."""

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench.amc import amc_rows
from bench.asha import asha_row
from bench.codesign import codesign_row
from bench.compiled import compiled_rows
from bench.devices import device_rows
from bench.few_shot import few_shot_row
from bench.grading import grading_rows
from bench.grading_cost import class_rows, exam_row
from bench.latency import latency_rows
from bench.meta import maml_rows, task_rows
from bench.networks import cell_network_row
from bench.one_shot import memory_rows, search_rows, step_rows
from bench.processes import import_row, notebook_rows
from bench.results import keep
from bench.searches import (
    evolution_cost_rows,
    evolution_row,
    random_search_row,
    reinforce_row,
)
from bench.timing import Row, table

ROOT = Path(__file__).parents[1]
MEASUREMENTS: dict[str, Callable[[], Row | list[Row]]] = {
    "random_search": random_search_row,
    "evolution": evolution_row,
    "evolution_cost": evolution_cost_rows,
    "reinforce": reinforce_row,
    "asha": asha_row,
    "import": import_row,
    "cell_network": cell_network_row,
    "few_shot": few_shot_row,
    "one_shot_steps": step_rows,
    "one_shot_memory": memory_rows,
    "one_shot_searches": search_rows,
    "maml": maml_rows,
    "maml_tasks": task_rows,
    "maml_compiled": compiled_rows,
    "latency": latency_rows,
    "devices": device_rows,
    "amc": amc_rows,
    "codesign": codesign_row,
    "grading": grading_rows,
    "grading_classes": class_rows,
    "grading_exam": exam_row,
}
MEASUREMENTS |= {
    source.stem: partial(notebook_rows, source.relative_to(ROOT).as_posix(), minutes)
    for pattern, minutes in (("lectures/*.py", 2), ("solutions/*/*.py", 5))
    for source in sorted(ROOT.glob(pattern))
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MEASUREMENTS))
    names = parser.parse_args().names
    if unknown := set(names) - MEASUREMENTS.keys():
        parser.error(f"no measurement {', '.join(sorted(unknown))}")
    for name in names or MEASUREMENTS:
        print(f"{name} ...", flush=True)
        measured = MEASUREMENTS[name]()
        rows = [measured] if isinstance(measured, Row) else measured
        print(table(rows))
        keep(name, rows, MEASUREMENTS)


if __name__ == "__main__":
    main()
