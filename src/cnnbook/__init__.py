"""A book that anyone can rebuild: a small CNN is trained on MNIST, opened and questioned."""

__version__ = "0.1.0"
