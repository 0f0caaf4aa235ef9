"""Short names of a space's edges, decisions and choices, for the axes of a picture."""

from itertools import product

from course_lib.core import Space
from course_lib.nas.canonical import EDGES
from course_lib.nas.cells import CellSpace
from course_lib.nas.darts_space import CELLS, DartsSpace
from course_lib.nas.strings import StringSpace
from course_lib.show.nas.cells import short_name

Names = tuple[list[str], list[list[str]]]


def edge_name(source: int, target: int) -> str:
    """Such as "0→1"."""
    return f"{source}→{target}"


def edge_names(space: CellSpace | DartsSpace) -> list[str]:
    """The rows of alpha, such as "0→1" or, where there are two cells, "normal cell 0→2"."""
    if isinstance(space, DartsSpace):
        pairs = product(CELLS, space.cell_edges)
        return [f"{cell} cell {edge_name(*edge)}" for cell, edge in pairs]
    return [edge_name(*edge) for edge in EDGES]


def choice_names(space: Space) -> Names:
    """Names of the decisions, and of each decision's choices.

    A cell's decisions are its edges and its choices operations; those of a configuration string
    are sizes, and whether a layer reads an earlier one; other spaces are numbered.
    """
    if isinstance(space, CellSpace):
        operations = [short_name(operation) for operation in space.operations]
        return edge_names(space), [operations] * len(EDGES)
    if isinstance(space, StringSpace):
        return _string_names(space)
    decisions = [str(position + 1) for position in range(len(space.choices))]
    return decisions, [[str(choice) for choice in range(count)] for count in space.choices]


def _string_names(space: StringSpace) -> Names:
    decisions, choices = [], []
    for layer in range(1, space.layers + 1):
        for name, options in space.options.items():
            decisions.append(f"{layer} {name}")
            choices.append([str(option) for option in options])
        for earlier in range(1, layer if space.skips else 1):
            decisions.append(f"{layer} reads {earlier}")
            choices.append(["no", "yes"])
    return decisions, choices
