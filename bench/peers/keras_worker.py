"""The book's network in Keras 3 on TensorFlow, as its users write it: a worker of the measurements."""

import os
import time
from collections.abc import Mapping
from typing import Any

from protocol import Clock, Limits, own_stdout, peak_bytes, serve

ANSWERS, LIMITS = own_stdout(), Limits.from_command_line()
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["KERAS_BACKEND"] = "tensorflow"

import keras  # noqa: E402  # pyright: ignore[reportMissingImports]
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402  # pyright: ignore[reportMissingImports, reportMissingModuleSource]

NAMES = ("conv_1", "pool_1", "conv_2", "pool_2", "conv_3", "hidden", "logits")
MAPS = ("conv_1", "pool_1", "conv_2", "pool_2", "conv_3", "logits")

TRAIN: dict[str, dict[str, Any]] = {
    "fit": {"steps": 1, "jit": False, "tf.data": False},
    "fit, 16 steps an execution": {"steps": 16, "jit": False, "tf.data": False},
    "fit, tf.data": {"steps": 1, "jit": False, "tf.data": True},
    "fit, tf.data, 16 steps an execution": {"steps": 16, "jit": False, "tf.data": True},
    "fit, tf.data, 64 steps an execution": {"steps": 64, "jit": False, "tf.data": True},
    "fit, jit_compile": {"steps": 1, "jit": True, "tf.data": False},
}

INFER: dict[str, dict[str, Any]] = {
    "tf.function, 100 a batch": {"batch": 100, "jit": False},
    "tf.function, 250 a batch": {"batch": 250, "jit": False},
    "tf.function, 500 a batch": {"batch": 500, "jit": False},
    "tf.function, jit_compile, 250 a batch": {"batch": 250, "jit": True},
}


class Rates(keras.optimizers.schedules.LearningRateSchedule):
    """The learning rate of every update, from a table."""

    def __init__(self, rates: np.ndarray) -> None:
        self._rates = tf.constant(rates, tf.float32)

    def __call__(self, step: Any) -> Any:
        return tf.gather(self._rates, tf.cast(step, tf.int32))


