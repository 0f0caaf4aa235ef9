import numpy as np
import pytest

from course_lib.show.figure import picture
from course_lib.show.nas.gradients import gradients_info, plot_gradients

TRUTH = [np.array([3.0, 4.0]), np.array([[0.0, 2.0]])]


def test_distance_and_angle_of_known_vectors() -> None:
    found = {
        "double": [2 * g for g in TRUTH],
        "turned": [np.array([-4.0, 3.0]), np.array([[2.0, 0.0]])],
        "exact": TRUTH,
    }
    info = gradients_info(found, {"double": 1.0, "turned": 3.0, "exact": 2.0}, exact="exact")
    np.testing.assert_allclose(info.errors["double"], 1)
    np.testing.assert_allclose(info.cosines["double"], 1)
    np.testing.assert_allclose(info.errors["turned"], np.sqrt(2))
    np.testing.assert_allclose(info.cosines["turned"], 0, atol=1e-12)
    assert "exact" not in info.errors
    assert info.times("turned") == 3
    assert "turned: distance 1.4 of its length, cosine 0.000, 3.0 times" in info.describe()
    assert picture(plot_gradients, info).alt == info.describe()


def test_names_must_agree() -> None:
    with pytest.raises(ValueError, match="with 'exact' among them"):
        gradients_info({"one": TRUTH}, {"one": 1.0}, exact="exact")
    with pytest.raises(ValueError, match="the same names"):
        gradients_info({"exact": TRUTH}, {}, exact="exact")
