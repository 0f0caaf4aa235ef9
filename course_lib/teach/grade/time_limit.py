"""A limit on a whole notebook, besides nbclient's own limit on each cell."""

import time
from typing import Any


class TimeLimit:
    """Hooks for nbclient: `start` when a notebook starts, `check` before each of its cells.

    A notebook may so run `seconds` and then one more cell, however many cells hang.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = 0.0

    def __deepcopy__(self, memo: dict[int, Any]) -> "TimeLimit":
        """traitlets copies each setting by itself; both hooks have to share one clock."""
        return self

    def start(self, **_: Any) -> None:
        """Begin to count."""
        self._end = time.monotonic() + self.seconds

    def check(self, **_: Any) -> None:
        """TimeoutError once the time is over."""
        if time.monotonic() > self._end:
            raise TimeoutError(f"the notebook ran longer than {self.seconds:g} s")
