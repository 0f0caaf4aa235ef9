"""How a law says that an answer is wrong, and which misunderstanding it recognised."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Misconception:
    """A known way to get an exercise wrong.

    name: the mistake in a few words, as the panel says it.
    advice: what to think about next, without giving the answer away.
    where: title of the lecture's section to look at; None: the exercise's own.
    """

    name: str
    advice: str
    where: str | None = None


class Wrong(Exception):
    """An answer that breaks a law.

    said: what was asked and what came back, in one or two sentences.
    misconception: the mistake, where it is recognised.
    """

    def __init__(self, said: str, misconception: Misconception | None = None) -> None:
        super().__init__(said)
        self.said = said
        self.misconception = misconception
