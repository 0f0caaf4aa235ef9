"""What a computation keeps in memory until its gradient is taken."""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor

from course_lib.core.threads import one_thread
from course_lib.nas.supernet import Supernet


def activation_bytes(compute: Callable[[], Tensor], *, besides: Iterable[Tensor] = ()) -> int:
    """Bytes that `compute()` keeps for the backward pass: its activations.

    A forward pass saves what the backward pass will read. Each storage counts once, however many
    operations save it; parameters and whatever else is in memory anyway are named in `besides`.
    Measured, not estimated: autograd itself hands over every tensor that it saves.
    """
    kept: dict[int, int] = {}

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    known = {tensor.untyped_storage().data_ptr() for tensor in besides}
    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        result = compute()  # while it lives its graph does, and no storage is used twice
    total = sum(size for place, size in kept.items() if place not in known)
    del result
    return total


def step_bytes(net: Supernet, x: Tensor, weights: Tensor) -> int:
    """Activations that a step on these weights keeps, gradients of the weights included.

    x: (batch, channels, height, width). weights: (edges, operations), a path or a mixture.
    """
    leaf = weights.clone().requires_grad_()
    besides = [x, leaf, *net.parameters(), *net.buffers()]
    with one_thread():
        return activation_bytes(lambda: net(x, leaf).sum(), besides=besides)
