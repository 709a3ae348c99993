"""Where networks are trained decides how fast, and not what comes out."""

from collections.abc import Sequence

import jax
import numpy as np
import pytest
from flax import nnx

from cnnbook.config.training import TrainConfig
from cnnbook.data import fit_scaling
from cnnbook.training.batch import TrainResult
from cnnbook.training.devices import (
    begin_computing,
    keep_compiled,
    mesh_of,
    plan_devices,
    use_every_core,
)
from cnnbook.training.program import TrainProgram
from cnnbook.training.runs import Run, runs
from helpers import trained_at_once

TOLERANCE = 2e-5
"""Largest difference of a weight between a whole batch on one device and a batch shared by several."""


class Gpu:
    """What a plan asks of a device."""

    platform = "gpu"


GPUS = [Gpu() for _ in range(4)]


def train(digits, config: TrainConfig, numbers, nets: int, data: int) -> TrainResult:
    """Some networks, trained on a mesh."""
    return trained_at_once(*program_and_runs(digits, config, numbers, nets, data))


def program_and_runs(
    digits, config: TrainConfig, numbers, nets: int, data: int
) -> tuple[TrainProgram, Sequence[Run]]:
    """A program, and what it is to train."""
    wanted = runs(config, numbers=numbers, seed=7)
    scaling = fit_scaling(config.scaling, digits.train_images)
    mesh = mesh_of(nets, data)
    program = TrainProgram(
        digits.train_images, digits.train_labels, scaling=scaling, config=config,
        nets=-(-len(wanted) // nets) * nets, mesh=mesh,
    )  # fmt: skip
    return program, wanted


def furthest(one: TrainResult, place: int, other: TrainResult, other_place: int) -> float:
    """The largest difference of a weight between two networks."""
    pairs = zip(jax.tree.leaves(one.params[place]), jax.tree.leaves(other.params[other_place]), strict=True)
    return max(float(np.abs(np.asarray(a) - np.asarray(b)).max()) for a, b in pairs)


@pytest.fixture(scope="module")
def alone(few_digits):
    """Network 5, by itself on one device."""
    config = TrainConfig(network="mlp", epochs=2, batch_size=16, peak_learning_rate=0.03)
    return config, train(few_digits, config, [5], 1, 1)


def test_beside_others_on_as_many_devices_a_network_gets_the_same_bits(few_digits, alone):
    config, one = alone
    eight = train(few_digits, config, range(8), 8, 1)
    assert furthest(one, 0, eight, 5) == 0
    assert one.losses[0].tolist() == eight.losses[5].tolist()
    assert furthest(one, 0, eight, 4) > 0.1


def test_several_on_one_device_and_a_mesh_that_is_not_full_change_nothing(few_digits, alone):
    config, one = alone
    five = train(few_digits, config, range(3, 8), 2, 1)  # three on each of two devices, one of them twice
    assert len(five.params) == 5
    assert furthest(one, 0, five, 2) == 0


@pytest.mark.parametrize(("nets", "data"), [(4, 2), (1, 8), (2, 4)])
def test_a_batch_shared_by_devices_changes_weights_by_rounding_alone(few_digits, alone, nets, data):
    config, one = alone
    place = nets - 1
    shared = train(few_digits, config, range(5 - place, 6), nets, data)
    assert furthest(one, 0, shared, place) < TOLERANCE
    np.testing.assert_allclose(shared.losses[place], one.losses[0], atol=TOLERANCE)


def test_a_cnn_is_the_same_alone_as_beside_two_others(few_digits, nets, few_runs):
    apart = train(few_digits, few_runs[0].config, [2], 1, 1)
    weights = [leaf[...] for leaf in jax.tree.leaves(nnx.state(nets[2].model, nnx.Param), is_leaf=is_param)]
    for mine, theirs in zip(jax.tree.leaves(apart.params[0]), weights, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert apart.losses[0].tolist() == nets[2].loss_curve.tolist()


@pytest.mark.parametrize("network", ["mlp", "cnn"])
def test_where_networks_share_operations_one_is_the_same_in_every_batch_of_one_size(few_digits, network):
    config = TrainConfig(network=network, epochs=1, batch_size=16, peak_learning_rate=0.03)
    program, _ = program_and_runs(few_digits, config, range(4), 1, 1)
    program._on_cpu = False  # as on a GPU
    wanted = [runs(config, numbers=numbers, seed=7) for numbers in ([5], [5, 6], [0, 1, 5, 2])]
    alone, first, third = (trained_at_once(program, some) for some in wanted)
    assert furthest(alone, 0, first, 0) == 0
    assert furthest(alone, 0, third, 2) == 0
    assert furthest(alone, 0, third, 1) > 0.01


def is_param(leaf: object) -> bool:
    return isinstance(leaf, nnx.Param)


def test_on_a_cpu_each_device_has_a_network_and_the_last_batch_uses_fewer():
    on_two = plan_devices(count=2)
    assert [list(batch) for batch in on_two.batches(5)] == [[0, 1], [2, 3], [4]]
    assert [on_two.mesh(count).shape["nets"] for count in (2, 1)] == [2, 1]
    assert plan_devices(count=8, data=4).device_groups == 2
    assert plan_devices(count=8, data=4).mesh(1).devices.shape == (1, 4)


def test_elsewhere_each_device_has_the_same_number_of_networks_however_many_are_wanted():
    on_four = plan_devices(devices=GPUS)
    assert [len(batch) for batch in on_four.batches(100)] == [80, 20]
    assert [on_four.mesh(count).shape["nets"] for count in (1, 20, 21, 80)] == [1, 1, 2, 4]
    assert [on_four.padded(count) for count in (1, 20, 21, 80)] == [20, 20, 40, 80]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"count": 9}, "devices=9: expected 1 to 8, the CPU devices of this machine"),
        ({"count": 0}, "devices=0: expected 1 to 8"),
        ({"data": 9}, "data=9: expected 1 to 8"),
        ({"count": 6, "data": 4}, "devices=6: expected a multiple of data=4, those that share a batch"),
    ],
)
def test_more_devices_than_there_are_is_an_error(asked, said):
    with pytest.raises(ValueError, match=said):
        plan_devices(**asked)


def test_a_mesh_larger_than_the_machine_is_an_error():
    with pytest.raises(ValueError, match="nets × data=12: expected 1 to 8, the CPU devices of this machine"):
        mesh_of(4, 3)


def test_devices_that_somebody_has_chosen_are_left_as_they_are():
    use_every_core()
    assert len(jax.devices()) == 8


def test_programs_compute_in_float32_and_keep_what_is_compiled_in_the_cache_folder(tmp_path):
    names = ("jax_compilation_cache_dir", "jax_default_matmul_precision")
    before = {name: getattr(jax.config, name) for name in names}
    try:
        begin_computing(tmp_path)
        assert [getattr(jax.config, name) for name in names] == [str(tmp_path / "compiled"), "highest"]
    finally:
        keep_compiled(tmp_path)
        for name, value in before.items():
            jax.config.update(name, value)
