"""Titles of lecture 13's sections, to which the panels point."""

DEVICES = "Devices that are real here"
MEASURING = "Measuring"
PREDICTING = "Predicting latency"
SEARCHING = "Searching under a limit"
DIFFERENTIABLE = "Differentiable latency"
HALO = "Learning on a device: HALO"
