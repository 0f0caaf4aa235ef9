"""What students run: work on labs, hand in, see how they stand."""
