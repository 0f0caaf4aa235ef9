"""Random graphs of three models, drawn and counted as networks."""

from collections.abc import Callable
from functools import partial
from typing import Any

import traitlets

from course_lib.core import make_rng
from course_lib.nas.random_wiring import barabasi_albert, erdos_renyi, watts_strogatz
from course_lib.show.demo import Demo, browser_code, numbers
from course_lib.show.knobs import button, choice, hidden, listed, preset, said, slider
from course_lib.show.nas.wiring import (
    HEIGHT,
    WiringInfo,
    plot_degrees,
    plot_wiring,
    wiring_info,
)

RING, SMALL, MOVED = (f"Watts-Strogatz, p = {p:g}" for p in (0, 0.1, 0.75))
ERDOS, BARABASI = "Erdős-Rényi", "Barabási-Albert"
MODELS = (ERDOS, BARABASI, RING, SMALL, MOVED)


class WiringDemo(Demo):
    """Turn the model of random graphs, how many nodes there are, and how many neighbours they have.

    Step draws another graph: the seed goes up by one. Neighbours are an average, which makes the
    models comparable: Erdős-Rényi gets p = neighbours / (nodes - 1), Barabási-Albert m = half of
    them, Watts-Strogatz k = neighbours.
    """

    _esm = browser_code("lines.js", "nas/wiring_demo.js")
    css_class = "demo-wiring"

    question = said(
        "Predict first: at equal nodes and neighbours, which model makes the longest path "
        "from input to output, and which the most parameters?"
    )
    model = choice("graph")
    nodes = slider("nodes", (10, 12, 16, 24, 32), 16)
    neighbours = slider("neighbours", (4, 6, 8), 4)
    seed = hidden(traitlets.Int(0))
    actions = listed(button("step", "Other graph", "s"), button("reset", "Reset", "r"))
    presets = listed(
        preset("a ring", "Nothing is random: one chain through all nodes, with short cuts.",
               model=RING, nodes=16, neighbours=4),
        preset("rich get richer", "Most nodes have two neighbours or three, a few early ones many.",
               model=BARABASI, nodes=32, neighbours=4),
        preset("as in the paper", "32 nodes, k = 4, p = 0.75: the graphs of Xie et al.'s tables.",
               model=MOVED, nodes=32, neighbours=4),
    )  # fmt: skip
    panels = (plot_wiring, plot_degrees)
    inches = (13, 4.4)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**{"model": ERDOS, "values": {"model": MODELS}, **traits})

    def info(self) -> WiringInfo:
        draw, words = self._draw()
        name = f"{self.model.partition(',')[0]}, {words}, graph no. {self.seed}"
        return wiring_info(draw(self.nodes, make_rng(self.seed)), name=name)

    def _draw(self) -> tuple[partial[Any], str]:
        """The model with its own parameters, and these in words."""
        if self.model == ERDOS:
            own: dict[str, Any] = {"p": round(self.neighbours / (self.nodes - 1), 3)}
        elif self.model == BARABASI:
            own = {"m": self.neighbours // 2}
        else:
            own = {"k": self.neighbours, "p": float(self.model.rpartition(" ")[2])}
        functions: dict[str, Callable[..., Any]] = {ERDOS: erdos_renyi, BARABASI: barabasi_albert}
        function = functions.get(self.model, watts_strogatz)
        return partial(function, **own), ", ".join(f"{key} = {own[key]:g}" for key in own)

    def _chart(self, info: WiringInfo) -> dict[str, Any]:
        return {
            "height": HEIGHT,
            "name": info.name,
            "said": info.text,
            "places": numbers(info.places, 1),
            "curves": numbers([curve for curve, _ in info.wires], 1),
            "long": [int(long) for _, long in info.wires],
            "degrees": info.degrees.tolist(),
        }

    def _code(self) -> str:
        draw, words = self._draw()
        function, own = draw.func.__name__, words.replace(" = ", "=")
        return (
            "from course_lib.core import make_rng\n"
            f"from course_lib.nas.random_wiring import {function}, predecessors\n"
            "from course_lib.nas.wired_network import RandomlyWired, wired_size\n\n"
            f"rng = make_rng({self.seed})\ngraph = {function}({self.nodes}, rng, {own})\n"
            "print(predecessors(graph), wired_size(graph, (8, 16)))\n"
            "network = RandomlyWired(graph, rng, channels=(8, 16))\n"
        )
