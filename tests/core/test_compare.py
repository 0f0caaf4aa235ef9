"""Laws of comparing: every search gets every seed at the same budget, however many processes."""

import pytest
import torch

from course_lib.core import Oracle, Space, Trial, compare, make_rng
from course_lib.nas.search import local_search, random_search

SPACE = Space((3, 3, 3))
SEARCHES = {"random": random_search, "local": local_search}


def measure(arch, fidelity=None):
    return Trial(arch, value=float(sum(arch)))


def test_each_history_is_the_search_run_alone():
    threads = torch.get_num_threads()
    histories = compare(SEARCHES, SPACE, measure, budget=7, seeds=iter((5, 6)), progress=False)
    assert torch.get_num_threads() == threads
    assert list(histories) == list(SEARCHES)
    for name, search in SEARCHES.items():
        alone = [search(SPACE, Oracle(measure, 7), make_rng(seed)) for seed in (5, 6)]
        assert histories[name] == alone


@pytest.mark.slow
def test_processes_do_not_change_the_result():
    one, two = (
        compare(SEARCHES, SPACE, measure, budget=7, seeds=(1, 2), n_jobs=jobs, progress=False)
        for jobs in (1, 2)
    )
    assert one == two


def test_nothing_to_compare_is_refused():
    with pytest.raises(ValueError, match="searches is empty"):
        compare({}, SPACE, measure, budget=7, seeds=(1,))
