"""Whatever computes enters the key of what it computed, by version."""

import importlib.metadata

import pytest

from cnnbook import environment as module
from cnnbook.environment import COMPUTING, computing_versions, environment


@pytest.mark.parametrize("package", ["jax", "jaxlib", "flax", "optax", "numpy", "scipy", "scikit-learn"])
def test_an_upgrade_of_a_package_that_computes_changes_the_environment(package, monkeypatch):
    before = environment()
    real = importlib.metadata.version
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "99.0" if name == package else real(name))
    monkeypatch.setattr(module, "computing_versions", computing_versions.__wrapped__)
    after = environment()
    assert after["versions"][package] == "99.0"
    assert {**after["versions"], package: before["versions"][package]} == before["versions"]


def test_the_environment_names_the_platform_and_every_package_that_computes():
    assert environment()["platform"] == "cpu"
    assert set(environment()["versions"]) == set(COMPUTING)
