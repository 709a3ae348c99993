"""An opened book: all is computed once, and again exactly when something it follows from has changed."""

import functools
import shutil
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import pytest
import xarray as xr
from matplotlib.figure import Figure

from cnnbook.build_info import build_info_table
from cnnbook.experiments import find_experiments, likeness
from cnnbook.figures.digits import digits_figure
from cnnbook.progress import Reporter
from cnnbook.publishing.record_files import read_record
from cnnbook.sources import PACKAGE, source_digest
from cnnbook.workspace import open_book
from helpers import BOOK

ID = "fig-three-fours"

EXPERIMENTS = find_experiments()

DRAWING = {"strokes", "nonsense"}
"""Experiments on the predictions of all networks of the book's own recipe for drawn pictures."""

LOOKING_AT_MAPS = {
    *("likeness common_points orientation dimension classes codes linear_decodability heads".split()),
    *(
        "attribution",
        "patches",
        "combinations",
        "neighbours",
        "four_parts",
        "five_digits",
        "clusters",
        "traced_maps",
    ),
    "autoencoder",
    "part_use",
    *DRAWING,
    *("four_nine", "patching", "border"),
}
"""Experiments that look at the maps of all networks of the book's own recipe through `cnnbook.maps`."""


PREDICTING = {"accuracy", "recipes", "mlps", "pairs"}
"""Experiments on the predictions of all networks for all test images."""

CLIMBING = {
    "oips", "oip_quality", "oip_search", "oip_shape", "oip_mixing", "steadiest_map", "typical_patches",
}  # fmt: skip
"""Experiments on the ascents of all networks, and of some that learned shuffled labels."""

ASKING_MAPS = CLIMBING - {"oips", "oip_shape"} | {"climb", "units", "inversions"}
"""Experiments on OIPs that ask maps through `cnnbook.maps` as well, themselves or by what they import."""


SHIFTING = {"shifts", "shift_recipes", "robustness", "bilinear"}
"""Experiments that ask the maps or predictions of networks of several recipes."""

OF_FEWER_NETWORKS = {"maps_of_digits", "oval", "receptive_fields"}
"""Experiments that ask maps of some networks through `cnnbook.maps`."""


COMPARING = {
    *("matching layer_likeness recipe_likeness stitching minima alignment_by_epoch".split()),
}
"""Experiments that compare networks by several recipes, and look at their maps through `cnnbook.maps`."""


@pytest.fixture
def measured(monkeypatch):
    """Which experiments are measured, with how many networks."""
    calls: list[tuple[str, int]] = []

    def counting(experiment):
        @functools.wraps(experiment.measure)
        def measure(*given):
            if given[-1].is_first:
                calls.append((experiment.name, sum(map(len, given[-1].nets.values()))))
            return experiment.measure(*given)

        return replace(experiment, measure=measure)

    for name, experiment in list(EXPERIMENTS.items()):
        monkeypatch.setitem(EXPERIMENTS, name, counting(experiment))
    return calls


class Drawn(NamedTuple):
    """A drawing function, and the palettes that it was called with."""

    draw: Callable[..., Figure]
    palettes: list[str]


@pytest.fixture
def drawn() -> Drawn:
    """A cheap function that passes for one of the book's figures."""
    palettes: list[str] = []

    @functools.wraps(digits_figure)
    def draw(*datasets, palette, **options) -> Figure:
        palettes.append(palette.name)
        figure = Figure(figsize=(2, 1))
        figure.text(0.1, 0.5, str(options))
        return figure

    return Drawn(draw, palettes)


def keys_of(book) -> dict[str, str]:
    runner = book.runner
    return {name: runner.key(experiment).digest for name, experiment in runner.experiments.items()}


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {name for name in before if before[name] != after[name]}


def test_a_result_is_measured_once_and_then_comes_from_the_store(open_tiny, tmp_path, measured):
    first = open_tiny(tmp_path).result("maps_of_digits")
    again = open_tiny(tmp_path).result("maps_of_digits")
    assert measured == [("maps_of_digits", 1)]
    xr.testing.assert_identical(first, again)


