import numpy as np
import pytest
import torch

from course_lib.datasets import Images
from course_lib.show.images import grid_info, plot_grid


@pytest.mark.parametrize("channels", [1, 3])
def test_pictures_are_stretched_and_labelled(channels: int) -> None:
    rng = torch.Generator().manual_seed(0)
    images = Images(torch.randn(6, channels, 5, 4, generator=rng), torch.arange(6) % 3)
    info = grid_info(images, "abc", rows=2, columns=3)
    assert info.labels == tuple("abcabc")
    assert info.pictures.shape[:3] == (6, 5, 4)
    assert (np.ptp(info.pictures.reshape(6, -1), axis=1) == 1).all()
    ax = plot_grid(info)
    assert len(ax.images) == 6
    assert [text.get_text() for text in ax.texts] == list(info.labels)


def test_too_few_pictures_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 24"):
        grid_info(Images(torch.zeros(3, 1, 2, 2), torch.zeros(3, dtype=torch.int64)), "a")
