"""One graph for all architectures: weights on its edges, and a slider over a search."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
import traitlets
from torch import Tensor

from course_lib.core.log import Log
from course_lib.show.demo import Demo, browser_code, numbers
from course_lib.show.figure import Picture, picture
from course_lib.show.knobs import preset, said, slider
from course_lib.show.nas.cells import look
from course_lib.show.nas.dag import DagInfo, dag_info, legend_places, plot_dag
from course_lib.show.nas.dag_layout import WIDTH, DagLayout, dag_layout


class DagDemo(Demo):
    """The graph of a `CellSpace` or `DartsSpace`; every operation on it can be clicked.

    layout: what stays where it is while the weights move.
    """

    _esm = browser_code("nas/dag_demo.js")

    layout_of_graph = traitlets.Dict().tag(sync=True)

    def __init__(self, space: Any, **traits: Any) -> None:
        self.space = space
        self.dag = dag_layout(space)
        super().__init__(**{"layout_of_graph": _layout(self.dag), **traits})

    def pick(self, edge: int, operation: int) -> None:
        """An operation on an edge was clicked or chosen from the lists."""
        raise NotImplementedError

    def picture(self) -> Picture:
        return picture(plot_dag, self.info(), size=(10, 7.2 if self.dag.pairs else 4.4))

    def _chart(self, info: DagInfo) -> dict[str, Any]:
        return {
            "weights": numbers(info.weights, 3),
            "chosen": list(info.chosen),
            "labels": [info.label(edge) for edge in range(len(info.chosen))],
            "text": info.text,
        }

    def _receive(self, widget: Any, message: Mapping[str, Any], buffers: Any) -> None:
        if message["do"] == "pick":
            edge, operation = message["edge"], message["operation"]
            known = edge in range(len(self.dag.edges))
            if known and operation in range(len(self.dag.operations)):
                self.pick(edge, operation)
        else:
            super()._receive(widget, message, buffers)


class AlphaDemo(DagDemo):
    """Weights on all edges, softmax(alpha / temperature), and the derived architecture in bold.

    alpha: a `Log` of a search with snapshots under "alpha", (entries, edges, operations), which
        gives a slider over its entries; or such an array; or one alpha, (edges, operations).
    """

    css_class = "demo-alpha"

    question = said(
        "Predict first: which edges will the search decide early, and which operation will it "
        "prefer?"
    )
    epoch = slider("epoch")
    temperature = slider("temperature", (0.1, 0.2, 0.5, 1.0, 2.0, 5.0), 1.0)

    def __init__(self, space: Any, alpha: Log | Tensor | np.ndarray) -> None:
        if isinstance(alpha, Log):
            table = alpha["alpha"]
            epochs = alpha["epoch"] if "epoch" in alpha.names else np.arange(len(table))
        else:
            table = torch.as_tensor(alpha).detach().numpy()
            table = table[None] if table.ndim == 2 else table
            epochs = np.arange(len(table))
        self.alphas = table
        self.epochs = [round(float(epoch), 3) for epoch in epochs]
        super().__init__(
            space,
            values={"epoch": self.epochs},
            presets=_alpha_presets(self.epochs),
            epoch=self.epochs[-1],
        )

    @property
    def entry(self) -> int:
        """Which snapshot is shown: that of the nearest epoch."""
        return int(np.abs(np.array(self.epochs) - self.epoch).argmin())

    @property
    def alpha(self) -> Tensor:
        """The logits that are shown."""
        return torch.as_tensor(self.alphas[self.entry])

    def step(self) -> None:
        """The next place of the first slider; after the last comes the first."""
        trait, values = self.knobs[0]["trait"], self.knobs[0]["values"]
        place = int(np.abs(np.array(values) - getattr(self, trait)).argmin())
        setattr(self, trait, values[(place + 1) % len(values)])

    def reset(self) -> None:
        """The beginning of the search, at temperature 1."""
        with self.hold_trait_notifications():
            self.epoch = self.epochs[0]
            self.temperature = 1.0
        self.note = ""

    def pick(self, edge: int, operation: int) -> None:
        """Say the numbers of one operation."""
        weight = self.info().weights[edge, operation]
        self.note = (
            f"{self.dag.edges[edge].name} {look(self.dag.operations[operation])[0]}: weight "
            f"{weight:.3f}, alpha {self.alpha[edge, operation]:+.3f}."
        )

    def info(self) -> DagInfo:
        from course_lib.nas.one_shot import derive

        weights = torch.softmax(self.alpha / self.temperature, -1)
        entropy = -(weights * weights.clamp(min=1e-12).log()).sum(-1).mean()
        when = f"epoch {self.epoch:g} of {self.epochs[-1]:g}; " if len(self.epochs) > 1 else ""
        text = f"{when}entropy {entropy:.2f} nats per edge; in bold the derived architecture"
        return dag_info(self.space, weights, arch=derive(self.space, self.alpha), text=text)

    def _code(self) -> str:
        return (
            "import torch\n\nfrom course_lib.nas.one_shot import derive\n\n"
            f'alpha = torch.as_tensor(log["alpha"][{self.entry}])\n'
            f"weights = torch.softmax(alpha / {self.temperature:g}, -1)\n"
            "print(space.describe(derive(space, alpha)))\n"
        )


def _layout(dag: DagLayout) -> dict[str, Any]:
    """The parts that never move, as the browser draws them."""
    looks = [(*look(name), 0.2 if name == "none" else 0.7) for name in dag.operations]
    count = range(len(dag.operations))
    return {
        "width": WIDTH,
        "height": dag.height,
        "gap": dag.gap,
        "operations": [
            {"label": label, "colour": colour, "line": line, "width": width}
            for label, colour, line, width in looks
        ],
        "legend": list(legend_places(dag)),
        "nodes": [list(node) for node in dag.nodes],
        "titles": [list(title) for title in dag.titles],
        "plain": numbers(dag.plain, 1),
        "edges": [
            {
                "name": edge.name,
                "label": numbers(edge.label, 1),
                "curves": numbers([dag.curve(e, k) for k in count], 1),
            }
            for e, edge in enumerate(dag.edges)
        ],
    }


def _alpha_presets(epochs: list[float]) -> list[dict[str, Any]]:
    if len(epochs) == 1:
        rows = [
            ("sharp", {"temperature": 0.1}, "Nearly one-hot, as when the cell is derived."),
            ("as trained", {"temperature": 1.0}, "The mixture that the weights learned in."),
            ("flat", {"temperature": 5.0}, "Nearly uniform: every operation counts alike."),
        ]  # fmt: skip
    else:
        rows = [
            ("start", {"epoch": epochs[0]}, "Before the first step: nothing is preferred yet."),
            ("middle", {"epoch": epochs[len(epochs) // 2]}, "Half of the search is over."),
            ("end", {"epoch": epochs[-1]}, "The mixture from which the cell is derived."),
        ]
    return [preset(name, comment, **knobs) for name, knobs, comment in rows]
