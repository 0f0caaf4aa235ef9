"""Pictures and demos of pruning, devices and accelerators."""
