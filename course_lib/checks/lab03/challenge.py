"""The challenge of lab 03: a small cell network, handed in with its weights.

It is graded by looking at fresh pictures of digits that nobody trained on. The accuracy must reach
what random search with the same budget of training pictures exceeds in at most 5 % of its attempts.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from torch import Generator, nn

from course_lib.checks.guard import is_placeholder, seeded
from course_lib.checks.lab03.baseline import LIMIT, parameters
from course_lib.checks.lab03.network_file import load_network, save_network
from course_lib.checks.lab03.pictures import BUDGET, TEST, Pictures, judging_pictures
from course_lib.checks.lab03.sections import CLAIM
from course_lib.checks.progress import grading, record
from course_lib.checks.result import Finding, Outcome, Result
from course_lib.checks.wrong import Wrong
from course_lib.core import Arch
from course_lib.nas.cells import CellSpace

NEEDED = 0.93
"""Random search reaches it in fewer than 5 % of its attempts: tests/checks/test_lab03_challenge.py
computes the share from data/lab03_challenge.csv."""
FILE = "challenge.npz"
LAW = "better than random search at the same budget"
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
_UNWRITTEN = "Write my_network first, then run this cell again."
_NO_FILE = f"Write my_network, then run the cell that writes {FILE}, then this one."

Make = Callable[[Pictures, Generator], tuple[Arch, nn.Module]]


def write_challenge(make: Make, variant: int, path: str | Path = FILE) -> str:
    """Call `make(pictures, rng)` once, write its network, say what was written.

    While nbgrader grades, a file that was handed in stays as it is. A placeholder writes nothing. A
    function that fails leaves no file, so that an earlier one is not judged in its place.
    """
    path, space = Path(path), CellSpace()
    if grading() and path.is_file():
        return f"{path} was handed in and is graded as it is."
    if is_placeholder(make):
        return _UNWRITTEN
    pictures = Pictures(variant)
    try:
        answer = make(pictures, seeded(variant, 300))
        if (
            not isinstance(answer, tuple)
            or len(answer) != 2
            or not isinstance(answer[1], nn.Module)
        ):
            raise TypeError("my_network must return a pair (arch, network)")
        save_network(path, space, *answer)
        load_network(path, space)
    except Exception as error:
        if isinstance(error, NotImplementedError) and not error.args:
            return _UNWRITTEN
        path.unlink(missing_ok=True)
        if isinstance(error, Wrong):
            raise ValueError(error.said) from error
        raise
    return (
        f"Wrote {path}: {space.describe(answer[0])}, {parameters(space, answer[0]):,} parameters, "
        f"{BUDGET - pictures.left:,} training pictures."
    )


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
    finding = Finding(LAW, Outcome.NOT_ATTEMPTED, _NO_FILE)
    if Path(path).is_file():
        try:
            finding = _judged(Path(path), variants, needed)
        except Wrong as wrong:
            finding = Finding(LAW, Outcome.FAILED, wrong.said)
    result = Result("lab03_darts", "challenge", CLAIM, points, (finding,))
    record(result)
    return result


def _judged(path: Path, variants: Sequence[int], needed: float) -> Finding:
    from course_lib.nas.training import accuracy

    space = CellSpace()
    arch, network = load_network(path, space)
    size = parameters(space, arch)
    if size > LIMIT:
        raise Wrong(f"the network has {size:,} parameters, at most {LIMIT:,} are allowed")
    score = float(np.mean([accuracy(network, judging_pictures(v)) for v in variants]))
    said = (
        f"{size:,} parameters; accuracy {score:.4f} on {TEST * len(variants):,} fresh pictures, "
        f"needed {needed:.4f}"
    )
    return Finding(LAW, Outcome.PASSED if score >= needed else Outcome.FAILED, said)
