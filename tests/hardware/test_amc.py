"""The search, its steps, the same problem as a space, and as an environment of gymnasium."""

import warnings
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch

from course_lib.core import Oracle, make_rng
from course_lib.hardware.amc import amc, amc_steps
from course_lib.hardware.amc_env import episode
from course_lib.hardware.ddpg import Agent
from course_lib.hardware.pruning import accuracy_guaranteed, clip, share
from course_lib.hardware.ratio_space import RatioSpace
from course_lib.nas.search import random_search, regularized_evolution
from tests.hardware.small_pruning import by_latency, small_pruning, with_depthwise

SMALL_AGENT = partial(Agent, hidden=8)
short = partial(amc, episodes=12, warmup=5, agent=SMALL_AGENT)
PROBLEMS = {
    "accuracy": small_pruning(),
    "latency": by_latency(small_pruning()),
    "depthwise": with_depthwise(),
    "guaranteed": small_pruning(reward=accuracy_guaranteed, share=1.0),
}
every_map = pytest.mark.parametrize("act", [clip, share])
every_problem = pytest.mark.parametrize("pruning", PROBLEMS.values(), ids=PROBLEMS)


@every_map
@every_problem
def test_every_episode_keeps_the_budget_and_is_measured_as_it_is(act, pruning):
    history = short(pruning, make_rng(0), act=act)
    assert len(history) == 12
    for trial in history:
        assert sum(pruning.cost(trial.arch)) <= pruning.budget
        assert trial == pruning.measure(trial.arch)


@every_map
def test_same_seed_same_history_whatever_the_global_generator_does(act):
    pruning = small_pruning()
    torch.manual_seed(0)
    state = torch.get_rng_state()
    first = short(pruning, make_rng(1), act=act)
    assert torch.equal(state, torch.get_rng_state())
    torch.rand(3)
    assert short(pruning, make_rng(1), act=act) == first
    assert short(pruning, make_rng(2), act=act) != first


def test_steps_hold_what_was_carried_out_and_the_mean_of_the_rewards_before():
    pruning = small_pruning()
    running = amc_steps(
        pruning, make_rng(0), episodes=8, warmup=4, baseline_decay=0.75, agent=SMALL_AGENT
    )
    baseline, noise = 0.0, []
    for number, step in enumerate(running):
        ratios = [k / c for k, c in zip(step.trial.arch, pruning.channels, strict=True)]
        torch.testing.assert_close(step.played.actions[:, 0], torch.tensor(ratios))
        assert step.baseline == pytest.approx(baseline)
        value = step.trial.value
        baseline = value if number == 0 else 0.75 * baseline + 0.25 * value
        noise.append(step.noise)
    assert noise[:4] == [None] * 4
    assert noise[4] == 0.5
    assert np.diff(np.log(noise[4:])) == pytest.approx(np.log(0.05) / 4)


def test_the_transitions_can_be_made_by_a_function_that_is_handed_in():
    seen = []

    def own(features, channels, kept, macs, reward):
        seen.append(reward)
        return episode(features, channels, kept, macs, reward)

    history = short(small_pruning(), make_rng(0), remember=own)
    assert seen == history.values.tolist()
    assert history == short(small_pruning(), make_rng(0))


def test_transitions_of_a_wrong_form_are_refused_by_name():
    def one_more(*arguments):
        played = episode(*arguments)
        return played._replace(rewards=torch.cat([played.rewards, played.rewards[:1]]))

    said = r"remember=one_more \(rewards\) returned shape \(4,\), expected shape \(3,\)"
    with pytest.raises(ValueError, match=said):
        short(small_pruning(), make_rng(0), remember=one_more)


def test_the_agent_finds_the_layer_that_matters():
    """Only layer 0 counts, so what is learnt must be better than what was drawn at random."""
    pruning = replace(small_pruning(), accuracy=lambda counts: counts[0] / 6)
    agent = partial(Agent, hidden=32, actor_rate=1e-3)
    history = amc(pruning, make_rng(0), episodes=160, warmup=60, act=share, agent=agent)
    assert history.values[-30:].mean() > history.values[:60].mean() + 0.1


def test_episodes_that_leave_nothing_to_learn_are_refused():
    with pytest.raises(ValueError, match="0 < warmup < episodes, got 100 and 50"):
        amc(small_pruning(), make_rng(0), episodes=50)


@every_map
@every_problem
@pytest.mark.parametrize("search", [random_search, partial(regularized_evolution, population=4)])
def test_other_searches_see_the_same_problem(search, act, pruning):
    space = RatioSpace(pruning, act, levels=5)
    history = search(space, Oracle(space.measure, 10), make_rng(0))
    assert len(history) == 10
    for trial in history:
        kept = space.channels(trial.arch)
        assert trial.value == pruning.measure(kept).value
        assert sum(pruning.cost(kept)) <= pruning.budget


def test_a_grid_reaches_from_the_lowest_ratio_to_one():
    space = RatioSpace(small_pruning(lowest=0.4), levels=4)
    assert space.ratios == pytest.approx([0.4, 0.6, 0.8, 1.0])
    assert space.describe((0, 0, 0)) == "3-4-4"
    with pytest.raises(ValueError, match="two levels or more, got 1"):
        RatioSpace(small_pruning(), levels=1)


@every_map
@every_problem
def test_gymnasium_approves(act, pruning):
    from gymnasium.utils.env_checker import check_env

    from course_lib.hardware.pruning_env import PruningEnv

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*not having a spec")
        warnings.filterwarnings("ignore", message=".*symmetric and normalized space")
        check_env(PruningEnv(pruning, act))


@every_map
def test_an_episode_of_the_environment_is_an_episode_of_the_search(act):
    from course_lib.hardware.pruning_env import PruningEnv

    pruning = small_pruning()
    env = PruningEnv(pruning, act)
    observation, _ = env.reset(seed=0)
    seen = []
    for ratio in (0.9, 0.4, 0.7):
        seen.append(observation)
        observation, reward, done, cut, info = env.step(np.array([ratio], np.float32))
        assert not cut
    assert done
    assert info["kept"] == info["trial"].arch
    assert reward == pruning.measure(info["kept"]).value
    assert not observation.any()
    if act is clip:
        played = episode(pruning.features, pruning.channels, info["kept"], pruning.cost, reward)
        np.testing.assert_allclose(np.stack(seen), played.states)
    with pytest.raises(ValueError, match="call reset"):
        env.step(np.array([0.5], np.float32))
