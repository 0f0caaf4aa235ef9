"""`episode`: beside the states, worked out layer by layer from what each layer costs."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.engine import Exercise
from course_lib.checks.lab07_amc import sections
from course_lib.checks.lab07_amc.stories import EXTRA, PARTS, Story
from course_lib.checks.laws import CHANGED
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import mistake

Macs = Callable[[Sequence[int]], Sequence[float]]
Answer = tuple[Tensor, Tensor, Tensor, Tensor, Tensor]


def _exchanged(
    reduced: Callable[[list[float], list[float], int], float] = lambda full, now, t: (
        sum(full[:t]) - sum(now[:t])
    ),
    rest: Callable[[list[float], list[float], int], float] = lambda full, now, t: sum(
        full[t + 1 : -1]
    ),
    shares: Callable[[list[float]], float] = sum,
    ratio: Callable[[list[float], int], float] = lambda ratios, t: ratios[t - 1] if t else 1.0,
    rewards: Callable[[Tensor], Tensor] = lambda rewards: rewards,
    last: Callable[[Tensor], Tensor] = torch.zeros_like,
    done: Callable[[Tensor], Tensor] = lambda done: done,
) -> Callable[..., Answer]:
    """An episode with one part exchanged."""

    def episode(
        features: Tensor, channels: Sequence[int], kept: Sequence[int], macs: Macs, reward: float
    ) -> Answer:
        layers = len(channels)
        ratios = [k / n for k, n in zip(kept, channels, strict=True)]
        full, rows = [*macs(channels)], []
        for t in range(layers):
            now = [*macs([*kept[:t], *channels[t:]])]
            parts = [part(full, now, t) / shares(full) for part in (reduced, rest)]
            rows.append([*parts, ratio(ratios, t)])
        states = torch.cat([features, torch.tensor(rows)], 1)
        following = torch.cat([states[1:], last(states[-1:])])
        ends = torch.arange(layers) == layers - 1
        every = torch.full((layers,), reward)
        return states, torch.tensor(ratios)[:, None], rewards(every), following, done(ends)

    return episode


MISTAKES = (
    EXTRA,
    mistake(
        "a state does not hold the ratio of the layer before",
        "The agent sees the state before it acts: what it knows is the ratio of the layer before, "
        "and 1 at the first layer.",
        _exchanged(ratio=lambda ratios, t: ratios[t]),
        _exchanged(ratio=lambda ratios, t: ratios[t - 1] if t else 0.0),
        _exchanged(ratio=lambda ratios, t: ratios[t - 1]),
    ),
    mistake(
        "reduced is not what the layers before save",
        "At layer t the counts are kept[:t] and then full; reduced is what the layers before t "
        "save in that network. What layer t saves on its inputs is not yet decided.",
        _exchanged(reduced=lambda full, now, t: sum(full) - sum(now)),
        _exchanged(reduced=lambda full, now, t: sum(full[: t + 1]) - sum(now[: t + 1])),
        _exchanged(reduced=lambda full, now, t: sum(now[:t])),
    ),
    mistake(
        "rest is not what the layers after cost",
        "rest is what the layers after t cost in the full network: neither layer t itself, nor "
        "the classifier, nor anything that was pruned.",
        _exchanged(rest=lambda full, now, t: sum(full[t:-1])),
        _exchanged(rest=lambda full, now, t: sum(full[t + 1 :])),
        _exchanged(rest=lambda full, now, t: sum(full[t:])),
        _exchanged(rest=lambda full, now, t: sum(now[t:-1])),
    ),
    mistake(
        "the shares are of another total",
        "reduced and rest are divided by the MACs of the whole full network, the classifier's "
        "included.",
        _exchanged(shares=lambda full: 1.0),
        _exchanged(shares=lambda full: sum(full[:-1])),
    ),
    mistake(
        "a transition has less than the whole reward",
        "Every one of the T transitions has the reward of the end, undivided.",
        _exchanged(rewards=lambda every: torch.cat([0 * every[:-1], every[-1:]])),
        _exchanged(rewards=lambda every: every / len(every)),
    ),
    mistake(
        "the end is marked wrongly",
        "done is True for the last transition and for no other; its next state is all zeros.",
        _exchanged(done=torch.zeros_like),
        _exchanged(done=torch.ones_like),
        _exchanged(done=torch.logical_not),
        _exchanged(last=lambda state: state),
    ),
    CHANGED,
)


def probe(ask: Ask, variant: int) -> dict[str, Tensor]:
    """The whole episode of a chain of five layers."""
    found = Story(seeded(variant, 9), 5).asked(ask)
    return {name: part.detach() for name, part in found.items()}


def one_layer(ask: Ask, variant: int) -> None:
    """A chain of one layer: nothing before it, nothing after it, and its end is the end."""
    for width in (1, 4):
        Story(seeded(variant, width), 1, width).require(ask, *PARTS)


def executed(ask: Ask, variant: int) -> None:
    """Actions are kept / channels; each state knows the one before it, and its own features."""
    rng = seeded(variant, 2)
    for layers in (2, 5, 8):
        story = Story(rng, layers, 1 + variant % 4)
        story.require(ask, "actions")
        story.require(ask, "states", columns=slice(-1, None))
        story.require(ask, "states", columns=slice(None, -3))


def reduced(ask: Ask, variant: int) -> None:
    """What the layers before save, as a share; nothing, as long as nothing is pruned."""
    rng = seeded(variant, 3)
    for layers in (2, 4, 7):
        story = Story(rng, layers)
        story.require(ask, "states", columns=slice(-3, -2))
        story.kept = [*story.channels]
        story.require(ask, "states", columns=slice(-3, -2))


def rest(ask: Ask, variant: int) -> None:
    """What the layers after cost in the full network, as a share, whatever was kept."""
    rng = seeded(variant, 4)
    for layers in (2, 4, 7):
        story = Story(rng, layers)
        story.require(ask, "states", columns=slice(-2, -1))
        story.kept = [1] * layers
        story.require(ask, "states", columns=slice(-2, -1))


def shared_reward(ask: Ask, variant: int) -> None:
    """Every transition has the reward of the end: positive, negative or zero."""
    rng = seeded(variant, 5)
    for layers, reward in ((3, 0.75), (6, -2.5), (4, 0.0)):
        story = Story(rng, layers)
        story.reward = reward
        story.require(ask, "rewards")


def next_states(ask: Ask, variant: int) -> None:
    """The next state is the following transition's state; the end is done, and zeros follow."""
    rng = seeded(variant, 6)
    for layers in (2, 3, 9):
        Story(rng, layers).require(ask, "next_states", "done")


episode = Exercise(
    lab="lab07_amc",
    name="episode",
    section=sections.AMC,
    library=(
        "course_lib.hardware.amc_env:episode",
        "course_lib.hardware.amc_env:observe",
    ),
    laws={
        "a chain of one layer": one_layer,
        "what was executed, and what came before": executed,
        "reduced: what the layers before save": reduced,
        "rest: what the layers after cost": rest,
        "all transitions share the reward": shared_reward,
        "the next states, and the end": next_states,
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "One row for each layer. What does the agent know when it comes to layer t? The counts "
        "kept[:t] are decided, all others are still full.",
        "macs([*kept[:t], *channels[t:]]) costs every layer at that moment, the classifier last. "
        "reduced compares its first t entries with those of macs(channels).",
        "rest is sum(full[t + 1 : -1]) / sum(full). The ratio before is kept[t - 1] / "
        "channels[t - 1], and 1 for t = 0, where an index of -1 would be the last layer.",
        "torch.cat([features, new], 1) makes the states. The next ones are states[1:] and a row of "
        "zeros; done is torch.arange(T) == T - 1; torch.full((T,), reward) are the rewards.",
    ),
    basic="a chain of one layer",
)