class Stopwatch(keras.callbacks.Callback):
    """Notes when each execution of `fit` ended: the time before the first is not training."""

    def __init__(self) -> None:
        super().__init__()
        self.ends: list[tuple[float, int]] = []

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Note the time and the updates done."""
        self.ends.append((time.perf_counter(), batch + 1))


class Worker:
    """Answers about training and inference of one network.

    Args:
        limits: threads, and where the material is.
    """

    def __init__(self, limits: Limits) -> None:
        tf.config.threading.set_intra_op_parallelism_threads(limits.threads)
        if limits.threads == 1:
            tf.config.threading.set_inter_op_parallelism_threads(1)
        self._material = np.load(limits.material)
        self._recipe: Mapping[str, Any] = {}
        self._models: dict[Any, keras.Model] = {}
        self._loaded: dict[str, Any] = {}

    def begin(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Take the recipe; tell versions and settings."""
        self._recipe = request["recipe"]
        return {
            "versions": {"Keras": keras.__version__, "TensorFlow": tf.__version__},
            "train": {"Keras": list(TRAIN)},
            "infer": {"Keras": list(INFER)},
        }

    def losses(self, request: Mapping[str, Any]) -> list[float]:
        """The loss of the first batch before each of some updates on it, from the given weights."""
        model = self._compiled({"steps": 1, "jit": False}, [request["rate"]] * request["updates"])
        images, targets = (part[: request["batch"]] for part in self._data("train"))
        model.set_weights(self._given())
        found = []
        for _ in range(request["updates"]):
            # Asked for here, because what Keras reports has the decay's own loss in it.
            found.append(float(model.loss(targets, model(images, training=False))))
            model.train_on_batch(images, targets)
        return found

    def train(self, request: Mapping[str, Any]) -> dict[str, float]:
        """Train for about so many seconds in one of the settings; the first call compiles and warms up."""
        setting, size = TRAIN[request["setting"]], request["batch"]
        name = (request["setting"], size)
        chunk = setting["steps"]
        if name not in self._models:
            self._models[name] = self._compiled(setting, None)
            self._fit(name, 2 * chunk)
            self._loaded[f"speed {name}"] = self._fit(name, max(2 * chunk, 16))
        wanted = int(self._loaded[f"speed {name}"] * request["seconds"] / size)
        updates = max(2, round(wanted / chunk)) * chunk
        begin = time.perf_counter()
        speed = self._fit(name, min(updates, len(self._data("train")[0]) // size // chunk * chunk))
        return {"speed": speed, "seconds": time.perf_counter() - begin}

    def _fit(self, name: tuple[str, int], updates: int) -> float:
        """Images a second over so many updates, from the end of the first execution to that of the last."""
        setting, size = TRAIN[name[0]], name[1]
        watch, given = Stopwatch(), self._fed(setting, size, updates + setting["steps"])
        self._models[name].fit(**given, callbacks=[watch])
        (first, before), (last, after) = watch.ends[0], watch.ends[-1]
        return (after - before) * size / (last - first)

    def _fed(self, setting: Mapping[str, Any], size: int, updates: int) -> dict[str, Any]:
        """What `fit` takes to train on the first images, in random order."""
        images, targets = (part[: updates * size] for part in self._data("train"))
        if not setting["tf.data"]:
            return {"x": images, "y": targets, "batch_size": size, "verbose": 0}
        data = tf.data.Dataset.from_tensor_slices((images, targets)).shuffle(len(images))
        return {"x": data.batch(size, drop_remainder=True).prefetch(tf.data.AUTOTUNE), "verbose": 0}

    def reach(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Train by the whole recipe; accuracy after each epoch, which is found outside the clock."""
        clock, size, setting = Clock(request["begun"]), request["batch"], TRAIN[request["setting"]]
        keras.utils.set_random_seed(request["seed"])
        model = self._compiled(setting, self._material["rates"])
        given = self._fed(setting, size, len(self._data("train")[0]) // size)
        test, labels = self._data("test")[0], self._material["test_labels"]
        epochs = []
        for _ in range(request["epochs"]):
            model.fit(**given)
            seconds = clock.seconds()
            answers = clock.without(lambda: model.predict(test, batch_size=500, verbose=0).argmax(axis=1))
            epochs.append({"seconds": seconds, "accuracy": float((answers == labels).mean())})
        return {"epochs": epochs, "peak_bytes": peak_bytes()}

    def infer(self, request: Mapping[str, Any]) -> dict[str, float]:
        """All maps and scores of the first images, a batch at a time, as NumPy arrays on the host."""
        setting, images = INFER[request["setting"]], self._pixels()
        if request["setting"] not in self._loaded:
            model = self._network()
            model.set_weights(self._given())
            outputs = [model.get_layer(name).output for name in MAPS]
            maps = keras.Model(model.inputs, outputs)
            call = tf.function(lambda batch: maps(batch, training=False), jit_compile=setting["jit"])
            self._loaded[request["setting"]] = call
            self._stream(call, images[: 2 * setting["batch"]], setting["batch"])
        begin = time.perf_counter()
        total = self._stream(self._loaded[request["setting"]], images[: request["images"]], setting["batch"])
        return {"seconds": time.perf_counter() - begin, "total": total}

    def climb(self, request: Mapping[str, Any]) -> dict[str, float]:
        """Pictures that climb the mean of a map of Conv_3 each: a plain loop, a batch for each map."""
        model = self._network()
        model.set_weights(self._given())
        maps = keras.Model(model.inputs, model.get_layer("conv_3").output)
        starts = tf.constant(self._material["starts"][..., None])
        pictures = tf.Variable(starts)
        rule = keras.optimizers.Adam(request["rate"], epsilon=1e-8)
        rule.build([pictures])

        @tf.function
        def step(number: Any) -> None:
            with tf.GradientTape() as tape:
                tape.watch(pictures)
                found = maps(pictures, training=False)
                less = -tf.reduce_sum(tf.reduce_mean(tf.gather(found, number, axis=3), axis=(1, 2)))
            rule.apply([tape.gradient(less, pictures)], [pictures])
            pictures.assign(tf.clip_by_value(pictures, 0.0, 1.0))

        step(tf.constant(0))
        begin, total = time.perf_counter(), 0.0
        for number in range(request["maps"]):
            pictures.assign(starts)
            for variable in rule.variables:
                if variable.path.rpartition("/")[2] != "learning_rate":
                    variable.assign(tf.zeros_like(variable))
            for _ in range(request["steps"]):
                step(tf.constant(number))
            found = maps(pictures, training=False)[..., number]
            total += float(tf.reduce_sum(tf.reduce_mean(found, axis=(1, 2))))
        return {"seconds": time.perf_counter() - begin, "total": total}

    @staticmethod
    def _stream(call: Any, images: np.ndarray, size: int) -> float:
        """Every batch's maps, seen once and dropped; the sum of all scores shows that they were computed."""
        total = 0.0
        for begin in range(0, len(images), size):
            batch = images[begin : begin + size, :, :, None].astype(np.float32) / 255
            maps = [part.numpy() for part in call(tf.constant(batch))]
            total += float(maps[-1].sum())
        return total

    def _network(self) -> keras.Model:
        """The layers; L2 as a loss, whose gradient is the decay times the kernel."""
        layers = keras.layers
        decay = keras.regularizers.L2(self._recipe["weight_decay"] / 2)
        options = {"kernel_regularizer": decay}
        made = [
            layers.Conv2D(32, 3, activation="relu", name="conv_1", **options),
            layers.MaxPooling2D(2, name="pool_1"),
            layers.Conv2D(64, 3, activation="relu", name="conv_2", **options),
            layers.MaxPooling2D(2, name="pool_2"),
            layers.Conv2D(128, 3, activation="relu", name="conv_3", **options),
            layers.Flatten(),
            layers.Dense(100, activation="relu", name="hidden", **options),
            layers.Dense(10, name="logits", **options),
        ]
        return keras.Sequential([keras.Input((28, 28, 1)), *made])

    def _compiled(self, setting: Mapping[str, Any], rates: Any) -> keras.Model:
        """The network with its loss and optimiser; without rates, a constant one."""
        recipe, model = self._recipe, self._network()
        rate = recipe["constant_rate"] if rates is None else Rates(np.asarray(rates))
        model.compile(
            optimizer=keras.optimizers.SGD(rate, momentum=recipe["momentum"], nesterov=True),
            loss=keras.losses.CategoricalCrossentropy(
                from_logits=True, label_smoothing=recipe["label_smoothing"]
            ),
            jit_compile=setting["jit"],
            steps_per_execution=setting["steps"],
        )
        return model

    def _given(self) -> list[np.ndarray]:
        """The weights of the material in Keras' order."""
        layers = [name for name in NAMES if not name.startswith("pool")]
        return [self._material[f"{layer}.{part}"] for layer in layers for part in ("kernel", "bias")]

    def _data(self, part: str) -> tuple[np.ndarray, np.ndarray]:
        """Images in [0, 1] and one-hot labels, made once."""
        if part not in self._loaded:
            images = self._material[f"{part}_images"][..., None].astype(np.float32) / 255
            labels = np.eye(10, dtype=np.float32)[self._material[f"{part}_labels"]]
            self._loaded[part] = images, labels
        return self._loaded[part]

    def _pixels(self) -> np.ndarray:
        """The training images as they are stored, read once."""
        if "pixels" not in self._loaded:
            self._loaded["pixels"] = self._material["train_images"]
        return self._loaded["pixels"]


if __name__ == "__main__":
    worker = Worker(LIMITS)
    asked = ("begin", "losses", "train", "reach", "infer", "climb")
    serve(ANSWERS, {name: getattr(worker, name) for name in asked})
