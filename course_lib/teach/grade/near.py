"""Names that somebody typed, beside those that there are."""

from collections.abc import Iterable
from difflib import get_close_matches


def near(name: str, known: Iterable[str]) -> str:
    """' (did you mean ada?)' where a known name is much like this one, else ''."""
    simple = {_simple(other): other for other in known}
    found = get_close_matches(_simple(name), simple, n=1, cutoff=0.7)
    return f" (did you mean {simple[found[0]]}?)" if found else ""


def _simple(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "").replace(" ", "")
