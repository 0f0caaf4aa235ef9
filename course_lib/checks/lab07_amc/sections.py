"""Titles of lecture 07's sections, to which the panels point."""

WHY = "Why prune, and what counts"
CUTTING = "Cutting channels"
BUDGET = "A budget, layer by layer"
AMC = "AMC: states, actions, rewards"
DDPG = "DDPG"
HALF = "Does it survive fine-tuning?"
