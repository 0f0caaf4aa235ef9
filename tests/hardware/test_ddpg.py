"""DDPG: what the critic is asked to say, how slow copies follow, and what the agent learns."""

import math
from statistics import NormalDist

import pytest
import torch

from course_lib.core import make_rng
from course_lib.hardware.ddpg import Agent, ddpg_targets, soft_update
from course_lib.hardware.exploration import noise_decay, truncated_normal
from course_lib.hardware.replay import Batch, Memory


def transitions(count: int, seed: int = 0) -> Batch:
    rng = make_rng(seed)
    state, later = (torch.rand(count, 3, generator=rng) for _ in range(2))
    action, reward = torch.rand(count, 1, generator=rng), torch.rand(count, generator=rng)
    return Batch(state, action, reward, later, torch.rand(count, generator=rng) < 0.5)


def test_a_target_is_the_reward_and_what_the_slow_critic_expects_of_the_slow_actor():
    batch = transitions(20)
    found = ddpg_targets(
        batch.reward,
        batch.next_state,
        batch.done,
        lambda state: state[:, :1] / 2,
        lambda state, action: state.sum(1) + 3 * action[:, 0],
        discount=0.9,
    )
    for reward, later, done, target in zip(
        batch.reward, batch.next_state, batch.done, found, strict=True
    ):
        value = sum(later.tolist()) + 3 * later[0].item() / 2
        expected = reward.item() if done else reward.item() + 0.9 * value
        assert target.item() == pytest.approx(expected, abs=1e-5)


def test_targets_have_no_graph_and_what_comes_after_the_end_does_not_matter():
    weight = torch.ones(1, requires_grad=True)
    reward, done = torch.tensor([1.0, 2.0]), torch.tensor([True, True])
    found = ddpg_targets(
        reward,
        torch.full((2, 3), math.nan),
        done,
        lambda state: state[:, :1] * weight,
        lambda state, action: action[:, 0] * weight,
        discount=1.0,
    )
    assert not found.requires_grad
    assert torch.equal(found, reward)


def test_after_n_soft_updates_the_distance_has_shrunk_by_one_minus_tau_to_the_n():
    online = {"w": torch.tensor([1.0, -2.0], requires_grad=True)}
    start = {"w": torch.tensor([5.0, 6.0])}
    target = start
    for _ in range(7):
        target = soft_update(target, online, tau=0.1)
    expected = online["w"] + 0.9**7 * (start["w"] - online["w"])
    torch.testing.assert_close(target["w"], expected.detach())
    assert not target["w"].requires_grad
    assert torch.equal(start["w"], torch.tensor([5.0, 6.0])), "the given copy stays as it is"


def test_the_agent_solves_a_problem_of_one_step():
    """reward = 1 - (action - 0.2 - 0.6 * state)^2 is largest at 0.2 + 0.6 * state."""
    rng = make_rng(0)
    agent, memory = Agent(1, rng, hidden=32, actor_rate=3e-3, critic_rate=1e-2), Memory(1000)
    state, action = torch.rand(1000, 1, generator=rng), torch.rand(1000, 1, generator=rng)
    reward = 1 - (action - 0.2 - 0.6 * state).square().squeeze(1)
    memory.add(Batch(state, action, reward, torch.zeros(1000, 1), torch.ones(1000).bool()))
    for _ in range(600):
        agent.learn(memory.draw(64, rng), baseline=0.9)
    for place in (0.1, 0.5, 0.9):
        assert agent.act(torch.tensor([place])) == pytest.approx(0.2 + 0.6 * place, abs=0.1)


def test_two_agents_of_the_same_seed_learn_the_same():
    def learned(seed: int) -> float:
        rng = make_rng(seed)
        agent = Agent(3, rng, hidden=8)
        for _ in range(5):
            agent.learn(transitions(16))
        return agent.act(torch.rand(3, generator=rng))

    assert learned(1) == learned(1) != learned(2)


def test_the_slow_copies_take_part_as_functions_that_were_handed_in():
    seen = []

    def targets(reward, next_state, done, actor, critic, *, discount):
        seen.append((actor(next_state).shape, critic(next_state, actor(next_state)).shape))
        return ddpg_targets(reward, next_state, done, actor, critic, discount=discount)

    agent = Agent(3, make_rng(0), hidden=8, targets=targets)
    agent.learn(transitions(16))
    assert seen == [((16, 1), (16,))]


def test_targets_of_a_wrong_form_are_refused_by_name():
    def as_columns(reward, *_, discount):
        return reward[:, None]

    agent = Agent(3, make_rng(0), hidden=8, targets=as_columns)
    with pytest.raises(ValueError, match=r"targets=as_columns returned shape \(16, 1\)"):
        agent.learn(transitions(16))


def test_a_memory_forgets_the_oldest_and_draws_all_that_is_left():
    memory = Memory(3)
    with pytest.raises(ValueError, match="memory is empty"):
        memory.draw(1, make_rng(0))
    batch = transitions(5)
    memory.add(Batch(*(part[:2] for part in batch)))
    memory.add(Batch(*(part[2:] for part in batch)))
    assert len(memory) == 3
    drawn = memory.draw(200, make_rng(0)).reward
    assert set(drawn.tolist()) == set(batch.reward[2:].tolist())


@pytest.mark.parametrize(("mean", "sd"), [(0.3, 0.5), (0.2, 0.05), (1.0, 0.3), (0.6, 1e-9)])
def test_truncated_normal_draws_have_the_mean_of_the_closed_form(mean, sd):
    low, high, rng = 0.2, 1.0, make_rng(0)
    draws = torch.tensor([truncated_normal(mean, sd, low, high, rng) for _ in range(4000)])
    assert draws.min() >= low
    assert draws.max() <= high
    normal, unit = NormalDist(mean, sd), NormalDist()
    mass = normal.cdf(high) - normal.cdf(low)
    slope = unit.pdf((low - mean) / sd) - unit.pdf((high - mean) / sd)
    standard_error = draws.std().item() / 4000**0.5
    assert draws.mean().item() == pytest.approx(
        mean + sd * slope / mass, abs=5 * standard_error + 1e-6
    )


def test_without_noise_the_mean_is_drawn_and_a_mean_outside_is_refused():
    assert truncated_normal(0.4, 0, 0.2, 1, make_rng(0)) == 0.4
    with pytest.raises(ValueError, match=r"must lie in \[0.2, 1\], got 0.1"):
        truncated_normal(0.1, 0.5, 0.2, 1, make_rng(0))


def test_the_noise_that_is_left_at_the_end_fits_any_number_of_episodes():
    for episodes in (1, 30, 300):
        assert noise_decay(episodes, left=0.1) ** episodes == pytest.approx(0.1)
    with pytest.raises(ValueError, match="at least one episode"):
        noise_decay(0)
