"""Right ways to write `episode`."""

import numpy as np
import torch

from course_lib.hardware.amc_env import Episode


def one_by_one(features, channels, kept, macs, reward):
    """Right: states in a list, an Episode of stacked rows."""
    layers = len(channels)
    full, states = macs(list(channels)), []
    for t in range(layers):
        counts = [kept[i] if i < t else channels[i] for i in range(layers)]
        now = macs(counts)
        saved = sum(full[i] - now[i] for i in range(t))
        later = sum(full[i] for i in range(t + 1, layers))
        before = kept[t - 1] / channels[t - 1] if t else 1.0
        new = torch.tensor([saved / sum(full), later / sum(full), before])
        states.append(torch.cat([features[t], new]))
    states = torch.stack(states)
    following = torch.zeros_like(states)
    following[:-1] = states[1:]
    done = torch.zeros(layers, dtype=torch.bool)
    done[-1] = True
    ratios = torch.tensor([k / n for k, n in zip(kept, channels, strict=True)])
    return Episode(states, ratios.unsqueeze(1), torch.full((layers,), reward), following, done)


def as_a_tuple(features, channels, kept, macs, reward):
    """Right: numpy inside, a plain tuple outside."""
    layers = len(channels)
    ratios = np.array(kept) / np.array(channels)
    full = np.array(macs(channels), dtype=float)
    now = np.array([macs([*kept[:t], *channels[t:]]) for t in range(layers)], dtype=float)
    saved = [(full - now[t])[:t].sum() for t in range(layers)]
    later = np.append(full[:-1][::-1].cumsum()[::-1][1:], 0.0)
    extra = np.stack([saved / full.sum(), later / full.sum(), np.append(1.0, ratios[:-1])], 1)
    states = torch.cat([features, torch.tensor(extra, dtype=torch.float32)], 1)
    rewards = torch.full((layers,), float(reward))
    following = torch.cat([states, torch.zeros(1, states.shape[1])])[1:]
    done = torch.tensor([False] * (layers - 1) + [True])
    actions = torch.tensor(ratios, dtype=torch.float32).reshape(layers, 1)
    return states, actions, rewards, following, done


def with_roll(features, channels, kept, macs, reward):
    """Right: columns first, then rolled."""
    layers = len(channels)
    full = torch.tensor(macs(channels), dtype=torch.float64)
    ratios = torch.tensor(kept) / torch.tensor(channels)
    before = ratios.roll(1)
    before[0] = 1.0
    saved = torch.zeros(layers, dtype=torch.float64)
    for t in range(1, layers):
        saved[t] = full[:t].sum() - sum(macs(kept[:t] + channels[t:])[:t])
    later = full[:-1].sum() - full[:-1].cumsum(0)
    new = torch.stack([saved / full.sum(), later / full.sum(), before.double()], 1).float()
    states = torch.cat([features, new], 1)
    following = states.roll(-1, 0)
    following[-1] = 0.0
    return Episode(
        states=states,
        actions=ratios[:, None],
        rewards=torch.tensor([reward] * layers),
        next_states=following,
        done=torch.arange(layers) + 1 == layers,
    )


def all_pruned_at_once(features, channels, kept, macs, reward):
    """Right: what a layer costs depends on its inputs and outputs alone."""
    found = one_by_one(features, channels, kept, macs, reward)
    full, pruned = macs(channels), macs(kept)
    for t in range(len(channels)):
        found.states[t, -3] = (sum(full[:t]) - sum(pruned[:t])) / sum(full)
    following = torch.cat([found.states[1:], torch.zeros(1, found.states.shape[1])])
    return found._replace(next_states=following)
