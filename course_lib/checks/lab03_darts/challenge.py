"""The challenge of lab 03: a small cell network, handed in with its weights.

It is graded by looking at fresh pictures of digits that nobody trained on. The accuracy must reach
what random search with the same budget of training pictures exceeds in at most 5 % of its attempts.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from torch import Generator, nn

from course_lib.checks.artefact import Artefact
from course_lib.checks.lab03_darts.baseline import LIMIT
from course_lib.checks.lab03_darts.baseline import parameters as parameters_of
from course_lib.checks.lab03_darts.network_file import load_network, save_network
from course_lib.checks.lab03_darts.pictures import BUDGET, TEST, Pictures, judging_pictures
from course_lib.checks.lab03_darts.sections import CLAIM
from course_lib.checks.result import Result
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Wrong
from course_lib.core import Arch
from course_lib.nas.cells import CellSpace

NEEDED = 0.93
"""Random search reaches it in fewer than 5 % of its attempts: tests/checks/test_lab03_challenge.py
computes the share from data/lab03_challenge.csv."""
FILE = "challenge.npz"
HINTS = (
    "Compute first what a cell may hold: `check.parameters(arch)`. How many 3x3 convolutions fit?",
    "Convolutions side by side see the same; in a row each works on what the one before has found. "
    "Which edges lie on the longest way from the input to the output?",
    "A deep row trains better with a way around it: skip connections on the other edges. Then "
    "spend the whole budget on one training: `train(network, pictures(pictures.left), rng, "
    "epochs=1)`.",
    "All training pictures are renderings of the same 1,000 handwritings, and you are judged on "
    "others: try several times the usual `weight_decay`, and compare on `.valid`.",
)
_ARTEFACT = Artefact("lab03_darts", CLAIM, "my_network")

Make = Callable[[Pictures, Generator], tuple[Arch, nn.Module]]


def write_challenge(make: Make, variant: int, path: str | Path = FILE) -> str:
    """Call `make(pictures, rng)` once, write its network, say what was written."""
    path = Path(path)

    def network_into_file() -> str:
        space, pictures = CellSpace(), Pictures(variant)
        answer = make(pictures, seeded(variant, 300))
        if not (
            isinstance(answer, tuple) and len(answer) == 2 and isinstance(answer[1], nn.Module)
        ):
            raise TypeError("my_network must return a pair (arch, network)")
        save_network(path, space, *answer)
        load_network(path, space)
        return (
            f"Wrote {path}: {space.describe(answer[0])}, {parameters_of(space, answer[0]):,} "
            f"parameters, {BUDGET - pictures.left:,} training pictures."
        )

    return _ARTEFACT.write(path, make, network_into_file)


def challenge(
    path: str | Path = FILE,
    variants: Sequence[int] = (0,),
    *,
    points: float | None = None,
    needed: float = NEEDED,
) -> Result:
    """All points for a network within the limit whose accuracy on fresh pictures reaches `needed`;
    none otherwise.

    variants: each gives pictures to judge by; the mean counts.
    """
    return _ARTEFACT.judge(Path(path), lambda path: _scored(path, variants, needed), points)


def _scored(path: Path, variants: Sequence[int], needed: float) -> tuple[str, float, float]:
    from course_lib.nas.training import accuracy

    space = CellSpace()
    arch, network = load_network(path, space)
    size = parameters_of(space, arch)
    if size > LIMIT:
        raise Wrong(f"the network has {size:,} parameters, at most {LIMIT:,} are allowed")
    score = float(np.mean([accuracy(network, judging_pictures(v)) for v in variants]))
    pictures = TEST * len(variants)
    return f"{size:,} parameters; accuracy on {pictures:,} fresh pictures", score, needed


def parameters(arch: Arch) -> int:
    """How many numbers training changes in the network of a cell: what the challenge limits."""
    return parameters_of(CellSpace(), arch)
