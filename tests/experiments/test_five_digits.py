"""Five digits at random: statistics from numbers made by hand, who is chosen, and what is shown."""

from dataclasses import replace

import numpy as np
import pytest

from cnnbook.experiments.five_digits import KINDS, Config, chosen, chosen_of_any, shown_choice
from cnnbook.fcp.statements import STATEMENTS
from cnnbook.inputs import ShownDigit
from cnnbook.keys import key_for
from synthetic import facts, measured, statistic_from


@pytest.mark.parametrize(
    ("name", "expected"), [("same_words", [0.4, 0.3]), ("same_words_of_any_digits", [0.2, 0.1])]
)
def test_a_statistic_is_the_agreement_of_its_kind_of_choice(name, expected):
    variables = {"agreement": ("kind net resample", [[[0.4, 0.3]], [[0.2, 0.1]]])}
    assert statistic_from("five_digits", name, variables, kind=KINDS).tolist() == [expected]


def test_a_choice_is_three_different_4s_a_1_and_a_2():
    labels = np.array(
        [4, 1, 4, 2, 4, 1, 4, 0, 0, 0, *[digit for digit in range(10) for _ in range(3)]], np.uint8
    )
    choices = chosen(key_for(0, "a test"), labels, 50)
    assert labels[choices].tolist() == [[4, 4, 4, 1, 2]] * 50
    assert all(len(set(each)) == 5 for each in choices.tolist())
    assert len(np.unique(choices, axis=0)) > 40


def test_any_five_images_are_different_ones_of_any_class():
    labels = np.arange(10, dtype=np.uint8)
    choices = chosen_of_any(key_for(0, "a test"), labels, 300)
    assert choices.shape == (300, 5)
    assert all(len(set(each)) == 5 for each in choices.tolist())
    assert set(labels[choices].ravel()) == set(range(10))


def test_the_shown_digits_are_found_by_their_classes():
    assert shown_choice([2, 4, 4, 1, 4]).tolist() == [[1, 2, 4, 3, 0]]
    with pytest.raises(ValueError, match=r"classes \[4, 4, 1, 2\], expected three 4s, a 1 and a 2"):
        shown_choice([4, 4, 1, 2])


def test_a_copy_of_the_shown_digits_alone_always_says_the_same(nets, few_digits, few_shown):
    """Of one image a class, three times each, every choice is what is shown."""
    places = np.array([4, 14, 24, 1, 2])
    images, labels = few_digits.test_images[places], few_digits.test_labels[places]
    same = np.repeat(images[[0, 3, 4]], 30, axis=0)
    rest = [few_digits.test_images[few_digits.test_labels == digit][:3] for digit in (0, 3, 5, 6, 7, 8, 9)]
    digits = replace(
        few_digits,
        test_images=np.concatenate([same, *rest]),
        test_labels=np.concatenate([np.repeat([4, 1, 2], 30), np.repeat([0, 3, 5, 6, 7, 8, 9], 3)]).astype(
            labels.dtype
        ),
    )
    shown = [
        ShownDigit(name=each.name, label=each.label, index=index, why="a test")
        for each, index in zip(few_shown, (0, 1, 2, 30, 60), strict=True)
    ]
    result = measured("five_digits", digits, nets[:2], config=Config(choices=40, images=111), shown=shown)
    assert result.all_same.sel(kind=KINDS[0]).values.tolist() == [1, 1]
    assert result.same_words.values.min() == 1
    assert (result.all_same.sel(kind=KINDS[1]) < 1).all()
    assert result.shown.dims == ("statement", "net")
    np.testing.assert_array_equal(result.true.sel(kind=KINDS[0]), result.shown)


def test_facts_say_how_many_networks_a_statement_is_true_in(nets, few_digits, few_shown):
    result = measured("five_digits", few_digits, nets[:2], config=Config(choices=20), shown=few_shown)
    texts = facts("five_digits", result)
    assert texts["statements"] == str(len(STATEMENTS))
    counts = result.shown.sum("net").values
    assert [texts[f"shown_{place + 1}"] for place in range(len(counts))] == [f"{n:.0f}" for n in counts]
    assert texts["least"] in STATEMENTS
