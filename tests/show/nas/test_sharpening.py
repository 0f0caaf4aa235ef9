import numpy as np
import pytest
import torch

from course_lib.core import make_rng
from course_lib.datasets import Images
from course_lib.nas.cells import CellSpace
from course_lib.nas.supernet import Supernet
from course_lib.show.figure import picture
from course_lib.show.nas.sharpening import plot_sharpening, sharpening_info

SPACE = CellSpace()


def test_the_coldest_mixture_is_the_derived_path() -> None:
    rng = make_rng(0)
    images = Images(torch.randn(60, 1, 12, 12, generator=rng), torch.arange(60) % 10)
    net = Supernet(SPACE, rng=rng, channels=(2, 4))
    alpha = torch.randn(6, 5, generator=rng)
    info = sharpening_info(net, alpha, images, images, temperatures=(1.0, 0.1, 1e-3))
    assert info.accuracy[-1] == info.derived
    assert (np.diff(info.entropy) < 0).all()
    assert info.entropy[-1] == pytest.approx(0, abs=1e-6)
    assert f"0.001: {info.derived:.3f} at 0.00 nats" in info.describe()
    assert picture(plot_sharpening, info).alt == info.describe()


def test_temperatures_must_be_positive() -> None:
    with pytest.raises(ValueError, match="temperatures must be positive"):
        sharpening_info(None, None, None, None, temperatures=(1.0, 0.0))
