"""Titles of lecture 02's sections, to which the panels point."""

PATH = "A path is a network"
SHARING = "Sharing weights: one step"
INHERITED = "Inherited or stand-alone accuracy"
STATISTICS = "Statistics of batch normalisation"
ENAS = "ENAS: a controller and shared weights"
