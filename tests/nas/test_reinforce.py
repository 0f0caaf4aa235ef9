"""REINFORCE on the controller: what it learns, what it records, what it refuses."""

from itertools import islice

import pytest
import torch

from course_lib.core import Oracle, Space, Trial, make_rng
from course_lib.nas.controller import (
    Controller,
    reinforce,
    reinforce_loss,
    reinforce_steps,
    sample_strings,
)

TARGET = (3, 1, 2, 0)
LONG = Space((4,) * 4)


def hits(arch, fidelity=None):
    """The share of decisions that agree with TARGET."""
    return Trial(arch, sum(a == b for a, b in zip(arch, TARGET, strict=True)) / 4)


def last_values(**settings):
    return reinforce(LONG, Oracle(hits, 500), make_rng(0), **settings).values[-50:].mean()


def test_a_column_of_tokens_is_refused_with_advice():
    controller = Controller(Space((2, 3)), make_rng(0), hidden=4)
    _, state = controller.step(0, None, controller.start(4))
    with pytest.raises(ValueError, match=r"got \(4, 1\): `torch.multinomial` returns a column"):
        controller.step(1, torch.zeros(4, 1, dtype=torch.int64), state)
    with pytest.raises(ValueError, match="needs the previous tokens, got None"):
        controller.step(1, None, state)


def test_learns_what_is_rewarded_and_unlearns_it_with_the_sign_turned():
    assert last_values() > 0.75
    assert last_values(loss=lambda *batch: -reinforce_loss(*batch)) < 0.1


def test_entropy_bonus_keeps_the_policy_open():
    open_steps, closed_steps = (
        list(reinforce_steps(LONG, Oracle(hits, 500), make_rng(0), entropy_weight=weight))
        for weight in (1.0, 0.0)
    )
    uniform = 4 * torch.tensor(4.0).log().item()
    assert open_steps[-1].entropy > 0.95 * uniform
    assert closed_steps[-1].entropy < 0.5 * uniform
    assert open_steps[0].entropy == pytest.approx(uniform, abs=0.05)


def test_steps_record_the_batches_and_a_baseline_older_than_each():
    oracle = Oracle(hits, 43)
    steps = list(reinforce_steps(LONG, oracle, make_rng(0), batch=5, baseline_decay=0.8))
    assert [trial for step in steps for trial in step.trials] == list(oracle.history[:40])
    assert len(oracle.history) == 43
    means = [sum(trial.value for trial in step.trials) / 5 for step in steps]
    baseline = means[0]
    for step, mean in zip(steps, means, strict=True):
        assert step.baseline == pytest.approx(baseline, abs=1e-6)
        assert step.probabilities.shape == (4, 4)
        torch.testing.assert_close(step.probabilities.sum(1), torch.ones(4))
        baseline = 0.8 * baseline + 0.2 * mean


def test_steps_ask_only_for_what_is_watched_and_reinforce_takes_them_all():
    oracle = Oracle(hits, 100)
    watched = list(islice(reinforce_steps(LONG, oracle, make_rng(0), batch=7), 2))
    assert len(watched) == 2
    assert oracle.spent == 14
    whole = Oracle(hits, 100)
    list(reinforce_steps(LONG, whole, make_rng(0)))
    assert reinforce(LONG, Oracle(hits, 100), make_rng(0)) == whole.history


def my_sample(controller, batch, rng):
    return sample_strings(controller, batch, rng)


WRONG_SAMPLES = {
    "two parts": (lambda t, lp, e: (t, lp), TypeError, "returned 2 values, expected the tuple"),
    "nothing": (lambda t, lp, e: None, TypeError, "returned NoneType, expected the tuple"),
    "flat": (lambda t, lp, e: (t[:, 0], lp, e), ValueError, r"\(tokens\) returned shape \(5,\)"),
    "per token": (lambda t, lp, e: (t, t * lp[:, None], e), ValueError, r"\(log_prob\) returned"),
    "mean": (lambda t, lp, e: (t, lp, e.mean()), ValueError, r"\(entropy\) returned shape \(\)"),
    "floats": (lambda t, lp, e: (t.float(), lp, e), TypeError, "tokens of torch.float32"),
    "detached": (lambda t, lp, e: (t, lp.detach(), e), ValueError, "without a gradient"),
}


@pytest.mark.parametrize(("spoil", "error", "message"), WRONG_SAMPLES.values(), ids=WRONG_SAMPLES)
def test_a_wrong_sample_is_named(spoil, error, message):
    def my_sample(controller, batch, rng):
        return spoil(*sample_strings(controller, batch, rng))

    with pytest.raises(error, match=f"sample=my_sample.*{message}"):
        reinforce(LONG, Oracle(hits, 20), make_rng(0), sample=my_sample)


WRONG_LOSSES = {
    "vector": (
        lambda lp, r, b: -(r - b) * lp,
        ValueError,
        r"returned shape \(5,\), expected a scalar \(\); did you forget \.mean\(\)\?",
    ),
    "number": (lambda lp, r, b: float((r - b).sum()), TypeError, "returned float"),
    "detached": (lambda lp, r, b: -(r * lp.detach()).mean(), ValueError, ".*without a gradient"),
}


@pytest.mark.parametrize(("loss", "error", "message"), WRONG_LOSSES.values(), ids=WRONG_LOSSES)
def test_a_wrong_loss_is_named(loss, error, message):
    def my_loss(log_prob, reward, baseline):
        return loss(log_prob, reward, baseline)

    with pytest.raises(error, match=f"loss=my_loss {message}"):
        reinforce(LONG, Oracle(hits, 20), make_rng(0), loss=my_loss)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"batch": 0}, "batch must be at least 1, got 0"),
        ({"hidden": 0}, "hidden must be at least 1, got 0"),
        ({"baseline_decay": 1.0}, r"baseline_decay must be in \[0, 1\), got 1.0"),
        ({"learning_rate": -1.0}, "Invalid learning rate"),
    ],
)
def test_senseless_settings_are_refused(settings, message):
    oracle = Oracle(hits, 20)
    with pytest.raises(ValueError, match=message):
        reinforce(LONG, oracle, make_rng(0), **settings)
    assert oracle.spent == 0
