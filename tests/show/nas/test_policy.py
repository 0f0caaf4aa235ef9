import numpy as np
import pytest
import torch

from course_lib.show.nas.policy import (
    baseline_info,
    heat_info,
    plot_baseline,
    plot_heat,
    plot_schedule,
    schedule_info,
)


def test_heat_map_hides_choices_that_a_decision_lacks() -> None:
    info = heat_info(torch.tensor([[0.3, 0.7, 0.0], [0.2, 0.2, 0.6]]), "ab", ["xy", "xyz"])
    assert np.isnan(info.values[0, 2])
    assert "a: y 0.70; b: z 0.60" in info.describe()
    assert len(plot_heat(info).texts) == 5


def test_heat_map_refuses_names_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="2 decisions"):
        heat_info(np.zeros((2, 2)), ["a"], ["xy"])


def test_variance_of_the_gradient_equals_the_trace_of_its_covariance() -> None:
    """A softmax over five strings, the covariance written out for each baseline."""
    logits = torch.randn(5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    p = logits.softmax(0)
    scores, rewards = torch.eye(5).double() - p, torch.tensor([0.9, 0.2, 0.5, 0.7, 0.1]).double()
    info = baseline_info(p, scores, rewards)
    for baseline, variance in zip(info.baselines[::20], info.variances[::20], strict=True):
        samples = (scores * (rewards - baseline)[:, None]).numpy()
        trace = np.trace(np.cov(samples.T, aweights=p.numpy(), ddof=0))
        assert variance == pytest.approx(trace, rel=1e-9)
    assert info.least <= info.variances.min() + 1e-12
    assert info.least == pytest.approx(info.variances.min(), rel=0.05)
    assert "least variance" in plot_baseline(info).texts[1].get_text()


def test_baseline_refuses_shapes_by_name() -> None:
    with pytest.raises(ValueError, match="scores \\(strings, parameters\\)"):
        baseline_info(np.ones(2) / 2, np.ones(2), np.ones(2))


def test_schedule_keeps_the_order_of_time() -> None:
    info = schedule_info([1.0, 1.0, 0.5, 0.1, 0.1], [0.1, 0.3, 0.4, 0.6, 0.8])
    np.testing.assert_array_equal(info.epsilons, [1.0, 0.5, 0.1])
    np.testing.assert_array_equal(info.counts, [2, 1, 2])
    np.testing.assert_allclose(info.middle, [0.2, 0.4, 0.7])
    assert len(plot_schedule(info).get_xticks()) == 3
    with pytest.raises(ValueError, match="one epsilon per value"):
        schedule_info([1.0], [])
