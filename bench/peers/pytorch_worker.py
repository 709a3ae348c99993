"""The book's network in PyTorch, channels last, eager and compiled: a worker of the measurements."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from protocol import Clock, Limits, own_stdout, peak_bytes, serve

ANSWERS, LIMITS = own_stdout(), Limits.from_command_line()

import numpy as np  # noqa: E402
import torch  # noqa: E402  # pyright: ignore[reportMissingImports]
from torch import nn  # noqa: E402  # pyright: ignore[reportMissingImports]
from torch.nn import functional as F  # noqa: E402  # pyright: ignore[reportMissingImports]

LAST = torch.channels_last
NAMES = ("conv_1", "conv_2", "conv_3", "hidden", "logits")

TRAIN: dict[str, dict[str, Any]] = {
    "eager": {},
    "eager, images' strides channels last": {"strides": True},
    "eager, images' strides channels last, fused SGD": {"strides": True, "fused": True},
    "eager, one thread": {"threads": 1},
    "torch.compile": {"compile": {}},
    "torch.compile, of the update too": {"compile": {}, "compile update": True},
    "torch.compile, max-autotune": {"compile": {"mode": "max-autotune-no-cudagraphs"}},
}
"""Weights are always channels last; images, of one channel, need not say so in their strides."""

INFER: dict[str, dict[str, Any]] = {
    "eager, 100 a batch": {"batch": 100},
    "eager, 250 a batch": {"batch": 250},
    "eager, 500 a batch": {"batch": 500},
    "torch.compile, 100 a batch": {"batch": 100, "compile": {}},
    "torch.compile, 250 a batch": {"batch": 250, "compile": {}},
}


class Net(nn.Module):
    """The layers."""

    def __init__(self) -> None:
        super().__init__()
        self.conv_1, self.conv_2 = nn.Conv2d(1, 32, 3), nn.Conv2d(32, 64, 3)
        self.conv_3 = nn.Conv2d(64, 128, 3)
        self.hidden, self.logits = nn.Linear(1152, 100), nn.Linear(100, 10)
        for layer in (self.conv_1, self.conv_2, self.conv_3, self.hidden, self.logits):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def maps(self, images: Any) -> tuple[Any, ...]:
        """All maps after ReLU or pooling, and the scores."""
        conv_1 = F.relu(self.conv_1(images))
        pool_1 = F.max_pool2d(conv_1, 2)
        conv_2 = F.relu(self.conv_2(pool_1))
        pool_2 = F.max_pool2d(conv_2, 2)
        conv_3 = F.relu(self.conv_3(pool_2))
        hidden = F.relu(self.hidden(torch.flatten(conv_3, 1)))
        return conv_1, pool_1, conv_2, pool_2, conv_3, self.logits(hidden)

    def forward(self, images: Any) -> Any:
        """The scores."""
        return self.maps(images)[-1]


class Training:
    """A network with its optimiser and one way to update it.

    Args:
        setting: one of `TRAIN`'s.
        recipe: momentum, weight decay and label smoothing.
        rate: the learning rate, until `rate` is set anew.
    """

    def __init__(self, setting: Mapping[str, Any], recipe: Mapping[str, Any], rate: float) -> None:
        self.net = Net().to(memory_format=LAST)
        kernels = [leaf for leaf in self.net.parameters() if leaf.ndim > 1]
        biases = [leaf for leaf in self.net.parameters() if leaf.ndim == 1]
        groups = [
            {"params": kernels, "weight_decay": recipe["weight_decay"]},
            {"params": biases, "weight_decay": 0.0},
        ]
        fused = setting.get("fused") or None
        # A compiled update would be compiled anew for every other rate that is not a tensor.
        self._rate = torch.tensor(rate) if setting.get("compile update") else None
        lr = rate if self._rate is None else self._rate
        self._optimiser = torch.optim.SGD(
            groups, lr=lr, momentum=recipe["momentum"], nesterov=True, fused=fused
        )
        smoothing = recipe["label_smoothing"]

        def loss(images: Any, labels: Any) -> Any:
            return F.cross_entropy(self.net(images), labels, label_smoothing=smoothing)

        options = setting.get("compile")
        self._loss: Callable[..., Any] = loss if options is None else torch.compile(loss, **options)
        step = self._optimiser.step
        self._step = torch.compile(step) if setting.get("compile update") else step

    def set_rate(self, rate: float) -> None:
        """The learning rate from now on."""
        if self._rate is not None:
            self._rate.fill_(rate)
            return
        for group in self._optimiser.param_groups:
            group["lr"] = rate

    def update(self, images: Any, labels: Any) -> Any:
        """One update; the loss before it, which nobody waits for."""
        self._optimiser.zero_grad(set_to_none=True)
        loss = self._loss(images, labels)
        loss.backward()
        self._step()
        return loss.detach()


class Worker:
    """Answers about training and inference of one network.

    Args:
        limits: threads, and where the material is.
    """

    def __init__(self, limits: Limits) -> None:
        self._threads = limits.threads
        torch.set_num_threads(limits.threads)
        self._material = np.load(limits.material)
        self._recipe: Mapping[str, Any] = {}
        self._trainings: dict[Any, Training] = {}
        self._loaded: dict[str, Any] = {}

    def begin(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Take the recipe; tell versions and settings."""
        self._recipe = request["recipe"]
        compiled = [name for name in TRAIN if name.startswith("torch.compile")]
        return {
            "versions": {"PyTorch": torch.__version__},
            "train": {
                "PyTorch": [name for name in TRAIN if name not in compiled],
                "PyTorch, compiled": compiled,
            },
            "infer": {"PyTorch": list(INFER)},
        }

    def losses(self, request: Mapping[str, Any]) -> list[float]:
        """The loss of the first batch before each of some updates on it, from the given weights."""
        training, size = self._training({}, request["rate"]), request["batch"]
        self._put_weights(training.net)
        images, labels = (part[:size] for part in self._data("train"))
        return [float(training.update(images, labels)) for _ in range(request["updates"])]

    def train(self, request: Mapping[str, Any]) -> dict[str, float]:
        """Train for about so many seconds in one of the settings; the first call compiles and warms up."""
        setting, size = TRAIN[request["setting"]], request["batch"]
        torch.set_num_threads(min(self._threads, setting.get("threads", self._threads)))
        name = (request["setting"], size)
        if name not in self._trainings:
            self._trainings[name] = self._training(setting, self._recipe["constant_rate"])
            self._run(name, 10)
            self._loaded[f"speed {name}"] = self._run(name, 30)
        updates = max(4, round(self._loaded[f"speed {name}"] * request["seconds"] / size))
        begin = time.perf_counter()
        speed = self._run(name, updates)
        return {"speed": speed, "seconds": time.perf_counter() - begin}

    def _run(self, name: tuple[str, int], updates: int) -> float:
        """Images a second over so many updates."""
        (images, labels), size = self._fed(TRAIN[name[0]]), name[1]
        update = self._trainings[name].update
        whole = len(images) // size
        order = torch.randperm(len(images))
        begin = time.perf_counter()
        for step in range(updates):
            batch = order[step % whole * size :][:size]
            update(images[batch], labels[batch])
        return updates * size / (time.perf_counter() - begin)

    def reach(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Train by the whole recipe; accuracy after each epoch, which is found outside the clock."""
        clock, size, setting = Clock(request["begun"]), request["batch"], TRAIN[request["setting"]]
        torch.manual_seed(request["seed"])
        training = self._training(setting, self._recipe["constant_rate"])
        images, labels = self._fed(setting)
        rates, per_epoch = self._material["rates"].tolist(), len(images) // size
        epochs = []
        for epoch in range(request["epochs"]):
            order = torch.randperm(len(images))
            for step in range(per_epoch):
                batch = order[step * size : (step + 1) * size]
                training.set_rate(rates[epoch * per_epoch + step])
                training.update(images[batch], labels[batch])
            seconds = clock.seconds()
            right = clock.without(lambda: self._accuracy(training.net))
            epochs.append({"seconds": seconds, "accuracy": right})
        return {"epochs": epochs, "peak_bytes": peak_bytes()}

    def _accuracy(self, net: Net) -> float:
        """Share of test images named rightly."""
        images, labels = self._data("test")
        with torch.inference_mode():
            answers = torch.cat([net(part).argmax(dim=1) for part in images.split(500)])
        return float((answers == labels).double().mean())

    def infer(self, request: Mapping[str, Any]) -> dict[str, float]:
        """All maps and scores of the first images, a batch at a time, as NumPy arrays on the host."""
        name, setting = request["setting"], INFER[request["setting"]]
        images = self._pixels()
        if name not in self._loaded:
            net = Net().to(memory_format=LAST)
            self._put_weights(net)
            options = setting.get("compile")
            self._loaded[name] = net.maps if options is None else torch.compile(net.maps, **options)
            self._stream(self._loaded[name], images[: 2 * setting["batch"]], setting["batch"])
        begin = time.perf_counter()
        total = self._stream(self._loaded[name], images[: request["images"]], setting["batch"])
        return {"seconds": time.perf_counter() - begin, "total": total}

    def climb(self, request: Mapping[str, Any]) -> dict[str, float]:
        """Pictures that climb the mean of a map of Conv_3 each: a plain loop, a batch for each map."""
        net = Net().to(memory_format=LAST).requires_grad_(False)
        self._put_weights(net)
        starts = torch.from_numpy(self._material["starts"][:, None])
        begin, total = time.perf_counter(), 0.0
        for number in range(request["maps"]):
            pictures = starts.clone().requires_grad_(True)
            rule = torch.optim.Adam([pictures], lr=request["rate"], maximize=True)
            for _ in range(request["steps"]):
                rule.zero_grad(set_to_none=True)
                net.maps(pictures)[4][:, number].mean(dim=(1, 2)).sum().backward()
                rule.step()
                with torch.no_grad():
                    pictures.clamp_(0, 1)
            with torch.no_grad():
                total += float(net.maps(pictures)[4][:, number].mean(dim=(1, 2)).sum())
        return {"seconds": time.perf_counter() - begin, "total": total}

    @staticmethod
    def _stream(call: Any, images: np.ndarray, size: int) -> float:
        """Every batch's maps, seen once and dropped; the sum of all scores shows that they were computed."""
        total = 0.0
        with torch.inference_mode():
            for begin in range(0, len(images), size):
                batch = torch.from_numpy(images[begin : begin + size, None]).float().div_(255)
                maps = [part.numpy() for part in call(batch.contiguous(memory_format=LAST))]
                total += float(maps[-1].sum())
        return total

    def _training(self, setting: Mapping[str, Any], rate: float) -> Training:
        return Training(setting, self._recipe, rate)

    def _put_weights(self, net: Net) -> None:
        """The weights of the material, axes in PyTorch's order."""
        with torch.no_grad():
            for name in NAMES:
                kernel = self._material[f"{name}.kernel"]
                if kernel.ndim == 4:
                    kernel = kernel.transpose(3, 2, 0, 1)
                else:
                    if name == "hidden":  # its inputs are flattened maps, rows, columns here
                        kernel = kernel.reshape(3, 3, 128, -1).transpose(2, 0, 1, 3).reshape(kernel.shape)
                    kernel = kernel.T
                layer = getattr(net, name)
                layer.weight.copy_(torch.from_numpy(np.ascontiguousarray(kernel)))
                layer.bias.copy_(torch.from_numpy(self._material[f"{name}.bias"]))

    def _data(self, part: str) -> tuple[Any, Any]:
        """Images in [0, 1] and labels as tensors, made once."""
        if part not in self._loaded:
            images = torch.from_numpy(self._material[f"{part}_images"][:, None]).float().div_(255)
            labels = torch.from_numpy(self._material[f"{part}_labels"].astype(np.int64))
            self._loaded[part] = images.contiguous(memory_format=LAST), labels
        return self._loaded[part]

    def _fed(self, setting: Mapping[str, Any]) -> tuple[Any, Any]:
        """Training images and labels, with the strides that a setting wants."""
        images, labels = self._data("train")
        if not setting.get("strides"):
            return images, labels
        if "strided" not in self._loaded:
            self._loaded["strided"] = torch.empty(images.shape, memory_format=LAST).copy_(images)
        return self._loaded["strided"], labels

    def _pixels(self) -> np.ndarray:
        """The training images as they are stored, read once."""
        if "pixels" not in self._loaded:
            self._loaded["pixels"] = self._material["train_images"]
        return self._loaded["pixels"]


if __name__ == "__main__":
    worker = Worker(LIMITS)
    asked = ("begin", "losses", "train", "reach", "infer", "climb")
    serve(ANSWERS, {name: getattr(worker, name) for name in asked})
