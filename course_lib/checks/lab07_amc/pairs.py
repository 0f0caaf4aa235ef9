"""Two layers with a norm and ReLU between them, whole, masked and pruned."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Generator, Tensor, nn

from course_lib.checks.ask import Ask, theirs
from course_lib.checks.values import kind, tuple_of
from course_lib.checks.wrong import Misconception, Wrong
from course_lib.core import module_rng

UNCUT = Misconception(
    "the next layer's inputs are not cut",
    "It had a slice of weights for every channel that it read: those of the channels that are gone "
    "must go, too.",
)
SIZES: dict[type, tuple[str, ...]] = {
    nn.Conv2d: ("in_channels", "out_channels"),
    nn.BatchNorm2d: ("num_features",),
    nn.Linear: ("in_features", "out_features"),
}
Layers = tuple[nn.Conv2d, nn.BatchNorm2d, Any]


class Masked(nn.Module):
    """Channels times 0 or 1."""

    def __init__(self, keep: Tensor, channels: int) -> None:
        super().__init__()
        self.mask = torch.zeros(channels).index_fill_(0, keep, 1.0)[:, None, None]

    def forward(self, x: Tensor) -> Tensor:
        return x * self.mask


@dataclass(frozen=True)
class Pair:
    """A convolution, its norm and what reads it, the channels that are kept, and pictures."""

    conv: nn.Conv2d
    norm: nn.BatchNorm2d
    following: Any
    keep: Tensor
    x: Tensor = field(repr=False)

    @property
    def layers(self) -> Layers:
        return self.conv, self.norm, self.following

    def masked(self) -> nn.Sequential:
        """The whole layers, the other channels 0 behind ReLU: what must come out."""
        return run(copy.deepcopy(self.layers), Masked(self.keep, self.conv.out_channels))

    def asked(self, ask: Ask, keep: Tensor | None = None) -> Layers:
        """The pruned layers, tested to be such layers; keep: a tensor of its own to hand in."""
        answer = ask(*self.layers, self.keep.clone() if keep is None else keep)
        conv, norm, following = tuple_of(answer, "conv", "norm", "following")
        for name, found, given in zip(
            ("conv", "norm", "following"), (conv, norm, following), self.layers, strict=True
        ):
            if type(found) is not type(given):
                raise Wrong(f"{name} is {kind(found)}, expected {type(given).__name__}")
            if found is given:
                raise Wrong(f"{name} is the module that was given, expected a new one")
        return conv, norm, following

    def told(self) -> str:
        kept = self.keep.tolist()
        return f"{self.conv.out_channels} channels, {kept} kept, read by {self.following}"


def pair(
    rng: Generator,
    keep: Sequence[int],
    channels: int,
    *,
    inputs: int = 3,
    outputs: int = 4,
    linear: bool = False,
    bias: bool = True,
    first: dict[str, Any] | None = None,
    second: dict[str, Any] | None = None,
    norm: dict[str, Any] | None = None,
) -> Pair:
    """Drawn at random, the norm as after a training: nothing in it is 0 or 1.

    linear: a linear layer reads the means. first, second, norm: options of the three modules.
    """
    one: dict[str, Any] = {"kernel_size": 3, "padding": 1, "bias": bias} | (first or {})
    two: dict[str, Any] = {"kernel_size": 3, "padding": 1, "bias": bias} | (second or {})
    with module_rng(rng):
        conv = nn.Conv2d(inputs, channels, **one)
        norms = nn.BatchNorm2d(channels, **(norm or {}))
        if linear:
            following: nn.Module = nn.Linear(channels, outputs, bias=bias)
        else:
            following = nn.Conv2d(channels, outputs, **two)
    with torch.no_grad():
        norms.weight.copy_(torch.rand(channels, generator=rng) + 0.5)
        norms.bias.copy_(torch.rand(channels, generator=rng) + 0.2)
        assert norms.running_mean is not None
        assert norms.running_var is not None
        norms.running_mean.copy_(0.3 * torch.randn(channels, generator=rng))
        norms.running_var.copy_(torch.rand(channels, generator=rng) + 0.3)
    x = torch.randn(4, inputs, 9, 7, generator=rng)
    return Pair(conv, norms, following, torch.tensor(list(keep)), x)


def run(layers: Layers, *between: nn.Module) -> nn.Sequential:
    """conv, norm, ReLU, what is between, the means for a linear layer, what follows."""
    conv, norm, following = layers
    linear = isinstance(following, nn.Linear)
    means = (nn.AdaptiveAvgPool2d(1), nn.Flatten()) if linear else ()
    return nn.Sequential(conv, norm, nn.ReLU(), *between, *means, following)


def output(layers: Layers, x: Tensor, *, training: bool = False) -> Tensor:
    """What the pruned layers make of pictures; what goes wrong in them is the student's."""
    with theirs("the pruned layers"), torch.no_grad():
        return torch.as_tensor(run(layers).train(training)(x))


def sizes(layers: Layers) -> dict[str, tuple[int, ...]]:
    """Shapes of all weights, biases and statistics, and the sizes that attributes name."""
    found = {}
    for where, module in zip(("conv", "norm", "following"), layers, strict=True):
        for name in ("weight", "bias", "running_mean", "running_var"):
            if isinstance(array := getattr(module, name, None), Tensor):
                found[f"{where}.{name}"] = tuple(array.shape)
        for name in SIZES.get(type(module), ()):
            if hasattr(module, name):
                found[f"{where}.{name}"] = (getattr(module, name),)
    return found


def told_size(size: tuple[int, ...], name: str = "") -> str:
    """A size for a message; with its name: "is 6", "has 6 entries", "has shape (6, 3)"."""
    number = str(size[0] if len(size) == 1 else size)
    if not name:
        return number
    if len(size) > 1:
        return f"has shape {number}"
    *_, attribute = name.split(".")
    is_number = any(attribute in several for several in SIZES.values())
    return f"is {number}" if is_number else f"has {number} entries"


def require_mode(layers: Layers, training: bool) -> None:
    """The new modules train or do not, as the given ones."""
    right, other = ("training", "evaluation")[:: 1 if training else -1]
    for module in layers:
        if module.training != training:
            said = f"the new {type(module).__name__} is in {other} mode, expected {right} mode"
            raise Wrong(f"{said}, as the given one is")


def restarted(layers: Layers) -> bool:
    """Whether something in the new norm is as before any training, all 0 or all 1."""
    begin = {"weight": 1.0, "bias": 0.0, "running_mean": 0.0, "running_var": 1.0}
    return any(bool(torch.eq(getattr(layers[1], n), value).all()) for n, value in begin.items())
