"""What the zygote is asked for; a module of its own, which can be read where no zygote can run."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Request:
    """A kernel, its place and its limits.

    arguments: of the kernel; none: only try whether a cage can be entered. imports: modules that
    it finds imported. user: to become; None: stay who one is, in a namespace of users.
    """

    arguments: list[str]
    folder: str
    environment: dict[str, str]
    limits: dict[str, int]
    imports: list[str]
    user: int | None
