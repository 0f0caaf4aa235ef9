"""Predictors beside the closed form, and their skill beside its definition."""

import pytest
import torch
from sklearn.metrics import mean_absolute_percentage_error

from course_lib.core import make_rng
from course_lib.hardware.latency_predictors import (
    fit_mlp,
    fit_ridge,
    flattery,
    skill,
    skill_after,
    with_devices,
)


def device(n: int = 200, d: int = 4, noise: float = 0.0, seed: int = 0):
    """Counts, and latencies that are linear in them."""
    rng = make_rng(seed)
    features = torch.randint(0, 5, (n, d), generator=rng).double()
    weight = 1 + torch.rand(d, generator=rng, dtype=torch.float64)
    error = noise * torch.randn(n, generator=rng, dtype=torch.float64)
    return features, 10 + features @ weight + error


def test_ridge_on_a_linear_device_is_right_after_a_few_measurements():
    features, latency = device()
    found = skill_after(fit_ridge, features, latency, 10, make_rng(0))
    assert found.correlation > 0.999
    assert found.error < 0.002


def test_ridge_with_many_measurements_is_least_squares():
    features, latency = device(noise=0.5)
    design = torch.cat([torch.ones(len(features), 1), features], 1).double()
    plain = design @ torch.linalg.lstsq(design, latency[:, None]).solution[:, 0]
    assert torch.allclose(fit_ridge(features, latency)(features), plain, atol=0.02)


@pytest.mark.parametrize("fit", [fit_ridge, fit_mlp])
def test_units_and_scales_do_not_matter(fit):
    features, latency = device(noise=0.5)
    plain = fit(features[:40], latency[:40])(features)
    scaled = fit(1000 * features[:40] - 7, 1e-6 * latency[:40])(1000 * features - 7)
    assert torch.allclose(1e-6 * plain, scaled, rtol=0.01)


@pytest.mark.parametrize("fit", [fit_ridge, fit_mlp])
def test_a_constant_feature_says_nothing(fit):
    features, latency = device()
    constant = torch.full((len(features), 1), 3.0)
    assert torch.allclose(
        fit(torch.cat([features, constant], 1)[:40], latency[:40])(
            torch.cat([features, constant], 1)
        ).mean(),
        fit(features[:40], latency[:40])(features).mean(),
        rtol=0.01,
    )


def test_a_small_network_sees_what_a_line_cannot():
    features = torch.randint(0, 5, (300, 2), generator=make_rng(0)).double()
    latency = 3 + (features[:, 0] * features[:, 1])
    errors = [
        skill_after(fit, features, latency, 100, make_rng(1)).error for fit in (fit_ridge, fit_mlp)
    ]
    assert errors[1] < errors[0] / 3


def test_known_devices_say_what_the_counts_do_not():
    """Two devices share a cost that no count shows."""
    features, latency = device(300)
    hidden = torch.rand(300, generator=make_rng(3), dtype=torch.float64) * 5
    known = (2 * latency + 2 * hidden)[:, None]
    alone = skill_after(fit_ridge, features, latency + hidden, 10, make_rng(1))
    both = skill_after(fit_ridge, with_devices(features, known), latency + hidden, 10, make_rng(1))
    assert both.error < alone.error / 2
    with pytest.raises(ValueError, match="one row per network"):
        with_devices(features, known[:5])


def test_skill_is_its_definition():
    measured = torch.rand(50, generator=make_rng(0), dtype=torch.float64) + 1
    predicted = measured + torch.rand(50, generator=make_rng(1), dtype=torch.float64)
    found = skill(predicted, measured)
    ranks = [x.argsort().argsort().double() for x in (predicted, measured)]
    assert found.correlation == pytest.approx(torch.corrcoef(torch.stack(ranks))[0, 1].item())
    assert found.error == pytest.approx(mean_absolute_percentage_error(measured, predicted))
    assert skill(measured.flip(0) * 0 + 2, measured).correlation == 0.0


def test_only_what_was_not_measured_is_judged():
    """A fit that remembers its measurements and says 0 elsewhere has an error of 1."""
    features, latency = torch.arange(20.0)[:, None], torch.arange(1.0, 21.0)

    def memory(x, y):
        known = dict(zip(x[:, 0].tolist(), y.tolist(), strict=True))
        return lambda features: torch.tensor([known.get(f, 0.0) for f in features[:, 0].tolist()])

    assert skill_after(memory, features, latency, 5, make_rng(0)).error == 1.0


def test_who_is_chosen_by_a_noisy_prediction_was_flattered():
    measured = 1 + torch.rand(500, generator=make_rng(0))
    predicted = measured * (1 + 0.1 * torch.randn(500, generator=make_rng(1)))
    fastest = predicted.argsort()[:20]
    assert flattery(predicted, measured, fastest) > 0.05
    assert abs(flattery(predicted, measured, torch.arange(500))) < 0.02
    assert flattery(torch.tensor([2.0, 1.0]), torch.tensor([3.0, 9.0]), torch.tensor([0])) == 0.5


def test_bad_input_is_named():
    features, latency = device(20)
    with pytest.raises(ValueError, match="two or more networks"):
        fit_ridge(features[:1], latency[:1])
    with pytest.raises(ValueError, match="not finite"):
        fit_ridge(features, latency * torch.nan)
    with pytest.raises(ValueError, match="2 to 18 measurements"):
        skill_after(fit_ridge, features, latency, 19, make_rng(0))
    with pytest.raises(ValueError, match="positive latencies"):
        skill(latency, latency - latency)
