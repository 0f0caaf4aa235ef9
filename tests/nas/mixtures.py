"""Logits that mixtures are drawn from, and whether draws come as often as they should."""

import torch
from scipy import stats

LOGITS = torch.tensor([0.5, -1.0, 1.5, 0.0], dtype=torch.float64)
FALSE_ALARM = 1e-4  # and every seed is fixed


def rows(count):
    """The same logits in every row, so that one call gives `count` independent draws."""
    return LOGITS.expand(count, -1)


def follows(counts, chances):
    """Chi-square: whether counts may come from these chances."""
    counts, chances = (torch.as_tensor(each, dtype=torch.float64) for each in (counts, chances))
    return stats.chisquare(counts.numpy(), (counts.sum() * chances).numpy()).pvalue > FALSE_ALARM
