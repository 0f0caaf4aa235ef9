"""What laws of several exercises share: gradients, and arguments that stay as they were."""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from course_lib.checks.ask import Ask, theirs
from course_lib.checks.wrong import Misconception, Wrong

Given = Mapping[str, Tensor]

CHANGED = Misconception(
    "the function changes its arguments",
    "They belong to the caller, who goes on using them: build a new list or tensor instead of "
    "writing into one that was handed in.",
)


def gradients(
    value: Tensor, leaves: Sequence[Tensor], what: str, cut: Misconception | None = None
) -> list[Tensor]:
    """d value / d leaf for each leaf, 0 where none leads there; the graph is kept.

    what: the name of the value. An error on the way back is the student's.
    cut: the mistake where nothing leads to any of the leaves; without one that is no mistake.
    """
    found: Sequence[Tensor | None] = [None] * len(leaves)
    if value.requires_grad:
        with theirs(f"the gradient of {what}"):
            found = torch.autograd.grad(value, leaves, retain_graph=True, allow_unused=True)
    if cut is not None and all(slope is None for slope in found):
        raise Wrong(f"{what} has lost its gradient", cut)
    return [
        torch.zeros_like(leaf) if slope is None else slope
        for leaf, slope in zip(leaves, found, strict=True)
    ]


def arguments_stay(
    given: Callable[[int], Given],
    put: Callable[[Ask, Given], object],
    mistakes: Mapping[str, Misconception] | None = None,
) -> Callable[[Ask, int], None]:
    """The law that what is handed in keeps its numbers, and asks for a gradient as it did.

    given: a variant's tensors by name. put: asks with them. mistakes: by name, if not CHANGED.
    """

    def law(ask: Ask, variant: int) -> None:
        arguments = given(variant)
        before = {
            n: (value.detach().clone(), value.requires_grad) for n, value in arguments.items()
        }
        put(ask, arguments)
        for name, value in arguments.items():
            numbers, wanted = before[name]
            mistake = (mistakes or {}).get(name, CHANGED)
            # what is added and taken away again may differ in the last digit
            if not torch.allclose(value, numbers, rtol=1e-9, atol=1e-9):
                raise Wrong(f"{name} is not the same after the call", mistake)
            if value.requires_grad != wanted:
                changed = "requires" if value.requires_grad else "no longer requires"
                raise Wrong(f"{name} {changed} a gradient after the call", mistake)

    return law
