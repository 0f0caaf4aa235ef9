"""Lecture 10: does MAML's start learn a sinusoid faster than a pretrained one, and at all shots?"""

from collections.abc import Sequence
from functools import partial
from typing import Any

from torch.nn import functional as F

from claims.estimates import curve, estimates
from claims.runs import forget, run_seeds
from course_lib.core import make_rng
from course_lib.core.meta_train import Parameters
from course_lib.meta.maml import Predict, inner_loop
from course_lib.meta.sinusoids import regressor, sinusoid_tasks
from course_lib.meta.starts import joint_on, maml_on, train_start
from course_lib.meta.tasks import Tasks
from course_lib.meta.transfer import adaptation_losses
from course_lib.show.measured import Curves, Measured

SEEDS = range(10)
META_STEPS, LR = 5_000, 0.01
SHOTS, HORIZONS = (1, 2, 5, 10, 20, 50), (10, 100)
RATES = (0.001, 0.003, 0.01, 0.02)
VALIDATION, TEST = 150, 400
KEPT = "10_sinusoids"


def one_step() -> Measured:
    """MAML's start after one step, beside a pretrained and a random one after ten."""
    runs = run_seeds(KEPT, compared, SEEDS)
    steps = range(HORIZONS[0] + 1)
    at_ten = [run["10"] for run in runs]
    lines = {"MAML": curve(steps, [run["MAML, as trained"] for run in runs])} | {
        name: curve(steps, [run[name]["10"]["curve"][: len(steps)] for run in at_ten])
        for name in ("pretrained", "random")
    }
    one = [run["MAML, as trained"][1] for run in runs]
    samples = {
        f"{name}, ten steps - MAML, one step": [
            [run[name]["10"]["curve"][-1] - maml for run, maml in zip(at_ten, one, strict=True)]
        ]
        for name in ("pretrained", "random")
    }
    return Measured(
        conditions=f"{META_STEPS:,} steps of Adam (0.001) on 25 new sinusoids each, 10 shots and "
        f"10 queries; MAML with one inner step of {LR}, the pretrained network on all 20 points, "
        "from the same start and on the same tasks. In the last tenth of training the losses "
        f"fell by {_change(runs, 'pretrained')} (pretrained) and {_change(runs, 'MAML')} (MAML) of "
        f"all that they fell. Judged on {TEST} new sinusoids with 10 shots. The step sizes of the "
        f"pretrained and the random network are the best of {_listed(RATES)} for ten steps on "
        f"{VALIDATION} other sinusoids.",
        estimates=estimates(samples),
        seeds=list(SEEDS),
        curves=Curves("inner steps", "mean squared error", lines, yscale="log"),
        runs=[{key: value for key, value in run.items() if not key.isdigit()} for run in runs],
    )


def more_shots() -> Measured:
    """The pretrained start's error minus that of MAML's, over the number of shots."""
    runs = run_seeds(KEPT, compared, SEEDS)

    def errors(name: str, horizon: int, shots: int) -> list[float]:
        return [run[str(shots)][name][str(horizon)]["curve"][-1] for run in runs]

    lines = {
        f"{name}, {horizon} steps": curve(
            SHOTS, list(zip(*(errors(name, horizon, shots) for shots in SHOTS), strict=True))
        )
        for name in ("MAML", "pretrained")
        for horizon in HORIZONS
    }
    samples = {
        f"{shots} shot{'s'[: shots > 1]}, {horizon} steps": [
            [
                theirs - ours
                for theirs, ours in zip(
                    errors("pretrained", horizon, shots),
                    errors("MAML", horizon, shots),
                    strict=True,
                )
            ]
        ]
        for horizon in HORIZONS
        for shots in SHOTS
    }
    forget(KEPT)
    return Measured(
        conditions=f"Networks of the claim on one step, trained with 10 shots; fine-tuned on "
        f"{SHOTS[0]} to {SHOTS[-1]} shots. Both starts have their step size, the best of "
        f"{_listed(RATES)}, from {VALIDATION} validation tasks, for each "
        f"number of shots and of steps. {TEST} test tasks.",
        estimates=estimates(samples),
        seeds=list(SEEDS),
        curves=Curves("shots", "mean squared error", lines, "log", "log"),
        runs=runs,
    )


def compared(seed: int) -> dict[str, Any]:
    """All curves of fine-tuning of one seed, and the training losses in ten parts."""
    random, predict = regressor(make_rng(seed))
    objectives = {
        "MAML": maml_on(predict, partial(inner_loop, lr=LR)),
        "pretrained": joint_on(predict),
    }
    starts, answer = {"random": random}, dict[str, Any]()
    for name, objective in objectives.items():
        starts[name], log = train_start(objective, make_rng(seed), steps=META_STEPS)
        answer[f"{name}, training"] = log["loss"].reshape(10, -1).mean(1).round(4).tolist()
    for shots in SHOTS:
        answer[str(shots)] = {
            name: fine_tuned(theta, predict, seed, shots)
            for name, theta in starts.items()
            if name in objectives or shots == 10
        }
    test = _test(seed, shots=10)
    answer["MAML, as trained"] = mean_curve(starts["MAML"], test, predict, LR, HORIZONS[0])
    return answer


def fine_tuned(theta: Parameters, predict: Predict, seed: int, shots: int) -> dict[str, Any]:
    """For each horizon the step size that is best on validation tasks, and its curve on others."""
    valid = sinusoid_tasks(make_rng(1000 + seed), tasks=VALIDATION, shots=shots, queries=20)
    curves = {rate: mean_curve(theta, valid, predict, rate, max(HORIZONS)) for rate in RATES}
    answer = {}
    for horizon in HORIZONS:
        rate = min(RATES, key=lambda rate: curves[rate][horizon])
        found = mean_curve(theta, _test(seed, shots), predict, rate, horizon)
        answer[str(horizon)] = {"rate": rate, "curve": found[: HORIZONS[0] + 1] + found[-1:]}
    return answer


def mean_curve(
    theta: Parameters, tasks: Tasks, predict: Predict, rate: float, steps: int
) -> list[float]:
    """The mean loss after 0, ..., steps inner steps; infinite where one ran away."""
    losses = adaptation_losses(theta, tasks, predict=predict, loss=F.mse_loss, lr=rate, steps=steps)
    return [round(value, 5) for value in losses.mean(0).nan_to_num(nan=float("inf")).tolist()]


def _test(seed: int, shots: int) -> Tasks:
    return sinusoid_tasks(make_rng(2000 + seed), tasks=TEST, shots=shots, queries=50)


def _change(runs: list[dict[str, Any]], name: str) -> str:
    """How much the training loss fell in the last tenth of training, of all that it fell."""
    parts = [sum(run[f"{name}, training"][i] for run in runs) / len(runs) for i in (0, -2, -1)]
    return f"{(parts[1] - parts[2]) / (parts[0] - parts[2]):.1%}"


def _listed(rates: Sequence[float]) -> str:
    return ", ".join(f"{rate:g}" for rate in rates)
