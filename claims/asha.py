"""Lecture 05: what do many workers buy, with halving that waits and halving that does not?"""
