"""Hints, one rung of the ladder per call."""

from collections import Counter
from collections.abc import Mapping

from course_lib.checks.engine import Exercise
from course_lib.checks.panel import box_html


class Hint:
    """One hint; shown as a box in a notebook and as text elsewhere."""

    def __init__(self, exercise: str, rung: int, rungs: int, text: str) -> None:
        self.title = f"Hint {rung} of {rungs}: {exercise}"
        self.text = text
        self.last = rung == rungs

    def __repr__(self) -> str:
        return f"{self.title}\n{self.text}\n{self._more()}"

    def _repr_html_(self) -> str:
        paragraphs = [("plain", self.text), ("plain", self._more())]
        return box_html("➤", "#0173B2", self.title, "", paragraphs)

    def _more(self) -> str:
        return "This is the last hint." if self.last else "Run the cell again for the next hint."


class Hints:
    """`hint(name)` gives the next hint of an exercise; the last one stays."""

    def __init__(self, exercises: Mapping[str, Exercise]) -> None:
        self._exercises = exercises
        self._climbed: Counter[str] = Counter()

    def __call__(self, name: str) -> Hint:
        if name not in self._exercises:
            raise ValueError(
                f"there is no exercise {name!r}; expected one of {', '.join(self._exercises)}"
            )
        hints = self._exercises[name].hints
        self._climbed[name] = min(self._climbed[name] + 1, len(hints))
        rung = self._climbed[name]
        return Hint(name, rung, len(hints), hints[rung - 1])