def test_a_book_reads_a_result_once(open_tiny, tmp_path):
    book = open_tiny(tmp_path)
    assert book.result("geometry") is book.result("geometry")


def test_a_damaged_result_is_measured_again(open_tiny, tmp_path, measured, capsys):
    open_tiny(tmp_path).result("geometry")
    (path,) = (tmp_path / "results").rglob("result.nc")
    path.write_bytes(path.read_bytes()[:-10])
    open_tiny(tmp_path).result("geometry")
    assert measured == [("geometry", 0), ("geometry", 0)]
    assert "result.nc is damaged" in capsys.readouterr().out


def test_an_experiment_gets_the_networks_it_asks_for(open_tiny, tmp_path, measured):
    book = open_tiny(tmp_path)
    for name in ("geometry", "maps_of_digits", "accuracy"):
        book.result(name)
    assert measured == [("geometry", 0), ("maps_of_digits", 1), ("accuracy", 2)]


def test_an_experiment_on_recipes_gets_as_many_networks_of_each(open_tiny, monkeypatch):
    given = {}

    def measure(run):
        given.update({name: [net.number for net in each] for name, each in run.nets.items()})
        given["optimiser"] = run.nets["article"][0].config.optimiser
        return {}

    asking = replace(
        EXPERIMENTS["recipes"],
        measure=measure,
        nets=("reference", "article"),
        variables=(),
        statistics=(),
        coords={},
    )
    monkeypatch.setitem(EXPERIMENTS, "recipes", asking)
    monkeypatch.setattr("cnnbook.experiments.runner.source_digest", lambda module: "a test")
    open_tiny().result("recipes")
    assert given == {"reference": [0], "article": [0], "optimiser": "rmsprop"}


def test_networks_of_all_recipes_are_trained_in_one_call_and_once(open_tiny, monkeypatch):
    book, calls = open_tiny(), []
    train = book.trainer.train

    def counting(runs):
        calls.append([(run.config.network, run.number) for run in runs])
        return train(runs)

    monkeypatch.setattr(book.trainer, "train", counting)
    found = book.networks({"reference": 2, "mlp": 1})
    assert calls == [[("cnn", 0), ("cnn", 1), ("mlp", 0)]]
    assert [net.number for net in found["reference"]] == [0, 1]
    again = book.networks({"reference": 1, "mlp": 1})
    assert again["mlp"][0] is found["mlp"][0]
    assert len(calls) == 1


def test_before_facts_are_told_only_networks_of_missing_results_are_asked_for(open_tiny, tmp_path):
    book = open_tiny(tmp_path)
    wanted = book.runner.networks_for(book.runner.unmeasured())
    assert (wanted["reference"], wanted["wide-mlp"], wanted["augmented"]) == (2, 1, 2)
    for name in ("recipes", "mlps", "pairs", "oval", *CLIMBING, *SHIFTING, *COMPARING):
        book.runner._results[name] = xr.Dataset()
    assert book.runner.networks_for(book.runner.unmeasured()) == {"reference": 2}


def test_on_the_sample_most_questions_are_asked_of_three_networks_and_accuracy_of_all(open_tiny):
    runner = open_tiny(nets=5).runner
    names = ("accuracy", "heads", "maps_of_digits")
    asked = {name: runner.wanted(EXPERIMENTS[name])["reference"] for name in names}
    assert asked == {"accuracy": 5, "heads": 3, "maps_of_digits": 1}


def test_an_unknown_result_is_named_with_those_there_are(open_tiny):
    with pytest.raises(
        ValueError,
        match=r"name='precision': expected one of accuracy, .*surrogates, .*typical_patches, units",
    ):
        open_tiny().result("precision")


def test_networks_are_loaded_once_and_in_order(open_tiny, nets):
    book = open_tiny()
    (first,) = book.nets(1)
    assert [net.digest for net in book.nets()] == [net.digest for net in nets[:2]]
    assert book.nets(1)[0].digest == first.digest
    assert all(one is same for one, same in zip(book.nets(), book.nets(2), strict=True))


