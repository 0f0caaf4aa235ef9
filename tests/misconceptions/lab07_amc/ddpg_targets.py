"""Answers to `ddpg_targets`."""

import torch

from course_lib.hardware import ddpg


def with_mask(reward, next_state, done, actor, critic, *, discount):
    """Right: done as a factor, detached at the end."""
    later = critic(next_state, actor(next_state))
    return (reward + discount * (1 - done.float()) * later).detach()


def only_where_it_goes_on(reward, next_state, done, actor, critic, *, discount):
    """Right: the critic is asked about the rows that go on."""
    targets = reward.clone()
    if not done.all():
        state = next_state[~done]
        with torch.no_grad():
            targets[~done] += discount * critic(state, actor(state))
    return targets


def row_by_row(reward, next_state, done, actor, critic, *, discount):
    """Right: one by one, in plain numbers."""
    found = []
    for r, s, end in zip(reward, next_state, done, strict=True):
        later = 0.0 if end else critic(s[None], actor(s[None])).item()
        found.append(r.item() + discount * later)
    return torch.tensor(found)


@torch.no_grad()
def masked_fill(reward, next_state, done, actor, critic, *, discount):
    """Right: the decorator, and masked_fill."""
    return reward + discount * critic(next_state, actor(next_state)).masked_fill(done, 0.0)


def _targets(
    go_on=lambda done: (~done).float(),
    act=lambda actor, state: actor(state),
    value=lambda critic, state, action: critic(state, action),
    total=lambda r, g, q, on: r + g * on * q,
    end=lambda found: found.detach(),
):
    """Right unless a part is exchanged."""

    def ddpg_targets(reward, next_state, done, actor, critic, *, discount):
        q = value(critic, next_state, act(actor, next_state))
        return end(total(reward, discount, q, go_on(done)))

    return ddpg_targets


def subtracts_a_bool(reward, next_state, done, actor, critic, *, discount):
    with torch.no_grad():
        return reward + discount * (1 - done) * critic(next_state, actor(next_state))


def into_rewards(reward, next_state, done, actor, critic, *, discount):
    with torch.no_grad():
        reward += discount * ~done * critic(next_state, actor(next_state))
    return reward


def clears_states(reward, next_state, done, actor, critic, *, discount):
    found = with_mask(reward, next_state, done, actor, critic, discount=discount)
    next_state[done] = 0.0
    return found


def clears_states_first(reward, next_state, done, actor, critic, *, discount):
    """In place, so that the critic sees zeros where an episode ended."""
    next_state.mul_(~done[:, None])
    return with_mask(reward, next_state, done, actor, critic, discount=discount)


def freezes(reward, next_state, done, actor, critic, *, discount):
    """Right numbers, and the networks require no gradients any more."""
    for network in (actor, critic):
        for value in getattr(network, "parameters", list)():
            value.requires_grad_(False)
    return with_mask(reward, next_state, done, actor, critic, discount=discount)


def evaluates(reward, next_state, done, actor, critic, *, discount):
    for network in (actor, critic):
        if hasattr(network, "eval"):
            network.eval()
    return with_mask(reward, next_state, done, actor, critic, discount=discount)


def goes_backward(reward, next_state, done, actor, critic, *, discount):
    found = _targets(end=lambda found: found)(
        reward, next_state, done, actor, critic, discount=discount
    )
    if found.requires_grad:
        found.sum().backward()
    return found.detach()


def noisy_action(actor, state):
    """Exploration noise in the target."""
    return (actor(state) + 0.1 * torch.randn(len(state), 1)).clamp(0, 1)


def two_steps(reward, next_state, done, actor, critic, *, discount):
    """Rewards of the following rows are summed up as well."""
    found = with_mask(reward, next_state, done, actor, critic, discount=discount)
    return found + discount * torch.cat([reward[1:], torch.zeros(1)])


def done_as_a_whole(reward, next_state, done, actor, critic, *, discount):
    """The discount is 0 only where all of the batch ends."""
    with torch.no_grad():
        factor = 0 if done.all() else discount
        return reward + factor * critic(next_state, actor(next_state))


