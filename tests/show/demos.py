"""Every demo of the course in its smallest form: the table that the contract test goes through."""

from collections.abc import Callable

import numpy as np
import torch

from course_lib.core import Log, Trial, make_rng
from course_lib.datasets import Images, ImageTask
from course_lib.hardware.chain import chain_network, mobilenet, vgg
from course_lib.hardware.roofline import layer_costs
from course_lib.meta.few_shot import FewShotImages
from course_lib.nas.cells import CellSpace
from course_lib.nas.darts_space import DartsSpace
from course_lib.nas.strings import StringSpace
from course_lib.show.demo import Demo
from course_lib.show.hardware.front_demo import FrontDemo
from course_lib.show.hardware.keep_demo import KeepDemo, Trained
from course_lib.show.hardware.predicted import ridge_on
from course_lib.show.hardware.predicted_demo import PredictedDemo
from course_lib.show.hardware.roofline_demo import RooflineDemo
from course_lib.show.hardware.width import Width
from course_lib.show.hardware.width_demo import WidthDemo
from course_lib.show.meta.episode_demo import EpisodeDemo
from course_lib.show.meta.fast_weights_demo import FastWeightsDemo
from course_lib.show.meta.landscape_demo import LandscapeDemo
from course_lib.show.meta.reversible_demo import ReversibleDemo
from course_lib.show.meta.rule_trees_demo import RuleTreesDemo
from course_lib.show.meta.sinusoid_demo import SinusoidDemo
from course_lib.show.meta.synaptic_demo import SynapticRuleDemo
from course_lib.show.nas.asha_demo import AshaDemo
from course_lib.show.nas.bilevel_demo import BilevelDemo
from course_lib.show.nas.controller_demo import ControllerDemo
from course_lib.show.nas.dag_demo import AlphaDemo
from course_lib.show.nas.darts_demo import DartsDemo
from course_lib.show.nas.estimators_demo import EstimatorsDemo
from course_lib.show.nas.metropolis_demo import MetropolisDemo
from course_lib.show.nas.path_demo import PathDemo
from course_lib.show.nas.regret_demo import RegretDemo
from course_lib.show.nas.simplex_demo import SimplexDemo
from course_lib.show.nas.string_demo import StringDemo
from course_lib.show.nas.tau_demo import TauDemo
from course_lib.show.nas.wiring_demo import WiringDemo

SPACE = CellSpace(("skip_connect", "nor_conv_1x1", "nor_conv_3x3"))
SMALL = CellSpace(("none", "skip_connect", "nor_conv_1x1"))


def measure(arch, fidelity=None) -> Trial:
    return Trial(arch, 0.5 + sum((c + 1) * (i + 2) for i, c in enumerate(arch)) / 400)


def asha() -> AshaDemo:
    def curve(arch, fidelity: int = 8) -> Trial:
        return Trial(arch, measure(arch).value + fidelity / 100, fidelity / 8)

    return AshaDemo(SPACE, curve, horizon=8.0)


def images(seed: int) -> Images:
    rng = make_rng(seed)
    return Images(torch.randn(40, 1, 12, 12, generator=rng), torch.arange(40) % 10)


def search(space) -> Log:
    """Four snapshots of a search, half an epoch apart."""
    log, goal = Log(), torch.randn(space.edges, len(space.operations), generator=make_rng(0))
    for entry in range(4):
        log.append(epoch=entry / 2, alpha=goal * entry)
    return log


