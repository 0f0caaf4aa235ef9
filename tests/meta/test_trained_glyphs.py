"""The kept training: what is written is read back, and its start is one of the network's."""

import numpy as np
import pytest
import torch

from course_lib.core import make_rng
from course_lib.core.statistics import bootstrap_interval
from course_lib.meta.conv_network import conv_network
from course_lib.meta.trained_glyphs import CHANNELS, TrainedGlyphs, save_trained, trained_glyphs


def test_what_is_written_is_read_back(tmp_path):
    theta, _ = conv_network(make_rng(0), channels=CHANNELS)
    interval = bootstrap_interval([0.5, 0.75, 1.0], make_rng(0))
    written = TrainedGlyphs(theta, np.arange(5.0), {"MAML": 4.5}, {"MAML, inductive": interval})
    file = save_trained(written, tmp_path / "own.npz")
    read = trained_glyphs(file)
    assert list(read.theta) == list(theta)
    for name, value in theta.items():
        assert read.theta[name].dtype == torch.float32
        torch.testing.assert_close(read.theta[name], value, rtol=1e-3, atol=1e-6)
    np.testing.assert_array_equal(read.loss, written.loss)
    assert read.minutes == written.minutes
    one, other = read.accuracy["MAML, inductive"], interval
    assert (one.estimate, one.low, one.high, one.level) == (
        other.estimate,
        other.low,
        other.high,
        other.level,
    )
    assert file.stat().st_size < 300_000


def test_a_file_that_is_missing_or_damaged_says_how_to_get_it(tmp_path):
    for content in (None, b"no archive"):
        path = tmp_path / "glyphs.npz"
        if content:
            path.write_bytes(content)
        with pytest.raises(ValueError, match=r"python -m data\.make recordings glyphs_maml"):
            trained_glyphs(path)
    np.savez(tmp_path / "empty.npz", loss=np.zeros(3))
    with pytest.raises(ValueError, match="no usable training"):
        trained_glyphs(tmp_path / "empty.npz")
