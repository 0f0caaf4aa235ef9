"""data/recordings/: runs of the lectures' live demos, to fall back on.

controller, metropolis: lecture 01, on the digits201 table. tau: lecture 02, two minutes. darts:
lecture 03, some minutes. regret: lecture 05, three minutes. sinusoids: lecture 10, some minutes;
synaptic, fast_weights, rule_trees: lecture 10, seconds each. glyphs_maml: lecture 10, half an hour;
glyphs_embedding: lecture 10, a minute.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from course_lib.datasets import cluttered_digits
from course_lib.nas.cells import CellSpace
from course_lib.nas.table import digits201
from course_lib.show.meta.fast_weights_demo import RECORDING as FAST_WEIGHTS
from course_lib.show.meta.rule_trees_demo import RuleTreesDemo
from course_lib.show.meta.synaptic_demo import RECORDING as SYNAPTIC
from course_lib.show.nas.controller_demo import ControllerDemo
from course_lib.show.nas.darts_demo import DartsDemo
from course_lib.show.nas.metropolis_demo import MetropolisDemo
from course_lib.show.nas.regret import RECORDING as REGRET
from course_lib.show.nas.tau_demo import RECORDING as TAU
from course_lib.show.recordings import Run, write_recording
from data.make.embedding_recording import RECORDING as EMBEDDING
from data.make.embedding_recording import record_embedding
from data.make.glyphs_recording import RECORDING as GLYPHS
from data.make.glyphs_recording import record_glyphs
from data.make.meta_recordings import record_fast_weights, record_synaptic
from data.make.regret_recording import record_regret
from data.make.sinusoids_recording import RECORDING as SINUSOIDS
from data.make.sinusoids_recording import record_sinusoids
from data.make.tau_recording import record_tau

Recordable = ControllerDemo | MetropolisDemo | DartsDemo | RuleTreesDemo


def record(demo: Recordable, steps: int) -> list[Run]:
    """One run per preset, of so many steps."""
    runs = []
    for index, preset in enumerate(demo.presets):
        demo.choose(index)
        runs.append(demo.record(preset["name"], steps))
    return runs


def _controller() -> tuple[Recordable, int]:
    table = digits201()
    values = [table.measure(arch).value for arch in table.space]
    limits = float(np.quantile(values, 0.05)), max(values)
    return ControllerDemo(table.space, table.measure, limits=limits), 100


def _metropolis() -> tuple[Recordable, int]:
    table = digits201()
    return MetropolisDemo(table.space, table.measure), 300


def _darts() -> tuple[Recordable, int]:
    task = cluttered_digits(train=600, valid=600, test=1)
    return DartsDemo(CellSpace(), task.train, task.valid), 44


DEMOS: dict[str, Callable[[], tuple[Recordable, int]]] = {
    "controller": _controller,
    "metropolis": _metropolis,
    "darts": _darts,
    "rule_trees": lambda: (RuleTreesDemo(), 20),
}
"""Name -> the demo and how many steps of it are recorded."""


MADE: dict[str, Callable[[], Path]] = {
    REGRET: record_regret,
    TAU: record_tau,
    SINUSOIDS: record_sinusoids,
    SYNAPTIC: record_synaptic,
    FAST_WEIGHTS: record_fast_weights,
    GLYPHS: record_glyphs,
    EMBEDDING: record_embedding,
}
"""Name -> what records it in a way of its own."""

RECORDED = (*DEMOS, *MADE)


def main(names: Sequence[str] = ()) -> None:
    """Record the demos of these names, all without names."""
    if unknown := set(names) - set(RECORDED):
        sys.exit(f"no demo {', '.join(sorted(unknown))}; there are {', '.join(RECORDED)}")
    for name in names or RECORDED:
        if name in MADE:
            print(MADE[name]())
            continue
        demo, steps = DEMOS[name]()
        print(write_recording(demo.recording, record(demo, steps)))
