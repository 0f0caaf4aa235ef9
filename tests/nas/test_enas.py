"""Laws of ENAS: weights move on training data alone, the controller on validation data alone."""

import pytest
import torch

from course_lib.core import make_rng
from course_lib.datasets import Images
from course_lib.nas.cells import CellSpace
from course_lib.nas.controller import Controller
from course_lib.nas.enas import controller_step, enas, weight_step
from course_lib.nas.sharing import batch_accuracy
from course_lib.nas.supernet import Subnet, Supernet, sampled_op

SPACE = CellSpace(("none", "skip_connect", "nor_conv_3x3"))


def pictures(seed, count=12):
    """Class 0 is dark on the left, class 1 on the right."""
    y = torch.arange(count) % 2
    x = 0.3 * torch.randn(count, 1, 4, 4, generator=make_rng(seed))
    x[y == 0, :, :, :2] -= 1
    x[y == 1, :, :, 2:] -= 1
    return Images(x, y)


def small_net():
    return Supernet(
        SPACE,
        rng=make_rng(0),
        mixed_op=sampled_op,
        channels=(2, 4),
        classes=2,
        image=(1, 4, 4),
    )


def state(module):
    return {name: value.clone() for name, value in module.state_dict().items()}


def same(one, other):
    return all(torch.equal(one[name], other[name]) for name in one)


def search(seed=0, **settings):
    net = small_net()
    settings = {"epochs": 2, "batch": 6, "controller_steps": 3, "architectures": 4, **settings}
    controller, log = enas(net, pictures(1), pictures(2), make_rng(seed), **settings)
    return net, controller, log


def parts():
    net, controller = small_net(), Controller(SPACE, make_rng(1), hidden=5)
    sgd = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, foreach=True)
    adam = torch.optim.Adam(controller.parameters(), lr=0.1)
    return net, controller, sgd, adam


def test_the_weight_step_leaves_the_controller():
    net, controller, sgd, _ = parts()
    before, weights = state(controller), state(net)
    images = pictures(1)
    weight_step(controller, net, sgd, images.x, images.y, make_rng(0))
    assert same(before, controller.state_dict())
    assert all(value.grad is None for value in controller.parameters())
    assert not same(weights, net.state_dict())


def test_the_controller_step_leaves_the_weights_and_the_running_statistics():
    net, controller, _, adam = parts()
    before, policy = state(net.train()), state(controller)
    images = pictures(2)
    arguments = (controller, adam, net, images.x, images.y)
    controller_step(*arguments, make_rng(0), baseline=0.3)
    assert same(before, net.state_dict())
    assert all(value.grad is None for value in net.parameters())
    assert not same(policy, controller.state_dict())


def test_the_first_batch_has_no_baseline_and_moves_nothing():
    net, controller, _, adam = parts()
    policy, images = state(controller), pictures(2)
    reward = controller_step(controller, adam, net, images.x, images.y, make_rng(0), baseline=None)
    assert 0 <= reward <= 1
    assert same(policy, controller.state_dict())


def test_the_reward_is_the_accuracy_of_the_path_normalised_by_its_batch():
    """A stand-alone network in training mode computes with the same statistics."""
    net, images = small_net(), pictures(2)
    for seed in range(4):
        path = SPACE.one_hot(SPACE.sample(make_rng(seed)))
        scores = Subnet(small_net(), path).train()(images.x)
        expected = (scores.argmax(1) == images.y).float().mean().item()
        assert batch_accuracy(net, path, images.x, images.y) == pytest.approx(expected)


def test_the_policy_sees_no_training_picture_and_the_weights_no_other():
    """With a controller that stands still, other validation pictures change no weight."""
    nets = []
    for seed in (2, 3):
        net = small_net()
        settings = {"controller_learning_rate": 0.0, "epochs": 2, "batch": 6, "architectures": 2}
        enas(net, pictures(1), pictures(seed), make_rng(0), controller_steps=2, **settings)
        nets.append(net)
    assert same(nets[0].state_dict(), nets[1].state_dict())


def test_the_loss_gets_one_reward_per_architecture_and_the_moving_average():
    seen = []

    def loss(log_prob, reward, baseline):
        seen.append((reward.mean().item(), baseline))
        return -(log_prob * (reward - baseline)).mean()

    _, _, log = search(loss=loss, epochs=1, controller_steps=4, baseline_decay=0.5)
    assert len(seen) == 3
    first = 4 * log["reward"][0] - sum(mean for mean, _ in seen)
    baseline = first
    for mean, given in seen:
        assert given == pytest.approx(baseline)
        baseline = (baseline + mean) / 2


def test_same_seed_same_search_and_the_global_seed_is_untouched():
    before = torch.get_rng_state()
    (net, controller, log), (net2, controller2, log2), (_, _, log3) = map(search, (0, 0, 1))
    assert log == log2 != log3
    assert same(net.state_dict(), net2.state_dict())
    assert same(controller.state_dict(), controller2.state_dict())
    assert torch.equal(torch.get_rng_state(), before)


def test_the_controller_turns_to_what_is_rewarded():
    """A reward put in by the loss itself: the more log-probability on this batch, the better."""
    _, _, log = search(
        epochs=4,
        controller_steps=15,
        controller_learning_rate=0.05,
        entropy_weight=0.0,
        loss=lambda log_prob, reward, baseline: -log_prob.max(),
    )
    assert log["entropy"][-1] < 0.5 * log["entropy"][0]
    assert log["probabilities"].shape == (4, 6, 3)
    assert log["probabilities"][-1].sum(-1) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"epochs": 0}, "epochs must be at least 1, got 0"),
        ({"controller_steps": 0}, "controller_steps must be at least 1"),
        ({"loss": lambda log_prob, reward, baseline: log_prob}, r"shape \(4,\).*forget .mean"),
    ],
)
def test_a_wrong_argument_is_named(settings, words):
    with pytest.raises(ValueError, match=words):
        search(**settings)
