"""Laws of the controller and its loss; the oracle is enumeration of a small space in float64."""

from collections import Counter

import pytest
import torch
from scipy.stats import chisquare

from course_lib.core import Space, make_rng
from course_lib.nas.controller import (
    Controller,
    choice_probabilities,
    reinforce_loss,
    sample_strings,
    score_strings,
)

SPACES = {"plain": Space((2, 3, 2)), "stop": Space((3, 2, 3), stop=1), "single": Space((1, 3))}


every_space = pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)


def make_controller(space: Space) -> Controller:
    """With weights far from uniform, in float64 so that equality can be asked to 1e-9."""
    controller = Controller(space, make_rng(0), hidden=5).double()
    rng = make_rng(1)
    for weights in controller.parameters():
        torch.nn.init.normal_(weights, std=1.0, generator=rng)
    return controller


def all_strings(space: Space) -> torch.Tensor:
    return torch.tensor(list(space))


def rewards_of(space: Space) -> torch.Tensor:
    return torch.rand(space.size, generator=make_rng(2), dtype=torch.float64)


def gradient(value: torch.Tensor, controller: Controller) -> torch.Tensor:
    parts = torch.autograd.grad(
        value, list(controller.parameters()), retain_graph=True, materialize_grads=True
    )
    return torch.cat([part.flatten() for part in parts])


@every_space
def test_probabilities_of_all_strings_sum_to_one(space):
    log_prob, _ = score_strings(make_controller(space), all_strings(space))
    assert log_prob.exp().sum().item() == pytest.approx(1, abs=1e-9)


@every_space
def test_samples_carry_their_own_probability_and_come_as_often(space):
    controller = make_controller(space)
    tokens, log_prob, entropy = sample_strings(controller, 20_000, make_rng(3))
    assert tokens.dtype == torch.int64
    known_log_prob, known_entropy = score_strings(controller, tokens)
    torch.testing.assert_close(log_prob, known_log_prob, atol=1e-9, rtol=0)
    torch.testing.assert_close(entropy, known_entropy, atol=1e-9, rtol=0)
    counts = Counter(map(tuple, tokens.tolist()))
    assert set(counts) <= set(space)
    expected = 20_000 * score_strings(controller, all_strings(space))[0].exp().detach()
    # false alarm 1e-4, and the seed is fixed
    assert chisquare([counts[arch] for arch in space], expected.numpy()).pvalue > 1e-4


@every_space
def test_mean_of_conditional_entropies_is_the_entropy_of_the_policy(space):
    log_prob, entropy = score_strings(make_controller(space), all_strings(space))
    joint = -(log_prob.exp() * log_prob).sum()
    assert (log_prob.exp() * entropy).sum().item() == pytest.approx(joint.item(), abs=1e-9)


@every_space
def test_choice_probabilities_are_conditionals_of_the_enumerated_policy(space):
    controller = make_controller(space)
    log_prob, _ = score_strings(controller, all_strings(space))
    chances = dict(zip(space, log_prob.exp().tolist(), strict=True))

    def total(prefix):
        return sum(p for arch, p in chances.items() if arch[: len(prefix)] == prefix)

    batch = list(space)[::2]
    table = choice_probabilities(controller, torch.tensor(batch))
    assert table.shape == (len(space.choices), max(space.choices))
    for position, count in enumerate(space.choices):
        for choice in range(table.shape[1]):
            expected = sum(
                total((*arch[:position], choice)) / total(arch[:position]) for arch in batch
            ) / len(batch)
            assert table[position, choice].item() == pytest.approx(expected, abs=1e-9)
            assert choice < count or expected == 0


def test_after_a_stop_nothing_is_uncertain_and_gradients_stay_finite():
    space = SPACES["stop"]
    controller = make_controller(space)
    tokens = torch.tensor([[1, 1, 1], [0, 1, 1]])
    log_prob, entropy = score_strings(controller, tokens)
    first = controller.step(0, None, controller.start(2))[0].log_softmax(-1)
    assert log_prob[0].item() == pytest.approx(first[0, 1].item(), abs=1e-9)
    assert entropy[0].item() == pytest.approx(-(first.exp() * first)[0].sum().item(), abs=1e-9)
    for value in (log_prob.sum(), entropy.sum()):
        assert gradient(value, controller).isfinite().all()


@every_space
@pytest.mark.parametrize("baseline", [0.0, 0.7, -30.0])
def test_expected_gradient_is_the_policy_gradient_whatever_the_constant_baseline(space, baseline):
    controller = make_controller(space)
    reward = rewards_of(space)
    log_prob, _ = score_strings(controller, all_strings(space))
    exact = gradient((log_prob.exp() * reward).sum(), controller)
    chances = log_prob.exp().detach()
    expected = sum(
        p * gradient(reinforce_loss(log_prob[[i]], reward[[i]], baseline), controller)
        for i, p in enumerate(chances)
    )
    torch.testing.assert_close(expected, -exact, atol=1e-9, rtol=0)


def test_loss_is_the_mean_over_the_batch_and_the_reward_is_a_number():
    log_prob = torch.tensor([-1.0, -2.0, -4.0], requires_grad=True)
    reward = torch.tensor([0.5, 0.25, 1.0], requires_grad=True)
    loss = reinforce_loss(log_prob, reward, 0.5)
    assert loss.shape == ()
    loss.backward()
    torch.testing.assert_close(log_prob.grad, torch.tensor([0.0, 0.25, -0.5]) / 3)
    assert reward.grad is None


@every_space
def test_variance_is_a_parabola_in_the_baseline_with_its_minimum_at_b_star(space):
    controller = make_controller(space)
    reward = rewards_of(space)
    log_prob, _ = score_strings(controller, all_strings(space))
    p = log_prob.exp().detach()
    scores = torch.stack([gradient(one, controller).square().sum() for one in log_prob])
    b_star = ((p * scores * reward).sum() / (p * scores).sum()).item()

    def variance(baseline):
        grads = torch.stack(
            [
                gradient(reinforce_loss(log_prob[[i]], reward[[i]], baseline), controller)
                for i in range(len(p))
            ]
        )
        mean = (p[:, None] * grads).sum(0)
        return (p * (grads - mean).square().sum(1)).sum().item()

    least = variance(b_star)
    for distance in (-1.0, 0.1, 3.0):
        growth = (p * scores).sum().item() * distance**2
        assert variance(b_star + distance) - least == pytest.approx(growth, rel=1e-9, abs=1e-9)


def test_a_new_controller_is_nearly_uniform_and_made_from_its_generator():
    space = Space((4,) * 5)
    one, two, other = (Controller(space, make_rng(seed)) for seed in (0, 0, 1))
    assert all(map(torch.equal, one.parameters(), two.parameters()))
    assert not all(map(torch.equal, one.parameters(), other.parameters()))
    table = choice_probabilities(one, sample_strings(one, 50, make_rng(0))[0])
    torch.testing.assert_close(table, torch.full_like(table, 0.25), atol=0.05, rtol=0)
