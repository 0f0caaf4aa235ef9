"""What nbgrader's exchange leaves beside a hand-in, and asks for when feedback goes back.

`nbgrader collect` (of its own exchange or of ngshare) puts the hand-in, its time and a secret into
grading/submitted/STUDENT/LAB. `nbgrader release_feedback` looks for time and secret beside the
page: the one says to which hand-in it belongs, the other who may fetch it. Where a page lacks them
it stops, and nobody behind gets any feedback.
"""

from pathlib import Path
from secrets import token_hex

from course_lib.teach.files import write_atomically

TIME = "timestamp.txt"
SECRET = "submission_secret.txt"
BESIDE = (TIME, SECRET)
"""What lies beside a notebook and is none of the student's work."""
_LONGEST = 1000


def secret_in(folder: Path) -> dict[str, bytes]:
    """The exchange's secret as {name of its file: content}; empty for hand-ins of other ways."""
    return _small_file(folder / SECRET)


def put_beside_page(submitted: Path, page: Path) -> None:
    """Put what the exchange asks for beside a feedback page, from the hand-in's folder.

    A hand-in that came another way, through the inbox, gets a secret that nobody has: its page can
    be released with the others, and nobody can fetch it there.
    """
    made = {TIME: b"", SECRET: token_hex(64).encode()}
    for name, content in {**made, **_small_file(submitted / TIME), **secret_in(submitted)}.items():
        write_atomically(page / name, content.strip())


def _small_file(path: Path) -> dict[str, bytes]:
    """The file by its name, if it is one; links are not followed."""
    if path.is_symlink() or path.parent.is_symlink() or not path.is_file():
        return {}
    return {path.name: path.read_bytes()} if path.stat().st_size <= _LONGEST else {}
