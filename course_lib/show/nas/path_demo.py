"""A path through the graph of all architectures, chosen by clicks."""

from typing import Any

import traitlets

from course_lib.core import Arch, make_rng
from course_lib.nas.cells import CellSpace
from course_lib.nas.darts_space import CELLS, DartsSpace
from course_lib.show.knobs import button, hidden, listed, number, preset, said
from course_lib.show.nas.cells import look
from course_lib.show.nas.dag import DagInfo, dag_info
from course_lib.show.nas.dag_demo import DagDemo
from course_lib.show.nas.dag_layout import count_paths


class PathDemo(DagDemo):
    """Click operations: the path lights up, with its size and with how many others share it.

    arch: the first path. Step changes one decision, Random draws a path.
    """

    css_class = "demo-path"

    question = said(
        "Predict first: a path uses one operation per edge. How many of all sub-graphs share at "
        "least one convolution with it: few, half, nearly all?"
    )
    path = hidden(traitlets.List())
    seed = number("seed")
    actions = listed(
        button("draw", "Random", "d"), button("step", "Step", "s"), button("reset", "Reset", "r")
    )

    def __init__(self, space: Any, *, arch: Arch | None = None, seed: int = 0) -> None:
        self._rng = make_rng(seed)
        self._recent = -1
        self._first = list(space.sample(self._rng) if arch is None else space.validate(arch))
        super().__init__(space, path=self._first, seed=seed)
        self.presets = self._presets()

    def turned(self, names: set[str]) -> None:
        if "seed" in names:
            self._rng.manual_seed(self.seed)
        if "path" in names:
            self.publish()

    @property
    def arch(self) -> Arch:
        return tuple(self.path)

    def draw(self) -> None:
        """A random path."""
        self.path = list(self.space.sample(self._rng))

    def step(self) -> None:
        """Redraw one decision."""
        self.path = list(self.space.mutate(self.arch, self._rng))

    def reset(self) -> None:
        """The first path and the seed's first draw again."""
        self._rng.manual_seed(self.seed)
        self.path = self._first
        self.note = ""

    def pick(self, edge: int, operation: int) -> None:
        """Lead the path over this operation and leave the rest as it is, as far as can be."""
        kind = self.dag.operations[operation]
        name, where = look(kind)[0], self.dag.edges[edge].name
        if isinstance(self.space, CellSpace):
            self.path = [*self.path[:edge], operation, *self.path[edge + 1 :]]
        elif kind == "none":
            self.note = "A path of this space never takes zero: a node reads two of its edges."
            return
        else:
            self.path = list(_rerouted(self.space, self.arch, edge, kind, self._recent))
        self._recent = edge
        self.note = f"{where} is {name} now."

    def info(self) -> DagInfo:
        network = self.space.build(self.arch)
        parameters = sum(weight.numel() for weight in network.parameters())
        plain = dag_info(self.space, arch=self.arch)
        convolutions = frozenset(
            (edge, k)
            for edge, k in enumerate(plain.chosen)
            if k is not None and "conv" in self.dag.operations[k]
        )
        total = count_paths(self.dag)
        sharing = total - count_paths(self.dag, convolutions)
        text = (
            f"{parameters:,} parameters; {sharing:,} of {total:,} sub-graphs "
            f"({100 * sharing / total:.0f} %) share a convolution with it"
        )
        return dag_info(self.space, arch=self.arch, text=text)

    def _code(self) -> str:
        return (
            "from course_lib.nas.supernet import Supernet\n\n"
            f"arch = {self.arch}\nprint(space.describe(arch))\n"
            "net = Supernet(space)\nscores = net(images.x, space.one_hot(arch))\n"
        )

    def _presets(self) -> list[dict[str, Any]]:
        rng = make_rng(0)
        drawn = [self.space.sample(rng) for _ in range(100)]
        convs = [k for k, name in enumerate(self.dag.operations) if "conv" in name]

        def convolutions(arch: Arch) -> float:
            return float(self.space.one_hot(arch)[:, convs].sum())

        return [
            preset(name, comment, path=list(arch))
            for name, arch, comment in (
                ("few weights", min(drawn, key=convolutions),
                 "Hardly a convolution on it: it trains few weights, and few others feel it."),
                ("many weights", max(drawn, key=convolutions),
                 "Convolutions nearly everywhere: each step changes what most others compute."),
                ("the first", self._first, "Where this demo began."),
            )
        ]  # fmt: skip


def _rerouted(space: DartsSpace, arch: Arch, edge: int, operation: str, recent: int) -> Arch:
    """The path whose node reads this edge and one that it read before, `recent` if it did."""
    size = len(space.cell_edges)
    cell = CELLS[edge // size]
    source, target = space.cell_edges[edge % size]
    genotype = {name: list(nodes) for name, nodes in space.genotype(arch).items()}
    others = [old for old in genotype[cell][target - 2] if old[0] != source]
    same_node = recent // size == edge // size and space.cell_edges[recent % size][1] == target
    kept = space.cell_edges[recent % size][0] if same_node else -1
    other = min(others, key=lambda old: old[0] != kept)
    one, two = sorted([(source, operation), other])
    genotype[cell][target - 2] = (one, two)
    return space.encode(genotype)
