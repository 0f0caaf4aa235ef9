"""The path that `sampled_op` takes through a cell of NAS-Bench-201, known before the pass."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from course_lib.nas.canonical import EDGES


@dataclass(frozen=True)
class KnownPath:
    """What is computed, and nothing that the output does not hear of.

    steps: (node, operation, the edges that read the node by it), by ascending node.
    weights: per edge what its operation is multiplied by, or None where all are 1.
    """

    steps: list[tuple[int, str, list[int]]]
    weights: tuple[Tensor, ...] | None


def known_path(weights: Tensor, operations: Sequence[str]) -> KnownPath:
    """The heaviest operation of every edge. weights: (6, operations)."""
    heaviest, chosen = weights.max(1)
    names = [operations[k] for k in chosen.tolist()]
    steps: dict[tuple[int, str], list[int]] = {}
    for edge in sorted(_heard(names), key=lambda edge: EDGES[edge]):
        steps.setdefault((EDGES[edge][0], names[edge]), []).append(edge)
    plain = not weights.requires_grad and heaviest.tolist() == [1.0] * len(names)
    return KnownPath(
        [(node, name, edges) for (node, name), edges in steps.items()],
        None if plain else heaviest.unbind(),
    )


def _heard(names: Sequence[str]) -> list[int]:
    """The edges on a way from the input to the output; "none" cuts its edge."""
    carry = [edge for edge, name in enumerate(names) if name != "none"]
    fed, heard = {0}, {3}
    for source, target in (EDGES[edge] for edge in carry):
        if source in fed:
            fed.add(target)
    for source, target in (EDGES[edge] for edge in reversed(carry)):
        if target in heard:
            heard.add(source)
    return [edge for edge in carry if EDGES[edge][0] in fed and EDGES[edge][1] in heard]
