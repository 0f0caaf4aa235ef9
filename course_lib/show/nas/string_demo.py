"""A configuration string edited by hand, with the network that it stands for."""

from typing import Any

import traitlets

from course_lib.core import make_rng
from course_lib.nas.strings import Shape, StringSpace
from course_lib.show.demo import Demo, browser_code
from course_lib.show.figure import Picture, picture
from course_lib.show.knobs import button, hidden, listed, number, preset, said
from course_lib.show.nas.networks import NetworkInfo, network_info, plot_network


class StringDemo(Demo):
    """Type a configuration string and see the network's shapes and parameters.

    A string that cannot be read leaves the text and the last network as they are, and says why.
    text: the first string, a random one if not given. image: (channels, rows, columns).
    """

    _esm = browser_code("nas/string_demo.js")
    css_class = "demo-string"

    question = said(
        "Predict first: which change saves more parameters, half the filters or a stride of two?"
    )
    text = hidden(traitlets.Unicode())
    error = said()
    seed = number("seed")
    actions = listed(
        button("draw", "Random", "d"),
        button("step", "Change one", "s"),
        button("reset", "Reset", "r"),
    )

    def __init__(
        self,
        space: StringSpace,
        *,
        text: str | None = None,
        image: Shape = (1, 12, 12),
        classes: int = 10,
        seed: int = 0,
    ) -> None:
        self.space = space
        self.image = image
        self.classes = classes
        self._rng = make_rng(seed)
        first = text if text is not None else space.describe(space.sample(self._rng))
        self._first = space.describe(space.parse(first))
        super().__init__(presets=_presets(space), seed=seed, text=self._first)

    def turned(self, names: set[str]) -> None:
        if "seed" in names:
            self._rng.manual_seed(self.seed)
        if "text" in names:
            self.publish()

    def draw(self) -> None:
        """A random string."""
        self.text = self.space.describe(self.space.sample(self._rng))

    def step(self) -> None:
        """Redraw one decision of the last string that could be read."""
        self.text = self.space.describe(self.space.mutate(self.arch, self._rng))

    def reset(self) -> None:
        """The first string and the seed's first draw again."""
        self._rng.manual_seed(self.seed)
        self.text = self._first
        self.note = ""

    def info(self) -> NetworkInfo:
        return network_info(self.space, self.arch, image=self.image, classes=self.classes)

    def picture(self) -> Picture:
        info = self.info()
        return picture(plot_network, info, caption=info.text, size=(10, 3.4))

    def _publish(self) -> None:
        """Read the text; draw its network, or say what is wrong with it."""
        try:
            self.arch = self.space.parse(" ".join(self.text.split()))
        except ValueError as error:
            self.error = str(error)
            return
        self.error = ""
        super()._publish()

    def _chart(self, info: NetworkInfo) -> dict[str, Any]:
        return {
            "image": list(info.image),
            "layers": [
                [
                    f"filter {layer.filter_height}×{layer.filter_width}",
                    f"stride {layer.stride_height}×{layer.stride_width}",
                    f"{layer.count} maps",
                ]
                for layer in info.layers
            ],
            "shapes": [list(shape) for shape in info.shapes],
            "arrows": [list(arrow) for arrow in info.arrows],
            "classes": info.classes,
            "parameters": info.parameters,
        }

    def _code(self) -> str:
        return (
            "from course_lib.core import make_rng\n\n"
            f'arch = space.parse(\n    "{self.space.describe(self.arch)}"\n)\n'
            f"network = space.build(arch, rng=make_rng(0), image={self.image}, "
            f"classes={self.classes})\n"
        )


def _presets(space: StringSpace) -> list[dict[str, Any]]:
    """The smallest and the largest choice everywhere, and a chain of the largest filters."""
    small = tuple(0 for _ in space.choices)
    large = tuple(count - 1 for count in space.choices)
    drawn = space.sample(make_rng(1))
    rows = [
        ("smallest", small, "Every decision takes its first choice."),
        ("largest", large, "Every decision takes its last choice: all skips are open."),
        ("a random one", drawn, "What an untrained controller writes."),
    ]
    return [preset(name, comment, text=space.describe(arch)) for name, arch, comment in rows]
