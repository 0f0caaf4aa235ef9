"""From LeNet to EfficientNet: famous networks by size, by MACs, by memory and by the clock."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_lib.hardware.roofline import MODELS, Roofline, fits, layer_costs, roofline_latency
from course_lib.nas.table import find_data

FORMAT = "course_lib.bridge/1"


class Famous(NamedTuple):
    """A network of the textbooks: its paper's year, how it is built, (channels, height, width)."""

    name: str
    year: int
    build: Callable[[], nn.Module]
    image: tuple[int, int, int] = (3, 224, 224)


def lenet() -> nn.Module:
    """LeNet-5 with ReLU and maxima in the place of its scaled sigmoids and trained averages.

    (n, 1, 32, 32) -> (n, 10). Source: LeCun et al. 1998, figure 2.
    """
    return nn.Sequential(
        *(nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU()),
        nn.Linear(84, 10),
    )


def _torchvision(name: str) -> Callable[[], nn.Module]:
    def build() -> nn.Module:
        from torchvision.models import get_model

        network: nn.Module = get_model(name)
        return network

    return build


FAMOUS = (
    Famous("LeNet-5", 1998, lenet, (1, 32, 32)),
    Famous("AlexNet", 2012, _torchvision("alexnet")),
    Famous("VGG-16", 2014, _torchvision("vgg16")),
    Famous("ResNet-50", 2015, _torchvision("resnet50")),
    Famous("MobileNetV2", 2018, _torchvision("mobilenet_v2")),
    Famous("EfficientNet-B0", 2019, _torchvision("efficientnet_b0")),
)


@dataclass(frozen=True)
class Facts:
    """What one picture costs a network.

    activations: numbers that its largest operator reads and writes. models: roofline model ->
        seconds, None where it does not fit. measured: device -> seconds.
    """

    name: str
    year: int
    parameters: int
    macs: int
    activations: int
    models: Mapping[str, float | None]
    measured: Mapping[str, float]


def facts(famous: Famous, network: nn.Module, measured: Mapping[str, float]) -> Facts:
    """Counts and models of a network; what was measured is given."""
    costs = layer_costs(network.eval(), torch.zeros(1, *famous.image))

    def modelled(device: Roofline) -> float | None:
        return roofline_latency(costs, device) if fits(costs, device) else None

    return Facts(
        name=famous.name,
        year=famous.year,
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        macs=sum(cost.macs for cost in costs),
        activations=max(cost.inputs + cost.outputs for cost in costs),
        models={device.name: modelled(device) for device in MODELS},
        measured=dict(measured),
    )


def picture(famous: Famous) -> Tensor:
    """One picture of the size that the network takes."""
    return torch.zeros(1, *famous.image)


def write_bridge(found: list[Facts], machine: str, path: Path) -> None:
    """Write the file whole or not at all."""
    whole = path.with_suffix(".part")
    data = {"format": FORMAT, "machine": machine, "networks": [asdict(each) for each in found]}
    whole.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    whole.replace(path)


def bridge() -> list[Facts]:
    """What `python -m data.make bridge` measured; ValueError where its file is damaged."""
    path = find_data("recordings/bridge.json")
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["format"] != FORMAT:
            raise ValueError(f"its format is {data['format']!r}, expected {FORMAT!r}")
        return [Facts(**each) for each in data["networks"]]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"{path} is damaged ({error}): copy it from the course's repository, or run "
            "python -m data.make bridge there"
        ) from error