def test_facts_of_all_experiments_and_of_the_edition_are_text(open_tiny):
    found = open_tiny().facts()
    assert {name.split(".")[0] for name in found} == {*EXPERIMENTS, "edition", "claims"}
    assert all(isinstance(text, str) and text for text in found.values())
    assert (found["accuracy.nets"], found["geometry.field"], found["edition.nets"]) == ("2", "18 × 18", "2")


def test_the_edition_says_what_the_book_is_built_from(open_tiny):
    info = open_tiny().build_info
    assert info["data"] == "the sample: 480 training and 120 test images"
    assert info["recipe"].startswith("3 epochs, batch 16, learning rate up to 0.03, momentum 0.9")
    assert info["seed"] == "7"
    assert build_info_table(info).frame.loc["recipe", "this copy"] == info["recipe"]


@pytest.fixture
def edited(monkeypatch, tmp_path):
    """Edit a copy of the package, by which results are known from then on."""
    package = tmp_path / "cnnbook"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    digest = functools.partial(source_digest, package=package)
    monkeypatch.setattr("cnnbook.experiments.runner.source_digest", digest)
    monkeypatch.setattr("cnnbook.training.trainer.source_digest", digest)

    def edit(name: str, text: str = "\nEDITED = 1\n") -> None:
        path = package / name
        path.write_text(path.read_text() + text)  # a file that does not exist is an error, not a new module

    return edit


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("experiments/likeness.py", {"likeness"}),
        ("fcp/similarity.py", {"likeness", "classes", "attribution", "five_digits", "four_nine", "patching"}),
        ("experiments/triples.py", {"common_points", "five_digits"}),
        ("fcp/common_points.py", {"common_points", "classes", "five_digits", "border"}),
        ("experiments/head_training.py", {"heads", "clusters"}),
        (
            "maps.py",
            LOOKING_AT_MAPS | ASKING_MAPS | PREDICTING | OF_FEWER_NETWORKS | SHIFTING | COMPARING,
        ),
        ("fcp/rebasin.py", {"minima"}),
        ("experiments/predictions.py", PREDICTING | DRAWING | {"patching"}),
        ("experiments/mlps.py", {"mlps", "pairs"}),
        ("nets/convolution.py", set(EXPERIMENTS)),
        ("training/recipe.py", set(EXPERIMENTS) - {"geometry"}),
        ("figures/digits.py", set()),
        ("publishing/pictures.py", set()),
        ("files.py", set()),
        ("config/training.py", set(EXPERIMENTS)),
        ("progress.py", set()),
        ("workspace.py", set()),
    ],
)
def test_an_edit_to_a_module_changes_the_keys_of_what_depends_on_it(open_tiny, edited, name, expected):
    before = keys_of(open_tiny())
    edited(name)
    assert changed(before, keys_of(open_tiny())) == expected


def test_a_comment_changes_no_key(open_tiny, edited):
    before = keys_of(open_tiny())
    edited("nets/cnn.py", "\n# a comment\n")
    assert keys_of(open_tiny()) == before


def test_on_the_sample_every_edition_measures_with_the_numbers_of_the_draft(open_tiny):
    runner = open_tiny(name="book", configs={}).runner
    owners = [each for each in EXPERIMENTS.values() if each.draft is not None]
    assert {each.name: runner.config(each) for each in owners} == {each.name: each.draft for each in owners}


def test_a_number_of_the_profile_changes_the_keys_of_what_uses_it(open_tiny):
    before = keys_of(open_tiny())
    configs = open_tiny().profile.configs | {"likeness": likeness.Config(images=21)}
    assert changed(before, keys_of(open_tiny(configs=configs))) == {"likeness"}
    by_nets = {"accuracy", "census", "kernels", "receptive_fields", "surrogates", "units", "inversions"}
    by_nets |= LOOKING_AT_MAPS
    assert changed(before, keys_of(open_tiny(nets=3))) == by_nets
    assert changed(before, keys_of(open_tiny(recipe_nets=2))) == {
        *("recipes", "mlps", "pairs", "oval"),
        *CLIMBING,
        *SHIFTING,
    }
    assert changed(before, keys_of(open_tiny(seed=8))) == set(EXPERIMENTS)


