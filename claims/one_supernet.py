"""Lecture 13: one supernet, trained once, then read for every device and every limit."""

from math import ceil

import numpy as np

from claims.estimates import estimates
from claims.latencies import RUNTIMES, first_of_each
from claims.luck import points
from claims.runs import forget, run_seeds
from claims.supernet_ranking import CALIBRATION, EPOCHS
from course_lib.core import Arch, make_rng
from course_lib.datasets import cluttered_digits
from course_lib.hardware.latency_table import LatencyTable, latency201
from course_lib.nas.supernet import InheritedAccuracy, Supernet, sampled_op
from course_lib.nas.table import digits201
from course_lib.nas.uniform_paths import train_on_uniform_paths
from course_lib.show.measured import Measured

SEEDS = range(10)
TRAINED = 5
LIMITS = (0.1, 0.25, 0.5)
"""Shares of the candidates that keep the limit."""

DRAWS = 500
"""Random searches whose mean stands for luck."""


def one_supernet() -> Measured:
    """Test accuracy of what a supernet proposes within a limit, minus that of luck."""
    runs = run_seeds("13_one_supernet", _inherited, SEEDS)
    forget("13_one_supernet")
    table, latency, archs = digits201(), latency201(), candidates()
    uses = len(RUNTIMES) * len(LIMITS)
    lucky = TRAINED + ceil(EPOCHS / table.epochs / uses)
    valid = np.array([table.measure(arch).value for arch in archs])
    test = np.array([points(table, arch) for arch in archs])
    samples, best = {}, {}
    for device in RUNTIMES:
        seconds = seconds_of(latency, archs, device)
        for limit in LIMITS:
            within = np.flatnonzero(seconds <= np.quantile(seconds, limit))
            luck = mean_of_luck(valid[within], test[within], lucky)
            picks = [pick(np.array(run), valid, within) for run in runs]
            name = f"{device}, fastest {limit:.0%}"
            samples[name] = [[float(test[chosen]) - luck for chosen in picks]]
            best[name] = round(float(test[within[valid[within].argmax()]]) - luck, 3)
    return Measured(
        conditions=f"{len(archs):,} networks, all different ones of the space. One supernet "
        f"is trained for {EPOCHS} epochs, once for all {uses} pairs of device and limit; in each, "
        f"the {TRAINED} networks with the highest inherited accuracy within the limit are trained, "
        "and the one with the best validation accuracy is taken. Random search within the limit "
        f"trains {lucky}, for the supernet costs {EPOCHS / table.epochs:.1f} trainings; luck is "
        f"the mean of {DRAWS} such searches. {latency.about}.",
        estimates=estimates(samples),
        seeds=list(SEEDS),
        settings={"the best that exists, minus luck": best, "trainings of luck": lucky},
    )


def candidates() -> list[Arch]:
    """The networks that these devices have measured, by the first cell of each."""
    first = first_of_each(digits201())
    return [first[row] for row in latency201().measured(*RUNTIMES).tolist()]


def _inherited(seed: int) -> list[float]:
    """The validation accuracy of every candidate with the weights of one supernet."""
    table, task = digits201(), cluttered_digits(test=1)
    net = Supernet(table.space, rng=make_rng(seed), mixed_op=sampled_op)
    train_on_uniform_paths(net, task, make_rng(seed), epochs=EPOCHS)
    judge = InheritedAccuracy(net, task.train.part(slice(CALIBRATION)), task.valid)
    return [round(judge(arch).value, 4) for arch in candidates()]


def seconds_of(latency: LatencyTable, archs: list[Arch], device: str) -> np.ndarray:
    return np.array([latency.latency(arch, device) for arch in archs])


def pick(inherited: np.ndarray, valid: np.ndarray, within: np.ndarray) -> int:
    """Of the TRAINED networks within the limit that inherit most, the best once trained."""
    proposed = within[(-inherited[within]).argsort(kind="stable")[:TRAINED]]
    return int(proposed[valid[proposed].argmax()])


def mean_of_luck(valid: np.ndarray, test: np.ndarray, trained: int) -> float:
    """The mean test accuracy of random searches, each of which takes its best by validation."""
    rng = np.random.default_rng(1)
    drawn = np.array([rng.choice(len(valid), trained, replace=False) for _ in range(DRAWS)])
    return float(np.mean([test[own[valid[own].argmax()]] for own in drawn]))
