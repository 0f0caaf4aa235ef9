"""Training there and back: with the buffer it ends where it began, in plain floats it does not."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from matplotlib.axes import Axes
from numpy.typing import NDArray
from torch import Tensor

from course_lib.core import make_rng
from course_lib.meta.fixed_point import Ratio, ratio
from course_lib.meta.reversible import Exact, Gradient, Plain, State
from course_lib.show.style import BLUE, GREEN, INK, VERMILION, axes

START = (-1.0, 1.5)
RATE = 0.6
KICK = 0.5
NOTHING = 1e-10
"""Where an error of exactly zero is drawn on a logarithmic axis; float32 has none so small."""


@dataclass(frozen=True)
class WayBackInfo:
    """Weights at steps 0, ..., T, (T + 1, 2): on the way there, and twice on the way back.

    bits: what the buffer holds at step T for each weight.
    """

    momentum: float
    there: NDArray[np.float64]
    exact: NDArray[np.float64]
    plain: NDArray[np.float64]
    bits: float

    @property
    def steps(self) -> int:
        return len(self.there) - 1

    def errors(self, back: NDArray[np.float64]) -> NDArray[np.float64]:
        """Largest distance of a weight after 0, ..., T undone steps; inf beyond all floats."""
        distance = np.abs(back - self.there).max(1)[::-1]
        return np.where(np.isfinite(distance), distance, np.inf)

    @property
    def lost(self) -> int | None:
        """How many steps plain floats undo until they are off by more than 0.1."""
        beyond = np.flatnonzero(self.errors(self.plain) > 0.1)
        return int(beyond[0]) if len(beyond) else None

    @property
    def limits(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The least and greatest weights of a picture of the way there, (2,) each."""
        return self.there.min(0) - 0.6, self.there.max(0) + 0.6

    @property
    def short(self) -> str:
        return (
            f"buffer {self.bits:.1f} bits a weight, copies {32 * self.steps} bits; plain floats "
            f"end {self.errors(self.plain)[-1]:.2g} from the start"
        )

    def describe(self) -> str:
        plain, exact = (self.errors(back)[-1] for back in (self.plain, self.exact))
        when = f"off by more than 0.1 after {self.lost} steps" if self.lost else "still near"
        return (
            f"{self.steps} steps with momentum {self.momentum:g}, and back. With the buffer the "
            f"way back ends {'exactly' if exact == 0 else f'{exact:.2g} from'} where it began; the "
            f"buffer held {self.bits:.1f} bits for each weight, {self.steps} copies of a weight "
            f"hold {32 * self.steps}. Without it, in 32-bit floats, the way back is {when}, and "
            f"{plain:.2g} away at the end."
        )


def valley(kick: Tensor) -> Gradient:
    """The gradient of a long valley that bends a little, with the kick that a batch gives."""

    def gradient(weights: Tensor) -> Tensor:
        x, y = weights[0] - 1, weights[1] - 0.5
        return torch.stack([0.05 * x + 0.1 * torch.sin(2 * y), y + 0.2 * torch.sin(x)]) + kick

    return gradient


def way_back_info(momentum: float = 0.9, steps: int = 300, *, seed: int = 0) -> WayBackInfo:
    """float32 weights, first with 64-bit fixed point and buffer, then in floats alone."""
    start, by = torch.tensor(START), ratio(momentum)
    kicks = list(KICK * torch.randn(steps, 2, generator=make_rng(seed)))
    exact, plain = Exact(start), Plain(start)
    there = _walk(exact, exact.forward, kicks, by)
    bits = exact.buffer.bits
    _walk(plain, plain.forward, kicks, by)
    back, astray = (_walk(state, state.back, kicks[::-1], by)[::-1] for state in (exact, plain))
    return WayBackInfo(momentum, there, back, astray, bits)


def _walk(
    state: State, step: Callable[[Gradient, float, Ratio], None], kicks: list[Tensor], by: Ratio
) -> NDArray[np.float64]:
    """The weights before the first step and after every step: (steps + 1, 2)."""
    seen = [state.weights]
    for kick in kicks:
        step(valley(kick), RATE, by)
        seen.append(state.weights)
    return torch.stack(seen).double().numpy()


def plot_paths(info: WayBackInfo, *, ax: Axes | None = None) -> Axes:
    """The way there, the exact way back as rings on it, and the floats that leave it."""
    ax = axes(ax)
    some = max(1, info.steps // 60)
    ax.plot(*info.there.T, color=BLUE, label="there")
    ax.plot(*info.exact.T, "o", color=GREEN, markerfacecolor="none", markevery=some,
            label="back, buffer")  # fmt: skip
    ax.plot(*info.plain.T, "--", color=VERMILION, label="back, floats")
    ax.plot(*START, "*", color=INK, markersize=16)
    ax.annotate("start", START, (-12, 4), textcoords="offset points", ha="right")
    (left, low), (right, high) = info.limits
    ax.set(xlim=(left, right), ylim=(low, high), xlabel="first weight", ylabel="second weight")
    ax.legend(fontsize="small", loc="lower center", bbox_to_anchor=(0.5, 1.0), ncol=3,
              columnspacing=1, handlelength=1.5)  # fmt: skip
    return ax


def plot_way_back_errors(info: WayBackInfo, *, ax: Axes | None = None) -> Axes:
    """How far the way back is from the way there, by the number of steps undone, log scale."""
    ax = axes(ax)
    undone = np.arange(info.steps + 1)
    exact, plain = info.errors(info.exact), info.errors(info.plain)
    ax.plot(undone, np.maximum(plain, NOTHING), "--", color=VERMILION)
    ax.plot(undone, np.maximum(exact, NOTHING), color=GREEN, linewidth=4)
    ax.annotate("with the buffer: exactly 0", (info.steps / 2, NOTHING), (0, 8), ha="center",
                textcoords="offset points", color=GREEN)  # fmt: skip
    ax.annotate("plain floats", (info.steps * 0.04, 1e-4), color=VERMILION)
    ax.set(yscale="log", ylim=(NOTHING / 5, 1e4), xlabel="steps undone", ylabel="error of a weight")
    powers = range(-8, 5, 2)
    ax.set_yticks([NOTHING, *(10.0**power for power in powers)],
                  ["0", *(f"$10^{{{power}}}$" for power in powers)])  # fmt: skip
    return ax
