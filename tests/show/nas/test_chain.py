import numpy as np
import pytest

from course_lib.core import Oracle, Space, Trial, make_rng
from course_lib.nas.search import metropolis_steps
from course_lib.show.nas.chain import chain_info, plot_trace, plot_visits

SPACE = Space([3, 3])


def measure(arch, fidelity=None) -> Trial:
    return Trial(arch, 0.1 * arch[0] + 0.03 * arch[1])


VALUES = np.array([measure(arch).value for arch in SPACE])


def chain(count: int, temperature: float = 0.1):
    oracle = Oracle(measure, count + 1)
    return list(metropolis_steps(SPACE, oracle, make_rng(0), temperature=temperature))


def test_a_long_chain_is_where_it_should_be() -> None:
    """20,000 correlated steps over nine states: the distance falls below 0.03."""
    info = chain_info(chain(20_000), VALUES, temperature=0.1, bins=9)
    assert info.visited.sum() == pytest.approx(1)
    assert info.stationary.sum() == pytest.approx(1)
    assert info.distance < 0.03


def test_stationary_distribution_is_exponential_in_the_value() -> None:
    info = chain_info([], VALUES, temperature=0.05, bins=100)
    weights = np.exp(VALUES / 0.05)
    shares = info.stationary[info.stationary > 0]
    np.testing.assert_allclose(shares, np.sort(weights) / weights.sum())
    assert "before its first step" in info.describe()


def test_pictures_show_refusals_and_both_distributions() -> None:
    info = chain_info(chain(200, temperature=0.02), VALUES, temperature=0.02)
    crosses, line = plot_trace(info).lines
    assert len(crosses.get_xdata()) == (~info.accepted).sum() > 0
    np.testing.assert_array_equal(line.get_ydata(), info.trace)
    ax = plot_visits(info)
    assert len(ax.patches) == len(info.visited) + 1


def test_what_lies_below_the_axis_stands_at_its_end_and_in_the_lowest_bin() -> None:
    values = np.append(np.linspace(0.7, 0.9, 97), [0.1, 0.1, 0.1])
    steps = chain(3, temperature=0.1)
    info = chain_info(steps, values, temperature=0.1, bins=10)
    assert 0.7 < info.edges[0] < 0.71
    assert info.visited.tolist() == [1] + 9 * [0]
    assert info.stationary.sum() == pytest.approx(1)
    _, line = plot_trace(info).lines
    assert set(line.get_ydata()) == {info.edges[0]}
    assert info.trace.max() < 0.3
    assert f"best {info.trace.max():.3f}" in info.describe()


def test_a_temperature_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="temperature must be positive, got 0"):
        chain_info([], VALUES, temperature=0)
