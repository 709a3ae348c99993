"""The chapters' sources, and what to look for in them."""

import re

from wholebook import ROOT

CHAPTERS = sorted([ROOT / "index.md", *(ROOT / "book").glob("*.md")], key=str)
CELL = re.compile(r"^```\{code-cell\}[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FIGURE = re.compile(r"^:::\{citable-figure\} (\S+)$", re.MULTILINE)
FENCED = re.compile(r"^(```|:::|\$\$).*?^\1$", re.MULTILINE | re.DOTALL)
