"""What a student may tell of the time that a lab took, and only if asked to: `--with-minutes`."""

from collections.abc import Mapping
from typing import Any

Spent = Mapping[str, Mapping[str, int]]
"""{exercise: {"minutes": whole minutes, "attempts": checks}}."""


def spent(entries: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """Minutes and attempts of every exercise that was tried; damaged entries are left out.

    entries: the lab's part of `.progress.json`.
    """
    found = {}
    for name, entry in entries.items():
        try:
            minutes, attempts = round(float(entry["minutes"])), int(entry["attempts"])
        except (KeyError, TypeError, ValueError, OverflowError):
            continue
        if attempts:
            found[name] = {"minutes": minutes, "attempts": attempts}
    return found


def said(told: Spent) -> str:
    """Exactly what is told, in a sentence."""
    parts = [f"{name} {one['minutes']} ({one['attempts']} checks)" for name, one in told.items()]
    return (
        f"Also in the file, as you asked: minutes {', '.join(parts) or '(none yet)'}. No code, no "
        "times of day. They touch no grade; without --with-minutes they are left out."
    )
