"""What a trained slow network writes into fast weights, and what can be read from them."""

from dataclasses import dataclass

import numpy as np
import torch
from matplotlib.axes import Axes

from course_lib.core import make_rng
from course_lib.core.meta_train import Parameters
from course_lib.meta.fast_weights import KEYS, VALUES, episodes, run
from course_lib.show.meta.signs import SignsInfo, plot_signs


@dataclass(frozen=True)
class MemoryInfo:
    """One episode after some of its steps.

    fast: the fast weights. margins: for each pair, in the order of storing, and each bit of its
    value, how sure the answer would be if it were asked for now, negative where it is wrong, nan
    before it is stored. moment, steps: after how many of how many steps. event: the latest one.
    """

    fast: SignsInfo
    margins: SignsInfo
    moment: int
    steps: int
    event: str

    @property
    def right(self) -> tuple[int, int]:
        """Bits that would be recalled now, and bits that have been stored."""
        known = self.margins.values[np.isfinite(self.margins.values)]
        return int((known > 0).sum()), known.size

    def describe(self) -> str:
        right, stored = self.right
        return (
            f"After {self.moment} of {self.steps} steps, {self.event}: asked now the network "
            f"recalls {right} of {stored} stored bits. {self.fast.describe()}"
        )


def memory_info(
    theta: Parameters, *, moment: int, seed: int = 0, pairs: int = 3, distractors: int = 5
) -> MemoryInfo:
    """The episode of a seed after its first `moment` steps, questions left out.

    To ask leaves the fast weights as they are here: every pair is asked for in a copy.
    """
    steps = pairs + distractors
    if not 0 <= moment <= steps:
        raise ValueError(f"moment must be a number of steps from 0 to {steps}, got {moment}")
    task = episodes(make_rng(seed), count=1, pairs=pairs, distractors=distractors)
    shown = task.x[0, :steps]
    stored = shown[shown[:, -2] == 1]
    done = int((shown[:moment, -2] == 1).sum())
    with torch.no_grad():
        fast = run(theta, shown[None, :moment])[1][0, -1] if moment else theta["fast"]
        ask = torch.cat([stored[:, :KEYS], torch.zeros(pairs, VALUES + 1), torch.ones(pairs, 1)], 1)
        known = {**theta, "fast": fast}
        logits = torch.cat([run(known, question[None, None])[0][0] for question in ask])
    margins = (stored[:, KEYS:-2] * (logits / 2).tanh()).double().numpy()
    margins[done:] = np.nan
    keys = tuple(written_bits(row[:KEYS]) for row in stored)
    bits = tuple(str(bit + 1) for bit in range(VALUES))
    units = tuple(str(unit + 1) for unit in range(fast.shape[1]))
    return MemoryInfo(
        SignsInfo(fast.double().numpy(), bits, units, "fast weights, TO bits by FROM units"),
        SignsInfo(margins, keys, bits, "recall, if asked now"),
        moment,
        steps,
        _event(shown, moment),
    )


def written_bits(bits: torch.Tensor) -> str:
    """Bits of -1 and 1 as 0 and 1."""
    return "".join("1" if bit > 0 else "0" for bit in bits.tolist())


def _event(shown: torch.Tensor, moment: int) -> str:
    if not moment:
        return "nothing seen yet"
    latest = shown[moment - 1]
    if latest[-2] == 0:
        return "a distractor passed"
    return f"{written_bits(latest[KEYS:-2])} was stored for {written_bits(latest[:KEYS])}"


def plot_fast(info: MemoryInfo, *, ax: Axes | None = None) -> Axes:
    """The fast weights."""
    return plot_signs(info.fast, ax=ax)


def plot_margins(info: MemoryInfo, *, ax: Axes | None = None) -> Axes:
    """What would be recalled."""
    return plot_signs(info.margins, ax=ax)
