"""Bars to drag: how many channels a layer keeps; the others make room within the budget."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import traitlets
from torch import Tensor, nn

from course_lib.core import make_rng, uniform
from course_lib.datasets import ImageTask
from course_lib.hardware.budget import fill_up, share_channels
from course_lib.hardware.chain import Chain
from course_lib.hardware.criteria import top_channels, weight_scores
from course_lib.hardware.macs import chain_macs
from course_lib.hardware.prune import prune_chain
from course_lib.hardware.recalibrate import recalibrate
from course_lib.nas.training import accuracy
from course_lib.show.demo import Demo, browser_code, numbers
from course_lib.show.hardware.keep import (
    LEAST,
    KeepInfo,
    keep_info,
    plot_accuracy,
    plot_keep,
    rebalanced,
)
from course_lib.show.knobs import button, choice, hidden, listed, preset, said, slider

_CALIBRATION, _VALID, _ROUNDS = 250, 500, 300


@dataclass(frozen=True)
class Trained:
    """A trained chain and the images that it was trained with."""

    chain: Chain
    network: nn.Module
    task: ImageTask

    @cached_property
    def scores(self) -> list[Tensor]:
        """What each channel of each convolution weighs."""
        return weight_scores(self.network)

    @cached_property
    def whole(self) -> float:
        """Validation accuracy of the full network."""
        return accuracy(self.network, self.task.valid.part(slice(_VALID)))

    def pruned(self, kept: Sequence[int]) -> nn.Module:
        """The smaller network; kept: channels of the free layers."""
        return prune_chain(self.network, top_channels(self.scores, self.chain.tied(kept)))

    def judged(self, kept: Sequence[int]) -> KeepInfo:
        """Accuracies of the smaller network, before and after its statistics are made anew."""
        network, valid = self.pruned(kept), self.task.valid.part(slice(_VALID))
        before = accuracy(network, valid)
        recalibrate(network, self.task.train.part(slice(_CALIBRATION)))
        after = accuracy(network, valid)
        found = {"full": self.whole, "pruned": before, "recalibrated": after}
        return keep_info(self.chain, kept, found)


class KeepDemo(Demo):
    """Drag the bars: the operations stay what they are, and the accuracy shows what it was worth.

    networks: name -> a trained chain. A budget of 100 % locks nothing.
    """

    _esm = browser_code("hardware/keep_demo.js")
    css_class = "demo-keep"

    question = said(
        "Predict first: which layer can give up most of its channels before the recalibrated "
        "network suffers: the first, the widest, or the last?"
    )
    network = choice("network")
    budget = slider("operations, %", (25, 50, 70, 100), 50)
    multiple = slider("channels in multiples of", (1, 2, 4, 8), 1)
    kept = hidden(traitlets.List())
    dragged = hidden(traitlets.List([0, 0]))
    seed = hidden(traitlets.Int(0))
    actions = listed(
        button("step", "Random ratios", "s"),
        button("measure", "Measure the time here", "m"),
        button("reset", "Reset", "r"),
    )
    panels = (plot_keep, plot_accuracy)

    def __init__(self, networks: Mapping[str, Trained]) -> None:
        self.networks = dict(networks)
        first = next(iter(self.networks))
        chain = self.networks[first].chain
        half = _spent(chain, [1.0] * len(chain.free), 50, 1)
        super().__init__(
            values={"network": list(self.networks)},
            presets=self._presets(first),
            network=first,
            kept=half,
        )

    def _presets(self, name: str) -> list[dict[str, Any]]:
        """Half of the operations in three ways: even, from the first layers, from the last."""
        chain = self.networks[name].chain
        layers = len(chain.free)
        rising = [0.35 + 0.65 * layer / (layers - 1) for layer in range(layers)]

        def kept(relative: Sequence[float]) -> dict[str, Any]:
            counts = _spent(chain, relative, 50, 1)
            return {"network": name, "budget": 50, "multiple": 1, "kept": counts}

        return [
            preset("uniform", "The same share of every layer: what every other choice has to beat.",
                   **kept([1.0] * layers)),
            preset("spare the last layers", "The first layers pay: few channels see the image.",
                   **kept(rising)),
            preset("spare the first layers", "The last layers pay: their channels are many.",
                   **kept(rising[::-1])),
        ]  # fmt: skip

    def turned(self, names: set[str]) -> None:
        """A dragged bar moves the others; another network, budget or seed moves all of them."""
        kept = self.kept
        if "kept" not in names:
            kept = self._dragged() if "dragged" in names else self._rescaled(names)
        if kept == self.kept:
            self.publish()
        else:
            self.kept = kept

    def _dragged(self) -> list[int]:
        layer, count = (int(number) for number in self.dragged)
        chain = self._chain
        if not 0 <= layer < len(chain.free):
            return list(self.kept)
        counts = list(self.kept)
        counts[layer] = min(max(count, 1), chain.channels[chain.free[layer]])
        if self.budget == 100:
            return counts
        return rebalanced(
            chain, counts, layer, budget=_operations(chain, self.budget), multiple=self.multiple
        )

    def _rescaled(self, names: set[str]) -> list[int]:
        """The old proportions within the new budget, or drawn ones; a new network is uniform."""
        chain = self._chain
        if "network" in names:
            relative = [1.0] * len(chain.free)
        elif "seed" in names:
            rng = make_rng(self.seed)
            relative = [0.2 + 0.8 * uniform(rng) for _ in chain.free]
        else:
            widths = [chain.channels[layer] for layer in chain.free]
            relative = [own / full for own, full in zip(self.kept, widths, strict=True)]
        return _spent(chain, relative, self.budget, self.multiple)

    @property
    def _chain(self) -> Chain:
        return self.networks[self.network].chain

    def measure(self) -> None:
        """Time the full and the smaller network on this machine, side by side."""
        from course_lib.hardware.measure import low_quantile
        from course_lib.hardware.runtimes import ONNX_RUNTIME, measure_networks

        subject = self.networks[self.network]
        pair, image = [subject.network, subject.pruned(self.kept)], subject.task.valid.x[:1]
        samples = measure_networks(pair, image, ONNX_RUNTIME, make_rng(0), rounds=_ROUNDS)
        full, smaller = (1000 * low_quantile(samples, 0.1)).tolist()
        work = 1 / keep_info(subject.chain, self.kept, {}).share
        self.note = (
            f"Measured here just now, one image, ONNX Runtime: {full:.4f} ms before, "
            f"{smaller:.4f} ms after, {full / smaller:.2f} times as fast for {work:.2f} times "
            "fewer operations."
        )

    def info(self) -> KeepInfo:
        return self.networks[self.network].judged(self.kept)

    def _chart(self, info: KeepInfo) -> dict[str, Any]:
        return {
            "channels": list(info.channels),
            "kept": list(info.kept),
            "multiple": self.multiple,
            "share": numbers(info.share),
            "budget": self.budget / 100,
            "accuracy": {name: numbers(value) for name, value in info.accuracy.items()},
        }

    def _code(self) -> str:
        return (
            "from course_lib.hardware.recalibrate import recalibrate\n"
            "from course_lib.nas.training import accuracy\n\n"
            f"subject = networks[{self.network!r}]\n"
            f"smaller = subject.pruned({list(self.kept)})\n"
            "print(accuracy(smaller, subject.task.valid))\n"
            f"recalibrate(smaller, subject.task.train.part(slice({_CALIBRATION})))\n"
            "print(accuracy(smaller, subject.task.valid))\n"
        )


def _operations(chain: Chain, percent: int) -> float:
    return percent / 100 * sum(chain_macs(chain, chain.channels))


def _spent(chain: Chain, relative: Sequence[float], percent: int, multiple: int) -> list[int]:
    """Channels of the free layers in these proportions, the budget spent."""
    widths = [chain.channels[layer] for layer in chain.free]

    def macs(counts: Sequence[int]) -> int:
        return sum(chain_macs(chain, chain.tied(counts)))

    budget = _operations(chain, percent)
    kept = share_channels(relative, widths, macs, budget=budget, lowest=LEAST, multiple=multiple)
    return fill_up(kept, widths, macs, budget=budget, multiple=multiple)
