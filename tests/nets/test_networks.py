"""Networks by name, and how they convolve."""

import jax
from jax import lax

from cnnbook.nets.cnn import CNN
from cnnbook.nets.convolution import patches_convolution
from cnnbook.nets.fast import default_convolution
from cnnbook.nets.fast.winograd import tiles_convolution
from cnnbook.nets.networks import network


def test_a_cnn_is_trained_in_tiles_and_questioned_window_by_window():
    key = jax.random.key(0)
    asked, trained = network("cnn", key=key), network("cnn", key=key, training=True)
    assert isinstance(asked, CNN)
    assert isinstance(trained, CNN)
    assert asked.conv_3.conv_general_dilated is patches_convolution
    assert trained.conv_3.conv_general_dilated is tiles_convolution


def test_where_jax_runs_on_a_graphics_card_xla_convolves_but_in_training(monkeypatch):
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    assert default_convolution() is lax.conv_general_dilated
    assert default_convolution(training=True) is patches_convolution
