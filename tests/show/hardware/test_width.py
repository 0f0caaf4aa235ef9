"""Operations against time: correlations by another formula, and the words beside the picture."""

import numpy as np
import pytest

from course_lib.show.hardware.width import Width, width_info

RNG = np.random.default_rng(0)
MACS = RNG.permutation(40).astype(float) + 1
WIDTHS = {
    8: Width(MACS, {"slow": RNG.random(40), "fast": MACS[::-1] * 1e-6}),
    32: Width(MACS, {"slow": MACS * 1e-3, "fast": MACS**2 * 1e-6}),
}


def ranks(values: np.ndarray) -> np.ndarray:
    return np.argsort(np.argsort(values))


@pytest.mark.parametrize("device", ["slow", "fast"])
def test_correlations_are_those_of_the_ranks(device: str) -> None:
    info = width_info(WIDTHS, 8, device)
    for place, width in enumerate((8, 32)):
        measured = WIDTHS[width]
        expected = np.corrcoef(ranks(measured.macs), ranks(measured.seconds[device]))[0, 1]
        assert info.correlation[device][place] == pytest.approx(expected)


def test_the_chosen_networks_are_shown_in_milliseconds() -> None:
    info = width_info(WIDTHS, 32, "slow")
    np.testing.assert_allclose(info.milliseconds, WIDTHS[32].seconds["slow"] * 1e3)
    assert "32 channels on slow: rank correlation of operations and time 1.00" in info.describe()
    assert "With 8, 32 channels" in info.describe()
