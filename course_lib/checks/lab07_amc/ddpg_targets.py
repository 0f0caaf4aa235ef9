"""`ddpg_targets`: beside values worked out one by one, and the discounted return of a walk."""

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.engine import Exercise
from course_lib.checks.lab07_amc import sections
from course_lib.checks.lab07_amc.batches import Batch
from course_lib.checks.laws import CHANGED
from course_lib.checks.values import apart, same, shown, tensor
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong, mistake

GRAPH = Misconception(
    "the targets carry a graph",
    "A target is what the critic learns from, a plain number: gradients must not flow into the "
    "target networks. torch.no_grad() or .detach().",
)
TOUCHED = Misconception(
    "the target networks are changed",
    "Asking is all: no backward, no step, no other mode. They follow the online networks by "
    "soft updates.",
)


def _exchanged(
    ends: Callable[[Tensor], Tensor] = lambda done: done,
    acted: Callable[[Any, Tensor], Tensor] = lambda actor, state: actor(state),
    total: Callable[[Tensor, Tensor, float], Tensor] = lambda reward, later, discount: (
        reward + discount * later
    ),
) -> Callable[..., Tensor]:
    """Targets with one part exchanged; total: of reward and later value, the discount beside."""

    def ddpg_targets(
        reward: Tensor,
        next_state: Tensor,
        done: Tensor,
        actor: Any,
        critic: Any,
        *,
        discount: float,
    ) -> Tensor:
        with torch.no_grad():
            later = critic(next_state, acted(actor, next_state))
        return total(reward, torch.where(ends(done), torch.zeros_like(later), later), discount)

    return ddpg_targets


MISTAKES = (
    mistake(
        "done is ignored",
        "After the last transition nothing follows: its target is the reward alone.",
        _exchanged(ends=torch.zeros_like),
    ),
    mistake(
        "done is read the wrong way round",
        "The critic counts where done is False.",
        _exchanged(ends=torch.logical_not),
    ),
    mistake(
        "the discount is left out, or at the wrong place",
        "What comes one step later counts `discount` times as much; the reward counts whole.",
        _exchanged(total=lambda reward, later, discount: reward + later),
        _exchanged(total=lambda reward, later, discount: discount * (reward + later)),
        _exchanged(total=lambda reward, later, discount: discount * reward + later),
        _exchanged(
            total=lambda reward, later, discount: (1 - discount) * reward + discount * later
        ),
    ),
    mistake(
        "the critic is asked about another action than the actor's",
        "In the next state the target actor acts: critic(next_state, actor(next_state)).",
        _exchanged(acted=lambda actor, state: torch.zeros_like(actor(state))),
        _exchanged(acted=lambda actor, state: torch.ones_like(actor(state))),
        _exchanged(acted=lambda actor, state: actor(state).mean().expand(len(state), 1)),
    ),
    mistake(
        "the reward is left out",
        "target = reward + discount * what follows.",
        _exchanged(total=lambda reward, later, discount: discount * later),
    ),
    GRAPH,
    TOUCHED,
    CHANGED,
)


def probe(ask: Ask, variant: int) -> Tensor:
    """The targets of six transitions, of which two are the last ones, and of two last ones."""
    rng = seeded(variant, 9)
    some, all_of_them = [False, True, False, False, True, False], [True, True]
    return torch.cat([Batch(rng, e).asked(ask, 0.8).detach() for e in (some, all_of_them)])


def before_the_end(ask: Ask, variant: int) -> None:
    """Nothing ends: the reward and, discounted, the critic at the actor's action."""
    rng = seeded(variant)
    for count, discount in ((1, 0.5), (4, 0.9), (7, 1.0), (3, 0.0)):
        Batch(rng, [False] * count, 2 + variant % 3).require(ask, discount)


def at_the_end(ask: Ask, variant: int) -> None:
    """Every transition is a last one: only the reward counts, whatever the critic says."""
    rng = seeded(variant, 1)
    for count, discount in ((1, 1.0), (5, 0.7)):
        Batch(rng, [True] * count).require(ask, discount)


