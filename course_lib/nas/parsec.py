"""PARSEC: a learned categorical distribution over paths (Casale et al. 2019).

What is maximised is the likelihood of the data under a random path, log E_{p(path)} p(data | path):
paths are drawn from the present distribution and those that explain the data better count more.
"""

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from course_lib.core import Log
from course_lib.core.threads import one_thread
from course_lib.datasets import Images
from course_lib.nas.derive import entropy
from course_lib.nas.relax import sampled_path
from course_lib.nas.sharing import CLIP, batches, check_split, cosine, per_epoch, shared_sgd
from course_lib.nas.supernet import Supernet, batch_statistics


def importance_weights(log_likelihood: Tensor) -> Tensor:
    """How much each of K paths counts, from log p(data | path), (K,) -> (K,), sum 1.

    w_k = p(data | path_k) / sum_j p(data | path_j): paths that come from the prior need no other
    correction. Source: Casale et al. 2019.
    """
    return F.softmax(log_likelihood.detach(), 0)


def path_gradient(alpha: Tensor, paths: Tensor, log_likelihood: Tensor) -> Tensor:
    """Which way alpha makes the data more likely, estimated from K paths; shape of alpha.

    sum_k w_k grad log p(path_k) = sum_k w_k (path_k - softmax(alpha))

    alpha: (edges, operations); paths: (K, edges, operations), one-hot rows drawn from
    softmax(alpha); log_likelihood: (K,). As K grows it tends to the gradient of
    log E[p(data | path)]; at a finite K it is biased, at K = 1 of mean zero.
    """
    mean: Tensor = torch.tensordot(importance_weights(log_likelihood), paths, 1)
    return mean - F.softmax(alpha, -1)


def parsec(
    net: Supernet,
    train: Images,
    valid: Images,
    rng: Generator,
    *,
    samples: int = 4,
    epochs: int = 20,
    batch: int = 50,
    learning_rate: float = 0.1,
    weight_decay: float = 5e-4,
    alpha_learning_rate: float = 0.03,
) -> tuple[Tensor, Log]:
    """Draw paths; weight them on a training batch for the weights, on a validation batch for alpha.

    weights   descend sum_k w_k L_train(path_k)    with w_k from the training batch
    alpha     ascend  `path_gradient`               with w_k from the validation batch

    The likelihood of a batch is that of all its labels, exp(-images * cross-entropy): one path soon
    takes nearly all the weight of a draw. The net is trained in place; with `sampled_op` only the
    drawn paths are computed. Gives alpha (edges, operations), and a log with an entry per epoch:
    epoch, train_loss, valid_loss (weighted means), entropy (mean over the edges, in nats), alpha.
    Source: Casale et al. 2019.
    """
    check_split(train, valid)
    for name, count in (("epochs", epochs), ("batch", batch), ("samples", samples)):
        if count < 1:
            raise ValueError(f"{name} must be at least 1, got {count}")
    alpha = nn.Parameter(torch.zeros(net.space.edges, len(net.space.operations)))
    adam = torch.optim.Adam([alpha], lr=alpha_learning_rate, betas=(0.5, 0.999))
    sgd = shared_sgd(net, learning_rate, weight_decay)
    own, held = batches(train, batch, rng), batches(valid, batch, rng)
    steps, log = per_epoch(train, batch), Log()
    for epoch in range(epochs):
        train_loss = valid_loss = 0.0
        with one_thread():
            for step in range(epoch * steps, (epoch + 1) * steps):
                sgd.param_groups[0]["lr"] = cosine(learning_rate, step, epochs * steps)
                paths = sampled_path(alpha.detach().expand(samples, -1, -1), rng)
                valid_loss += alpha_step(net, adam, alpha, paths, *next(held)) / steps
                train_loss += weight_step(net, sgd, paths, *next(own)) / steps
        log.append(
            epoch=epoch + 1,
            train_loss=train_loss,
            valid_loss=valid_loss,
            entropy=entropy(alpha.detach().softmax(-1)).mean(),
            alpha=alpha,
        )
    return alpha.detach(), log


def alpha_step(
    net: Supernet,
    adam: torch.optim.Optimizer,
    alpha: nn.Parameter,
    paths: Tensor,
    x: Tensor,
    y: Tensor,
) -> float:
    """One step of alpha on a validation batch; the weighted loss of the paths.

    Of the net nothing changes, running statistics included.
    """
    with torch.no_grad(), batch_statistics(net):
        losses = torch.stack([F.cross_entropy(net(x, path), y) for path in paths])
    log_likelihood = -len(y) * losses
    alpha.grad = -path_gradient(alpha.detach(), paths, log_likelihood)
    adam.step()
    return float(importance_weights(log_likelihood) @ losses)


def weight_step(
    net: Supernet, sgd: torch.optim.Optimizer, paths: Tensor, x: Tensor, y: Tensor
) -> float:
    """One step of the paths' weights on a training batch; their weighted loss before it."""
    net.train()
    losses = torch.stack([F.cross_entropy(net(x, path), y) for path in paths])
    loss = importance_weights(-len(y) * losses) @ losses
    sgd.zero_grad()
    torch.autograd.backward(loss)
    nn.utils.clip_grad_norm_(net.parameters(), CLIP)
    sgd.step()
    return loss.item()
