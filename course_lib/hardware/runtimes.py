"""Runtimes as devices: the same network, run by programs that pay for different things.

Eager PyTorch pays for every operator that it is told; ONNX Runtime, ncnn and OpenVINO fuse and
lay out memory; int8 adds conversions. All of them on one thread of this machine's processor.
"""

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Sequence
from copy import deepcopy
from importlib.util import find_spec
from typing import NamedTuple

import numpy as np
import torch
from torch import Generator, Tensor, nn
from torch.jit._trace import TracerWarning

from course_lib.core.threads import one_thread
from course_lib.hardware.measure import Candidate, measure
from course_lib.hardware.onnx_export import int8_bytes, onnx_bytes

Prepare = Callable[[nn.Module, Tensor], Candidate]
"""From a network and an input to one call of its forward pass on that input."""


class Device(NamedTuple):
    """What networks can be measured on.

    prepare: gives the call that is measured; it works on a copy of the network, in eval mode.
    needs: the packages that it imports. get: how to have what is missing.
    """

    name: str
    prepare: Prepare
    needs: tuple[str, ...] = ()
    get: str = ""


def eager(network: nn.Module, x: Tensor) -> Candidate:
    """PyTorch as it is."""
    network = _copied(network)

    def call() -> Tensor:
        with torch.inference_mode():
            return network(x)  # type: ignore[no-any-return]

    return call


def onnx_runtime(network: nn.Module, x: Tensor) -> Candidate:
    """ONNX Runtime on 32-bit floating point numbers."""
    return _session(onnx_bytes(_copied(network), x), x)


def onnx_runtime_int8(network: nn.Module, x: Tensor) -> Candidate:
    """ONNX Runtime on 8-bit integers, see `int8_bytes`."""
    return _session(int8_bytes(_copied(network), x), x)


def openvino(network: nn.Module, x: Tensor) -> Candidate:
    """OpenVINO on 32-bit floating point numbers."""
    from openvino import Core

    core = Core()
    settings = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": "f32"}
    compiled = core.compile_model(core.read_model(onnx_bytes(_copied(network), x)), "CPU", settings)
    request, array = compiled.create_infer_request(), x.numpy()
    return lambda: request.infer([array])[0]


def ncnn(network: nn.Module, x: Tensor) -> Candidate:
    """ncnn on 32-bit floating point numbers; x is one picture."""
    import ncnn as library
    import pnnx

    if len(x) != 1:
        raise ValueError(f"ncnn runs one picture at a time, got a batch of {len(x)}")
    net = library.Net()
    net.opt.num_threads = 1
    net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = net.opt.use_fp16_packed = False
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=FutureWarning)  # pnnx traces
        warnings.filterwarnings("ignore", "Using len", TracerWarning)  # x keeps its shape
        pnnx.export(_Named(_copied(network)), os.path.join(folder, "net.pt"), x, fp16=False)
        net.load_param(os.path.join(folder, "net.ncnn.param"))
        net.load_model(os.path.join(folder, "net.ncnn.bin"))
    picture = library.Mat(x[0].numpy()).clone()

    def call() -> np.ndarray:
        with net.create_extractor() as extractor:
            extractor.input("in0", picture)
            return np.array(extractor.extract("out0")[1])  # its memory goes with the extractor

    return call


def compiled(network: nn.Module, x: Tensor) -> Candidate:
    """torch.compile: half a minute for the first network."""
    return eager(torch.compile(_copied(network)), x)  # type: ignore[arg-type]


EAGER = Device("PyTorch eager", eager)
ONNX_RUNTIME = Device("ONNX Runtime", onnx_runtime)
ONNX_RUNTIME_INT8 = Device("ONNX Runtime int8", onnx_runtime_int8)
EXTRA = 'pip install "automl-course[devices]"'
NCNN = Device("ncnn", ncnn, ("ncnn", "pnnx"), EXTRA)
OPENVINO = Device("OpenVINO", openvino, ("openvino",), EXTRA)
COMPILED = Device("torch.compile", compiled, (), "install a C++ compiler, such as g++")

DEVICES = (EAGER, ONNX_RUNTIME, ONNX_RUNTIME_INT8, NCNN, OPENVINO)
"""All that tables can be made on; `COMPILED` takes too long for one."""


def lacks(device: Device) -> str:
    """Why this machine cannot run a device, with what to do; "" where it can."""
    absent = [name for name in device.needs if find_spec(name) is None]
    if device is COMPILED and not any(map(shutil.which, ("g++", "clang++", "cl"))):
        absent = ["a C++ compiler"]
    if not absent:
        return ""
    return f"{device.name} is left out: this machine lacks {' and '.join(absent)}; {device.get}"


def measure_networks(
    networks: Sequence[nn.Module],
    x: Tensor,
    device: Device,
    rng: Generator,
    *,
    rounds: int = 40,
    repeats: int = 1,
) -> Tensor:
    """Seconds of a forward pass of every network on x, every sample: (rounds, networks).

    All are prepared first and then take turns, see `measure`; one thread. RuntimeError says what a
    device lacks.
    """
    calls = prepared(networks, x, device)
    with one_thread():
        return measure(calls, rng, rounds=rounds, repeats=repeats)


def prepared(networks: Sequence[nn.Module], x: Tensor, device: Device) -> list[Candidate]:
    """The calls of all networks; RuntimeError says what a device lacks."""
    if reason := lacks(device):
        raise RuntimeError(reason)
    with one_thread():
        return [device.prepare(network, x) for network in networks]


class _Named(nn.Module):
    """pnnx writes attributes into a Python file, where 0 is no name."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        return self.network(x)  # type: ignore[no-any-return]


def _copied(network: nn.Module) -> nn.Module:
    return deepcopy(network).eval()


def _session(file: bytes, x: Tensor) -> Candidate:
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = InferenceSession(file, options, providers=["CPUExecutionProvider"])
    feed = {read.name: x.numpy() for read in session.get_inputs()}  # none if the answer is constant
    return lambda: session.run(None, feed)[0]
