"""nbgrader's late penalty, as grading/labs.toml says it."""

from pathlib import Path

from nbgrader.plugins import LateSubmissionPlugin
from traitlets import Unicode

from course_lib.teach.grade.settings import LabSettings, read_settings
from course_lib.teach.places import labs


class DueDates(LateSubmissionPlugin):  # type: ignore[misc]
    """The penalty of `LabSettings`, so that `nbgrader autograde` counts it as well."""

    path = Unicode(help="the file that holds the labs' settings").tag(config=True)

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float:
        """Points that the hand-in loses; nbgrader has counted the seconds from the due date."""
        path = Path(self.path)
        known = {lab.name for lab in labs(path.parents[1])}
        settings = read_settings(path, known).get(self.parent.assignment_id, LabSettings())
        return settings.penalty(student_id, score, total_seconds_late)
