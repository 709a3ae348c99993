"""Which layer the operations of a compiled program belong to, and what they cost together.

An operation that XLA made of several is counted where its last one belongs.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

LAYERS = {"conv_1": "Conv_1", "conv_2": "Conv_2", "conv_3": "Conv_3", "dense": "hidden layer and logits"}
REST = "update of the weights, choice of images, the rest"
PRODUCTS = ("dot", "ynn_fusion")
"""How the names of XLA's operations begin that are matrix products."""

WHOLE = ("while", "call", "conditional")
"""Those that contain others."""


def kinds(text: str) -> dict[str, str]:
    """The kind of each operation of a program: its layer and direction, or the rest."""
    named = r"^\s*(?:ROOT )?%?([\w.-]+) = (?:[^\n]*?op_name=\"([^\"]*)\")?"
    return {name: kind(path) for name, path in re.findall(named, text, re.MULTILINE)}


def kind(path: str) -> str:
    """The kind that JAX's path of an operation tells; of one without a path, the rest."""
    layer = next((title for name, title in LAYERS.items() if name in path), None)
    if layer is None:
        return REST
    return f"{layer}, {'backwards' if 'transpose(' in path else 'forwards'}"


def rows(seconds: Mapping[str, float], of: Mapping[str, str], images: int) -> list[dict[str, Any]]:
    """The table, most time first."""
    total: dict[str, float] = defaultdict(float)
    products: dict[str, float] = defaultdict(float)
    for name, spent in seconds.items():
        if name in of and not name.startswith(WHOLE):
            total[of[name]] += spent
            products[of[name]] += spent if name.startswith(PRODUCTS) else 0
    return [
        {
            "operation": name,
            "microseconds": round(spent / images * 1e6, 1),
            "products": round(products[name] / images * 1e6, 1),
        }
        for name, spent in sorted(total.items(), key=lambda entry: -entry[1])
    ]