def pairs(n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Accuracies with shared weights and after a training of their own."""
    truth = torch.rand(n, generator=make_rng(0)).numpy()
    return truth + torch.randn(n, generator=make_rng(1)).numpy() * 0.2, truth


def tau() -> TauDemo:
    inherited, truth = pairs()
    return TauDemo(truth, {"recalibrated": inherited, "batch": inherited**2, "accumulated": -truth})


def darts() -> DartsDemo:
    return DartsDemo(SMALL, images(0), images(1), epochs=6, batch=10, channels=(2, 4))


def blobs(seed: int = 0) -> FewShotImages:
    """Ten classes of blurred noise, twelve images each."""
    rng = make_rng(seed)
    labels = torch.arange(10).repeat_interleave(12)
    noise = torch.rand(120, 8, 8, generator=rng)
    return FewShotImages((torch.rand(10, 8, 8, generator=rng)[labels] + noise) / 2, labels)


def keep() -> KeepDemo:
    """Two untrained chains: the bars need no accuracy."""
    task = ImageTask(images(0), images(1), images(2), tuple("0123456789"))
    chains = {"even": vgg((4, 4, 8, 8)), "uneven": vgg((2, 8, 4, 12))}
    return KeepDemo({n: Trained(c, chain_network(c).eval(), task) for n, c in chains.items()})


def rooflines() -> RooflineDemo:
    chains = {"VGG": vgg((4, 8)), "MobileNet": mobilenet((4, 8))}
    x = torch.zeros(1, 1, 12, 12)
    return RooflineDemo({n: layer_costs(chain_network(c), x) for n, c in chains.items()})


def latencies(n: int = 300) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Three counts of each network, and its seconds where two devices pay for them differently."""
    counts = torch.randint(6, (n, 3), generator=make_rng(0)).double()
    paid = {"PyTorch eager": (1.0, 1.0, 1.0), "ONNX Runtime": (3.0, 0.5, 0.1)}
    noise = torch.rand(n, generator=make_rng(1)).double()
    seconds = {
        name: 1e-5 * (1 + counts @ torch.tensor(cost).double() + 0.2 * noise).numpy()
        for name, cost in paid.items()
    }
    return counts.numpy(), seconds


def predicted() -> PredictedDemo:
    counts, seconds = latencies()
    methods = {"first count": counts[:, :1], "counts": counts}
    ridges = {name: ridge_on(torch.from_numpy(given)) for name, given in methods.items()}
    return PredictedDemo(seconds, ridges, counts[:, 0].astype(int))


def widths() -> WidthDemo:
    counts, seconds = latencies(60)
    macs = counts @ np.array([9.0, 1.0, 0.0]) + 1
    return WidthDemo({w: Width(w * macs, {n: s + w * 1e-6 * macs for n, s in seconds.items()})
                      for w in (8, 16, 64)})  # fmt: skip


def front() -> FrontDemo:
    counts, seconds = latencies()
    accuracy = 0.5 + counts.sum(1) / 40
    chain = vgg((2, 4))
    return FrontDemo(
        accuracy, seconds, lambda place: chain_network(chain), torch.zeros(1, 1, 12, 12)
    )


DEMOS: dict[str, Callable[[], Demo]] = {
    "alphas": lambda: AlphaDemo(CellSpace(), search(CellSpace())),
    "alphas of two cells": lambda: AlphaDemo(DartsSpace(), search(DartsSpace())),
    "one alpha": lambda: AlphaDemo(CellSpace(), search(CellSpace())["alpha"][-1]),
    "asha": asha,
    "bilevel": BilevelDemo,
    "controller": lambda: ControllerDemo(SPACE, measure, budget=200),
    "darts": darts,
    "episode": lambda: EpisodeDemo({"blobs": blobs(), "others": blobs(1)}),
    "estimators": EstimatorsDemo,
    "fast weights": FastWeightsDemo,
    "front": front,
    "keep": keep,
    "landscape": LandscapeDemo,
    "metropolis": lambda: MetropolisDemo(SPACE, measure, budget=400),
    "path": lambda: PathDemo(CellSpace()),
    "path of two cells": lambda: PathDemo(DartsSpace()),
    "predicted": predicted,
    "regret": RegretDemo,
    "roofline": rooflines,
    "rule trees": lambda: RuleTreesDemo(generations=6, population=20),
    "reversible": ReversibleDemo,
    "simplex": SimplexDemo,
    "sinusoid": SinusoidDemo,
    "string": lambda: StringDemo(StringSpace(layers=3)),
    "synaptic rule": SynapticRuleDemo,
    "tau": tau,
    "width": widths,
    "wiring": WiringDemo,
}


def given(demo: Demo) -> dict[str, object]:
    """What the code to copy takes as given: what the lecture has made before."""
    names = (
        "space",
        "measure",
        "train",
        "valid",
        "sets",
        "methods",
        "networks",
        "widths",
        "seconds",
        "groups",
        "accuracy",
    )
    made = {name: getattr(demo, name) for name in names if hasattr(demo, name)}
    space = made.get("space", SPACE)
    log = search(space) if isinstance(demo, AlphaDemo) else None
    return made | {"images": images(0), "log": log}


def press(demo: Demo, do: str, **more: object) -> None:
    """What the browser sends when a button is pressed."""
    demo._handle_custom_msg({"do": do, **more}, [])
