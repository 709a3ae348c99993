"""The digits: found, verified, parsed, and scaled for the network."""

from cnnbook.data.digits import Digits
from cnnbook.data.loading import CHOICES, load
from cnnbook.data.scaling import SCALINGS, Scaling, fit_scaling

__all__ = ["CHOICES", "SCALINGS", "Digits", "Scaling", "fit_scaling", "load"]
