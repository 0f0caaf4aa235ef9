"""Answers to `episode`."""

import numpy as np
import torch

from course_lib.hardware import amc_env
from course_lib.hardware.amc_env import Episode
from tests.misconceptions.lab07_amc.remembered import (
    all_pruned_at_once,
    as_a_tuple,
    one_by_one,
    with_roll,
)


def _told(
    saved=lambda full, now, t: sum(full[:t]) - sum(now[:t]),
    later=lambda full, now, t: sum(full[t + 1 : -1]),
    whole=lambda full: sum(full),
    before=lambda ratios, t: ratios[t - 1] if t else 1.0,
    action=lambda ratio: ratio,
    rewards=lambda reward, layers: torch.full((layers,), reward),
    last=lambda states: torch.zeros_like(states[:1]),
    done=lambda layers: torch.arange(layers) == layers - 1,
    order=lambda features, new: torch.cat([features, new], 1),
    columns=(0, 1, 2),
    end=lambda found: found,
):
    """Right unless a part is exchanged."""

    def episode(features, channels, kept, macs, reward):
        layers, full = len(channels), macs(channels)
        ratios = [k / n for k, n in zip(kept, channels, strict=True)]
        rows = []
        for t in range(layers):
            now = macs([*kept[:t], *channels[t:]])
            row = (
                saved(full, now, t) / whole(full),
                later(full, now, t) / whole(full),
                before(ratios, t),
            )
            rows.append([row[i] for i in columns])
        states = order(features, torch.tensor(rows))
        following = torch.cat([states[1:], last(states)])
        actions = torch.tensor([action(ratio) for ratio in ratios])[:, None]
        found = Episode(states, actions, rewards(reward, layers), following, done(layers))
        return end(found)

    return episode


def extra_transition(found):
    """The state of zeros becomes a transition of its own."""
    pad = [torch.cat([part, part[-1:]]) for part in found]
    pad[0][-1] = 0
    return Episode(*pad)


def one_short(found):
    return Episode(*(part[:-1] for part in found))


def last_reward(reward, layers):
    rewards = torch.zeros(layers)
    rewards[-1] = reward
    return rewards


def shared_out(reward, layers):
    return torch.full((layers,), reward / layers)


def discounted(reward, layers):
    return torch.tensor([reward * 0.99 ** (layers - 1 - t) for t in range(layers)])


def counts_as_actions(features, channels, kept, macs, reward):
    found = one_by_one(features, channels, kept, macs, reward)
    return found._replace(actions=torch.tensor(kept).float()[:, None])


def pruned_away(features, channels, kept, macs, reward):
    """The share that goes, not the share that stays."""
    found = one_by_one(features, channels, kept, macs, reward)
    return found._replace(actions=1 - found.actions)


def counts_kept_so_far_only(features, channels, kept, macs, reward):
    """macs is asked about the layers so far."""
    return one_by_one(features, channels, kept, lambda counts: macs(counts[:1]), reward)


def into_features(features, channels, kept, macs, reward):
    found = one_by_one(features, channels, kept, macs, reward)
    features.clamp_(max=0.5)
    return found


def pops(features, channels, kept, macs, reward):
    found = one_by_one(features, channels, list(kept), macs, reward)
    kept.pop()
    return found


def in_columns(features, channels, kept, macs, reward):
    found = one_by_one(features, channels, kept, macs, reward)
    return found._replace(done=found.done.float())


def in_double(features, channels, kept, macs, reward):
    found = one_by_one(features, channels, kept, macs, reward)
    return found._replace(states=found.states.double(), next_states=found.next_states.double())


def rewards_in_double(features, channels, kept, macs, reward):
    found = one_by_one(features, channels, kept, macs, reward)
    return found._replace(rewards=torch.tensor(np.full(len(channels), reward)))


def calls_library(features, channels, kept, macs, reward):
    return amc_env.episode(features, channels, kept, macs, reward)


