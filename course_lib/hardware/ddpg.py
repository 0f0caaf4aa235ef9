"""Deep deterministic policy gradient: an agent whose action is one number in an interval."""

from collections.abc import Callable, Mapping
from typing import Protocol, TypeAlias

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from course_lib.core import module_rng
from course_lib.core.seam import expect_shape, named
from course_lib.hardware.replay import Batch

Actor: TypeAlias = Callable[[Tensor], Tensor]
"""actor(state (n, d)) -> action (n, 1)"""
Critic: TypeAlias = Callable[[Tensor, Tensor], Tensor]
"""critic(state (n, d), action (n, 1)) -> value (n,)"""


class Targets(Protocol):
    """What the critic should have said."""

    def __call__(
        self,
        reward: Tensor,
        next_state: Tensor,
        done: Tensor,
        actor: Actor,
        critic: Critic,
        /,
        *,
        discount: float,
    ) -> Tensor: ...


class SoftUpdate(Protocol):
    """The parameters of a target network after one step towards the online ones."""

    def __call__(
        self, target: dict[str, Tensor], online: dict[str, Tensor], /, *, tau: float
    ) -> dict[str, Tensor]: ...


def ddpg_targets(
    reward: Tensor,
    next_state: Tensor,
    done: Tensor,
    actor: Actor,
    critic: Critic,
    *,
    discount: float,
) -> Tensor:
    """Targets of the critic, (n,), without a graph.

    target = reward                                                        at the end of an episode
             reward + discount * critic(next_state, actor(next_state))     elsewhere

    reward (n,), next_state (n, d), done (n,) bool. actor and critic are the slow copies.
    Source: Lillicrap et al. 2016, algorithm 1.
    """
    with torch.no_grad():
        later = critic(next_state, actor(next_state))
        return torch.where(done, reward, reward + discount * later)


def soft_update(
    target: dict[str, Tensor], online: dict[str, Tensor], *, tau: float
) -> dict[str, Tensor]:
    """tau * online + (1 - tau) * target, parameter by parameter: a new dict without a graph.

    Source: Lillicrap et al. 2016, algorithm 1.
    """
    with torch.no_grad():
        return {name: torch.lerp(slow, online[name], tau) for name, slow in target.items()}


class Agent:
    """An actor in (0, 1), a critic, and their slow copies; three linear layers each.

    states: length of a state. tau: of the soft updates. discount: 1 in AMC.
    Source: Lillicrap et al. 2016, algorithm 1; sizes and rates: He et al. 2018, sec. 4.
    """

    def __init__(
        self,
        states: int,
        rng: Generator,
        *,
        hidden: int = 300,
        actor_rate: float = 1e-4,
        critic_rate: float = 1e-3,
        tau: float = 0.01,
        discount: float = 1.0,
        targets: Targets = ddpg_targets,
        soften: SoftUpdate = soft_update,
    ) -> None:
        self.actor, self.critic = (
            _parameters(inputs, hidden, rng) for inputs in (states, states + 1)
        )
        self._slow_actor, self._slow_critic = (
            {name: value.detach().clone() for name, value in online.items()}
            for online in (self.actor, self.critic)
        )
        self._actor_step, self._critic_step = (
            torch.optim.Adam(list(online.values()), lr=rate, fused=True)
            for online, rate in ((self.actor, actor_rate), (self.critic, critic_rate))
        )
        self._tau, self._discount = tau, discount
        self._targets, self._soften = targets, soften

    def act(self, state: Tensor) -> float:
        """The action in one state (d,), without noise."""
        with torch.no_grad():
            return action(self.actor, state[None]).item()

    def learn(self, batch: Batch, baseline: float = 0.0) -> float:
        """One update of critic and actor, then of the slow copies; the critic's loss before it.

        baseline: taken from the rewards.
        """
        answer = self._targets(
            batch.reward - baseline,
            batch.next_state,
            batch.done,
            lambda state: action(self._slow_actor, state),
            lambda state, chosen: value(self._slow_critic, state, chosen),
            discount=self._discount,
        )
        target = expect_shape(named("targets", self._targets), answer, batch.reward.shape)
        loss = F.mse_loss(value(self.critic, batch.state, batch.action), target)
        _descend(self._critic_step, self.critic, loss)
        chosen = action(self.actor, batch.state)
        _descend(self._actor_step, self.actor, -value(self.critic, batch.state, chosen).mean())
        self._slow_actor = self._soften(self._slow_actor, self.actor, tau=self._tau)
        self._slow_critic = self._soften(self._slow_critic, self.critic, tau=self._tau)
        return loss.item()


def action(actor: Mapping[str, Tensor], state: Tensor) -> Tensor:
    """(n, d) -> (n, 1) in (0, 1)."""
    return torch.sigmoid(_layers(actor, state))


def value(critic: Mapping[str, Tensor], state: Tensor, chosen: Tensor) -> Tensor:
    """(n, d), (n, 1) -> (n,)"""
    return _layers(critic, torch.cat([state, chosen], 1)).squeeze(1)


def _parameters(inputs: int, hidden: int, rng: Generator) -> dict[str, Tensor]:
    with module_rng(rng):
        layers = nn.Sequential(
            nn.Linear(inputs, hidden), nn.Linear(hidden, hidden), nn.Linear(hidden, 1)
        )
    return dict(layers.named_parameters())


def _layers(params: Mapping[str, Tensor], inputs: Tensor) -> Tensor:
    for layer in ("0", "1"):
        inputs = F.relu(F.linear(inputs, params[f"{layer}.weight"], params[f"{layer}.bias"]))
    return F.linear(inputs, params["2.weight"], params["2.bias"])


def _descend(optimizer: torch.optim.Optimizer, params: Mapping[str, Tensor], loss: Tensor) -> None:
    leaves = list(params.values())
    for leaf, gradient in zip(leaves, torch.autograd.grad(loss, leaves), strict=True):
        leaf.grad = gradient
    optimizer.step()
