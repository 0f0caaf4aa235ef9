"""Laws of `decode`: it reads back what was written, and its shapes are torch's own."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from course_lib.checks.ask import Ask
from course_lib.checks.lab01.decode_mistakes import (
    CHANNELS_IN,
    CHANNELS_LAST,
    FILTER_SWAPPED,
    INDEX,
    NO_PADDING,
    NO_STRIDE,
    NOT_STEPPED_OVER,
    ONE_BASED,
    ONE_MAP,
    PREVIOUS,
    REVERSED,
    ROUNDING,
    SMALLEST,
    STRIDE_SWAPPED,
)
from course_lib.checks.lab01.written import Question, Shape, fields, torch_shapes, written
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong
from course_lib.nas.strings import Layer

Side = Callable[[int, int, int], int]
"""How many rows (or columns) are left of n, for a filter k and a stride s."""


def _side(n: int, k: int, s: int) -> int:
    return (n - 1) // s + 1


def _shapes(
    plan: Sequence[Layer],
    image: Shape,
    *,
    side: Side = _side,
    merge: Callable[[list[int]], int] = max,
    swap: bool = False,
) -> list[Shape]:
    """Shapes under a wrong rule for one side, for merging, or with rows and columns exchanged."""
    shapes: list[Shape] = []
    for layer in plan:
        sources = [shapes[i] for i in layer.inputs] or [image]
        rows, columns = merge([s[1] for s in sources]), merge([s[2] for s in sources])
        strides = (layer.stride_height, layer.stride_width)
        down, across = reversed(strides) if swap else strides
        shapes.append(
            (
                layer.count,
                side(rows, layer.filter_height, down),
                side(columns, layer.filter_width, across),
            )
        )
    return shapes


def _channels_in(plan: Sequence[Layer], image: Shape) -> list[Shape]:
    shapes = torch_shapes(plan, image)
    return [
        (sum(plan[i].count for i in layer.inputs) or image[0], rows, columns)
        for layer, (_, rows, columns) in zip(plan, shapes, strict=True)
    ]


KNOWN_SHAPES: tuple[tuple[Misconception, Callable[[Sequence[Layer], Shape], list[Shape]]], ...] = (
    (NO_PADDING, lambda p, i: _shapes(p, i, side=lambda n, k, s: (n - k) // s + 1)),
    (ROUNDING, lambda p, i: _shapes(p, i, side=lambda n, k, s: n // s)),
    (STRIDE_SWAPPED, lambda p, i: _shapes(p, i, swap=True)),
    (NO_STRIDE, lambda p, i: _shapes(p, i, side=lambda n, k, s: n)),
    (CHANNELS_LAST, lambda p, i: [(r, c, n) for n, r, c in torch_shapes(p, i)]),
    (CHANNELS_IN, _channels_in),
    (SMALLEST, lambda p, i: _shapes(p, i, merge=min)),
    (ONE_MAP, lambda p, i: _shapes(p, i, merge=lambda sizes: sizes[0])),
    (ONE_MAP, lambda p, i: _shapes(p, i, merge=lambda sizes: sizes[-1])),
    (PREVIOUS, lambda p, i: torch_shapes(_chained(p), i)),
)


def _chained(plan: Sequence[Layer]) -> list[Layer]:
    """The plan in which a layer without inputs reads the one before."""
    return [
        layer if layer.inputs or not n else replace(layer, inputs=(n - 1,))
        for n, layer in enumerate(plan)
    ]


def _require_shapes(ask: Ask, questions: Sequence[Question]) -> None:
    answers = [[shape for _, shape in question.ask(ask)] for question in questions]
    for question, shapes in zip(questions, answers, strict=True):
        expected = torch_shapes(question.plan, question.image)
        for number, (found, right) in enumerate(zip(shapes, expected, strict=True)):
            if found != right:
                start = [(question, shapes[: number + 1])]
                mistake = _recognise(list(zip(questions, answers, strict=True))) or _recognise(
                    start
                )
                raise Wrong(
                    f"image {question.image}, layer {number}, {question.plan[number]}: torch's "
                    f"convolution gives {right}, decode says {found}",
                    mistake,
                )


def _recognise(answered: Sequence[tuple[Question, list[Shape]]]) -> Misconception | None:
    """The mistake that gives the shapes of all answers, or of all their first layers."""
    for mistake, rule in KNOWN_SHAPES:
        if all(rule(q.plan, q.image)[: len(shapes)] == shapes for q, shapes in answered):
            return mistake
    return None


def layers_are_read(ask: Ask, variant: int) -> None:
    """Filters, strides and counts come back as they were written."""
    rng = seeded(variant)
    for layers in (1, 3, 5):
        question = written(rng, layers=layers, skips="random", image=(1, 12, 12))
        for number, (layer, _) in enumerate(question.ask(ask)):
            found, right = fields(layer), fields(question.plan[number])
            if found != right:
                raise Wrong(
                    f"layer {number} of {question.arch}: (filter height, filter width, stride "
                    f"height, stride width, count) is {found}, was written as {right}",
                    _recognise_fields(question, number, found),
                )


def _recognise_fields(
    question: Question, number: int, found: tuple[int, ...]
) -> Misconception | None:
    height, width, down, across, count = fields(question.plan[number])
    start = 5 * number + number * (number - 1) // 2
    if found == question.arch[start : start + 5]:
        return INDEX
    options = question.space.options.values()
    if number > 1 and all(
        choice < len(values) and values[choice] == field
        for values, choice, field in zip(options, question.arch[5 * number :], found, strict=False)
    ):
        return NOT_STEPPED_OVER
    if found == (width, height, down, across, count):
        return FILTER_SWAPPED
    if found == (height, width, across, down, count):
        return STRIDE_SWAPPED
    return None


def anchors(ask: Ask, variant: int) -> None:
    """inputs are the earlier layers whose anchor is 1; () where there are none."""
    rng = seeded(variant, 1)
    for layers in (2, 4, 6):
        question = written(rng, layers=layers, skips="random", image=(3, 10, 10))
        found = [layer.inputs for layer, _ in question.ask(ask)]
        right = [layer.inputs for layer in question.plan]
        if [tuple(sorted(inputs)) for inputs in found] != right:
            raise Wrong(
                f"the layers of {question.arch} have the inputs {found}, were written with {right}",
                _recognise_inputs(found, right),
            )


def _recognise_inputs(
    found: list[tuple[int, ...]], right: list[tuple[int, ...]]
) -> Misconception | None:
    chained = [inputs or ((n - 1,) if n else ()) for n, inputs in enumerate(right)]
    if found == chained:
        return PREVIOUS
    if found == [tuple(i + 1 for i in inputs) for inputs in right]:
        return ONE_BASED
    mirrored = [tuple(sorted(n - 1 - i for i in inputs)) for n, inputs in enumerate(right)]
    return REVERSED if [tuple(sorted(inputs)) for inputs in found] == mirrored else None


def chain_shapes(ask: Ask, variant: int) -> None:
    """In a chain of layers on an image that is not square, shapes are those of torch."""
    rng = seeded(variant, 2)
    questions = [
        written(rng, layers=3, skips="chain", image=image, strides=(1, 2, 3))
        for image in ((1, 12, 12), (3, 13, 21), (1, 20, 9))
    ]
    _require_shapes(ask, questions)


def merged_shapes(ask: Ask, variant: int) -> None:
    """Where maps of different sizes are stacked, the largest rows and columns count."""
    rng = seeded(variant, 3)
    questions = [
        written(rng, layers=5, skips="random", image=image)
        for image in 3 * ((1, 12, 12), (3, 17, 11), (2, 15, 24))
    ]
    _require_shapes(ask, questions)


LAWS = {
    "filters, strides and counts are read": layers_are_read,
    "inputs are read": anchors,
    "shapes of a chain are torch's": chain_shapes,
    "shapes of merged maps are torch's": merged_shapes,
}
