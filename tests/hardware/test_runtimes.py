"""Every runtime computes the same function, and says what it cannot do."""

from importlib.util import find_spec

import pytest
import torch
from torch import nn

from course_lib.core import make_rng, module_rng
from course_lib.hardware import runtimes
from course_lib.hardware.onnx_export import int8_bytes, onnx_bytes
from course_lib.nas.cells import CellSpace

CELL = (3, 1, 4, 3, 2, 4)
with module_rng(make_rng(0)):
    CHAIN = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(400, 3))


def some_network(seed: int = 0) -> nn.Module:
    """A cell network whose batch normalisation has seen something."""
    network = CellSpace().build(CELL, rng=make_rng(seed))
    network(torch.randn(32, 1, 12, 12, generator=make_rng(1)))
    return network


def picture(batch: int = 1) -> torch.Tensor:
    return torch.randn(batch, 1, 12, 12, generator=make_rng(2))


def answer(device: runtimes.Device, network: nn.Module, x: torch.Tensor) -> torch.Tensor:
    if reason := runtimes.lacks(device):
        pytest.skip(reason)
    return torch.as_tensor(device.prepare(network, x)()).reshape(len(x), -1)


@pytest.mark.parametrize("device", runtimes.DEVICES, ids=lambda device: device.name)
@pytest.mark.parametrize("network", [some_network(), CHAIN], ids=["cell", "chain"])
def test_a_runtime_gives_what_the_network_gives(device, network):
    x = picture()
    expected = network.eval()(x)
    # 8 bits keep about two digits of the largest activation
    bound = 0.1 if device is runtimes.ONNX_RUNTIME_INT8 else 1e-5
    assert (answer(device, network, x) - expected).abs().max() < bound * expected.abs().max()


@pytest.mark.parametrize("device", runtimes.DEVICES[:3], ids=lambda device: device.name)
def test_a_batch_is_answered_row_by_row(device):
    network, x = some_network(), picture(4)
    expected = network.eval()(x)
    assert torch.allclose(answer(device, network, x), expected, atol=0.1)


@pytest.mark.parametrize("device", runtimes.DEVICES, ids=lambda device: device.name)
def test_the_network_stays_as_it_is(device):
    network = some_network().train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    answer(device, network, picture())
    assert all(module.training for module in network.modules())
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


@pytest.mark.parametrize("device", runtimes.DEVICES[:3], ids=lambda device: device.name)
def test_what_is_measured_does_not_see_later_training(device):
    network, x = some_network(), picture()
    call = device.prepare(network, x)
    before = torch.as_tensor(call()).clone()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()
    assert torch.equal(torch.as_tensor(call()), before)


def test_integers_hold_the_weights():
    network, x = nn.Sequential(nn.Conv2d(8, 64, 3), nn.ReLU()), torch.randn(1, 8, 8, 8)
    assert len(onnx_bytes(network, x)) > 4 * 8 * 64 * 9
    import onnx

    model = onnx.load_from_string(int8_bytes(network, x))
    held = {tensor.data_type for tensor in model.graph.initializer if len(tensor.dims) == 4}
    assert held == {onnx.TensorProto.INT8}


def test_more_calibration_pictures_never_clip_what_one_picture_clips():
    network, one = some_network().eval(), picture()
    loud = torch.cat([one, 5 * picture(3)])
    calls = [
        runtimes._session(int8_bytes(network, one, calibration=pictures), 5 * one)
        for pictures in (one, loud)
    ]
    expected = network(5 * one).detach()
    error = [float((torch.as_tensor(call()) - expected).abs().max()) for call in calls]
    assert error[1] < error[0]


def test_calibration_is_whole_batches():
    with pytest.raises(ValueError, match="3 calibration pictures are no whole batches of 2"):
        int8_bytes(some_network(), picture(2), calibration=picture(3))


class Branch(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x if x.sum() > 0 else -x


class Unknown(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.linalg.svdvals(x)


@pytest.mark.parametrize(("bad", "reason"), [(Branch(), "Tensor"), (Unknown(), "svd")])
def test_the_module_that_cannot_be_exported_is_named(bad, reason):
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Sequential(nn.ReLU(), bad), nn.Flatten())
    with pytest.raises(ValueError, match=rf"because of 1\.1, a {type(bad).__name__}") as caught:
        onnx_bytes(network, picture())
    assert reason in str(caught.value)


def test_a_missing_runtime_is_named_with_the_way_to_get_it(monkeypatch):
    device = runtimes.Device("Chip", runtimes.eager, ("no_such_chip",), "buy one")
    assert runtimes.lacks(device) == "Chip is left out: this machine lacks no_such_chip; buy one"
    with pytest.raises(RuntimeError, match="buy one"):
        runtimes.measure_networks([CHAIN], picture(), device, make_rng(0))
    monkeypatch.setattr(runtimes.shutil, "which", lambda _: None)
    assert "a C++ compiler; install" in runtimes.lacks(runtimes.COMPILED)
    assert not runtimes.lacks(runtimes.EAGER)


def test_ncnn_takes_one_picture():
    if find_spec("ncnn") is None:
        pytest.skip(runtimes.lacks(runtimes.NCNN))
    with pytest.raises(ValueError, match="a batch of 2"):
        runtimes.ncnn(CHAIN, picture(2))


def test_networks_are_measured_in_turns_on_one_thread():
    threads = []

    def prepare(network, x):
        return lambda: threads.append(torch.get_num_threads())

    samples = runtimes.measure_networks(
        [CHAIN] * 3, picture(), runtimes.Device("fake", prepare), make_rng(0), rounds=10
    )
    assert samples.shape == (10, 3)
    assert set(threads) == {1}
