"""The RO-Crate against the rules of RO-Crate 1.1."""

import re
from dataclasses import asdict
from typing import Any

import pytest
from recorded import COMMIT, book, figure, made_from, withdrawn

from cnnbook.publishing.record import FigureRecord
from cnnbook.publishing.rocrate import crate

TERMS = {
    "about", "agent", "author", "caption", "conformsTo", "contentSize", "datePublished", "description",
    "encodingFormat", "hasPart", "identifier", "inLanguage", "instrument", "keywords", "license", "mentions",
    "name", "object", "result", "url", "version",
}  # fmt: skip
"""Those of the 1.1 context's properties that are used here."""

TYPES = {
    "CreateAction", "CreativeWork", "Dataset", "File", "ImageObject", "Organization", "Person",
    "SoftwareSourceCode",
}  # fmt: skip

Entity = dict[str, Any]

LABELS = {"mnist": "Ten thousand digits", "nets": "A network"}


def listed(*records: FigureRecord) -> list[Entity]:
    """The files of a crate with these figures."""
    figures = [asdict(file) | {"name": f"figures/{file.name}"} for record in records for file in record.files]
    others = [
        {"name": "index.html", "bytes": 9, "sha256": "e" * 64},
        {"name": "über uns.html", "bytes": 9, "sha256": "e" * 64},
        {"name": "_static/theme.css", "bytes": 9, "sha256": "e" * 64},
        {"name": "_static/theme.js", "bytes": 9, "sha256": "e" * 64},
    ]
    return figures + others


def made(*records: FigureRecord, **changes: Any) -> Entity:
    return crate(book(**changes), records, listed(*records), LABELS)


def by_id(said: Entity) -> dict[str, Entity]:
    return {entity["@id"]: entity for entity in said["@graph"]}


def references(value: Any) -> list[str]:
    """The ids that a property refers to."""
    values = value if isinstance(value, list) else [value]
    return [item["@id"] for item in values if isinstance(item, dict)]


def types(entity: Entity) -> set[str]:
    said = entity["@type"]
    return {said} if isinstance(said, str) else set(said)


@pytest.fixture(params=["all", "no repository", "withdrawn", "no figure"])
def said(request) -> Entity:
    records = {
        "all": [figure(), figure("fig-b")],
        "no repository": [figure()],
        "withdrawn": [figure(), withdrawn()],
        "no figure": [],
    }[request.param]
    return made(*records, repository=None if "no" in request.param else "https://example.org/code")


def test_the_file_describes_itself_and_leads_to_the_root(said):
    descriptor = by_id(said)["ro-crate-metadata.json"]
    assert descriptor["@type"] == "CreativeWork"
    assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    assert descriptor["about"] == {"@id": "./"}
    assert said["@context"][0] == "https://w3id.org/ro/crate/1.1/context"


def test_the_root_has_what_it_must(said):
    root = by_id(said)["./"]
    assert root["@type"] == "Dataset"
    assert root["name"] == 'Maps & "features" <of a CNN>: An executable book'
    assert root["description"] == "What do the maps show? Counted, not judged."
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", root["datePublished"])
    licences = [by_id(said)[name] for name in references(root["license"])]
    assert [(licence["@type"], licence["identifier"]) for licence in licences] == [
        ("CreativeWork", "CC-BY-4.0"),
        ("CreativeWork", "MIT"),
    ]
    assert all(licence["name"] and licence["description"] for licence in licences)


def test_the_graph_is_flat_and_every_reference_leads_somewhere(said):
    entities = by_id(said)
    assert len(entities) == len(said["@graph"]), "an id twice"
    for entity in said["@graph"]:
        for name, value in entity.items():
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, dict):
                    assert item.keys() == {"@id"}, f"{entity['@id']}: {name} is nested"
            assert not (isinstance(value, list) and len(value) < 2), f"{entity['@id']}: {name} has one value"
            for reference in references(value):
                assert reference in entities or name == "conformsTo", f"{entity['@id']}: {name} dangles"


def test_every_entity_is_referred_to(said):
    known = {"ro-crate-metadata.json", "./"}
    known |= {one for entity in said["@graph"] for value in entity.values() for one in references(value)}
    assert by_id(said).keys() <= known


def test_there_are_only_terms_that_the_context_defines(said):
    own = said["@context"][1]
    assert own == {"sha256": "https://w3id.org/ro/terms/workflow-run#sha256"}
    for entity in said["@graph"]:
        assert entity.keys() - {"@id", "@type"} <= TERMS | own.keys()
        assert types(entity) <= TYPES


