"""Reading layers written in words, with errors that say which word is wrong and what was meant."""

import re
from collections.abc import Sequence
from difflib import get_close_matches


def read_words(text: str, where: str, known: Sequence[str]) -> dict[str, str]:
    """`filter 3x3, count 8` as {"filter": "3x3", "count": "8"}; each known word once at most."""
    words: dict[str, str] = {}
    for part in text.split(","):
        word, _, rest = part.strip().lower().partition(" ")
        if word not in known:
            raise ValueError(f"{where}: {unknown_word(word, known)}")
        if word in words:
            raise ValueError(f"{where}: {word} is said twice in {text.strip()!r}")
        words[word] = rest.strip()
    return words


def unknown_word(word: str, known: Sequence[str]) -> str:
    """What to say about a word that is not among the known ones."""
    near = get_close_matches(word, known, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"unknown word {word!r}, expected one of {', '.join(known)}{hint}"


def choice_of(number: int, options: Sequence[int], what: str) -> int:
    """The index of a number among the options; ValueError names the options."""
    if number not in options:
        raise ValueError(f"{what} {number} is not one of {', '.join(map(str, options))}")
    return options.index(number)


def numbers_after(word: str, words: dict[str, str], where: str, *, count: int) -> list[int]:
    """The number after a word, or the two of `3x5`; ValueError where they are not whole numbers."""
    match = re.fullmatch("x".join([r"(\d+)"] * count), words[word])
    if not match:
        form = "a whole number" if count == 1 else "two whole numbers such as 3x5"
        raise ValueError(f"{where}: expected {form} after {word!r}, got {words[word]!r}")
    return [int(number) for number in match.groups()]
