"""How a law says that an answer is wrong, and which misunderstanding it recognised."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Answer = Callable[..., Any]
"""A function with the signature of an exercise."""


@dataclass(frozen=True)
class Misconception:
    """A known way to get an exercise wrong.

    name: the mistake in a few words, as the panel says it.
    advice: what to think about next, without giving the answer away.
    where: title of the lecture's section to look at; None: the exercise's own.
    answers: how somebody writes it who makes it, in the exercise's signature: an answer that does
        the same is recognised by them. None where a law itself sees the mistake.
    part: of what the exercise's probe tells, the part by name in which the mistake shows; all of
        it, if "".
    """

    name: str
    advice: str
    where: str | None = None
    answers: tuple[Answer, ...] = ()
    part: str = ""


def mistake(
    name: str, advice: str, *answers: Answer, where: str | None = None, part: str = ""
) -> Misconception:
    """A mistake said once: its name, what to think about next, and the answers that make it."""
    return Misconception(name, advice, where, answers, part)


class Wrong(Exception):
    """An answer that breaks a law.

    said: what was asked and what came back, in one or two sentences.
    misconception: the mistake, where the law itself knows it; else the exercise's probe decides.
    """

    def __init__(self, said: str, misconception: Misconception | None = None) -> None:
        super().__init__(said)
        self.said = said
        self.misconception = misconception
