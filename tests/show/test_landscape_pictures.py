import numpy as np

from course_lib.core import make_rng
from course_lib.nas.table import digits201
from course_lib.show.nas.landscape import early_info, locality_info, plot_early, plot_locality


def test_the_numbers_stand_beside_their_points() -> None:
    info = early_info(digits201())
    ax = plot_early(info)
    assert [text.get_text() for text in ax.texts] == [f"{c:.2f}" for c in info.correlation]
    low, high = ax.get_ylim()
    assert low < info.correlation.min() <= info.correlation.max() < high
    assert f"epoch {len(info.correlation)}: 1.00" in info.describe()


def test_every_distance_has_its_bar() -> None:
    info = locality_info(digits201(), make_rng(0), pairs=500)
    ax = plot_locality(info)
    np.testing.assert_allclose([bar.get_height() for bar in ax.patches], info.found.correlation)
    assert all(f"{d} changed:" in info.describe() for d in range(1, 7))
