"""What a method found, beside what luck finds at the same cost."""

from collections.abc import Callable, Mapping, Sequence

from course_lib.core import Arch, Oracle, make_rng
from course_lib.nas.search import random_search
from course_lib.nas.table import Table
from course_lib.show.measured import Samples


def against_luck(
    table: Table,
    found: Mapping[str, Sequence[Arch]],
    trainings: Mapping[str, int],
    worth: Callable[[Arch], float],
    seeds: Sequence[int],
) -> Samples:
    """Per method, the worth of what it found, and of what random search finds at the same cost.

    found: method -> the architecture of each of its runs. trainings: method -> how many networks
    its cost would have trained: so many questions random search may ask, once per seed; it takes
    the best by validation accuracy.
    """
    luck = {
        budget: [worth(_lucky(table, budget, seed)) for seed in seeds]
        for budget in set(trainings.values())
    }
    return {
        method: [[worth(arch) for arch in archs], luck[trainings[method]]]
        for method, archs in found.items()
    }


def _lucky(table: Table, budget: int, seed: int) -> Arch:
    oracle = Oracle(table.measure, budget)
    return random_search(table.space, oracle, make_rng(seed)).best().arch


def points(table: Table, arch: Arch) -> float:
    """Test accuracy in percent."""
    return 100 * float(table.measure(arch).info["test_accuracy"])
