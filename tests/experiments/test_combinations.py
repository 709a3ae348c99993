"""Single points, pairs and products: statistics from numbers made by hand, and two made-up tasks."""

import numpy as np
import pytest

from cnnbook.experiments import combinations
from cnnbook.experiments.combinations import READINGS, TASKS, Task
from synthetic import run_of, statistic_from


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("best_point", 0.91),
        ("best_pair_4_9", 0.96),
        ("product_gain", 1 - 0.03 / 0.04),
        ("product_gain_4_9", 1 - 0.018 / 0.02),
    ],
)
def test_a_statistic_compares_the_readings_and_tasks_that_it_names(name, expected):
    variables = {
        "auc": (
            "task reading net",
            np.array([[0.91, 0.95, 0.99, 0.995], [0.93, 0.96, 0.98, 0.985]])[..., None],
        ),
        "loss": ("task fitted net resample", np.array([[0.04, 0.03], [0.02, 0.018]])[..., None, None]),
    }
    coords = {"task": TASKS, "reading": READINGS, "fitted": READINGS[2:]}
    found = statistic_from("combinations", name, variables, **coords)
    assert found.ravel() == pytest.approx([expected])


@pytest.fixture
def run(few_digits):
    config = combinations.Config(multiplied=6, steps=60, points=5)
    return run_of("combinations", few_digits, config=config)


def task(draw: np.random.Generator, is_four: np.ndarray, points: np.ndarray) -> Task:
    noise = draw.random((len(points), 4))
    whole = np.concatenate([points, noise], axis=1).astype(np.float32)
    half = len(whole) // 2
    return Task(whole[:half], is_four[:half], whole[half:], is_four[half:], np.arange(len(whole) - half) % 2)


def test_products_tell_apart_what_no_sum_over_points_does(run):
    """4s are the images in which two points are on together or off together."""
    draw = np.random.default_rng(0)
    points = draw.integers(0, 2, (1200, 2)).astype(np.float32)
    areas, (additive, products) = combinations._read(task(draw, points[:, 0] == points[:, 1], points), run)
    assert max(areas[:3]) < 0.6
    assert areas[3] > 0.99
    assert products.mean() < 0.3 * additive.mean()


def test_products_add_nothing_where_points_are_independent_within_a_class(run):
    draw = np.random.default_rng(1)
    is_four = draw.random(2000) < 0.5
    points = (draw.random((2000, 3)) < np.where(is_four[:, None], 0.8, 0.3)).astype(np.float32)
    areas, (additive, products) = combinations._read(task(draw, is_four, points), run)
    assert areas[0] < areas[1] < areas[2]
    assert abs(products.mean() / additive.mean() - 1) < 0.05


def test_fours_and_nines_are_a_task_of_their_own(few_digits, nets, run):
    train, tests = np.zeros((480, 1152), np.float32), np.ones((120, 1152), np.float32)
    rest, nines = combinations._tasks(nets[0], run, train, tests)
    assert (rest.train_fours.sum(), len(rest.train), rest.test_fours.sum(), len(rest.test)) == (
        48,
        480,
        12,
        120,
    )
    assert (nines.train_fours.sum(), len(nines.train), nines.test_fours.sum(), len(nines.test)) == (
        48,
        96,
        12,
        24,
    )
    assert rest.part.sum() == 60
