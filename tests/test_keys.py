"""Every key comes from one function, by purpose, and no two purposes share one."""

import re
from pathlib import Path

import jax
import numpy as np
import pytest

import cnnbook
from cnnbook.keys import init_key, integers, key_for, order_key, shape_key, uniform

SOURCES = sorted(Path(cnnbook.__file__).parent.rglob("*.py"))


def data(key):
    return tuple(np.asarray(jax.random.key_data(key)).tolist())


def test_a_key_that_is_split_can_be_the_key_that_a_number_was_folded_into():
    """The reason for `key_for`: what used to happen to experiments that split the key of the seed."""
    key = jax.random.key(2020)
    assert data(jax.random.split(key, 3)[1]) == data(jax.random.fold_in(key, 1))


def test_keys_of_purposes_and_what_they_are_split_into_are_all_different():
    purposes = ["oips/starts", "oips/ascents", "heads/places", "training/initial weights"]
    keys = [key_for(7, purpose, net=net) for purpose in purposes for net in range(3)]
    split = [data(part) for key in keys for part in jax.random.split(key, 4)]
    trained = [data(key(7, net)) for key in (init_key, order_key) for net in range(10)]
    plain = [data(part) for part in jax.random.split(jax.random.key(7), 10)]
    every = [data(key) for key in keys[:9]] + split + trained + plain
    assert len(set(every)) == len(every)


def test_initial_weights_and_order_have_keys_of_their_own_for_each_network_and_seed():
    keys = {data(key(seed, net)) for key in (init_key, order_key) for seed in (7, 8) for net in (0, 1)}
    assert len(keys) == 8


def test_the_order_of_numbers_does_not_matter_but_their_names_do():
    assert data(key_for(1, "a", net=2, map=3)) == data(key_for(1, "a", map=3, net=2))
    assert data(key_for(1, "a", net=2, map=3)) != data(key_for(1, "a", net=3, map=2))
    assert data(key_for(1, "a", net=2)) != data(key_for(1, "a"))


def test_a_key_is_the_same_on_every_machine():
    """The numbers are SHA-256 of the name folded into the key of the seed, as computed once."""
    assert data(key_for(2020, "oips/starts", net=3)) == (872404533, 2260567353)


def test_a_purpose_needs_a_name():
    with pytest.raises(ValueError, match=r"purpose=' ': expected who draws and what for"):
        key_for(1, " ")


def test_a_key_of_shapes_is_a_key():
    assert jax.random.key_data(shape_key()).shape == (2,)


def test_no_other_module_makes_keys_and_none_uses_numpys_global_randomness():
    for path in SOURCES:
        code = path.read_text()
        if path.name != "keys.py" or path.parent.name != "cnnbook":
            assert "jax.random.key(" not in code, path
        assert not re.search(r"PRNGKey\(|np\.random\.(?!Generator)|seed \+ ", code), path


def test_no_purpose_is_named_in_two_modules():
    """Two modules that name one purpose would draw with one key."""
    named: dict[str, Path] = {}
    for path in SOURCES:
        for purpose in set(re.findall(r"key_for\(\s*[^\"]*?f?\"([^\"]+)\"", path.read_text())):
            assert named.setdefault(purpose, path) == path, purpose


@pytest.mark.parametrize("shape", [(1,), (50, 7), (1025,), (3, 2000)])
def test_draws_are_those_of_jax_whatever_the_shape(shape):
    """For fewer shapes more numbers are drawn than asked for; those asked for must not change."""
    first, second, third, fourth = (key_for(7, "a test of draws") for _ in range(4))
    assert (integers(first, shape, 980) == np.asarray(jax.random.randint(second, shape, 0, 980))).all()
    assert (uniform(third, shape) == np.asarray(jax.random.uniform(fourth, shape))).all()


def test_several_keys_draw_an_array_each():
    several, again = (jax.random.split(key_for(7, "a test of draws"), 3) for _ in range(2))
    together = integers(several, (5, 2), 9)
    assert together.shape == (3, 5, 2)
    assert (together[1] == integers(again[1], (5, 2), 9)).all()
