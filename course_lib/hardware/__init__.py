"""Networks on real machines: pruning, latency, energy, accelerators."""
