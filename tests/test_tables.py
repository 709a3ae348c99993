import pandas as pd

from cnnbook.build_info import build_info_table
from cnnbook.tables import Table


def test_a_page_shows_every_cell_in_full() -> None:
    long = "one word after the other, " * 10 + "and the last"
    html = Table(pd.DataFrame({"this copy": [long]}, index=["recipe"]))._repr_html_()
    assert long in html
    assert "<th>recipe</th>" in html


def test_the_edition_names_its_rows_for_readers() -> None:
    table = build_info_table({"nets": "10", "seed": "2020"})
    assert table.frame.index.tolist() == ["networks", "seed"]
    assert "2020" in repr(table)
