"""A hypernetwork: a network that predicts the weights of a cell from the cell's description.

Plain weight sharing gives every architecture the same weights. Here the shared weights are only the
starting point, and a small network adds what this architecture needs of its own. Trained over
random cells it judges any cell without training it (Brock et al. 2018, SMASH; Zhang et al. 2019
read the cell's graph instead of its one-hot code).
"""

from typing import cast

import torch
from torch import Generator, Tensor, nn
from torch.func import functional_call
from torch.nn import functional as F

from course_lib.core import Arch, Log, Space, Trial, module_rng
from course_lib.core.threads import one_thread
from course_lib.datasets import Images
from course_lib.nas.sharing import batches, cosine, per_epoch
from course_lib.nas.supernet import InheritedAccuracy, Supernet


class HyperNetwork(nn.Module):
    """Architecture -> the convolutions of its cells, by the names that they have in the supernet.

    code = tanh(A one_hot(arch) + a),   weights of one convolution = W code + w

    w starts as the supernet's own weights, W at zero: untrained, this is plain weight sharing.
    hidden: length of the code.
    """

    def __init__(self, net: Supernet, rng: Generator, *, hidden: int = 16) -> None:
        super().__init__()
        if hidden < 1:
            raise ValueError(f"hidden must be at least 1, got {hidden}")
        self.space = net.space
        cells = {n: w for n, w in net.named_parameters() if ".edges." in n and w.ndim == 4}
        self.shapes = {name: weight.shape for name, weight in cells.items()}
        with module_rng(rng):
            self.code = nn.Linear(self.space.edges * len(self.space.operations), hidden)
            self.heads = nn.ModuleDict(
                {_key(name): nn.Linear(hidden, weight.numel()) for name, weight in cells.items()}
            )
        for name, weight in cells.items():
            head = cast(nn.Linear, self.heads[_key(name)])
            nn.init.zeros_(head.weight)
            head.bias.data.copy_(weight.detach().flatten())

    def forward(self, arch: Arch) -> dict[str, Tensor]:
        """The predicted weights, only of the operations that the architecture uses."""
        path = self.space.one_hot(arch)
        code = self.code(path.flatten()).tanh()
        used = {
            f".edges.{edge}.{self.space.operations[int(k)]}." for edge, k in path.nonzero().tolist()
        }
        return {
            name: self.heads[_key(name)](code).view(shape)
            for name, shape in self.shapes.items()
            if any(part in name for part in used)
        }


def train_hypernetwork(
    net: Supernet,
    train: Images,
    rng: Generator,
    *,
    epochs: int = 40,
    batch: int = 50,
    learning_rate: float = 3e-3,
    hidden: int = 16,
) -> tuple[HyperNetwork, Log]:
    """Every batch: draw an architecture, predict its weights, descend the loss of that network.

    The gradient goes through the predicted weights into the hypernetwork, and directly into what
    all architectures share (stem, reduction, normalisation, classifier: the net's own, trained in
    place). Adam with a cosine. The log has an entry per epoch: epoch, train_loss.
    Source: Brock et al. 2018, algorithm 1.
    """
    if len(train) == 0 or epochs < 1 or batch < 1:
        raise ValueError(
            "expected at least one image, epoch and image per batch, got "
            f"{len(train)}, {epochs} and {batch}"
        )
    space = cast(Space, net.space)
    hyper = HyperNetwork(net, rng, hidden=hidden)
    common = [weight for name, weight in net.named_parameters() if name not in hyper.shapes]
    adam = torch.optim.Adam([*hyper.parameters(), *common], lr=learning_rate, foreach=True)
    own, steps, log = batches(train, batch, rng), per_epoch(train, batch), Log()
    net.train()
    for epoch in range(epochs):
        losses = []
        with one_thread():
            for step in range(epoch * steps, (epoch + 1) * steps):
                adam.param_groups[0]["lr"] = cosine(learning_rate, step, epochs * steps)
                arch, (x, y) = space.sample(rng), next(own)
                loss = F.cross_entropy(predicted_scores(hyper, net, arch, x), y)
                adam.zero_grad()
                torch.autograd.backward(loss)
                adam.step()
                losses.append(loss.item())
        log.append(epoch=epoch + 1, train_loss=sum(losses) / steps)
    return hyper, log


def predicted_scores(hyper: HyperNetwork, net: Supernet, arch: Arch, x: Tensor) -> Tensor:
    """Class scores (n, classes) of an architecture with its predicted convolutions."""
    weights = net.space.one_hot(arch)
    return cast(Tensor, functional_call(net, hyper(arch), (x, weights)))


class PredictedAccuracy:
    """A measure: validation accuracy of an architecture with predicted weights, cost 1.

    The predicted weights are written into the net; then it is judged as `InheritedAccuracy` does,
    batch normalisation getting the path's statistics from the training images.
    """

    def __init__(self, hyper: HyperNetwork, net: Supernet, train: Images, valid: Images) -> None:
        self.hyper = hyper
        self.net = net
        self.inherited = InheritedAccuracy(net, train, valid)

    def __call__(self, arch: Arch, fidelity: int | None = None, /) -> Trial:
        with torch.no_grad():
            for name, weight in self.hyper(arch).items():
                self.net.get_parameter(name).copy_(weight)
        return self.inherited(arch)


def _key(name: str) -> str:
    """A module's name may hold no dots."""
    return name.replace(".", "/")
