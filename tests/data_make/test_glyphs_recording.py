"""The recording of glyphs is made as it is read: every method is trained, judged and named."""

import numpy as np
import torch

from course_lib.meta.few_shot import FewShotImages
from course_lib.meta.glyphs import GlyphSplits
from course_lib.meta.trained_glyphs import trained_glyphs
from data.make.glyphs_recording import record_glyphs


def noise(labels: range) -> FewShotImages:
    own = np.repeat(np.array(labels), 20)
    return FewShotImages(np.random.default_rng(0).random((len(own), 28, 28)) < 0.3, own)


def test_a_short_recording_holds_what_was_asked(tmp_path):
    few = GlyphSplits(noise(range(6)), noise(range(6, 12)), noise(range(12, 18)), (), ())
    file = record_glyphs(
        steps=2, episodes=3, methods=("MAML", "prototypes"), few=few, file=tmp_path / "few.npz"
    )
    trained = trained_glyphs(file)
    assert trained.loss.shape == (2,)
    assert set(trained.minutes) == {"MAML", "prototypes"}
    kinds = {f"{m}, {k}" for m in trained.minutes for k in ("inductive", "transductive")}
    assert set(trained.accuracy) == {"nearest neighbour"} | kinds
    assert all(interval.n == (3,) for interval in trained.accuracy.values())
    assert all(torch.isfinite(value).all() for value in trained.theta.values())
