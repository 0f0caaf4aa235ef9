"""The files that students get back."""

import shutil
from pathlib import Path

from nbgrader.converters import GenerateFeedback
from traitlets.config import Config

from course_lib.teach.grade.exchange import put_beside_page
from course_lib.teach.grade.nbgrading import convert


def write_page(config: Config, lab: str, student: str, folder: Path) -> None:
    """Write a feedback page into grading/feedback/STUDENT/LAB, with what the exchange asks for.

    nbgrader copies every file beside the graded notebook to the page, those too that the student's
    code has written there, which may be the hidden tests or a link to solutions/.
    """
    config.GenerateFeedback.force = True
    convert(GenerateFeedback, config, lab=lab, student=student)
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != f"{lab}.html":
            path.unlink()
    put_beside_page(folder.parents[2] / "submitted" / student / lab, folder)
