"""The landscape's numbers against tables of which the answer is known."""

import numpy as np
import pytest
from scipy.stats import pearsonr, spearmanr

from course_lib.core import make_rng
from course_lib.nas.cells import CellSpace
from course_lib.nas.landscape import early_correlation, locality, top_value
from course_lib.nas.table import Table

SPACE = CellSpace(("none", "skip_connect", "avg_pool_3x3"))


def table_of(values: np.ndarray, rows: np.ndarray | None = None) -> Table:
    """values: (rows, epochs) or (rows,)."""
    rows = np.arange(SPACE.size) if rows is None else rows
    curves = values[:, None, None] if values.ndim == 1 else values[:, None, :]
    return Table(SPACE, rows, curves, {})


def test_early_correlation_is_spearman_s() -> None:
    curves = np.random.default_rng(0).random((SPACE.size, 4)).cumsum(1)
    found = early_correlation(table_of(curves))
    for epoch in range(4):
        assert found[epoch] == pytest.approx(spearmanr(curves[:, epoch], curves[:, -1])[0])
    assert found[-1] == pytest.approx(1)
    some = np.arange(5, 90, 7)
    of_some = spearmanr(curves[some, 1], curves[some, -1])[0]
    assert early_correlation(table_of(curves), some)[1] == pytest.approx(of_some)


def test_a_sum_over_decisions_loses_one_share_of_correlation_per_change() -> None:
    """Independent uniform decisions: changing d of 6 to another of 3 choices leaves correlation
    1 - d / 6 - d / 12, since the new choice is anticorrelated (-1/2) with the old one."""
    cells = np.array(list(SPACE))
    found = locality(table_of(cells.sum(1) / 12), make_rng(0), pairs=20_000)
    distances = np.arange(1, 7)
    expected = 1 - distances / 6 - distances / 12
    # the standard error of a correlation is at most 1 / sqrt(20,000) = 0.007
    np.testing.assert_allclose(found.correlation, expected, atol=0.03)
    assert (np.diff(found.apart) > 0).all()


def test_one_change_is_exact_by_enumeration() -> None:
    values = np.random.default_rng(1).random(SPACE.size)
    value = dict(zip(SPACE, values, strict=True))
    pairs = [
        (value[arch], value[(*arch[:i], c, *arch[i + 1 :])])
        for arch in SPACE
        for i in range(6)
        for c in range(3)
        if c != arch[i]
    ]
    found = locality(table_of(values), make_rng(0), pairs=50_000)
    assert found.correlation[0] == pytest.approx(pearsonr(*zip(*pairs, strict=True))[0], abs=0.02)


def test_two_names_of_one_network_are_no_pair() -> None:
    rows = np.arange(SPACE.size) // 3  # the last decision does not matter
    found = locality(table_of(np.random.default_rng(2).random(SPACE.size), rows), make_rng(0))
    assert found.correlation[0] < 0.1


def test_top_value_counts_strings() -> None:
    values = np.random.default_rng(3).permutation(SPACE.size) / SPACE.size
    table = table_of(values)
    assert (values >= top_value(table, 0.01)).sum() == 7
    assert top_value(table, 0.001) == values.max()
    with pytest.raises(ValueError, match="share must lie in"):
        top_value(table, 0)
