"""A digest of code changes with the code that a module depends on, and with nothing else."""

import pytest

from cnnbook.sources import PACKAGE, dependencies, files_digest, module_file, source_digest

TOY = {
    "__init__.py": '"""A toy."""\n',
    "config.py": "RATE = 0.1\n",
    "top.py": '"""Top."""\n\nfrom toy.middle import twice\n\n\ndef four(x):\n    return twice(twice(x))\n',
    "middle.py": "from toy import base\n\n\ndef twice(x):\n    return base.add(x, x)\n",
    "base.py": '"""Base."""\n\n\ndef add(x, y):\n    """Add."""\n    return x + y  # plus\n',
    "apart.py": "from toy import base\n\nONE = base.add(0, 1)\n",
    "rooms/__init__.py": "from toy.rooms.inner import LAMP\n",
    "rooms/inner.py": "import toy.base\n\nLAMP = 1\n",
    "lazy.py": "def later():\n    from toy.apart import ONE\n\n    return ONE\n",
}


@pytest.fixture
def toy(tmp_path):
    """A package of a few modules."""
    package = tmp_path / "toy"
    for name, text in TOY.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text)
    return package


def edit(package, name, old, new):
    text = (package / name).read_text()
    assert old in text
    (package / name).write_text(text.replace(old, new))


def test_dependencies_are_followed_to_the_end(toy):
    assert dependencies("toy.top", package=toy) == ("toy.base", "toy.middle", "toy.top")


def test_a_package_depends_on_what_its_init_imports(toy):
    assert dependencies("toy.rooms", package=toy) == ("toy.base", "toy.rooms", "toy.rooms.inner")


def test_an_import_inside_a_function_counts(toy):
    assert dependencies("toy.lazy", package=toy) == ("toy.apart", "toy.base", "toy.lazy")


def test_modules_that_import_each_other_end_the_search(toy):
    (toy / "base.py").write_text("import toy.middle\n")
    assert dependencies("toy.base", package=toy) == ("toy.base", "toy.middle")


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("base.py", "# plus", "# the sum"),
        ("base.py", '"""Add."""', '"""Add two numbers."""'),
        ("base.py", '"""Base."""', '"""The base.\n\nIn two paragraphs.\n"""\n# and a comment'),
        ("middle.py", "\n\n\ndef", "\n\n\n\n\ndef"),
    ],
)
def test_a_comment_a_docstring_and_blank_lines_do_not_change_a_digest(toy, name, old, new):
    before = source_digest("toy.top", package=toy)
    edit(toy, name, old, new)
    assert source_digest("toy.top", package=toy) == before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("base.py", "x + y", "y + x"),
        ("middle.py", "base.add(x, x)", "base.add(x, +x)"),
        ("top.py", "twice(twice(x))", "twice(x)"),
        ("top.py", "def four(x)", "def four(x=1)"),
    ],
)
def test_an_edit_to_code_anywhere_below_changes_the_digest(toy, name, old, new):
    before = source_digest("toy.top", package=toy)
    edit(toy, name, old, new)
    assert source_digest("toy.top", package=toy) != before


def test_an_edit_to_a_module_that_is_not_imported_changes_nothing(toy):
    before = source_digest("toy.top", package=toy)
    edit(toy, "apart.py", "ONE", "UNO")
    assert source_digest("toy.top", package=toy) == before


def test_a_module_without_the_digest_of_another_has_its_own(toy):
    digests = {source_digest(f"toy.{name}", package=toy) for name in ("top", "middle", "base", "apart")}
    assert len(digests) == 4


def test_code_in_the_package_of_configs_counts_like_any_other(tmp_path):
    package = tmp_path / "cnnbook"
    (package / "config").mkdir(parents=True)
    for name in ("__init__.py", "config/__init__.py"):
        (package / name).write_text("")
    (package / "config" / "rates.py").write_text("def rate(x):\n    return x\n")
    (package / "loop.py").write_text("from cnnbook.config.rates import rate\n")
    before = source_digest("cnnbook.loop", package=package)
    (package / "config" / "rates.py").write_text("def rate(x):\n    return 2 * x\n")
    assert source_digest("cnnbook.loop", package=package) != before


def test_an_unknown_module_is_named_with_the_package(toy):
    with pytest.raises(ValueError, match=r"module='toy\.attic': no such module in .*toy"):
        source_digest("toy.attic", package=toy)


def test_names_and_other_packages_have_no_file(toy):
    assert module_file("toy.base.add", package=toy) is None
    assert module_file("numpy.linalg", package=toy) is None
    assert module_file("toy", package=toy) == toy / "__init__.py"


def test_training_depends_on_the_network_and_the_scaling_and_on_no_front_door():
    found = dependencies("cnnbook.training.program")
    assert {"cnnbook.nets.cnn", "cnnbook.nets.convolution", "cnnbook.data.scaling"} <= set(found)
    assert {"cnnbook.training.recipe", "cnnbook.nets.fast.winograd"} <= set(found)
    doors = ("figures", "publishing", "sphinx_ext", "cli", "workspace", "preparation", "progress", "store")
    assert not [name for name in found if name.split(".")[1:2] and name.split(".")[1] in doors]


def test_no_experiment_depends_on_how_it_is_drawn_or_reported():
    for name in ("accuracy", "geometry", "maps_of_digits", "likeness", "common_points"):
        found = dependencies(f"cnnbook.experiments.{name}")
        assert not [module for module in found if "figures" in module or "progress" in module]


def test_files_are_known_by_name_and_content(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.py").write_text("1")
    before = files_digest(tmp_path)
    (tmp_path / "a" / "x.py").rename(tmp_path / "a" / "y.py")
    renamed = files_digest(tmp_path)
    (tmp_path / "a" / "y.py").write_text("2")
    assert len({before, renamed, files_digest(tmp_path)}) == 3


def test_files_of_another_pattern_and_compiled_ones_do_not_count(tmp_path):
    (tmp_path / "x.py").write_text("1")
    before = files_digest(tmp_path, pattern="*.py")
    (tmp_path / "notes.txt").write_text("n")
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "x.py").write_text("compiled")
    assert files_digest(tmp_path, pattern="*.py") == before


def test_a_digest_of_the_package_finds_its_modules():
    assert module_file("cnnbook.sources") == PACKAGE / "sources.py"
