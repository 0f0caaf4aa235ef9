"""One step on alpha: the losses as pure functions of weights and alpha, with frozen noise."""

import math
import operator
from collections.abc import Callable

import torch
from torch import Generator, Tensor, nn
from torch.func import functional_call
from torch.nn import functional as F

from course_lib.core import make_rng, randint
from course_lib.core.seam import expect_shape, named
from course_lib.nas.bilevel import AlphaGradient, Params
from course_lib.nas.relax import Relax
from course_lib.nas.supernet import Supernet, batch_statistics


class BatchLoss:
    """Cross-entropy on one batch as a pure function of weights and alpha: a `bilevel.Loss`.

    mix: alpha -> mixture weights, the same at every call. Batch normalisation takes the statistics
    of the batch and stores nothing. value: the last loss, NaN before the first.
    """

    def __init__(
        self, net: Supernet, x: Tensor, y: Tensor, mix: Callable[[Tensor], Tensor]
    ) -> None:
        self.net, self.x, self.y, self.mix = net, x, y, mix
        self.value = math.nan

    def __call__(self, params: Params, alpha: Tensor, /) -> Tensor:
        weights = self.mix(alpha)
        with batch_statistics(self.net):
            if all(map(operator.is_, params.values(), self.net.params.values())):
                scores = self.net(self.x, weights)  # its own weights: no need to lend it others
            else:
                scores = functional_call(
                    self.net, dict(params), (self.x, weights), tie_weights=False
                )
        loss = F.cross_entropy(scores, self.y)
        self.value = loss.item()
        return loss


def frozen(relax: Relax, tau: float, rng: Generator) -> Callable[[Tensor], Tensor]:
    """relax at this temperature with noise that is the same at every call."""
    seed = randint(rng, 2**31)

    def mix(alpha: Tensor) -> Tensor:
        weights = expect_shape(
            named("relax", relax), relax(alpha, make_rng(seed), tau=tau), tuple(alpha.shape)
        )
        if alpha.requires_grad and not weights.requires_grad:
            raise ValueError(
                f"{named('relax', relax)} lets no gradient through to alpha: pass another "
                "alpha_relax, or alpha_gradient=None to leave alpha as it is"
            )
        return weights

    return mix


def alpha_step(
    adam: torch.optim.Optimizer,
    logits: nn.Parameter,
    alpha_gradient: AlphaGradient,
    losses: tuple[BatchLoss, BatchLoss],
    net: Supernet,
    xi: float,
) -> None:
    """Adam down what `alpha_gradient` says of (training loss, validation loss); net stays put."""
    params = dict(net.params)
    leaf = logits.detach().clone().requires_grad_()  # what a plain autograd.grad needs
    gradient = alpha_gradient(*losses, params, leaf, xi=xi)
    logits.grad = expect_shape(
        named("alpha_gradient", alpha_gradient), gradient, tuple(logits.shape)
    ).detach()
    adam.step()