def calls_library(reward, next_state, done, actor, critic, *, discount):
    return ddpg.ddpg_targets(reward, next_state, done, actor, critic, discount=discount)


DONE = "done is ignored"
INVERTED = "done is read the wrong way round"
DISCOUNT = "the discount is left out, or at the wrong place"
ACTION = "the critic is asked about another action than the actor's"
REWARD = "the reward is left out"
GRAPH = "the targets carry a graph"
TOUCHED = "the target networks are changed"
CHANGED = "the function changes its arguments"
BEFORE = "✘ before the end the critic is asked"
WRONG = [
    (_targets(go_on=lambda done: torch.ones(len(done))), DONE),
    (_targets(go_on=lambda done: done.float()), INVERTED),
    (_targets(total=lambda r, g, q, on: r + on * q), DISCOUNT),
    (_targets(total=lambda r, g, q, on: g * (r + on * q)), DISCOUNT),
    (_targets(total=lambda r, g, q, on: g * r + on * q), DISCOUNT),
    (_targets(total=lambda r, g, q, on: (1 - g) * r + g * on * q), DISCOUNT),
    (_targets(total=lambda r, g, q, on: r + g * g * on * q), BEFORE),
    (_targets(total=lambda r, g, q, on: r - g * on * q), BEFORE),
    (_targets(total=lambda r, g, q, on: r + 0.99 * on * q), BEFORE),
    (_targets(total=lambda r, g, q, on: on * (r + g * q)), "✘ at the end only the reward counts"),
    (_targets(total=lambda r, g, q, on: g * on * q), REWARD),
    (_targets(total=lambda r, g, q, on: r), BEFORE),
    (_targets(total=lambda r, g, q, on: r + g * on * q.max()), BEFORE),
    (_targets(total=lambda r, g, q, on: r + g * on * q.mean()), BEFORE),
    (_targets(total=lambda r, g, q, on: r + g * on * q.clamp(min=0)), "✘"),
    (_targets(total=lambda r, g, q, on: r + g * on * q - r.mean()), BEFORE),
    (_targets(total=lambda r, g, q, on: r.clamp(-1, 1) + g * on * q), "✘"),
    (_targets(total=lambda r, g, q, on: r if on.sum() < len(on) else r + g * q), "✘ every row"),
    (_targets(total=lambda r, g, q, on: r[:, None] + g * on * q), "the answer has shape"),
    (_targets(total=lambda r, g, q, on: (r + g * on * q)[:, None]), "the answer has shape"),
    (_targets(total=lambda r, g, q, on: (r + g * on * q).mean()), "the answer has shape"),
    (_targets(act=lambda actor, state: torch.zeros(len(state), 1)), ACTION),
    (_targets(act=lambda actor, state: actor(state).round()), BEFORE),
    (_targets(act=noisy_action), BEFORE),
    (_targets(act=lambda actor, state: actor(state)[:, 0]), "critic(state, action) expects shapes"),
    (_targets(value=lambda critic, state, action: critic(action, state)), "expects shapes"),
    (_targets(end=lambda found: found), GRAPH),
    (done_as_a_whole, "✘ every row by itself"),
    (freezes, TOUCHED),
    (evaluates, TOUCHED),
    (goes_backward, TOUCHED),
    (into_rewards, CHANGED),
    (clears_states, CHANGED),
    (clears_states_first, CHANGED),
    (two_steps, "✘"),
    (subtracts_a_bool, "bool"),
    (_targets(end=lambda found: found.detach().tolist()), "of type list, expected a tensor"),
    (_targets(end=lambda found: None), "`return` missing"),
    (calls_library, "library's function is called"),
]
RIGHT = [with_mask, only_where_it_goes_on, row_by_row, masked_fill]
POINTLESS = (
    lambda reward, next_state, done, actor, critic, *, discount: reward.clone(),
    lambda reward, next_state, done, actor, critic, *, discount: torch.zeros_like(reward),
)
PARTICULAR = {
    DONE: {
        "at the end only the reward counts",
        "every row by itself",
        "a walk: the discounted returns",
    },
    GRAPH: {"no graph, and nothing is changed"},
}
