"""The recorded embedding is what a training makes of the training glyphs, in half precision."""

import torch

from course_lib.core import make_rng
from course_lib.meta.embedding import train_embedding, trained_embedding
from course_lib.meta.few_shot import FewShotImages
from data.make.embedding_recording import record_embedding


def test_what_is_recorded_is_the_training_of_seed_0(tmp_path):
    images = FewShotImages(torch.rand(12, 1, 8, 8, generator=make_rng(1)), torch.arange(12) // 4)
    file = record_embedding(steps=3, images=images, file=tmp_path / "embedding.npz")
    expected, _ = train_embedding(images, make_rng(0), steps=3)
    found = trained_embedding(file)
    assert set(found.theta) == {name for name in expected.theta if not name.startswith("head")}
    for name, value in found.theta.items():
        torch.testing.assert_close(value, expected.theta[name], atol=2e-3, rtol=2e-3)
    torch.testing.assert_close(found.reference, expected.reference, atol=0.002, rtol=0)
