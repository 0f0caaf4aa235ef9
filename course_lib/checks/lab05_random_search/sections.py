"""Titles of lecture 05's sections, to which the panels point."""

ASHA = "Asynchronous successive halving"
LUCK = "How good is the best of several?"
WIRING = "Randomly wired networks"
