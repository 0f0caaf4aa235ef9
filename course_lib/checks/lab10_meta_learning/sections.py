"""Titles of lecture 10's sections, to which the panels point."""

EPISODES = "Tasks and episodes"
THROUGH = "Gradients through training"
MAML = "MAML"
RELATIVES = "First order, and relatives"
GLYPHS = "Few-shot glyphs"
