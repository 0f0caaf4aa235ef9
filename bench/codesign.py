"""Exhaustive co-design: all networks of digits201 on all accelerators, and their true front."""

import statistics

import numpy as np

from bench.timing import Row, processor_seconds
from course_lib.hardware.accelerator import accelerators, layer_costs
from course_lib.hardware.cell_layers import cell_layers
from course_lib.hardware.codesign import joint_front
from course_lib.nas.table import Table, digits201

REPETITIONS, SECONDS = 5, 1.0


def codesign_row() -> Row:
    """From the table to the joint front in accuracy and energy times delay."""
    table = digits201()
    pairs = len(table.curves) * len(accelerators())
    seconds = [processor_seconds(lambda: _codesign(table)) for _ in range(REPETITIONS)]
    return Row(
        f"exhaustive co-design of {pairs:,} pairs",
        "",
        "s",
        seconds,
        [],
        f"at most {SECONDS:g} s",
        statistics.median(seconds) <= SECONDS,
    )


def _codesign(table: Table) -> None:
    shapes, counts = cell_layers(table)
    costs = layer_costs(shapes, accelerators())
    accuracy = np.nanmean(table.curves, axis=1)[:, -1]
    joint_front(accuracy, (counts @ costs.cycles) * (counts @ costs.energy))
