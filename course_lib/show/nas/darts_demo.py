"""DARTS at work: the mixture on every edge and both losses while weights and alphas learn."""

from collections.abc import Iterator
from itertools import count, islice
from typing import Any

import numpy as np
import torch
from torch import Tensor

from course_lib.core import Log, make_rng
from course_lib.datasets import Images
from course_lib.nas.bilevel import AlphaGradient, Loss, Params
from course_lib.nas.one_shot import first_order, one_shot_steps, single_level
from course_lib.nas.supernet import Supernet
from course_lib.show.demo import browser_code, numbers
from course_lib.show.knobs import listed, number, preset, said, slider, switch
from course_lib.show.live import LiveDemo
from course_lib.show.nas.darts_info import DartsInfo, darts_info, plot_losses, plot_mixture
from course_lib.show.recordings import Run

EVERY = 6
"""So many steps of weights and alphas make one picture."""


class DartsDemo(LiveDemo):
    """Watch DARTS on a space with a supergraph (`CellSpace`).

    train, valid: images for the weights and for the alphas. epochs, batch, channels: of the
    search. After a live run `net` is the trained supernet, `log` its record and `alpha` its end.
    """

    _esm = browser_code("heat.js", "lines.js", "nas/darts_demo.js")
    css_class = "demo-darts"
    recording = "darts"

    question = said(
        "Predict first: which operations lead after a third of the epochs, and which at the end?"
    )
    two_levels = switch("alphas on validation data", start=True)
    alpha_rate = slider("step size of alpha", (0.003, 0.01, 0.03, 0.1), 0.03)
    seed = number("seed")
    presets = listed(
        preset("DARTS", "Weights learn on training images, alphas on validation images.",
               two_levels=True, alpha_rate=0.03),
        preset("one level", "Alphas learn on the training images too: they never see what was "
               "learned by heart.", two_levels=False, alpha_rate=0.03),
        preset("hasty", "Large steps of alpha: edges are decided before the weights are good.",
               two_levels=True, alpha_rate=0.1),
    )  # fmt: skip
    panels = (plot_mixture, plot_losses)

    def __init__(
        self,
        space: Any,
        train: Images,
        valid: Images,
        *,
        epochs: int = 22,
        batch: int = 50,
        channels: tuple[int, int] = (4, 8),
        **traits: Any,
    ) -> None:
        self.space = space
        self.train = train
        self.valid = valid
        self.epochs = epochs
        self.batch = batch
        self.channels = channels
        self.net: Supernet | None = None
        super().__init__(**traits)

    def source(self) -> Iterator[dict[str, Any]]:
        """Entries of the search's log, each over `EVERY` steps."""
        rng = make_rng(self.seed)
        self.net = Supernet(self.space, rng=rng, channels=self.channels)
        steps = one_shot_steps(
            self.net,
            self.train,
            self.valid,
            rng,
            alpha_gradient=first_order if self.two_levels else one_level(),
            epochs=self.epochs,
            batch=self.batch,
            alpha_learning_rate=self.alpha_rate,
        )
        return iter(lambda: _entry(list(islice(steps, EVERY))), {})

    @property
    def log(self) -> Log:
        """What was recorded so far: epoch, train_loss, valid_loss, alpha."""
        log = Log()
        for step in self.steps:
            log.append(**step)
        return log

    @property
    def alpha(self) -> Tensor:
        """The latest logits, (edges, operations)."""
        if not self.steps:
            return torch.zeros(self.space.edges, len(self.space.operations))
        return torch.as_tensor(self.steps[-1]["alpha"])

    def replay(self, run: Run) -> Iterator[dict[str, Any]]:
        self.epochs = run.names["epochs"]
        return ({**step, "alpha": np.array(step["alpha"])} for step in run.steps)

    def record(self, name: str, steps: int) -> Run:
        """The first steps with the present knobs, in a form that `replay` reads."""
        self.reset()
        self.run(steps)
        rows = [{key: numbers(value, 3) for key, value in step.items()} for step in self.steps]
        return Run(name, self.settings, {"epochs": self.epochs}, rows)

    def info(self) -> DartsInfo:
        return darts_info(self.space, self.steps, epochs=self.epochs)

    def _chart(self, info: DartsInfo) -> dict[str, Any]:
        return {
            "heat": numbers(info.heat.values, 3),
            "decisions": info.heat.decisions,
            "choices": info.heat.choices,
            "epoch": numbers(info.epoch),
            "train": numbers(info.train),
            "valid": numbers(info.valid),
            "epochs": info.epochs,
            "said": info.said,
        }

    def _code(self) -> str:
        gradient = "first_order" if self.two_levels else "single_level"
        return (
            "from course_lib.core import make_rng\n"
            f"from course_lib.nas.one_shot import derive, {gradient}, one_shot_search\n"
            "from course_lib.nas.supernet import Supernet\n\n"
            f"rng = make_rng({self.seed})\n"
            f"net = Supernet(space, rng=rng, channels={self.channels})\n"
            "alpha, log = one_shot_search(\n    net,\n    train,\n    valid,\n    rng,\n"
            f"    alpha_gradient={gradient},\n    epochs={self.epochs},\n"
            f"    batch={self.batch},\n    alpha_learning_rate={self.alpha_rate},\n"
            f"    log_every={EVERY},\n)\n"
            "print(space.describe(derive(space, alpha)))\n"
        )


def one_level() -> AlphaGradient:
    """The gradient on the training batch; once per picture the validation loss is looked at too.

    The look is for the chart alone and changes nothing.
    """
    turn = count()

    def gradient(
        train_loss: Loss, valid_loss: Loss, params: Params, alpha: Tensor, /, *, xi: float
    ) -> Tensor:
        if next(turn) % EVERY == 0:
            with torch.no_grad():
                valid_loss(params, alpha.detach())
        return single_level(train_loss, valid_loss, params, alpha, xi=xi)

    return gradient


def _entry(steps: list[Any]) -> dict[str, Any]:
    """One entry of the log from some steps: mean losses, the alphas after the last."""
    if not steps:
        return {}
    return {
        "epoch": steps[-1].epoch,
        "train_loss": float(np.mean([step.train_loss for step in steps])),
        "valid_loss": float(np.nanmean([step.valid_loss for step in steps])),
        "alpha": steps[-1].alpha.numpy(),
    }
