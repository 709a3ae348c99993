"""Names of the types of arrays that all modules share.

Dimension letters, used the same way everywhere: `n` images, `h w` rows and columns of a map,
`c` maps (channels), `kh kw` rows and columns of a kernel.
"""

import numpy as np
from jax import Array
from jaxtyping import Float, Int, UInt8

Image = Float[Array, "28 28 1"]
"""One network input; pixel/255 under input A, standardised under input B."""

Images = Float[Array, "n 28 28 1"]
"""A batch of network inputs."""

CroppedImages = Float[Array, "n 26 26 1"]
"""Network inputs without their last two rows and columns, which no unit of Conv_3 depends on."""

Labels = Int[Array, " n"]
"""Digit classes, 0 to 9."""

Logits = Float[Array, "n 10"]
"""Scores before the softmax."""

FeatureMaps = Float[Array, "n h w c"]
"""All maps of one layer for a batch of images."""

MapsByUnit = Float[Array, "h w n c"]
"""The same, unit by unit: the values of one unit in all maps and images lie together in memory."""

Kernel = Float[Array, "kh kw c_in c_out"]
"""The weights of one convolution layer."""

RawImages = UInt8[np.ndarray, "n 28 28"]
"""Pixels as MNIST stores them: 0 is blank paper, 255 is full ink."""

RawLabels = UInt8[np.ndarray, " n"]
"""Digit classes as MNIST stores them."""
