"""data/recordings/sinusoids.npz: two starts for sinusoids, learnt by MAML and by joint training."""

from functools import partial
from pathlib import Path

from course_lib.core import make_rng
from course_lib.core.threads import one_thread
from course_lib.meta.maml import inner_loop
from course_lib.meta.sinusoids import regressor
from course_lib.meta.starts import FILE, SEED, joint_on, maml_on, save_starts, train_start

RECORDING = "sinusoids"
INNER_LR = 0.01


def record_sinusoids(*, steps: int = 20_000, file: Path = FILE) -> Path:
    """Train both from one random start, on the same tasks; some minutes on one core."""
    _, predict = regressor(make_rng(SEED))
    objectives = {
        "MAML": maml_on(predict, partial(inner_loop, lr=INNER_LR)),
        "pretrained": joint_on(predict),
    }
    with one_thread():
        starts = {
            name: train_start(objective, make_rng(SEED), steps=steps)[0]
            for name, objective in objectives.items()
        }
    return save_starts(starts, file)