EXTRA = "an episode has a transition too many or too few"
RATIO = "a state does not hold the ratio of the layer before"
REDUCED = "reduced is not what the layers before save"
REST = "rest is not what the layers after cost"
TOTAL = "the shares are of another total"
WHOLE = "a transition has less than the whole reward"
END = "the end is marked wrongly"
CHANGED = "the function changes its arguments"
ONE = "✘ a chain of one layer"
DID = "✘ what was executed"
WRONG = [
    (_told(end=extra_transition), EXTRA),
    (_told(end=one_short), EXTRA),
    (_told(before=lambda ratios, t: ratios[t]), RATIO),
    (_told(before=lambda ratios, t: ratios[t - 1] if t else 0.0), RATIO),
    (_told(before=lambda ratios, t: ratios[t - 1]), RATIO),
    (_told(before=lambda ratios, t: 1.0), "the ratio before in states[1] is 1, expected 0."),
    (_told(saved=lambda full, now, t: sum(full) - sum(now)), REDUCED),
    (_told(saved=lambda full, now, t: sum(full[: t + 1]) - sum(now[: t + 1])), REDUCED),
    (_told(saved=lambda full, now, t: sum(now[:t])), REDUCED),
    (_told(saved=lambda full, now, t: sum(full[:t])), "reduced in states[1] is"),
    (_told(saved=lambda full, now, t: full[t - 1] - now[t - 1] if t else 0), "✘ reduced"),
    (_told(saved=lambda full, now, t: sum(now[:t]) - sum(full[:t])), "✘ reduced"),
    (_told(later=lambda full, now, t: sum(full[t:-1])), REST),
    (_told(later=lambda full, now, t: sum(full[t + 1 :])), REST),
    (_told(later=lambda full, now, t: sum(full[t:])), REST),
    (_told(later=lambda full, now, t: sum(full[:t])), "rest in states[0] is 0, expected 0."),
    (_told(later=lambda full, now, t: full[t + 1] if t + 2 < len(full) else 0), "✘ rest"),
    (_told(whole=lambda full: 1), TOTAL),
    (_told(whole=lambda full: sum(full[:-1])), TOTAL),
    (_told(whole=max), "✘"),
    (_told(rewards=last_reward), WHOLE),
    (_told(rewards=shared_out), WHOLE),
    (_told(rewards=discounted), "✘ all transitions share the reward"),
    (_told(rewards=lambda reward, layers: torch.full((layers,), abs(reward))), "✘"),
    (_told(rewards=lambda reward, layers: torch.full((layers, 1), reward)), "rewards has shape"),
    (_told(done=lambda layers: torch.zeros(layers, dtype=torch.bool)), END),
    (_told(done=lambda layers: torch.ones(layers, dtype=torch.bool)), END),
    (_told(done=lambda layers: torch.arange(layers) == 0), "✘"),
    (_told(last=lambda states: states[-1:]), END),
    (_told(last=lambda states: states[:1]), "✘"),
    (_told(columns=(1, 0, 2)), "✘"),
    (_told(columns=(2, 0, 1)), "✘ a chain of one layer"),
    (_told(order=lambda features, new: torch.cat([new, features], 1)), "✘ a chain of one layer"),
    (_told(order=lambda features, new: new), "states has shape"),
    (_told(action=lambda ratio: round(ratio, 1)), "✘ what was executed"),
    (_told(action=lambda ratio: 2 * ratio - 1), "actions[0]"),
    (_told(end=lambda found: found._replace(next_states=found.states)), "✘"),
    (_told(end=lambda found: found._replace(actions=found.actions[:, 0])), "actions has shape"),
    (_told(end=lambda found: found[:4]), "the answer is 4 entries"),
    (_told(end=lambda found: None), "`return` missing"),
    (_told(end=lambda found: found._asdict()), "expected the tuple (states, actions"),
    (counts_as_actions, "actions[0]"),
    (pruned_away, "actions[0]"),
    (counts_kept_so_far_only, "expects one count for each of the"),
    (into_features, CHANGED),
    (pops, CHANGED),
    (in_double, "states is torch.float64, expected torch.float32"),
    (rewards_in_double, "rewards is torch.float64, expected torch.float32"),
    (in_columns, "done is torch.float32, expected a tensor of torch.bool"),
    (calls_library, "library's function is called"),
]
RIGHT = [one_by_one, as_a_tuple, with_roll, all_pruned_at_once]
POINTLESS = (
    lambda features, channels, kept, macs, reward: Episode(
        torch.zeros(len(channels), features.shape[1] + 3),
        torch.zeros(len(channels), 1),
        torch.full((len(channels),), reward),
        torch.zeros(len(channels), features.shape[1] + 3),
        torch.arange(len(channels)) == len(channels) - 1,
    ),
)
PARTICULAR = {
    REDUCED: {"reduced: what the layers before save", "the next states, and the end"},
    WHOLE: {"all transitions share the reward"},
}
