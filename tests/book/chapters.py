"""The chapters' sources, and what to look for in them."""

import re

from wholebook import ROOT

CHAPTERS = sorted([ROOT / "index.md", *(ROOT / "book").glob("*.md")], key=str)
CELL = re.compile(r"^```\{code-cell\}[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FIGURE = re.compile(r"^:::\{citable-figure\} (\S+)$", re.MULTILINE)
FENCED = re.compile(r"^(```|:::|\$\$).*?^\1$", re.MULTILINE | re.DOTALL)
COMMENT_OR_CODE = re.compile(r"^(`{3,})[^\n]*\n.*?^\1\s*$|^%[^\n]*$", re.MULTILINE | re.DOTALL)
"""Fenced code and directives of backticks, and comments."""
