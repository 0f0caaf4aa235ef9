"""What would be derived at each epoch, and what the derivation costs."""

import numpy as np
import pytest
import torch

from course_lib.core import Log, make_rng
from course_lib.nas.cells import CellSpace
from course_lib.nas.darts_space import DartsSpace
from course_lib.nas.one_shot import derive
from course_lib.show.figure import picture
from course_lib.show.nas.collapse import counts_info, gap_info, plot_counts, plot_gap

CELLS, DARTS = CellSpace(), DartsSpace()


def random_log(space, entries: int = 8, seed: int = 0) -> Log:
    rng, log = make_rng(seed), Log()
    alpha = torch.zeros(space.edges, len(space.operations))
    for entry in range(entries):
        alpha = alpha + torch.randn(alpha.shape, generator=rng)
        log.append(epoch=(entry + 1) / 2, alpha=alpha)
    return log


def test_counts_are_those_of_the_derived_cells() -> None:
    logs = [random_log(CELLS, seed=seed) for seed in (0, 1)]
    info = counts_info(CELLS, logs)
    assert info.counts.shape == (2, 8, 5)
    for run, log in enumerate(logs):
        for entry, alpha in enumerate(log["alpha"]):
            names = CELLS.names(derive(CELLS, torch.as_tensor(alpha)))
            expected = [names.count(operation) for operation in CELLS.operations]
            assert info.counts[run, entry].tolist() == expected
    kinds = ("none", "skip_connect", "avg_pool_3x3")
    np.testing.assert_array_equal(info.weightless, sum(info.of(kind) for kind in kinds))
    np.testing.assert_allclose(info.mean.sum(-1), 6)


def test_a_darts_cell_counts_two_operations_per_node_and_never_zero() -> None:
    info = counts_info(DARTS, [random_log(DARTS)])
    assert info.of("none").max() == 0
    np.testing.assert_array_equal(info.counts.sum(-1), 2 * 2 * DARTS.nodes)


def test_words_of_the_counts_and_bad_logs() -> None:
    info = counts_info(CELLS, [random_log(CELLS)], stop=2.0)
    assert "At epoch 0.5: " in info.describe()
    assert "at epoch 4: " in info.describe()
    with pytest.raises(ValueError, match="at least one log"):
        counts_info(CELLS, [])
    with pytest.raises(ValueError, match="equally many entries"):
        counts_info(CELLS, [random_log(CELLS, 3), random_log(CELLS, 4)])


def test_gap_words_leave_out_what_was_not_retrained() -> None:
    info = gap_info({"last": (0.8, 0.3, 0.6), "early": (0.7, 0.65)})
    assert np.isnan(info.retrained[1])
    assert "last: mixture 0.800, derived with inherited weights 0.300, retrained 0.600" in (
        info.describe()
    )
    assert info.describe().count("retrained") == 1
    with pytest.raises(ValueError, match="rows is empty"):
        gap_info({})


def test_every_plot_draws() -> None:
    log = random_log(CELLS)
    for plot, info in (
        (plot_counts, counts_info(CELLS, [log, log], stop=2.0)),
        (plot_counts, counts_info(CELLS, [random_log(CELLS, 1)])),
        (plot_gap, gap_info({"one": (0.5, 0.4), "two": (0.5, 0.4, 0.6)})),
    ):
        assert picture(plot, info).alt == info.describe()
