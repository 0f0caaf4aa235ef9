"""MetaQNN's space: a network is a list of layers that ends with a stop (Baker et al. 2017)."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Generator, nn

from course_lib.core import Arch, Space, make_rng, module_rng
from course_lib.nas.words import numbers_after, read_words, unknown_word

STOP = 0


@dataclass(frozen=True)
class Convolution:
    """count filters of size x size, stride 1, padded so that the map keeps its size."""

    size: int
    count: int

    def __str__(self) -> str:
        return f"conv {self.size}x{self.size}, count {self.count}"

    def build(self, channels: int) -> nn.Module:
        return nn.Sequential(
            nn.Conv2d(channels, self.count, self.size, padding=self.size // 2, bias=False),
            nn.BatchNorm2d(self.count),
            nn.ReLU(),
        )


@dataclass(frozen=True)
class Pool:
    """The maximum over windows of size x size, side by side; the last window may be cut off.

    Rows and columns become ceil(rows / size) and ceil(columns / size): a map never shrinks below
    1 x 1, and a pool leaves a 1 x 1 map as it is.
    """

    size: int

    def __str__(self) -> str:
        return f"pool {self.size}x{self.size}"

    def build(self) -> nn.Module:
        return nn.MaxPool2d(self.size, ceil_mode=True)


class LayerSpace(Space):
    """Chains of at most `depth` layers; choice 0 is the stop, then convolutions, then pools.

    sizes: of the filters, odd; counts: of filters; pools: sizes of the pooling windows.
    After the last layer come the mean of each map and one linear map, so every string, even the
    one that stops at once, is a classifier. Source: Baker et al. 2017, sec. 4 (there with dense
    layers, and limits on where pools may stand, which are not needed here).
    """

    def __init__(
        self,
        depth: int = 4,
        *,
        sizes: Sequence[int] = (1, 3, 5),
        counts: Sequence[int] = (8, 16, 24),
        pools: Sequence[int] = (2, 3),
    ) -> None:
        if depth < 1:
            raise ValueError(f"depth must be at least 1, got {depth}")
        if any(size < 1 or size % 2 == 0 for size in sizes):
            raise ValueError(f"sizes of filters must be odd, got {list(sizes)}")
        if any(number < 1 for number in (*counts, *pools)):
            raise ValueError(
                f"counts and pools must be at least 1, got {list(counts)} and {list(pools)}"
            )
        self.tokens: tuple[Convolution | Pool, ...] = (
            *(Convolution(size, count) for size in sizes for count in counts),
            *(Pool(size) for size in pools),
        )
        super().__init__([1 + len(self.tokens)] * depth, stop=STOP)

    def layers_of(self, arch: Arch) -> list[Convolution | Pool]:
        """The layers before the stop."""
        return [self.tokens[choice - 1] for choice in self.validate(arch) if choice != STOP]

    def describe(self, arch: Arch) -> str:
        """One line, such as `conv 3x3, count 16 | pool 2x2 | stop`; no stop at full depth."""
        layers = [str(layer) for layer in self.layers_of(arch)]
        return " | ".join([*layers, "stop"] if len(layers) < len(arch) else layers)

    def parse(self, text: str) -> Arch:
        """The architecture that `describe` wrote; ValueError says which word is wrong and why."""
        parts = text.split("|")
        if parts[-1].strip().lower() == "stop":
            parts.pop()
        if len(parts) > len(self.choices):
            raise ValueError(
                f"expected at most {len(self.choices)} layers separated by |, got {len(parts)}"
            )
        choices = [self._parse(part, f"layer {i}") for i, part in enumerate(parts, start=1)]
        return tuple(choices + [STOP] * (len(self.choices) - len(choices)))

    def _parse(self, text: str, where: str) -> int:
        kind = text.strip().lower().partition(" ")[0]
        if kind == "stop":
            raise ValueError(f"{where}: nothing may follow a stop")
        if kind not in ("conv", "pool"):
            raise ValueError(f"{where}: {unknown_word(kind, ('conv', 'pool', 'stop'))}")
        words = read_words(text, where, ("conv", "count") if kind == "conv" else ("pool",))
        rows, columns = numbers_after(kind, words, where, count=2)
        if rows != columns:
            raise ValueError(f"{where}: {kind} must be square, got {rows}x{columns}")
        layer: Convolution | Pool = Pool(rows)
        if kind == "conv":
            if "count" not in words:
                raise ValueError(f'{where}: count is missing; expected, say, "conv 3x3, count 16"')
            layer = Convolution(rows, *numbers_after("count", words, where, count=1))
        if layer not in self.tokens:
            known = "; ".join(map(str, self.tokens))
            raise ValueError(f"{where}: {layer} is not one of this space's layers: {known}")
        return 1 + self.tokens.index(layer)

    def build(
        self,
        arch: Arch,
        *,
        rng: Generator | None = None,
        image: tuple[int, int, int] = (1, 12, 12),
        classes: int = 10,
    ) -> nn.Sequential:
        """The network: images (n, *image) to logits (n, classes).

        rng: draws the weights; None stands for `make_rng(0)`.
        """
        channels = image[0]
        with module_rng(make_rng(0) if rng is None else rng):
            modules = []
            for layer in self.layers_of(arch):
                if isinstance(layer, Convolution):
                    modules.append(layer.build(channels))
                    channels = layer.count
                else:
                    modules.append(layer.build())
            return nn.Sequential(
                *modules, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes)
            )