def test_a_figure_is_drawn_once_on_light_and_on_dark_paper(open_tiny, tmp_path, drawn):
    result = open_tiny().result("maps_of_digits")
    figure, same = (open_tiny(tmp_path).publish(ID, drawn.draw, result) for _ in range(2))
    assert figure is not None
    assert figure == same
    assert figure.find_damage() is None
    assert drawn.palettes == ["light", "dark"]
    names = {file.name for file in figure.files}
    assert {f"{ID}{suffix}" for suffix in (".svg", "-dark.svg", ".png", "-dark.png")} <= names
    found = {path.name for path in figure.folder.iterdir()}
    assert found == {*names, "figure.json", "entry.json"}


def test_another_option_id_or_dataset_is_another_figure(open_tiny, tmp_path, drawn):
    book, result = open_tiny(tmp_path), open_tiny().result("maps_of_digits")
    book.publish(ID, drawn.draw, result)
    book.publish(ID, drawn.draw, result, digits=["one"])
    book.publish("fig-one-four", drawn.draw, result)
    book.publish(ID, drawn.draw, result.isel(digit=[0]))
    assert drawn.palettes == ["light", "dark"] * 4


def test_a_real_figure_is_published_with_its_size(open_tiny, tmp_path):
    book = open_tiny(tmp_path)
    figure = book.publish(ID, digits_figure, open_tiny().result("maps_of_digits"), digits=["one"])
    assert figure is not None
    assert {file.name: file.width for file in figure.files}[f"{ID}.svg"] == 8 * 96
    assert figure.path(".svg").read_text().startswith("<?xml")


def test_while_the_book_is_built_a_figure_leaves_a_record_and_shows_nothing(
    open_tiny, tmp_path, drawn, monkeypatch
):
    monkeypatch.setenv("CNNBOOK_EXECUTION", str(tmp_path / "state"))
    result = open_tiny().result("maps_of_digits")
    assert open_tiny(tmp_path / "store").publish(ID, drawn.draw, result) is None
    record = read_record(tmp_path / "state" / "figures" / f"{ID}.json")
    assert record.id == ID
    assert record.find_damage() is None
    assert record.folder is not None
    assert record.folder.is_relative_to(tmp_path / "store" / "figures")


def test_a_malformed_id_is_refused_before_anything_is_drawn(open_tiny, drawn):
    with pytest.raises(ValueError, match=r"figure_id='Figure 1': expected 'fig-' and then"):
        open_tiny().publish("Figure 1", drawn.draw)
    assert drawn.palettes == []


def test_opening_computes_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("CNNBOOK_CACHE", str(tmp_path))
    book = open_book(root=BOOK, profile="draft", choice="sample", reporter=Reporter(quiet=True))
    assert (book.profile.name, book.digits.is_sample, book.root) == ("draft", True, BOOK)
    assert len(book.shown) == 5
    assert book.build_info["recipe"].startswith(f"{book.profile.sample_training.epochs} epochs, batch")
    assert list(tmp_path.rglob("*")) == []


def test_the_environment_names_profile_and_data(monkeypatch):
    monkeypatch.setenv("CNNBOOK_PROFILE", "paper")
    monkeypatch.setenv("CNNBOOK_DATA", "sample")
    book = open_book(root=BOOK, reporter=Reporter(quiet=True))
    assert (book.profile.nets, book.digits.name) == (20, "sample")


def test_an_unknown_profile_or_folder_is_an_error(monkeypatch, tmp_path):
    with pytest.raises(ValueError, match=r"profile='long': expected one of draft, book, paper"):
        open_book(root=BOOK, profile="long", choice="sample", reporter=Reporter(quiet=True))
    with pytest.raises(FileNotFoundError, match=r"choice=.*no such folder"):
        open_book(root=BOOK, choice=str(tmp_path / "none"), reporter=Reporter(quiet=True))
