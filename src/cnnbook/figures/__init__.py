"""Figures: each takes a Dataset and a palette, and returns a matplotlib Figure; none needs a network.

Import a figure from its own module, such as `cnnbook.figures.maps`: then a change to one figure redraws
no other.
"""