def test_every_file_and_folder_is_part_of_the_root(said):
    parts = references(by_id(said)["./"]["hasPart"])
    data = [entity["@id"] for entity in said["@graph"] if types(entity) & {"File", "Dataset"}]
    assert sorted(parts) == sorted(set(data) - {"./"})


def test_every_file_has_size_type_and_checksum(said):
    for entity in said["@graph"]:
        if "File" in types(entity):
            assert re.fullmatch(r"[0-9a-f]{64}", entity["sha256"])
            assert entity["contentSize"].isdecimal()
            assert "/" in entity["encodingFormat"]
            assert not re.search(r"[ %<>\"]|\.\./|^/", entity["@id"].replace("%20", "").replace("%C3%BC", ""))


def test_the_theme_is_a_folder_and_not_ours(said):
    theme = by_id(said)["_static/"]
    assert theme["description"] == "2 style sheets, scripts and fonts, each under its own licence"
    assert not [name for name in by_id(said) if name.startswith("_static/t")]


def test_a_figure_is_the_result_of_drawing_by_its_function():
    entities = by_id(made(figure(), repository="https://example.org/code"))
    action = entities["#draw-fig-accuracy"]
    source = f"https://example.org/code/blob/{COMMIT}/src/cnnbook/figures/counts.py"
    assert action["@type"] == "CreateAction"
    assert action["instrument"] == {"@id": source}
    assert types(entities[source]) == {"SoftwareSourceCode"}
    assert "accuracy_figure, src/cnnbook/figures/counts.py lines 10–42" in action["description"]
    assert references(action["object"]) == ["figures/fig-accuracy.csv", "figures/fig-accuracy.nc"]
    assert references(action["result"])[0] == "figures/fig-accuracy.svg"
    assert len(references(action["result"])) == 6
    assert references(action["agent"]) == ["https://orcid.org/0000-0002-1825-0097", "#author-2"]


def test_its_data_are_the_result_of_measuring_digits_and_networks():
    action = by_id(made(figure()))["#measure-fig-accuracy"]
    assert action["instrument"] == {"@id": "#src/cnnbook/experiments/accuracy.py"}
    assert references(action["object"]) == [
        "#data-aaaaaaaaaaaaaaaa", "#nets-bbbbbbbbbbbbbbbb", "#nets-cccccccccccccccc",
    ]  # fmt: skip
    entities = by_id(made(figure()))
    assert entities["#data-aaaaaaaaaaaaaaaa"]["name"] == "Ten thousand digits"
    assert entities["#nets-bbbbbbbbbbbbbbbb"]["name"] == "A network, bbbbbbbbbbbb"
    assert references(action["result"]) == ["figures/fig-accuracy.csv", "figures/fig-accuracy.nc"]
    assert 'profile book, seed 7, config {"rows": 4}' in action["description"]


def test_a_picture_is_an_image_with_its_words():
    image = by_id(made(figure()))["figures/fig-accuracy-dark.png"]
    assert image["@type"] == ["File", "ImageObject"]
    assert image["caption"] == "Accuracy, in %, is > 99 for 'all' nets."
    assert image["description"] == 'Ten points & one line; "all" above 99 %.'
    assert image["license"] == {"@id": "https://creativecommons.org/licenses/by/4.0/"}


def test_uncommitted_sources_are_not_sought_in_the_repository():
    entities = by_id(made(figure(), repository="https://example.org/code", commit=f"{COMMIT}+changes"))
    assert "#src/cnnbook/figures/counts.py" in entities
    assert not [name for name in entities if name.startswith("https://example.org")]


def test_a_figure_of_a_notebook_and_a_result_of_unknown_origin_have_no_action():
    record = figure(drawn_by={"function": "draw", "file": None}, made_from=[{"experiment": "mine"}])
    assert not [entity for entity in made(record)["@graph"] if entity["@type"] == "CreateAction"]


def test_two_experiments_on_the_same_digits_name_them_once():
    record = figure(made_from=[made_from(), made_from(experiment="likeness", nets=[])])
    assert len(references(by_id(made(record))["#measure-fig-accuracy"]["object"])) == 3


def test_a_figure_whose_file_is_not_in_the_crate_is_refused():
    with pytest.raises(
        ValueError, match=r"fig-accuracy: its file figures/fig-accuracy\.svg is not in the crate"
    ):
        crate(book(), [figure()], [])
