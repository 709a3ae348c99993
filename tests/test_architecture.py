"""The design, read from the source: one direction, small rooms, nothing at import, nothing hidden.

Data flows from left to right and imports point from right to left. `ROOMS` is the picture; whoever moves a
wall changes it here and in CONTRIBUTING.md.
"""

import ast
import re
from pathlib import Path

import pytest

from cnnbook.sources import PACKAGE

SERVING = (
    "arrays bookfiles build_state config definitions digests environment files formatting inputs keys "
    "machine prepared progress results sources store strips tables tiling timing"
).split()
"""They serve all rooms and know none of them."""

ROOMS = (
    ("data", "nets"),
    ("training",),
    ("maps", "fcp"),
    ("oip",),
    ("experiments",),
    ("claims",),
    ("figures", "publishing", "build_info", "benchmarks", "atlas"),
    ("workspace", "sphinx_ext"),
    ("preparation", "book_ext", "doctor"),
    ("cli",),
)
"""From left to right. A room knows those to its left, and never one beside it."""

DOORS = ("__init__", "__main__")
"""The package's own front: the version, and the command line."""

CNNS = tuple(
    f"cnnbook.{room}"
    for room in (
        "atlas benchmarks build_info claims data experiments fcp figures inputs maps nets oip training"
    ).split()
)
"""All that is about CNNs or this book alone: a book about anything else publishes without it."""

STRANGERS = {
    "atlas": ("jax", "flax", "sphinx", "matplotlib", "cnnbook.nets", "cnnbook.training"),
    "figures": ("jax", "flax", "optax", "cnnbook.nets", "cnnbook.training", "cnnbook.data"),
    "publishing": ("jax", "flax", "sphinx", *CNNS),
    "sphinx_ext": ("jax", "flax", "xarray", *CNNS),
    "data": ("jax", "flax"),
    "fcp": ("jax", "flax"),
    "doctor": ("flax", "cnnbook.nets", "cnnbook.training"),
}
"""What a room does not import, though it might."""

MOST_LINES, MOST_LINES_OF_BODY = 300, 45

BUILDERS = set(
    """
    compile defvjp dict encode escape field float32 frozenset getLogger isinstance issubclass items
    join list ord split str tuple values vars number _choice experiment variable statistic fact
    maketrans replace add_command option config_option resampled get_args
    """.split()
)
"""Functions that may be called while a module is imported, beside classes: they only build a constant."""

PROGRAMS = ("__main__.py", "fork_server.py", "fork_client.py")
"""Files that are run; nothing imports them."""

MODULES = sorted(PACKAGE.rglob("*.py"))


def room_of(name: str) -> str:
    """The room of a module: "cnnbook.nets.cnn" is in "nets"."""
    return [*name.split("."), "__init__"][1]


def module_name(path: Path) -> str:
    parts = ("cnnbook", *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 2 else parts)


def imports(path: Path) -> list[str]:
    """Every module, or name in one, that a file imports."""
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import, which cnnbook.sources does not follow"
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


def place(room: str) -> int:
    """How far to the right a room stands; what serves all stands left of everything."""
    if room in SERVING:
        return -1
    return next(number for number, rooms in enumerate(ROOMS) if room in rooms)


def may_know(room: str, other: str) -> bool:
    return other in (room, "__init__") or other == "__version__" or place(other) < place(room)


