"""The search networks of the papers: xautodl's where it is installed, else built here.

xautodl 1.0 is the code of the authors of GDAS and NAS-Bench-201. It asks for a numpy of 2020, so
it is no dependency of the course: `pip install --no-deps xautodl==1.0.0` puts it beside ours.
Without it the peer is the network as the papers describe it, one module per operation. Either
stands in our skeleton: two cells; channels, images and batches are the same.
"""

import importlib.util
from collections.abc import Iterator
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from bench.networks import operation
from course_lib.core import make_rng, module_rng
from course_lib.datasets import ImageTask
from course_lib.nas.canonical import EDGES
from course_lib.nas.cell_network import ConvBN, Reduction
from course_lib.nas.cells import CellSpace
from course_lib.nas.sharing import CLIP, batches

BATCH, CHANNELS = 50, (8, 16)
SPACE = CellSpace()


class PaperCell(nn.Module):
    """A cell of modules, every operation on every edge; node = sum of its edges.

    sampled: whether only the operation of largest weight is computed, as GDAS does.
    """

    def __init__(self, channels: int, *, sampled: bool) -> None:
        super().__init__()
        self.sampled = sampled
        self.edges = nn.ModuleList(
            nn.ModuleList(operation(name, channels) for name in SPACE.operations) for _ in EDGES
        )

    def forward(self, x: Tensor, weights: Tensor) -> Tensor:
        nodes = [x]
        for node in (1, 2, 3):
            terms = [
                self._edge(edge, nodes[source], weights[edge])
                for edge, (source, target) in enumerate(EDGES)
                if target == node
            ]
            nodes.append(sum(terms[1:], terms[0]))
        return nodes[-1]

    def _edge(self, edge: int, x: Tensor, weights: Tensor) -> Tensor:
        modules = cast(nn.ModuleList, self.edges[edge])
        if self.sampled:
            chosen = int(weights.argmax())
            return cast(Tensor, weights[chosen] * modules[chosen](x))
        terms = [weight * module(x) for weight, module in zip(weights, modules, strict=True)]
        return cast(Tensor, sum(terms[1:], terms[0]))


class PaperNetwork(nn.Module):
    """The skeleton around such cells, with alpha inside as the papers' code has it.

    sampled: GDAS, hard Gumbel-softmax at temperature tau; otherwise DARTS, softmax weights.
    """

    def __init__(self, *, sampled: bool, tau: float = 5.0) -> None:
        super().__init__()
        self.sampled, self.tau = sampled, tau
        fine, coarse = CHANNELS
        self.stem, self.reduction = ConvBN(1, fine, 3), Reduction(fine, coarse)
        self.fine, self.coarse = (PaperCell(count, sampled=sampled) for count in CHANNELS)
        self.norm, self.classify = nn.BatchNorm2d(coarse), nn.Linear(coarse, 10)
        self.alpha = nn.Parameter(1e-3 * torch.randn(SPACE.edges, len(SPACE.operations)))

    def forward(self, x: Tensor) -> Tensor:
        weights = self._weights()
        x = self.coarse(self.reduction(self.fine(self.stem(x), weights)), weights)
        return cast(Tensor, self.classify(F.relu(self.norm(x)).mean((2, 3))))

    def _weights(self) -> Tensor:
        if not self.sampled:
            return self.alpha.softmax(-1)
        return F.gumbel_softmax(self.alpha.log_softmax(-1), self.tau, hard=True)


def paper_steps(task: ImageTask, *, sampled: bool) -> Iterator[None]:
    """Alpha on a validation batch, weights on a training batch, each by a full backward pass."""
    with module_rng(make_rng(0)):
        network = peer_network(sampled=sampled).train()
    alphas = [
        value for name, value in network.named_parameters() if "alpha" in name or "arch" in name
    ]
    held = {id(value) for value in alphas}
    weights = [value for value in network.parameters() if id(value) not in held]
    sgd = torch.optim.SGD(weights, lr=0.1, momentum=0.9, weight_decay=5e-4)
    adam = torch.optim.Adam(alphas, lr=0.01, betas=(0.5, 0.999), weight_decay=1e-3)
    rng = make_rng(0)
    own, valid = batches(task.train, BATCH, rng), batches(task.valid, BATCH, rng)
    while True:
        for optimizer, (x, y) in ((adam, next(valid)), (sgd, next(own))):
            optimizer.zero_grad()
            torch.autograd.backward(F.cross_entropy(scores(network, x), y))
            if optimizer is sgd:
                nn.utils.clip_grad_norm_(weights, CLIP)
            optimizer.step()
        yield


def peer_network(*, sampled: bool) -> nn.Module:
    """xautodl's search network where it is installed, put into our skeleton; else the papers'."""
    if not has_xautodl():
        return PaperNetwork(sampled=sampled)
    from xautodl.models.cell_searchs import (  # type: ignore[import-not-found,import-untyped,unused-ignore]
        nas201_super_nets,
    )

    fine, coarse = CHANNELS
    names = list(SPACE.operations)
    network = nas201_super_nets["GDAS" if sampled else "DARTS-V1"](
        fine, 1, 4, 10, names, True, True
    )
    network.stem[0] = nn.Conv2d(1, fine, 3, padding=1, bias=False)
    network.cells = network.cells[:3]
    network.lastact = nn.Sequential(nn.BatchNorm2d(coarse), nn.ReLU(inplace=True))
    network.classifier = nn.Linear(coarse, 10)
    return cast(nn.Module, network)


def scores(network: nn.Module, x: Tensor) -> Tensor:
    out = network(x)
    return cast(Tensor, out[1] if isinstance(out, tuple) else out)


def has_xautodl() -> bool:
    return importlib.util.find_spec("xautodl") is not None
