"""Titles of lecture 05's sections, to which the panels point."""

HALVING = "Successive halving"
ASHA = "ASHA: halving for many workers"
EVOLUTION = "Searches side by side"
LUCK = "What a single run says"
BOOTSTRAP = "What a single run says"
WIRING = "Randomly wired networks"
SURROGATE = "Predict, then train"
