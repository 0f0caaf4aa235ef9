"""A thousand trials on sixteen simulated workers, beside syne-tune's simulator.

syne-tune is no dependency of the course: `pip install syne-tune==0.16.0`, best with --target into a
folder on PYTHONPATH. Its ASHA stops trials instead of promoting them (Li et al. 2020 compare both);
table, trials, workers, rungs and eta are the same. Without it the row has no peer.
"""

import logging
import statistics
import tempfile
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from bench.timing import Row, alternate, processor_seconds
from course_lib.core import make_rng
from course_lib.core.threads import one_thread
from course_lib.nas.asha import RememberedRanks
from course_lib.nas.asha_run import asha
from course_lib.nas.table import Table, digits201

TRIALS, WORKERS, ETA, FIDELITIES = 1000, 16, 2, (1, 2, 4, 8)
METRIC, EPOCH, SECONDS = "valid_accuracy", "epoch", "seconds"


def asha_row() -> Row:
    """ASHA in simulated time: ours beside syne-tune's, both on digits201."""
    table = digits201()

    def ours() -> None:
        asha(
            table.space,
            table.measure,
            make_rng(0),
            workers=WORKERS,
            trials=TRIALS,
            eta=ETA,
            fidelities=FIDELITIES,
            decide=RememberedRanks(),
        )

    found = find_spec("syne_tune") is not None
    with one_thread():
        if found:
            blackbox = _blackbox(table)
            own, other = alternate(ours, lambda: _syne_tune(blackbox), repetitions=5)
        else:
            own, other = [processor_seconds(ours) for _ in range(6)][1:], []
    return Row(
        what=f"ASHA, {TRIALS:,} trials, {WORKERS} workers in simulated time, remembered ranks",
        against="syne-tune" if found else "",
        unit="s",
        ours=own,
        peer=other,
        goal="10 times faster" if found else "1 s, syne-tune is not installed",
        met=statistics.median(own) <= (statistics.median(other) / 10 if found else 1),
    )


def _blackbox(table: Table) -> Any:
    """The table as syne-tune wants it: validation accuracy and seconds so far, epoch by epoch."""
    space = import_module("syne_tune.config_space")
    tabular = import_module("syne_tune.blackbox_repository.blackbox_tabular")
    names = [f"edge{i}" for i in range(len(table.space.choices))]
    archs = import_module("pandas").DataFrame(list(table.space), columns=names)
    curves = np.array([table.curve(arch) for arch in table.space])
    whole = np.array([table.measure(arch).info[SECONDS] for arch in table.space])
    seconds = whole[:, None] * np.arange(1, table.epochs + 1) / table.epochs
    return tabular.BlackboxTabular(
        hyperparameters=archs,
        configuration_space={
            name: space.choice(list(range(count)))
            for name, count in zip(names, table.space.choices, strict=True)
        },
        fidelity_space={EPOCH: space.randint(1, table.epochs)},
        objectives_evaluations=np.stack([curves, seconds], axis=-1)[:, None],
        objectives_names=[METRIC, SECONDS],
    )


def _syne_tune(blackbox: Any) -> None:
    """The same search by syne-tune, in a folder that is thrown away."""
    names = ("", ".backend.simulator_backend.simulator_callback", ".blackbox_repository")
    syne_tune, callback, repository = (import_module(f"syne_tune{name}") for name in names)
    logging.disable(logging.WARNING)
    scheduler = import_module("syne_tune.optimizer.baselines").ASHA(
        blackbox.configuration_space,
        metric=METRIC,
        time_attr=EPOCH,
        max_t=max(FIDELITIES),
        grace_period=min(FIDELITIES),
        reduction_factor=ETA,
        do_minimize=False,
        random_seed=0,
    )
    with tempfile.TemporaryDirectory() as folder:
        syne_tune.Tuner(
            trial_backend=repository.UserBlackboxBackend(
                blackbox, elapsed_time_attr=SECONDS, seed=0
            ),
            scheduler=scheduler,
            stop_criterion=syne_tune.StoppingCriterion(max_num_trials_finished=TRIALS),
            n_workers=WORKERS,
            sleep_time=0,
            callbacks=[callback.SimulatorCallback()],
            save_tuner=False,
            trial_backend_path=folder,
        ).run()
    logging.disable(logging.NOTSET)
