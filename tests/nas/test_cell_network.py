"""The fast network computes what the textbook cell computes."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.core import make_rng, module_rng
from course_lib.nas.canonical import EDGES, KERNELS, canonical_form
from course_lib.nas.cell_network import Cell, CellNetwork, Pool
from course_lib.nas.cells import CellSpace

SPACE = CellSpace()
CHANNELS, SIZE = 4, (6, 8)


class TextbookCell(nn.Module):
    """Every edge its own operation, as the benchmark draws it; a convolution of zero is zero."""

    def __init__(self, operations: tuple[str, ...]) -> None:
        super().__init__()
        self.operations = operations
        self.edges = nn.ModuleList(self._edge(operation) for operation in operations)

    @staticmethod
    def _edge(operation: str) -> nn.Module:
        if operation in KERNELS:
            kernel = KERNELS[operation]
            conv = nn.Conv2d(CHANNELS, CHANNELS, kernel, padding=kernel // 2, bias=False)
            return nn.Sequential(nn.ReLU(), conv, nn.BatchNorm2d(CHANNELS))
        if operation == "avg_pool_3x3":
            return nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False)
        return nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        nodes = [x, *[torch.zeros_like(x)] * 3]
        for operation, edge, (source, target) in zip(
            self.operations, self.edges, EDGES, strict=True
        ):
            if operation != "none" and nodes[source].any():
                nodes[target] = nodes[target] + edge(nodes[source])
        return nodes[3]

    def copy_from(self, cell: Cell) -> list[int]:
        """Take over the cell's weights; the edges that got some."""
        blocks = []
        for (_, count), (conv, norm) in zip(cell.groups, cell.layers, strict=True):
            for i in range(count):
                own = slice(i * CHANNELS, (i + 1) * CHANNELS)
                blocks.append((conv.weight[own], *(t[own] for t in _norm_tensors(norm))))
        labels = canonical_form(self.operations)[1]
        held = [edge for edge, label in enumerate(labels) if label is not None]
        with torch.no_grad():
            for edge in held:
                _, conv, norm = self.edges[edge]
                for to, value in zip(
                    (conv.weight, *_norm_tensors(norm)), blocks[labels[edge]], strict=True
                ):
                    to.copy_(value)
        return held


def _norm_tensors(norm: nn.BatchNorm2d) -> tuple[Tensor, ...]:
    return norm.weight, norm.bias, norm.running_mean, norm.running_var


def random_cells(operations: tuple[str, ...], seed: int) -> tuple[Cell, TextbookCell, list[int]]:
    """A fast cell with random weights and statistics, and its textbook twin, in float64."""
    rng = make_rng(seed)
    with module_rng(rng):
        fast = Cell(canonical_form(operations)[0], CHANNELS, SIZE).double()
        textbook = TextbookCell(operations).double()
    for layer in fast.layers:
        for tensor in _norm_tensors(layer[1]):
            tensor.data.uniform_(0.5, 1.5, generator=rng)
    return fast, textbook, textbook.copy_from(fast)


@pytest.mark.parametrize("seed", range(60))
def test_same_function_and_same_live_weights_as_the_textbook(seed: int) -> None:
    operations = SPACE.names(SPACE.sample(make_rng(seed)))
    fast, textbook, held = random_cells(operations, seed)
    x = torch.randn(3, CHANNELS, *SIZE, dtype=torch.float64, generator=make_rng(seed))
    for training in (False, True):
        fast.train(training)
        textbook.train(training)
        # float64: what is left is rounding
        torch.testing.assert_close(fast(x), textbook(x), rtol=1e-10, atol=1e-10)
    out = textbook(x)
    if out.requires_grad:
        (out * torch.randn(out.shape, dtype=out.dtype, generator=make_rng(1))).sum().backward()
    live = [
        edge
        for edge, module in enumerate(textbook.edges)
        if any(p.grad is not None and p.grad.any() for p in module.parameters())
    ]
    assert live == held
    count = sum(p.numel() for edge in live for p in textbook.edges[edge].parameters())
    assert sum(p.numel() for p in fast.parameters()) == count


def test_different_forms_with_weights_of_one_shape_are_different_functions() -> None:
    rng = make_rng(0)
    x = torch.randn(2, CHANNELS, *SIZE, dtype=torch.float64, generator=rng)
    forms = {SPACE.canonical(SPACE.sample(rng)) for _ in range(150)}
    outputs: dict[tuple[torch.Size, ...], list[Tensor]] = {}
    for form in forms:
        with module_rng(make_rng(1)):
            cell = Cell(form, CHANNELS, SIZE).double()
        shapes = tuple(p.shape for p in cell.parameters())
        outputs.setdefault(shapes, []).append(cell(x).detach())
    compared = 0
    for group in outputs.values():
        for i, one in enumerate(group):
            for other in group[:i]:
                assert (one - other).abs().max() > 1e-6
                compared += 1
    assert compared > 100


@pytest.mark.parametrize("size", [(1, 1), (2, 5), (12, 12)])
def test_pool_is_average_pooling_without_the_padding(size: tuple[int, int]) -> None:
    x = torch.randn(2, 3, *size, dtype=torch.float64, generator=make_rng(0), requires_grad=True)
    ours = Pool(3, size).double()(x)
    theirs = F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
    torch.testing.assert_close(ours, theirs)
    weights = torch.randn(ours.shape, dtype=ours.dtype, generator=make_rng(1))
    gradients = [torch.autograd.grad((out * weights).sum(), x)[0] for out in (ours, theirs)]
    torch.testing.assert_close(*gradients)


def test_every_weight_of_a_network_is_trained() -> None:
    arch = SPACE.parse(
        "|nor_conv_3x3~0|+|nor_conv_1x1~0|avg_pool_3x3~1|+|none~0|skip_connect~1|nor_conv_3x3~2|"
    )
    network = SPACE.build(arch, rng=make_rng(0), channels=(3, 5), classes=7, image=(2, 8, 6))
    scores = network(torch.randn(4, 2, 8, 6, generator=make_rng(1)))
    assert scores.shape == (4, 7)
    scores.logsumexp(1).sum().backward()
    assert all(p.grad is not None and p.grad.any() for p in network.parameters())


def test_a_cell_of_zeros_gives_the_same_scores_for_all_images() -> None:
    form = SPACE.canonical((0,) * 6)
    with module_rng(make_rng(0)):
        network = CellNetwork(form)
    scores = network.eval()(torch.randn(3, 1, 12, 12, generator=make_rng(0)))
    torch.testing.assert_close(scores, scores[:1].expand(3, -1))


def test_an_odd_image_is_refused() -> None:
    with pytest.raises(ValueError, match="must be even, got 11 x 12"):
        CellNetwork(SPACE.canonical((0,) * 6), image=(1, 11, 12))