@pytest.fixture(params=MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def path(request) -> Path:
    return request.param


def test_every_room_has_its_place_in_the_picture():
    found = {room_of(module_name(path)) for path in MODULES}
    assert found == {*SERVING, *DOORS, *(room for rooms in ROOMS for room in rooms)}


def test_imports_point_left(path):
    room = room_of(module_name(path))
    others = {room_of(name) for name in imports(path) if name.split(".")[0] == "cnnbook"}
    if room == "__main__":
        assert others == {"cli"}
    elif room == "__init__":
        assert others == set()
    elif room in SERVING:
        assert others <= {*SERVING, "__init__", "__version__"}
    else:
        wrong = sorted(other for other in others if not may_know(room, other))
        assert not wrong, f"{room} must not know {', '.join(wrong)}"


def test_a_room_stays_with_its_own_tools(path):
    strange = STRANGERS.get(room_of(module_name(path)), ())
    wrong = [name for name in imports(path) if any(f"{name}.".startswith(f"{root}.") for root in strange)]
    assert wrong == []


@pytest.mark.parametrize("room", ["publishing", "sphinx_ext"])
def test_what_serves_any_book_names_nothing_of_this_one(room):
    named = re.compile(r"mnist|\bjax|flax|optax|\bnets?\b|network|weights", re.IGNORECASE)
    files = [path for path in (PACKAGE / room).rglob("*") if path.suffix in (".py", ".html", ".json", ".js")]
    texts = [(path, text) for path in files for text in _texts(path)]
    assert len(texts) > 500
    assert [f"{path.name}: {text}" for path, text in texts if named.search(text)] == []


def _texts(path: Path) -> list[str]:
    """A file's lines; of a module the texts in its code, without docstrings."""
    if path.suffix != ".py":
        return path.read_text().splitlines()
    tree = ast.parse(path.read_text())
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in prose)
    return [node.value for node in texts if isinstance(node.value, str)]


def test_a_module_says_its_purpose_in_one_line_and_is_small(path):
    text = path.read_text()
    first = (ast.get_docstring(ast.parse(text)) or "").split("\n\n")[0]
    assert first.endswith((".", "?"))
    assert "\n" not in first
    assert len(text.splitlines()) <= MOST_LINES


def test_functions_are_small(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[ast.get_docstring(node) is not None :]
            lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0  # pyright: ignore
            assert lines <= MOST_LINES_OF_BODY, f"{node.name} has {lines} lines"


def _calls(statement: ast.stmt) -> list[ast.Call]:
    """Calls that a statement makes when its module is imported, decorators and functions' bodies left out."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        at_import = [*statement.args.defaults, *statement.args.kw_defaults]
    elif isinstance(statement, ast.ClassDef):
        return [call for item in statement.body for call in _calls(item)]
    else:
        at_import = [statement]
    return [call for item in at_import if item is not None for call in _walk_calls(item)]


def _walk_calls(node: ast.AST) -> list[ast.Call]:
    if isinstance(node, ast.Lambda):
        return []
    below = [call for child in ast.iter_child_nodes(node) for call in _walk_calls(child)]
    return [node, *below] if isinstance(node, ast.Call) else below


def _called(call: ast.Call) -> str:
    """The last part of what is called: "compile" of `re.compile(…)`."""
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "?")


def test_importing_a_module_computes_nothing(path):
    for statement in ast.parse(path.read_text()).body:
        if isinstance(statement, ast.If):
            program = ast.unparse(statement.test) == "__name__ == '__main__'" and path.name in PROGRAMS
            assert program or ast.unparse(statement.test) == "TYPE_CHECKING"
            continue
        assert not isinstance(statement, ast.For | ast.While | ast.With | ast.Try)
        called = {_called(call) for call in _calls(statement)}
        wrong = {name for name in called - BUILDERS if not name.lstrip("_")[:1].isupper()}
        assert not wrong, f"line {statement.lineno}"


@pytest.mark.parametrize(
    ("unwanted", "why"),
    [
        ("pickle", "it runs code when it is read; arrays are kept as safetensors and netCDF"),
        ("matplotlib.pyplot", "its current figure is global state"),
        ("random", "all randomness comes from JAX keys"),
    ],
)
def test_some_modules_are_imported_nowhere(unwanted, why):
    for module in MODULES:
        names = imports(module)
        assert not [name for name in names if f"{name}.".startswith(f"{unwanted}.")], f"{module}: {why}"


def test_nobody_touches_global_state(path):
    for node in ast.walk(ast.parse(path.read_text())):
        assert not isinstance(node, ast.Global)
        if isinstance(node, ast.Attribute):
            text = ast.unparse(node)
            assert not text.startswith(("np.random.", "numpy.random.", "plt."))
            assert not (text.endswith("rcParams") and isinstance(node.ctx, ast.Store))


def test_every_test_file_has_a_name_of_its_own() -> None:
    """Pytest imports test files by their bare names: two of one name stop the whole run."""
    names = [path.name for path in Path(__file__).parent.rglob("test_*.py")]
    assert {name for name in names if names.count(name) > 1} == set()
