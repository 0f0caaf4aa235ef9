"""Hints, one rung of the ladder per call."""

from collections import Counter
from collections.abc import Mapping, Sequence

from course_lib.checks.panel import box_html


class Hint:
    """One hint, or what there are hints for; a box in a notebook and text elsewhere."""

    def __init__(self, title: str, text: str, more: str) -> None:
        self.title, self.text, self.more = title, text, more

    def __repr__(self) -> str:
        return f"{self.title}\n{self.text}\n{self.more}"

    def _repr_html_(self) -> str:
        return box_html(
            "➤", "#0173B2", self.title, "", [("plain", self.text), ("plain", self.more)]
        )


class Hints:
    """`hint(name)` gives the next hint of an exercise; the last one stays."""

    def __init__(self, ladders: Mapping[str, Sequence[str]], challenge: str = "challenge") -> None:
        """challenge: the function that the challenge asks for; its name finds the hints, too."""
        self._ladders, self._challenge = ladders, challenge
        self._climbed: Counter[str] = Counter()

    def __call__(self, name: str = "") -> Hint:
        if name == self._challenge:
            name = "challenge"
        if name not in self._ladders:
            title = f"There is no exercise {name!r}" if name else "Which exercise?"
            names = ", ".join(self._ladders)
            example = f"For example: check.hint({next(iter(self._ladders))!r})."
            return Hint(title, f"There are hints for {names}.", example)
        ladder = self._ladders[name]
        self._climbed[name] = rung = min(self._climbed[name] + 1, len(ladder))
        last = rung == len(ladder)
        more = "This is the last hint." if last else "Run the cell again for the next hint."
        return Hint(f"Hint {rung} of {len(ladder)}: {name}", ladder[rung - 1], more)
