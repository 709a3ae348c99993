"""The parts of the Sphinx extension that need no book."""

import math
from pathlib import Path

import pytest
from sphinx.errors import ConfigError

from cnnbook.sphinx_ext.execution import without_colour_codes
from cnnbook.sphinx_ext.images import alt_fault
from cnnbook.sphinx_ext.mathml import to_mathml
from cnnbook.sphinx_ext.pages import extension_metadata
from cnnbook.sphinx_ext.prepare import errors_in_one_line, load_prepare
from cnnbook.sphinx_ext.values import fill_values, unknown_value

VALUES = {"accuracy.mean": "99.42 %", "accuracy.spread": "0.05 %", "nets": "10"}


def test_placeholders_are_filled():
    faults: list[str] = []
    assert fill_values("{nets} nets: {accuracy.mean}", VALUES, faults.append) == "10 nets: 99.42 %"
    assert faults == []


def test_an_unknown_placeholder_stays_and_is_complained_of():
    faults: list[str] = []
    assert fill_values("{net} nets, {x y}", VALUES, faults.append) == "{net} nets, {x y}"
    assert faults == ["value 'net' is unknown; did you mean nets?"]


def test_an_unknown_value_far_from_all_names_lists_its_family():
    message = "value 'accuracy.q' is unknown; did you mean accuracy.mean, accuracy.spread?"
    assert unknown_value("accuracy.q", VALUES) == message


@pytest.mark.parametrize(
    ("alt", "fault"),
    [
        ("Three of nine cells are bright.", None),
        ("", "no alt text"),
        ("  ", "no alt text"),
        ("figures/fig-a.svg", "is a name"),
        ("fig a", "is a name"),
        ("the MAPS of conv_3", "repeats the caption"),
    ],
)
def test_alternative_texts_are_judged(alt: str, fault: str | None):
    found = alt_fault(alt, caption="The maps of Conv_3.", name="fig-a")
    assert fault in found if found and fault else found == fault


@pytest.mark.parametrize(
    "latex",
    [
        r"x_{ij}^2",
        r"\mathbb{R}^{28\times28}",
        r"\begin{aligned} a &= b \\ &= c \end{aligned}",
        r"a \\ b",
        r"\begin{cases} 1 & x > 0 \\ 0 & \text{else} \end{cases}",
        r"\sum_{i=1}^{n} \lVert w_i \rVert",
        r"\begin{align*} a &= b \end{align*}",
        r"\operatorname{ReLU}(x) = \max(0, x)",
        r"a < b \& c",
    ],
)
def test_formulas_become_mathml(latex: str):
    mathml = to_mathml(latex, display=True)
    assert mathml.startswith("<math ")
    assert "\\" not in mathml


@pytest.mark.parametrize(
    ("latex", "message"),
    [
        (r"\unheardof", "cannot be written as MathML"),
        (r"\frac{1}{", "is not sound: NoAvailableTokensError"),
        (r"\left( x", "is not sound: ExtraLeftOrMissingRightError"),
        (r"\begin{unheardof} a & b \end{unheardof}", "cannot be written as MathML"),
        (r"x_1_2", "is not sound: DoubleSubscriptsError"),
    ],
)
def test_a_faulty_formula_is_named(latex: str, message: str):
    with pytest.raises(ValueError, match=message):
        to_mathml(latex, display=True)


def test_colour_codes_are_taken_out():
    assert without_colour_codes("\x1b[0;31mZeroDivisionError\x1b[0m: no") == "ZeroDivisionError: no"


def test_an_error_raised_on_purpose_ends_in_one_line(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit, match="1"), errors_in_one_line(Path(__file__).parent):
        raise ValueError("profile='fast': expected draft, book or paper")
    assert capsys.readouterr().err == "Error: profile='fast': expected draft, book or paper\n"


def test_an_error_that_comes_from_elsewhere_keeps_its_traceback():
    with pytest.raises(ValueError, match="positive"), errors_in_one_line(Path(__file__).parent / "nowhere"):
        raise ValueError("must be positive")


def test_ctrl_c_ends_with_its_own_code():
    with pytest.raises(SystemExit, match="130"), errors_in_one_line(Path(__file__).parent):
        raise KeyboardInterrupt


def test_prepare_is_found_by_its_name():
    assert load_prepare("math:hypot") is math.hypot


@pytest.mark.parametrize("name", ["math", "math:", "math:nothing", "no.such.module:prepare", ""])
def test_a_prepare_that_is_not_there_is_named(name: str):
    with pytest.raises(ConfigError, match=f"cnnbook_prepare='{name}': expected 'module:function'"):
        load_prepare(name)


def test_what_other_code_kept_on_the_environment_is_not_read(tmp_path):
    """Sphinx reads no environment that was kept with another `env_version`; a new code has a new one."""
    (tmp_path / "lists.py").write_text("lists = set()\n")
    before = extension_metadata(tmp_path)
    assert extension_metadata(tmp_path) == before
    (tmp_path / "lists.py").write_text("lists = {}\n")
    assert extension_metadata(tmp_path)["env_version"] != before["env_version"]
