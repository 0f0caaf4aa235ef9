"""data/recordings/glyphs_embedding.npz: a classifier of all training glyphs, without its head."""

from pathlib import Path

from course_lib.core import make_rng
from course_lib.core.threads import one_thread
from course_lib.meta.embedding import FILE, save_embedding, train_embedding
from course_lib.meta.few_shot import FewShotImages
from course_lib.meta.glyphs import glyphs

RECORDING = "glyphs_embedding"


def record_embedding(
    *, steps: int = 1500, images: FewShotImages | None = None, file: Path = FILE
) -> Path:
    """Train it on the training scripts; a minute on one core."""
    with one_thread():
        embedding, _ = train_embedding(images or glyphs().train, make_rng(0), steps=steps)
    return save_embedding(embedding, file)
