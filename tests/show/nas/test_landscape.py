import numpy as np

from course_lib.core import make_rng
from course_lib.nas.landscape import early_correlation
from course_lib.nas.table import digits201
from course_lib.show.nas.landscape import early_info, locality_info, plot_locality


def test_every_epoch_has_its_correlation_and_its_number_in_words() -> None:
    info = early_info(digits201())
    np.testing.assert_array_equal(info.lines["correlation"], early_correlation(digits201()))
    words = [f"{c:.3g} at {e}" for e, c in enumerate(info.lines["correlation"], start=1)]
    assert all(word in info.describe() for word in words)


def test_every_distance_has_its_bar() -> None:
    info = locality_info(digits201(), make_rng(0), pairs=500)
    ax = plot_locality(info)
    np.testing.assert_allclose([bar.get_height() for bar in ax.patches], info.found.correlation)
    assert all(f"{d} changed:" in info.describe() for d in range(1, 7))
