"""Titles of lecture 05's sections, to which the panels point."""

HALVING = "Successive halving"
ASHA = "ASHA"
EVOLUTION = "Evolution"
LUCK = "The best of n"
BOOTSTRAP = "How sure?"
WIRING = "Random wiring"
