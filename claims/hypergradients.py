"""Lecture 10: what do gradients through training cost in memory, and what do they find?"""

import torch
from torch import Tensor

from claims.estimates import curve, estimates
from claims.runs import forget, run_seeds
from course_lib.core import make_rng
from course_lib.core.meta_train import Parameters
from course_lib.meta.digits_training import (
    MOMENTUM,
    DigitsTraining,
    Run,
    constant,
    learn_schedule,
    tune,
)
from course_lib.meta.fixed_point import ratio
from course_lib.meta.reversible import Exact
from course_lib.meta.reversible_training import StepGradient
from course_lib.show.measured import Curves, Measured

SEEDS = range(10)
PLACES = (3, 10, 30, 100, 300, 1000)
STEPS, OUTER, TUNING, FRESH = 50, 40, 4, 8
STORED, REVERSIBLE = "weights of every step stored", "reversible, buffer included"


def hypergradient_memory() -> Measured:
    """Bytes per weight that are allocated for the way back: stored steps against the buffer."""
    runs = run_seeds("10_memory", _memory, SEEDS, n_jobs=1)
    forget("10_memory")
    bits = [run["bits"] / PLACES[-1] for run in runs]
    return Measured(
        conditions=f"An MLP on 200 digits, momentum {MOMENTUM}; {len(SEEDS)} seeds draw weights, "
        "batches and the division of the digits. Stored: float32 weights, without velocities. "
        "Reversible: weights, velocity and buffer in 64-bit integers, and words of 32 bits. All "
        "runs went back to their start, without one bit of difference.",
        estimates=estimates(
            {
                f"{steps} steps": [[run[REVERSIBLE][i] / run[STORED][i] for run in runs]]
                for i, steps in enumerate(PLACES)
            }
        ),
        reference=1.0,
        seeds=list(SEEDS),
        settings={"bits": round(sum(bits) / len(bits), 3)},
        curves=Curves(
            "steps of training",
            "bytes per weight",
            {name: curve(PLACES, [run[name] for run in runs]) for name in (STORED, REVERSIBLE)},
            xscale="log",
            yscale="log",
        ),
        runs=runs,
    )


def _memory(seed: int) -> dict[str, object]:
    """Bytes per weight at each of the places, and the bits of the buffer after the last."""
    training = DigitsTraining(make_rng(seed), steps=PLACES[-1])
    run, momentum, decays = training.draw(make_rng(seed)), ratio(MOMENTUM), torch.zeros(2)
    state, stored = Exact(run.start), list[Tensor]()
    bytes_: dict[str, list[float]] = {STORED: [], REVERSIBLE: []}
    for step in range(PLACES[-1]):
        stored.append(state.weights)
        state.forward(StepGradient(training.train_loss(run), decays, step), 0.5, momentum)
        if step + 1 in PLACES:
            bytes_[STORED].append(sum(each.nbytes for each in stored) / len(run.start))
            bytes_[REVERSIBLE].append(state.nbytes / len(run.start))
    bits = state.buffer.bits
    for step in reversed(range(PLACES[-1])):
        state.back(StepGradient(training.train_loss(run), decays, step), 0.5, momentum)
        if not state.weights.equal(stored[step]):
            raise ValueError(f"seed {seed}: not the same weights again at step {step}")
    return {**bytes_, "bits": bits}


def learned_schedule() -> Measured:
    """By how much the test loss of tuned rates is above that of learned ones."""
    runs = run_seeds("10_schedule", _schedule, SEEDS)
    forget("10_schedule")
    return Measured(
        conditions=f"An MLP on 200 digits, {STEPS} steps, momentum {MOMENTUM}. Learned: a rate for "
        f"every step and a weight decay for each layer, in {OUTER} outer steps of Adam from rate "
        f"0.5. Tuned: the best of 24 pairs of rate and decay, over {TUNING} trainings each. All by "
        f"validation loss; test: {FRESH} new trainings of each, for each of {len(SEEDS)} seeds.",
        estimates=estimates(
            {
                f"{name}, minus learned": [
                    [run[name]["loss"] - run["learned"]["loss"] for run in runs]
                ]
                for name in runs[0]
                if name != "learned"
            }
        ),
        seeds=list(SEEDS),
        runs=runs,
    )


def _schedule(seed: int) -> dict[str, dict[str, float]]:
    """Mean test loss and accuracy over new trainings, for each way to choose."""
    training, rng = DigitsTraining(make_rng(seed), steps=STEPS), make_rng(1000 + seed)
    learned, _ = learn_schedule(training, rng, outer=OUTER)
    tuning = [training.draw(rng) for _ in range(TUNING)]
    chosen = {
        "learned": learned,
        "before learning": constant(training, 0.5, 1e-3),
        "tuned constant rate": tune(training, tuning, torch.ones(STEPS)),
        "tuned fall to zero": tune(training, tuning, 1 - torch.arange(STEPS) / STEPS),
    }
    fresh = [training.draw(rng) for _ in range(FRESH)]
    return {name: _tested(training, theta, fresh) for name, theta in chosen.items()}


@torch.no_grad()
def _tested(training: DigitsTraining, theta: Parameters, runs: list[Run]) -> dict[str, float]:
    rates, decays = theta["log rates"].exp(), theta["log decays"].exp()
    ends = [training.train(run, rates, decays) for run in runs]
    return {
        "loss": sum(float(training.loss(end, "test")) for end in ends) / len(ends),
        "accuracy": sum(training.accuracy(end, "test") for end in ends) / len(ends),
    }