def row_by_row(ask: Ask, variant: int) -> None:
    """Some transitions end, others do not: every row by itself."""
    rng = seeded(variant, 2)
    for count in (2, 8, 64):
        ends = (torch.rand(count, generator=rng) < 0.4).tolist()
        ends[variant % count] = not ends[(variant + 1) % count]
        Batch(rng, ends).require(ask, 0.95)


def a_walk(ask: Ask, variant: int) -> None:
    """A walk whose states are numbered: asked T times, the targets are the discounted returns."""
    rng = seeded(variant, 3)
    for length, discount in ((1, 0.9), (4, 0.5), (6, 1.0)):
        reward = torch.randn(length, generator=rng)
        steer = 0.25 + 0.5 * float(torch.rand((), generator=rng))
        found = torch.zeros(length)
        for _ in range(length):
            found = _walked(ask, reward, found, steer, discount)
        parts = [
            [discount**k * r for k, r in enumerate(reward[t:].tolist())] for t in range(length)
        ]
        returns = torch.tensor([sum(part) for part in parts])
        if not same(found, returns, scale=30):
            right, wrong = apart(returns, found, 4)
            raise Wrong(
                f"a walk of {length} steps with rewards {shown(reward, 4)}, discount {discount:g}: "
                f"after {length} rounds the targets are {wrong}, the discounted returns {right}"
            )


def _walked(ask: Ask, reward: Tensor, values: Tensor, steer: float, discount: float) -> Tensor:
    """The targets where the critic says `values` of the places, and 5 of the one at the end."""
    length = len(values)

    def actor(state: Tensor) -> Tensor:
        return torch.zeros_like(state) + steer

    def critic(state: Tensor, action: Tensor) -> Tensor:
        there = torch.cat([values, torch.tensor([5.0])])[state[:, 0].long()]
        return there + 9 * (action[:, 0] - steer)

    places = torch.arange(1.0, length + 1)[:, None]
    done = torch.arange(1, length + 1) == length
    answer = ask(reward.clone(), places, done, actor, critic, discount=discount)
    return tensor(answer, (length,), "the answer").detach()


def no_graph(ask: Ask, variant: int) -> None:
    """The targets require no gradient; the target networks stay as they are, in .grad and mode."""
    for training in (False, True):
        batch = Batch(seeded(variant, 4), [False, True, False])
        networks = {"actor": batch.actor.train(training), "critic": batch.critic.train(training)}
        before = {name: copy.deepcopy(network.state_dict()) for name, network in networks.items()}
        answer = batch.asked(ask, 0.9)
        for name, network in networks.items():
            for key, value in network.named_parameters():
                stays = torch.equal(value, before[name][key]) and value.requires_grad
                if not stays or value.grad is not None:
                    what = f"{key} of the target {name}"
                    raise Wrong(f"{what}, its .grad or its requires_grad has changed", TOUCHED)
            if network.training != training:
                raise Wrong(f"the target {name} is in another mode after the call", TOUCHED)
        if answer.requires_grad:
            raise Wrong("the targets require a gradient", GRAPH)


ddpg_targets = Exercise(
    lab="lab07_amc",
    name="ddpg_targets",
    section=sections.DDPG,
    library=("course_lib.hardware.ddpg:ddpg_targets",),
    laws={
        "before the end the critic is asked": before_the_end,
        "at the end only the reward counts": at_the_end,
        "every row by itself": row_by_row,
        "a walk: the discounted returns": a_walk,
        "no graph, and nothing is changed": no_graph,
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "Where the episode goes on: reward + discount * critic(next_state, the actor's action "
        "there). Where it ends: reward.",
        "done is a bool tensor: torch.where(done, a, b) chooses row by row. 1 - done is refused "
        "for bools; ~done works.",
        "Everything within `with torch.no_grad():`, or .detach() at the end.",
    ),
    basic="before the end the critic is asked",
)
