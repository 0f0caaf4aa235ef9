"""AMC: an agent learns how many channels each layer of a network needs (He et al. 2018)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from torch import Generator, Tensor

from course_lib.core import History, Trial, uniform
from course_lib.core.seam import expect_shape, named
from course_lib.core.steps import Steps, run_to_the_end
from course_lib.core.threads import one_thread
from course_lib.hardware.amc_env import Cost, Counts, Episode, episode
from course_lib.hardware.ddpg import Agent
from course_lib.hardware.exploration import noise_decay, truncated_normal
from course_lib.hardware.pruning import ActionMap, Pruning, clip
from course_lib.hardware.replay import Batch, Memory


class Remember(Protocol):
    """An episode's transitions, as `episode` gives them."""

    def __call__(
        self, features: Tensor, channels: Counts, kept: Counts, macs: Cost, reward: float, /
    ) -> Episode: ...


@dataclass(frozen=True)
class AmcStep:
    """One episode.

    trial: the pruned network, its channels being the architecture. played: what was remembered.
    noise: standard deviation around the actor's ratios; None while they are drawn at random.
    baseline: mean of the rewards before, recent ones counting more.
    """

    trial: Trial
    played: Episode
    noise: float | None
    baseline: float


def amc_steps(
    pruning: Pruning,
    rng: Generator,
    *,
    episodes: int = 400,
    warmup: int = 100,
    act: ActionMap = clip,
    noise: float = 0.5,
    noise_left: float = 0.05,
    updates: int = 1,
    batch: int = 64,
    memory: int = 100,
    baseline_decay: float = 0.95,
    remember: Remember = episode,
    agent: Callable[[int, Generator], Agent] = Agent,
) -> Steps[AmcStep, History]:
    """Prune layer by layer, ask for the reward, remember what was carried out, learn; repeat.

    ratio_t ~ truncated normal(actor(state_t), noise) in [lowest, 1]
    then T * updates batches from the memory, the baseline being taken from their rewards

    warmup: episodes of uniform ratios, in which nothing is learnt. noise_left: the share of the
    noise that is left at the last episode; it falls by the same factor each time. memory: in
    episodes. act: makes channel counts of ratios.
    Source: He et al. 2018, sec. 3.3 and 4.
    """
    if not 0 < warmup < episodes:
        raise ValueError(f"expected 0 < warmup < episodes, got {warmup} and {episodes}")
    learner = agent(pruning.features.shape[1] + 3, rng)
    remembered = Memory(memory * len(pruning.channels))
    decay = noise_decay(episodes - warmup, left=noise_left)
    history, baseline = History(), 0.0
    for number in range(episodes):
        spread = None if number < warmup else noise * decay ** (number - warmup)
        with one_thread():
            counts = prune(pruning, learner, spread, rng, act=act)
            trial = pruning.measure(counts)
            played = _played(remember, pruning, trial)
            remembered.add(Batch(*played))
            if spread is not None:
                for _ in range(updates * len(counts)):
                    learner.learn(remembered.draw(batch, rng), baseline)
        history.append(trial)
        yield AmcStep(trial, played, spread, baseline)
        weight = baseline_decay if number else 0.0
        baseline = weight * baseline + (1 - weight) * trial.value
    return history


amc = run_to_the_end(amc_steps, "amc")


def prune(
    pruning: Pruning,
    agent: Agent,
    noise: float | None,
    rng: Generator,
    *,
    act: ActionMap = clip,
) -> tuple[int, ...]:
    """The channels of one episode: the ratios of the actor, with noise; None: uniform ones."""
    actions: list[float] = []
    counts: tuple[int, ...] = ()
    for _ in pruning.channels:
        if noise is None:
            ratio = pruning.lowest + (1 - pruning.lowest) * uniform(rng)
        else:
            mean = max(pruning.lowest, agent.act(pruning.state(counts)))
            ratio = truncated_normal(mean, noise, pruning.lowest, 1.0, rng)
        actions.append(ratio)
        counts = act(pruning, actions)
    return counts


def _played(remember: Remember, pruning: Pruning, trial: Trial) -> Episode:
    """The episode's transitions; where their form is wrong, an error that names the function."""
    played = Episode(
        *remember(pruning.features, pruning.channels, trial.arch, pruning.cost, trial.value)
    )
    steps, states = len(pruning.channels), pruning.features.shape[1] + 3
    shapes = ((steps, states), (steps, 1), (steps,), (steps, states), (steps,))
    for field, part, shape in zip(Episode._fields, played, shapes, strict=True):
        expect_shape(f"{named('remember', remember)} ({field})", part, shape)
    return played
