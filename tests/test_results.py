"""A Dataset is the same after a round trip through its file, and so is its digest."""

import numpy as np
import pytest
import xarray as xr

from cnnbook.results import content_digest, read_result, write_result


@pytest.fixture
def result() -> xr.Dataset:
    """Everything that experiments return: truth values, whole numbers, text, NaN, attributes."""
    return xr.Dataset(
        {
            "strong": (
                ("digit", "row"),
                np.array([[True, False, True], [False, False, True]]),
                {"units": "1"},
            ),
            "count": (("digit",), np.array([3, 70_000], np.int32), {"units": "points"}),
            "image": (("digit", "row"), np.array([[0, 255, 7], [1, 2, 3]], np.uint8)),
            "r": (("row",), np.array([0.25, np.nan, -1.0])),
            "float": (("row",), np.array([0.1, 0.2, 0.3], np.float32), {"long_name": "share ≥ 0.5"}),
            "share": ((), 0.1),
        },
        coords={
            "digit": ["clear-four", "two"],
            "label": ("digit", [4, 2]),
            "row": np.arange(3),
        },
        attrs={"claims": "C01 C02", "net": 0, "share": 0.1, "points": [7744, 1152], "one": [1]},
    )


def test_a_result_is_read_as_it_was_written(result, tmp_path):
    write_result(result, tmp_path / "result.nc")
    found = read_result(tmp_path / "result.nc")
    xr.testing.assert_equal(found, result)
    types = {name: found[name].dtype for name in found}
    assert types == {name: result[name].dtype for name in result}
    assert found.digit.values.tolist() == ["clear-four", "two"]
    assert found.strong.attrs == {"units": "1"}
    assert found.float.attrs == {"long_name": "share ≥ 0.5"}
    assert (found.attrs["claims"], found.attrs["net"], found.attrs["share"]) == ("C01 C02", 0, 0.1)
    assert list(found.attrs["points"]) == [7744, 1152]


def test_the_digest_is_the_same_after_a_round_trip(result, tmp_path):
    write_result(result, tmp_path / "result.nc")
    found = read_result(tmp_path / "result.nc")
    assert content_digest(found) == content_digest(result)
    write_result(found, tmp_path / "again.nc")
    assert content_digest(read_result(tmp_path / "again.nc")) == content_digest(result)


def test_the_file_can_be_replaced_once_it_is_read(result, tmp_path):
    write_result(result, tmp_path / "result.nc")
    read_result(tmp_path / "result.nc")
    write_result(result.isel(digit=[0]), tmp_path / "result.nc")
    assert read_result(tmp_path / "result.nc").sizes["digit"] == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda r: r.assign(count=r["count"] + 1),
        lambda r: r.assign(count=r["count"].astype(np.uint32)),
        lambda r: r.assign(strong=~r.strong),
        lambda r: r.assign(r=-r.r),
        lambda r: r.assign_coords(digit=["clear-four", "one"]),
        lambda r: r.assign_attrs(net=1),
        lambda r: r.rename(row="column"),
        lambda r: r.rename(r="correlation"),
        lambda r: r.drop_vars("share"),
        lambda r: r.isel(digit=[1, 0]),
        lambda r: r.assign(float=r.float.assign_attrs(long_name="share")),
    ],
)
def test_any_difference_makes_another_digest(result, change):
    assert content_digest(change(result)) != content_digest(result)


def test_the_order_of_variables_does_not_matter(result):
    names = list(result)
    assert content_digest(result[names[::-1]]) == content_digest(result)


def test_a_single_array_has_a_digest_too(result):
    assert content_digest(result["r"]) == content_digest(result["r"].copy())
    assert content_digest(result["r"]) != content_digest(result["float"])
