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
from course_lib.show.hardware.keep_demo import KeepDemo, Trained
from course_lib.show.hardware.roofline_demo import RooflineDemo
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
    "keep": keep,
    "landscape": LandscapeDemo,
    "metropolis": lambda: MetropolisDemo(SPACE, measure, budget=400),
    "path": lambda: PathDemo(CellSpace()),
    "path of two cells": lambda: PathDemo(DartsSpace()),
    "regret": RegretDemo,
    "roofline": rooflines,
    "rule trees": lambda: RuleTreesDemo(generations=6, population=20),
    "reversible": ReversibleDemo,
    "simplex": SimplexDemo,
    "sinusoid": SinusoidDemo,
    "string": lambda: StringDemo(StringSpace(layers=3)),
    "synaptic rule": SynapticRuleDemo,
    "tau": tau,
    "wiring": WiringDemo,
}


def given(demo: Demo) -> dict[str, object]:
    """What the code to copy takes as given: what the lecture has made before."""
    names = ("space", "measure", "train", "valid", "sets", "methods", "networks")
    made = {name: getattr(demo, name) for name in names if hasattr(demo, name)}
    space = made.get("space", SPACE)
    log = search(space) if isinstance(demo, AlphaDemo) else None
    return made | {"images": images(0), "log": log}


def press(demo: Demo, do: str, **more: object) -> None:
    """What the browser sends when a button is pressed."""
    demo._handle_custom_msg({"do": do, **more}, [])
