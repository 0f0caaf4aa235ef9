"""Titles of lecture 03's sections, to which the panels point."""

MIXTURE = "From a choice to a mixture"
LEVELS = "Two levels: weights and alphas"
ORDERS = "First order and second order"
TOY = "A bilevel toy"
DERIVE = "Deriving the cell"
GAP = "The discretization gap"
CLAIM = "Does DARTS beat random search?"
