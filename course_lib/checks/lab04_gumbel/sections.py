"""Titles of lecture 04's sections, to which the panels point."""

INVERSE = "Inverse transform sampling"
MAX = "The Gumbel-max trick"
SOFTMAX = "Gumbel-softmax: a relaxed sample"
THROUGH = "Straight-through"
ESTIMATORS = "Two gradient estimators"
GDAS = "GDAS: one operation per edge"
TEMPERATURE = "Bias and variance over the temperature"
