"""The network with two convolutions before each pooling: sizes by counting, the same with any convolution."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from jax import lax

from cnnbook.nets.cnn import PARAMETERS
from cnnbook.nets.convolution import patches_convolution
from cnnbook.nets.fast.winograd import tiles_convolution
from cnnbook.nets.networks import network, side_used
from cnnbook.nets.paired import PairedCNN
from helpers import noise


def test_it_has_ten_parameters_less_than_the_cnn():
    """160 + 2,320 + 6,960 + 27,712 in convolutions, 1,024·166 + 166 + 1,670 in dense layers."""
    model = PairedCNN(key=jax.random.key(0))
    count = sum(leaf.size for leaf in jax.tree.leaves(nnx.state(model, nnx.Param)))
    assert count == 160 + 2320 + 6960 + 27712 + 1024 * 166 + 166 + 1670 == PARAMETERS - 10


@pytest.mark.parametrize("way", [patches_convolution, tiles_convolution])
def test_its_answer_does_not_depend_on_how_it_convolves(way):
    images = jnp.asarray(noise(0, 3, 28, 28, 1))
    fast = PairedCNN(key=jax.random.key(4), convolution=way)
    plain = PairedCNN(key=jax.random.key(4), convolution=lax.conv_general_dilated)
    np.testing.assert_allclose(fast(images), plain(images), atol=1e-5)


def test_every_pixel_can_change_its_answer():
    """The article's network is blind for the last two rows and columns; this one is not."""
    model = network("paired-cnn", key=jax.random.key(1))
    assert isinstance(model, PairedCNN)
    images = jnp.asarray(noise(0, 1, 28, 28, 1))
    corner = images.at[:, 27, 27].set(9.0)
    assert float(jnp.abs(model(corner) - model(images)).max()) > 1e-4
    assert side_used("paired-cnn") == 28
