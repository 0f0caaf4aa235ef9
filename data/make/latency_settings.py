"""Which networks of NAS-Bench-201's space are measured, how wide, and on which devices."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_lib.core import Arch, make_rng
from course_lib.hardware.runtimes import (
    EAGER,
    NCNN,
    ONNX_RUNTIME,
    ONNX_RUNTIME_INT8,
    OPENVINO,
    Device,
    lacks,
)
from course_lib.nas.cells import CellSpace
from data.make.digits201 import representatives

ANCHORS = (1000, 2000, 3000, 4000)
"""Networks that every block measures again, far apart in the space's order."""

THREE, EXTRAS = (EAGER, ONNX_RUNTIME, ONNX_RUNTIME_INT8), (NCNN, OPENVINO)

ELSEWHERE = ("latency201_second", "latency201_third")
"""What other machines measured: made by name only, so that no machine is its own second."""


class Setting(NamedTuple):
    """Networks of one size; devices: how many random ones each measures, None for all."""

    devices: Mapping[Device, int | None]
    channels: tuple[int, int] = (8, 16)
    image: tuple[int, int, int] = (1, 12, 12)

    def build(self, arch: Arch) -> nn.Module:
        return CellSpace().build(arch, channels=self.channels, image=self.image).eval()

    @property
    def picture(self) -> Tensor:
        return torch.rand(1, *self.image, generator=make_rng(0))


SETTINGS = {
    "latency201": Setting(dict.fromkeys(THREE) | dict.fromkeys(EXTRAS, 1500)),
    "latency201_wide": Setting(dict.fromkeys(THREE, 300), (32, 64), (3, 32, 32)),
    "latency201_c16": Setting(dict.fromkeys(THREE, 60), (16, 32)),
    "latency201_c32": Setting(dict.fromkeys(THREE, 60), (32, 64)),
    "latency201_c64": Setting(dict.fromkeys(THREE, 60), (64, 128)),
    **dict.fromkeys(ELSEWHERE, Setting(dict.fromkeys((*THREE, *EXTRAS), 480))),
}


def present(devices: Iterable[Device]) -> list[Device]:
    """Those that this machine can run; says which others are left out, and how to have them."""
    reasons = {device: lacks(device) for device in devices}
    for reason in filter(None, reasons.values()):
        print(reason)
    return [device for device, reason in reasons.items() if not reason]


def drawn(most: int | None = None) -> list[int]:
    """`most` distinct networks or all, in an order in which every prefix is a random sample."""
    return torch.randperm(len(distinct()), generator=make_rng(201)).tolist()[:most]


@cache
def distinct() -> tuple[Arch, ...]:
    """The first architecture of every distinct network, in the order of the table's rows."""
    return tuple(representatives(CellSpace()).values())
