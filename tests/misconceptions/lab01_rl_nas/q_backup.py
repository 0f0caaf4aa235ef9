"""Answers to `q_backup`."""

import torch


def backup_bootstraps(reward, next_q, terminal, *, discount=1.0):
    return reward + discount * next_q.amax(1)


def backup_inverted(reward, next_q, terminal, *, discount=1.0):
    return torch.where(terminal, reward + discount * next_q.amax(1), reward)


def backup_wrong_axis(reward, next_q, terminal, *, discount=1.0):
    best = next_q.amax(0)
    best = torch.cat([best, best, best, best])[: len(reward)]
    return torch.where(terminal, reward, reward + discount * best)


def backup_axis_zero(reward, next_q, terminal, *, discount=1.0):
    return reward.mean() + discount * next_q.amax(0)


def backup_global_max(reward, next_q, terminal, *, discount=1.0):
    return torch.where(terminal, reward, reward + discount * next_q.max())


def backup_mean(reward, next_q, terminal, *, discount=1.0):
    return torch.where(terminal, reward, reward + discount * next_q.mean(1))


def backup_undiscounted(reward, next_q, terminal, *, discount=1.0):
    return torch.where(terminal, reward, reward + next_q.amax(1))


def backup_discounts_reward(reward, next_q, terminal, *, discount=1.0):
    return torch.where(terminal, reward, discount * (reward + next_q.amax(1)))


def backup_drops_reward(reward, next_q, terminal, *, discount=1.0):
    return torch.where(terminal, reward, discount * next_q.amax(1))


def backup_argmax(reward, next_q, terminal, *, discount=1.0):
    return torch.where(terminal, reward, reward + discount * next_q.argmax(1))


def backup_minimum(reward, next_q, terminal, *, discount=1.0):
    return torch.where(terminal, reward, reward + discount * next_q.amin(1))


def backup_in_place(reward, next_q, terminal, *, discount=1.0):
    next_q[terminal] = 0.0
    return reward + discount * next_q.amax(1)


def backup_returns_max_object(reward, next_q, terminal, *, discount=1.0):
    return next_q.max(1)


def backup_absolute(reward, next_q, terminal, *, discount=1.0):
    return torch.where(terminal, reward, reward + discount * next_q.amax(1).abs().clamp(max=1.0))


def backup_loop(reward, next_q, terminal, *, discount=1.0):
    """Right: a Python loop."""
    targets = []
    for r, row, end in zip(reward.tolist(), next_q.tolist(), terminal.tolist(), strict=True):
        targets.append(r if end else r + discount * max(row))
    return torch.tensor(targets, dtype=torch.float64)


def backup_masked(reward, next_q, terminal, discount=1.0):
    """Right: a mask as a factor, single precision."""
    best, _ = torch.sort(next_q.float(), dim=1, descending=True)
    return reward.float() + discount * (1 - terminal.float()) * best[:, 0]


def backup_numpy(reward, next_q, terminal, *, discount=1.0):
    """Right: numpy, with a mask."""
    targets = reward.numpy().copy()
    going = ~terminal.numpy()
    targets[going] += discount * next_q.numpy()[going].max(axis=1)
    return torch.from_numpy(targets)


def backup_only_going(reward, next_q, terminal, *, discount=1.0):
    """Right: a copy of the rewards, added to where the string goes on."""
    targets = reward.clone()
    targets[~terminal] += discount * next_q[~terminal].max(dim=1).values
    return targets


def backup_topk(reward, next_q, terminal, *, discount=1.0):
    """Right: the first of topk, masked_fill."""
    return reward + next_q.topk(1, dim=1).values[:, 0].mul(discount).masked_fill(terminal, 0.0)


def backup_positive(reward, next_q, terminal, *, discount=1.0):
    return torch.where(terminal, reward, reward + discount * next_q.amax(1).clamp(min=0))


def backup_zeroed_rows(reward, next_q, terminal, *, discount=1.0):
    """Finished rows are multiplied by 0, the others keep a 0 among their choices."""
    padded = torch.cat([next_q, torch.zeros(len(next_q), 1)], 1) * ~terminal[:, None]
    return reward + discount * padded.amax(1)


def backup_squeezes(reward, next_q, terminal, *, discount=1.0):
    return torch.where(terminal, reward, reward + discount * next_q.squeeze().amax(-1))


def backup_adds_in_place(reward, next_q, terminal, *, discount=1.0):
    reward += torch.where(terminal, 0.0, discount * next_q.amax(1))
    return reward


WRONG = [
    (backup_bootstraps, "finished string is bootstrapped"),
    (backup_inverted, "terminal is read the wrong way round"),
    (backup_wrong_axis, "wrong axis"),
    (backup_axis_zero, "wrong axis"),
    (backup_global_max, "maximum runs over the whole batch"),
    (backup_mean, "mean over the next choices"),
    (backup_undiscounted, "discount is left out"),
    (backup_discounts_reward, "reward is discounted too"),
    (backup_drops_reward, "reward of an unfinished step is dropped"),
    (backup_argmax, "index of the best choice"),
    (backup_minimum, "minimum instead of the maximum"),
    (backup_in_place, "changes its arguments"),
    (backup_returns_max_object, "expected a tensor"),
    (backup_absolute, "best next choice"),
    (backup_positive, "best next choice"),
    (backup_zeroed_rows, "best next choice"),
    (backup_squeezes, "q_backup"),
    (backup_adds_in_place, "changes its arguments"),
]
RIGHT = [backup_loop, backup_masked, backup_numpy, backup_only_going, backup_topk]
POINTLESS = (
    lambda reward, *_, **__: reward,
    lambda reward, next_q, *_, **__: next_q.amax(1),
)
PARTICULAR = {
    "finished string": {
        "at the end only the reward counts",
        "swept back, the exact best rewards",
    }
}
