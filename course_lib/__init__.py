"""Course kit for AutoML, meta-learning, learning to optimize and hardware-aware deployment."""

__version__ = "0.1.0"
