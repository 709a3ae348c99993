"""Tables for readers: a frame that a page shows whole, without cut-off cells."""

import pandas as pd


class Table:
    """A table as a notebook and a page show it.

    Args:
        frame: its cells, already as they are to be read; the index names the rows.
        prose: its cells are text that may be broken into lines; numbers are not.
    """

    def __init__(self, frame: pd.DataFrame, *, prose: bool = False) -> None:
        self.frame = frame
        self._classes = "book-table prose" if prose else "book-table"

    def _repr_html_(self) -> str:
        """The whole table as HTML, every cell in full."""
        with pd.option_context("display.max_colwidth", None, "display.max_columns", None):
            return self.frame.to_html(border=0, justify="left", classes=self._classes)

    def __repr__(self) -> str:
        return self.frame.to_string()
