"""A configuration string as a picture: boxes for layers, arrows for what feeds them."""

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from course_lib.core import Arch, make_rng
from course_lib.nas.strings import Decode, Layer, Shape, StringSpace
from course_lib.nas.strings import decode as decode_string
from course_lib.show.style import BLUE, GREY, INK, VERMILION, axes


@dataclass(frozen=True)
class NetworkInfo:
    """The network that a configuration string stands for.

    text: the string. image: (channels, rows, columns) of the input.
    layers, shapes: each layer and its output's (channels, rows, columns).
    classes: how many outputs. parameters: how many weights and biases are trained.
    """

    text: str
    image: Shape
    layers: tuple[Layer, ...]
    shapes: tuple[Shape, ...]
    classes: int
    parameters: int

    @property
    def arrows(self) -> tuple[tuple[int, int], ...]:
        """(from, to) pairs of boxes: 0 the image, 1, 2, ... the layers, the last the classes.

        A layer without inputs reads the image; the classes read every layer that no layer reads.
        """
        into = [
            (source + 1, i + 1) for i, layer in enumerate(self.layers) for source in layer.inputs
        ]
        images = [(0, i + 1) for i, layer in enumerate(self.layers) if not layer.inputs]
        read = {source for source, _ in into}
        last = len(self.layers) + 1
        return (*images, *into, *((i, last) for i in range(1, last) if i not in read))

    def describe(self) -> str:
        steps = "; ".join(
            f"layer {i}: {layer.filter_height} by {layer.filter_width} filters, {_stride(layer)}, "
            f"reads {self._sources(i)}, gives {_shape(shape)}"
            for i, (layer, shape) in enumerate(zip(self.layers, self.shapes, strict=True), start=1)
        )
        return (
            f"A network of {len(self.layers)} convolution layers on an image of "
            f"{_shape(self.image)}: {steps}. {self.classes} classes, "
            f"{self.parameters:,} parameters."
        )

    def _sources(self, box: int) -> str:
        names = ["the image" if a == 0 else f"layer {a}" for a, b in self.arrows if b == box]
        return " and ".join(names)


def network_info(
    space: StringSpace,
    arch: Arch,
    *,
    image: Shape = (1, 12, 12),
    classes: int = 10,
    decode: Decode = decode_string,
) -> NetworkInfo:
    """Decode `arch` and build its network once, to count its parameters."""
    decoded = decode(space, arch, image)
    network = space.build(arch, rng=make_rng(0), image=image, classes=classes, decode=decode)
    return NetworkInfo(
        text=space.describe(arch),
        image=image,
        layers=tuple(layer for layer, _ in decoded),
        shapes=tuple(shape for _, shape in decoded),
        classes=classes,
        parameters=sum(weights.numel() for weights in network.parameters()),
    )


def plot_network(info: NetworkInfo, *, ax: Axes | None = None) -> Axes:
    """Boxes from left to right; dashed arcs above skip layers; shapes stand below.

    A figure about three times as wide as high leaves least white.
    """
    ax = axes(ax)
    last = len(info.layers) + 1
    size = min(14.0, 85 / (last + 1))
    texts = ["image", *(_text(layer) for layer in info.layers), f"{info.classes}\nclasses"]
    for place, text in enumerate(texts):
        _box(ax, place, text, GREY if place in (0, last) else BLUE, size)
    for place, shape in enumerate((info.image, *info.shapes)):
        text = "×".join(map(str, shape))
        ax.text(place, -_HALF[1] - 0.16, text, ha="center", va="center", fontsize=size)
    for start, end in info.arrows:
        _arrow(ax, start, end)
    reach = max(end - start for start, end in info.arrows)
    ax.set(xlim=(-0.5, last + 0.5), ylim=(-_HALF[1] - 0.3, _HALF[1] + 0.1 + 0.2 * reach))
    ax.set_title(f"{info.parameters:,} parameters", loc="left", fontsize=size + 2)
    ax.set_aspect("equal")
    ax.axis("off")
    return ax


_HALF = (0.38, 0.26)
"""Half the width and half the height of a box; places are 1 apart."""


def _text(layer: Layer) -> str:
    return (
        f"{layer.filter_height}×{layer.filter_width}\n"
        f"stride {layer.stride_height}×{layer.stride_width}\n{layer.count} maps"
    )


def _box(ax: Axes, place: int, text: str, colour: str, size: float) -> None:
    width, height = _HALF
    frame = FancyBboxPatch(
        (place - width, -height),
        2 * width,
        2 * height,
        boxstyle="round,pad=0,rounding_size=0.05",
        facecolor="white",
        edgecolor=colour,
        linewidth=2,
    )
    ax.add_patch(frame)
    ax.text(place, 0, text, ha="center", va="center", fontsize=size)


def _arrow(ax: Axes, start: int, end: int) -> None:
    width, height = _HALF
    skips = end - start > 1
    ax.annotate(
        "",
        xy=(end - 0.05, height) if skips else (end - width, 0),
        xytext=(start + 0.05, height) if skips else (start + width, 0),
        arrowprops={
            "arrowstyle": "-|>",
            "color": VERMILION if skips else INK,
            "linestyle": "--" if skips else "-",
            "linewidth": 2,
            "connectionstyle": f"arc3,rad={-0.35 if skips else 0}",
            "shrinkA": 0,
            "shrinkB": 0,
        },
    )


def _stride(layer: Layer) -> str:
    return f"stride {layer.stride_height} by {layer.stride_width}"


def _shape(shape: Shape) -> str:
    maps = "map" if shape[0] == 1 else "maps"
    return f"{shape[0]} {maps} of {shape[1]} by {shape[2]}"
