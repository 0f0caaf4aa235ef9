"""Laws of the outer loop: its optimizer on the objective's gradient; failures with their step."""

import pytest
import torch
from torch.optim import SGD

from course_lib.core import make_rng
from course_lib.core.meta_train import meta_train


def drawn(rng):
    return torch.randn(3, generator=rng)


def distance(theta, task, rng, carry):
    """Its gradient is theta - task; counts its steps in the carry."""
    return (theta["w"] - task).square().sum() / 2, (carry or 0) + 1


def sgd(values):
    return SGD(values, lr=0.3)


def test_sgd_on_a_parabola_by_hand():
    start = {"w": torch.tensor([1.0, 2.0, 3.0])}
    found, log = meta_train(start, distance, drawn, make_rng(4), steps=5, optimizer=sgd)
    w, losses, rng = start["w"], [], make_rng(4)
    for _ in range(5):
        task = drawn(rng)
        losses.append(float((w - task).square().sum() / 2))
        w = w - 0.3 * (w - task)
    torch.testing.assert_close(found["w"], w)
    assert log["loss"].tolist() == pytest.approx(losses)
    assert log.names == ("loss",)


def test_theta_stays_and_the_answer_is_detached():
    start = {"w": torch.zeros(3)}
    found, _ = meta_train(start, distance, drawn, make_rng(0), steps=1)
    assert torch.equal(start["w"], torch.zeros(3))
    assert not start["w"].requires_grad
    assert not found["w"].requires_grad
    assert found.keys() == start.keys()


def test_the_carry_goes_from_step_to_step():
    seen = []

    def watched(theta, task, rng, carry):
        seen.append(carry)
        return distance(theta, task, rng, carry)

    meta_train({"w": torch.zeros(3)}, watched, drawn, make_rng(0), steps=4)
    assert seen == [None, 1, 2, 3]


def failing(at, answer):
    """An objective that answers otherwise in one step."""

    def objective(theta, task, rng, carry):
        loss, step = distance(theta, task, rng, carry)
        return (answer(loss) if step == at + 1 else loss), step

    return objective


def refused(loss):
    raise ValueError("task 3 is no task")


@pytest.mark.parametrize(
    ("objective", "error", "message"),
    [
        (failing(2, lambda loss: loss * torch.nan), ValueError, "the meta-loss is nan in step 2"),
        (failing(1, lambda loss: loss / 0), ValueError, "the meta-loss is inf in step 1"),
        (failing(0, torch.Tensor.detach), ValueError, "objective=.* does not depend on theta"),
        (failing(0, lambda loss: loss[None]), ValueError, r"returned shape \(1,\), expected a sca"),
        (failing(0, lambda loss: 1.0), TypeError, "returned float, expected a tensor"),
        (failing(1, refused), ValueError, "step 1 of meta-training: task 3 is no task"),
    ],
)
def test_what_goes_wrong_is_named_with_its_step(objective, error, message):
    start = {"w": torch.zeros(3)}
    with pytest.raises(error, match=message):
        meta_train(start, objective, drawn, make_rng(0), steps=4)
    assert torch.equal(start["w"], torch.zeros(3))


def test_no_step_is_refused():
    with pytest.raises(ValueError, match="steps must be at least 1, got 0"):
        meta_train({"w": torch.zeros(3)}, distance, drawn, make_rng(0), steps=0)
