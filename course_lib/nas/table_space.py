"""A space of any choices, as published tables name their architectures: position by position."""

from collections.abc import Sequence

from course_lib.core import Arch, Space

_BRACKETS = "()[]"


class TableSpace(Space):
    """All tuples of choices, each choice with a word.

    choices: one entry per position, the number of its choices, whose words then are "0", "1", ...,
        or the words themselves: `TableSpace([3] * 8)` has 8 positions with 3 choices each.

    ValueError: a word is empty, comes twice in its position, or holds a comma, a bracket or a
    space, which separate the words of an architecture.
    """

    def __init__(self, choices: Sequence[int | Sequence[str]]) -> None:
        self.words = tuple(
            tuple(each) if isinstance(each, Sequence) else tuple(map(str, range(each)))
            for each in choices
        )
        for position, words in enumerate(self.words):
            if len(set(words)) < len(words) or not all(map(_is_word, words)):
                raise ValueError(
                    f"position {position}: expected different words without commas, brackets and "
                    f"spaces, got {list(words)}"
                )
        super().__init__([len(words) for words in self.words])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TableSpace) and self.words == other.words

    def __hash__(self) -> int:
        return hash(self.words)

    def __repr__(self) -> str:
        return f"TableSpace({[list(words) for words in self.words]!r})"

    def describe(self, arch: Arch) -> str:
        """The words of an architecture, joined by commas: "0,2,1"."""
        chosen = zip(self.words, self.validate(arch), strict=True)
        return ",".join(words[choice] for words, choice in chosen)

    def parse(self, text: str) -> Arch:
        """The architecture of a text; ValueError says which word is wrong.

        Words are separated by commas or spaces, brackets around them do not count: "0,2,1",
        "0 2 1" and "(0, 2, 1)" are one architecture. Without separators, every character is a
        word: "021". `parse(describe(arch)) == arch`.
        """
        body = text.strip().strip(_BRACKETS)
        parts = body.replace(",", " ").split()
        if len(parts) == 1 and len(self.words) > 1:
            parts = list(parts[0])
        if len(parts) != len(self.words):
            raise ValueError(
                f"expected {len(self.words)} words, one per position, got {len(parts)}: "
                f"{list(parts)}; were leading zeros lost when the file was saved?"
            )
        for position, (part, words) in enumerate(zip(parts, self.words, strict=True)):
            if part not in words:
                raise ValueError(
                    f"position {position} is {part!r}, expected one of {', '.join(words)}"
                )
        return tuple(words.index(part) for part, words in zip(parts, self.words, strict=True))


def _is_word(word: str) -> bool:
    return bool(word) and not any(letter.isspace() or letter in f",{_BRACKETS}" for letter in word)
