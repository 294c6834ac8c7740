"""Training on the published layouts, from their lists to a method and what is said of it."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from fashion_search.catalog.source import TRAINING
from fashion_search.catalog.sources import open_source
from fashion_search.cli import main
from fashion_search.encoders.trained import mark, methods_folder, read_account, seen_by
from fashion_search.evaluation.seen import warnings
from fashion_search.store import open_store
from tests.builds import build
from tests.catalog.layouts import (
    CATEGORIES,
    IN_SHOP_COLUMNS,
    PAIR_COLUMNS,
    PARTITION,
    category_files,
    picture,
    published,
)
from tests.samples import write_folder
from tests.training.conftest import TINY

pytestmark = pytest.mark.training
Captured = pytest.CaptureFixture[str]


def recipe_file(folder: Path, **sections: Any) -> str:
    """The classification of categories by feature relaxation, as a file of a few lines."""
    network, optimisation = dict(TINY["network"]), dict(TINY["optimisation"])
    tables = {"network": network, "optimisation": optimisation | {"epochs": 1, "batch": 8}, **sections}
    tables["classification"] = {"attributes": {"article_type": 1.0}, "relaxation": True}
    lines = [f'{key} = "{TINY[key]}"' for key in ("title", "summary")]
    for name, table in tables.items():
        values = (f"{key} = {json.dumps(value)}" for key, value in table.items() if key != "attributes")
        lines += [f"[{name}]", *values]
        lines += ["attributes = {article_type = 1.0}"] if name == "classification" else []
    path = folder / "tiny.toml"
    path.write_text("\n".join(lines))
    return str(path)


def trained(catalog: str, recipe: str, capsys: Captured) -> tuple[dict[str, Any], str]:
    """The run as JSON, and then in words."""
    assert main(["train", catalog, "--recipe", recipe, "--threads", "1", "--json"]) == 0
    run: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert main(["train", catalog, "--recipe", recipe, "--threads", "1", "--restart"]) == 0
    return run, capsys.readouterr().out


def in_shop_files() -> dict[str, bytes]:
    """Ten products of three pictures to train on; four that are searched, with one gallery picture each."""
    lines = [
        f"img/WOMEN/{('Dresses', 'Skirts')[product % 2]}/id_{product:08d}/0{view}.jpg id_{product:08d} {status}"
        for product in range(14)
        for view, status in enumerate(("train",) * 3 if product < 10 else ("query", "query", "gallery"))
    ]
    return {PARTITION: published(IN_SHOP_COLUMNS, lines)} | {
        line.split()[0]: picture(seed) for seed, line in enumerate(lines)
    }


def test_in_shop_by_instances_and_nothing_to_look_at_in_a_gallery_of_single_pictures(
    tmp_path: Path, capsys: Captured
) -> None:
    build(write_folder(tmp_path / "shop", in_shop_files()), methods=["histogram"])
    recipe = recipe_file(tmp_path, similarity={"loss": "triplet", "same": "instance"})
    run, said = trained("shop", recipe, capsys)
    assert (run["state"], run["final"], run["data"]["validated_by"]) == ("done", {}, "product")
    assert run["data"]["training"] + run["data"]["validation"] == 30
    assert run["data"]["evaluated"] == {"groups": 4, "pictures": 4}
    assert any("what is classified: category." in note for note in run["notes"])
    assert "5 products to validate, 4 evaluated and not learned from." in said
    assert "It saw no picture of the query and gallery parts, nor a near-duplicate of one." in said
    assert "Each style group of the catalog has one item, so leave-one-out has nothing to evaluate" in said
    assert "Evaluated groups" not in said
    source = open_source(tmp_path / "shop")
    path = methods_folder() / "tiny-shop.safetensors"
    of_training = {mark(source.tree.identity(row.image)[0]) for row in source.rows if row.part == TRAINING}
    assert set(seen_by(path).tolist()) == of_training
    assert list(read_account(path).classes) == list(read_account(path).attributes) == ["category"]


def test_consumers_and_shops_pictures_are_one_instance_and_the_validation_pairs_validate(
    tmp_path: Path, capsys: Captured
) -> None:
    lines, status = [], ("train",) * 4 + ("val",) * 3 + ("test",) * 2
    for product, part in enumerate(status):
        folder = f"img/{('DRESSES/Dress', 'CLOTHING/Coat')[product % 2]}/id_{product:08d}"
        lines += [f"{folder}/comsumer_0{place}.jpg {folder}/shop_01.jpg id_{product:08d} {part}" for place in (1, 2)]
    files = {PARTITION: published(PAIR_COLUMNS, lines)}
    names = dict.fromkeys(name for line in lines for name in line.split()[:2])
    files |= {name: picture(seed) for seed, name in enumerate(names)}
    build(write_folder(tmp_path / "street", files), methods=["histogram"])
    recipe = recipe_file(tmp_path, similarity={"loss": "triplet", "same": "instance"})
    run, _ = trained("street", recipe, capsys)
    assert run["data"]["training"] == 4 * 3
    assert (run["data"]["validation"], run["data"]["validation_groups"]) == (6, 3)  # consumers' own, of three products


def test_category_prediction_learns_the_catalog_and_says_so(tmp_path: Path, capsys: Captured) -> None:
    lines = [
        f"img/{name.split()[0]}_{number}/img_{number:08}.jpg {label} {status}"
        for label, name in enumerate(CATEGORIES[:3], start=1)
        for number, status in enumerate(("train",) * 4 + ("val",) * 2 + ("test",) * 2, start=1)
    ]
    build(write_folder(tmp_path / "category", category_files(lines)), methods=["histogram"])
    run, said = trained("category", recipe_file(tmp_path), capsys)
    assert run["data"]["evaluated"] == {"groups": 3, "pictures": 12, "learned_from": 12}
    assert (run["data"]["training"], run["data"]["validation"]) == (12, 6)
    assert "3 style groups to validate, 12 evaluated and 12 of them learned from." in said
    assert "The catalog is that training part: figures of its own items are better than they would be" in said
    assert run["final"]["queries"] == 12
    (warning,) = warnings(open_store("category").catalog, ["tiny-category"])
    assert "was trained on 12 pictures of the 12 here: its figures are better" in warning
    classes = read_account(methods_folder() / "tiny-category.safetensors").classes
    assert {column: Counter(values) for column, values in classes.items()} == {
        "category": Counter(["Anorak", "Blazer", "Jeans"])
    }
