"""Networks as ONNX files, in fp32 and in int8, which runtimes of other makers read.

Source: Jacob et al. 2018 (integers in the place of floating point numbers).
"""

import logging
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.jit._trace import TracerWarning


def onnx_bytes(network: nn.Module, x: Tensor) -> bytes:
    """The file of a network in eval mode, for inputs of x's shape.

    ValueError names the innermost module that cannot be exported, and why.
    """
    try:
        return _exported(network, x)
    except Exception as error:
        name, module, reason = _culprit(network, x) or ("", network, error)
        where = f"{name or 'the network itself'}, a {type(module).__name__}"
        raise ValueError(
            f"{type(network).__name__} cannot be written as ONNX because of {where}: "
            f"{str(reason).strip() or type(reason).__name__}. Expected operations that ONNX has, "
            "and no branch that depends on the numbers of the input"
        ) from error


def int8_bytes(network: nn.Module, x: Tensor, *, calibration: Tensor | None = None) -> bytes:
    """The same with weights and activations in 8 bits: static, QDQ nodes, weights per channel.

    Weights use 7 of them, so that sums do not overflow on processors without VNNI.
    calibration: (n, *x.shape[1:]) inputs, n a multiple of x's batch, whose activations say the
        ranges; x itself where none are given, which does for latency, not for accuracy.
    """
    from onnx import load_from_string
    from onnxruntime.quantization import QuantFormat, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    pictures = x if calibration is None else calibration
    file = onnx_bytes(network, x)
    if not load_from_string(file).graph.input:
        return file  # a constant, in which nothing is left to compute
    with tempfile.TemporaryDirectory() as folder, _quiet_root():
        plain, prepared, done = (Path(folder) / name for name in ("a.onnx", "b.onnx", "c.onnx"))
        plain.write_bytes(file)
        quant_pre_process(str(plain), str(prepared), skip_symbolic_shape=True)
        quantize_static(
            str(prepared),
            str(done),
            _Batches(pictures, len(x)),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            reduce_range=True,
        )
        return done.read_bytes()


class _Batches:
    """Calibration pictures, as the quantizer asks for them."""

    def __init__(self, pictures: Tensor, batch: int) -> None:
        if not len(pictures) or len(pictures) % batch:
            raise ValueError(
                f"{len(pictures)} calibration pictures are no whole batches of {batch}: the file "
                "takes inputs of one shape only"
            )
        self.left: Iterator[Tensor] = iter(torch.split(pictures, batch))

    def get_next(self) -> dict[str, np.ndarray] | None:
        batch = next(self.left, None)
        return None if batch is None else {"x": batch.numpy()}


def _exported(network: nn.Module, x: Tensor) -> bytes:
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        path = Path(folder) / "network.onnx"
        # the newer exporter needs one more package and a second per network
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        warnings.filterwarnings("error", category=TracerWarning)
        warnings.filterwarnings("ignore", "Using len", TracerWarning)  # x keeps its shape
        torch.onnx.export(network, (x,), path, dynamo=False, input_names=["x"])
        return path.read_bytes()


def _culprit(network: nn.Module, x: Tensor) -> tuple[str, nn.Module, Exception] | None:
    """The innermost module that cannot be exported with what it reads, and its error."""
    read: dict[str, tuple[Tensor, ...]] = {}
    hooks = [
        module.register_forward_pre_hook(lambda _, inputs, name=name: read.update({name: inputs}))
        for name, module in network.named_modules()
    ]
    try:
        with torch.no_grad():
            network(x)
    finally:
        for hook in hooks:
            hook.remove()
    for name in sorted(read, key=lambda name: -name.count(".")):
        if len(read[name]) == 1 and isinstance(read[name][0], Tensor):
            try:
                _exported(module := network.get_submodule(name), read[name][0])
            except Exception as error:
                return name, module, error
    return None


@contextmanager
def _quiet_root() -> Iterator[None]:
    """The quantizer advises on the root logger what has been done already."""
    logger = logging.getLogger()
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
