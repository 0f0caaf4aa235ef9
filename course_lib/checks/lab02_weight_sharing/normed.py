"""A small supernet with batch normalisation whose statistics are worked out by plain formulas."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from course_lib.checks.lab02_weight_sharing.shared import as_arch
from course_lib.checks.values import same, tensor
from course_lib.core import Arch, Space
from course_lib.datasets import Images

CHANNELS, CLASSES, SIZE = 3, 3, 6

Statistics = list[tuple[Tensor, Tensor]]
"""Per normalisation on the path, in order: mean and unbiased variance, (channels,) each."""


@dataclass(frozen=True)
class Pass:
    """One call of the net: the images, the path, whether the normalisations were training."""

    x: Tensor
    arch: Arch
    training: bool


class Block(nn.Module):
    """Convolution without bias, then batch normalisation."""

    def __init__(self, inputs: int, kernel: int, *, affine: bool = True) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, CHANNELS, kernel, padding=kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(CHANNELS, affine=affine)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.norm(self.conv(x))
        return out


class NormedPath(nn.Module):
    """Stem, two edges one after the other, mean over the pixels, classifier; float64.

    Each edge chooses among a 1x1 block, a 3x3 block (ReLU - convolution - BN, here without
    weights of its own) and a skip.
    """

    def __init__(self, rng: Generator) -> None:
        super().__init__()
        self.space = Space((3, 3))
        self.stem = Block(1, 3)
        self.edges = nn.ModuleList(
            nn.ModuleList([Block(CHANNELS, 1), Block(CHANNELS, 3, affine=False), nn.Identity()])
            for _ in self.space.choices
        )
        self.head = nn.Linear(CHANNELS, CLASSES)
        self.double()
        for weights in self.parameters():
            nn.init.normal_(weights, 0.0, 0.7, generator=rng)
        self.passes: list[Pass] = []

    def forward(self, x: Tensor, arch: Arch) -> Tensor:
        path = as_arch(arch, self.space)
        self.passes.append(Pass(x.detach().clone(), path, self.stem.norm.training))
        out = self.stem(x)
        for block in self.blocks(path)[1:]:
            out = block(F.relu(out))
        scores: Tensor = self.head(out.mean((2, 3)))
        return scores

    def blocks(self, arch: Arch) -> list[Block]:
        """The blocks on a path, the stem first."""
        path = zip(self.edges, arch, strict=True)
        chosen = [list(choices.children())[choice] for choices, choice in path]
        return [self.stem, *(block for block in chosen if isinstance(block, Block))]

    def norms(self) -> list[nn.BatchNorm2d]:
        """All normalisations, on the path or not."""
        return [module for module in self.modules() if isinstance(module, nn.BatchNorm2d)]

    def stored(self, arch: Arch) -> Statistics:
        """A copy of the running statistics on a path."""
        norms = [block.norm for block in self.blocks(arch)]
        shape = (CHANNELS,)
        return [
            (
                tensor(norm.running_mean, shape, f"the mean in normalisation {k}").clone(),
                tensor(norm.running_var, shape, f"the variance in normalisation {k}").clone(),
            )
            for k, norm in enumerate(norms)
        ]

    def use(self) -> None:
        """Other paths leave statistics behind."""
        for norm in self.norms():
            assert norm.running_mean is not None
            assert norm.running_var is not None
            norm.running_mean.fill_(3.0)
            norm.running_var.fill_(20.0)
            norm.num_batches_tracked.fill_(50)  # type: ignore[union-attr]

    @torch.no_grad()
    def statistics(self, arch: Arch, x: Tensor) -> Statistics:
        """What the normalisations on a path see when a batch passes in training mode."""
        return self._walk(arch, x, None)[1]

    @torch.no_grad()
    def accuracy(self, arch: Arch, images: Images, stored: Statistics | None) -> float:
        """In evaluation mode with stored statistics; None: with those of the images as a batch."""
        scores = self._walk(arch, images.x, stored)[0]
        return float((scores.argmax(1) == images.y).double().mean())

    def _walk(self, arch: Arch, x: Tensor, stored: Statistics | None) -> tuple[Tensor, Statistics]:
        seen: Statistics = []
        out = x
        for block in self.blocks(arch):
            norm, weight = block.norm, block.conv.weight
            if seen:
                out = out.clamp(min=0)
            out = F.conv2d(out, weight, padding=weight.shape[-1] // 2)
            count = out.numel() // out.shape[1]
            mean = out.mean((0, 2, 3))
            variance = (out - mean[:, None, None]).square().mean((0, 2, 3))
            seen.append((mean, variance * count / (count - 1)))
            if stored is not None:
                mean, variance = stored[len(seen) - 1]
            out = (out - mean[:, None, None]) / (variance + norm.eps).sqrt()[:, None, None]
            if norm.affine:
                out = out * norm.weight[:, None, None] + norm.bias[:, None, None]
        return out.mean((2, 3)) @ self.head.weight.T + self.head.bias, seen


def averaged(parts: Sequence[Statistics]) -> Statistics:
    """The plain mean of several batches' statistics."""
    return [
        (torch.stack([m for m, _ in norm]).mean(0), torch.stack([v for _, v in norm]).mean(0))
        for norm in zip(*parts, strict=True)
    ]


def close(found: Statistics, expected: Statistics) -> bool:
    """Equality of all means and variances."""
    return all(
        same(a, b, scale=10)
        for one, two in zip(found, expected, strict=True)
        for a, b in zip(one, two, strict=True)
    )


def pictures_of(rng: Generator, count: int, *, shift: float = 0.0, scale: float = 1.0) -> Images:
    """Drawn images (count, 1, SIZE, SIZE), and labels."""
    x = torch.randn(count, 1, SIZE, SIZE, generator=rng, dtype=torch.float64)
    brightness = torch.rand(count, 1, 1, 1, generator=rng, dtype=torch.float64)
    y = torch.randint(CLASSES, (count,), generator=rng)
    return Images(shift + scale * (0.4 * x + 2 * brightness), y)
