import copy
import math
import tomllib
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from fashion_search.errors import RecipeError
from fashion_search.training import recipe as recipe_module
from fashion_search.training.recipe import Augmentation, Recipe, open_recipe, read_record, recipe_names
from tests.training.conftest import TINY

PARK = ("oc", "oc-os", "oc-is")


def changed(place: str, value: Any) -> dict[str, Any]:
    """The tiny recipe as plain data, one field of it replaced."""
    data = copy.deepcopy(TINY) | {"augmentation": {}, "similarity": {"loss": "triplet", "same": "group"}}
    table = data
    *sections, last = place.split(".")
    for section in sections:
        table = table[section]
    table[last] = value
    return data


def test_what_is_shipped() -> None:
    assert {"oc", "oc-os", "oc-is", "siamese", "dense", "studio", "photo", "fashion", "tune", "autoencoder"} <= set(
        recipe_names()
    )


@pytest.mark.parametrize("name", recipe_names())
def test_each_shipped_recipe_opens_and_survives_json(name: str) -> None:
    recipe = open_recipe(name)
    assert recipe.name == name
    assert recipe.title
    assert recipe.summary.endswith(".")
    assert recipe.note.strip()
    assert Recipe.from_json(recipe.to_json()) == recipe


def plain(name: str) -> dict[str, Any]:
    return tomllib.loads((Path(recipe_module.__file__).with_name("recipes") / f"{name}.toml").read_text("utf-8"))


def test_those_of_park_et_al_share_all_but_what_is_similar() -> None:
    oc, category, instance = (open_recipe(name) for name in PARK)
    assert oc.network == category.network == instance.network
    assert oc.classification == category.classification == instance.classification
    assert oc.similarity is None
    assert category.similarity is not None
    assert instance.similarity is not None
    assert (category.similarity.same, instance.similarity.same) == ("category", "instance")
    one, other = plain("oc-os")["similarity"], plain("oc-is")["similarity"]
    assert {key: value for key, value in one.items() if value != other[key]} == {"same": "category"}


def test_those_of_park_et_al_depart_from_each_other_only_where_their_notes_say() -> None:
    oc, category, instance = (plain(name) for name in PARK)
    # Pairs of one category stand together, and an instance's positives are it again, augmented.
    assert category["optimisation"] == oc["optimisation"] | {"together": 2}
    assert "pairs of one category stand together" in category["note"].replace("\n", " ")
    assert instance["optimisation"] == oc["optimisation"]
    assert "augmentation" not in oc
    assert "augmentation" not in category
    assert "its positives are that picture again" in instance["note"].replace("\n", " ")


@pytest.mark.parametrize("name", PARK)
def test_the_weights_of_park_et_al_are_what_their_notes_state(name: str) -> None:
    recipe = open_recipe(name)
    note = " ".join(recipe.note.split())
    assert recipe.classification is not None
    assert recipe.classification.weight == 1
    assert recipe.classification.relaxation
    if recipe.similarity is None:
        assert "α = 0, which would switch classification off" in note
        assert "the weight is 1 here" in note
    else:
        assert "weight 1 (see oc), β = 0.1, margin δ = 0.3" in note
        assert (recipe.similarity.weight, recipe.similarity.margin) == (0.1, 0.3)
    schedule = recipe.optimisation
    assert (schedule.optimiser, schedule.rate, schedule.schedule) == ("adam", 1e-4, "steps")
    assert schedule.milestones == (100, 150)


@pytest.mark.parametrize("name", ["studio", "photo", "fashion"])
def test_the_shipped_encoders_recipes_start_from_nothing_of_others_and_stay_small(name: str) -> None:
    recipe = open_recipe(name)
    assert not recipe.network.pretrained
    assert recipe.network.start == {"studio": "", "photo": "studio", "fashion": "photo"}[name]
    assert 0 < recipe.network.dimensions <= 256
    assert recipe.classification is not None
    assert set(recipe.classification.attributes) == {"article_type", "base_colour", "usage", "gender"}


def test_the_other_papers_recipes() -> None:
    siamese, dense = open_recipe("siamese"), open_recipe("dense")
    assert siamese.classification is None
    assert siamese.similarity is not None
    assert siamese.similarity.loss == "triplet"
    assert dense.network.frozen
    assert dense.network.pretrained
    assert dense.network.dimensions
    assert dense.similarity is None


TOKENS = {"backbone": "transformer", "height": 32, "width": 32, "widths": [32], "patch": 8}
PIXELS = {"backbone": "autoencoder", "height": 32, "width": 32, "widths": [4], "dimensions": 4}

BROKEN = {
    "unknown field": ("optimisation.epoch", 3, r"There is no optimisation\.epoch; known are epochs, batch"),
    "unknown section": ("optimization", {}, r"There is no optimization; known are name, title"),
    "wrong type": ("network.height", "tall", r"network\.height must be a whole number, not 'tall'"),
    "number for text": ("title", 3, r"title must be text, not 3"),
    "fraction for a whole number": ("optimisation.batch", 2.5, r"optimisation\.batch must be a whole number, not 2\.5"),
    "true for a number": ("optimisation.epochs", True, r"optimisation\.epochs must be a whole number, not True"),
    "number for true": ("network.pretrained", 1, r"network\.pretrained must be true or false, not 1"),
    "text for a section": ("network", "resnet18", r"network must be a table"),
    "list of text": ("network.widths", ["wide"], r"network\.widths must be a whole number, not 'wide'"),
    "number for a list": ("network.widths", 5, r"network\.widths must be a list, not 5"),
    "text for a weight": (
        "classification.attributes.usage",
        "much",
        r"classification\.attributes\.usage must be a num",
    ),
    "unknown backbone": ("network.backbone", "vgg", r"network\.backbone is 'vgg'; known are compact, resnet18"),
    "unknown loss": ("similarity.loss", "arc", r"similarity\.loss is 'arc'; known are triplet, contrastive, proxy"),
    "unknown sameness": ("similarity.same", "shop", r"similarity\.same is 'shop'; known are"),
    "unknown optimiser": ("optimisation.optimiser", "sgd", r"optimisation\.optimiser is 'sgd'"),
    "unknown schedule": ("optimisation.schedule", "x", r"optimisation\.schedule is 'x'"),
    "too low": ("network.height", 8, r"network\.height must be at least 16, not 8"),
    "no epoch": ("optimisation.epochs", 0, r"optimisation\.epochs must be at least 1, not 0"),
    "batch of one": ("optimisation.batch", 1, r"optimisation\.batch must be at least 2"),
    "batch and companions": ("optimisation.together", 3, r"batch must be a multiple of together"),
    "no rate": ("optimisation.rate", 0, r"optimisation\.rate must be above 0"),
    "rate is no number": ("optimisation.rate", math.nan, r"optimisation\.rate must be a number, not nan"),
    "decay is no number": ("optimisation.decay", math.nan, r"optimisation\.decay must be a number, not nan"),
    "rate without end": ("optimisation.rate", math.inf, r"optimisation\.rate must be a number, not inf"),
    "negative decay": ("optimisation.decay", -1, r"optimisation\.decay must be at least 0, not -1"),
    "average that stands still": ("optimisation.average", 1, r"optimisation\.average must be below 1"),
    "more than all": ("augmentation.flip", 1.5, r"augmentation\.flip must be at most 1, not 1\.5"),
    "more than a turn": ("augmentation.rotation", 200, r"augmentation\.rotation must be at most 180, not 200"),
    "all smoothed away": ("classification.smoothing", 1, r"must leave something of the label"),
    "more than all adjusted": ("classification.adjustment", 2, r"classification\.adjustment must be at most 1, not 2"),
    "no attribute": ("classification.attributes", {}, r"classification\.attributes needs at least one column"),
    "attribute without weight": ("classification.attributes.usage", 0, r"each with a weight above 0"),
    "classification of no weight": ("classification.weight", 0, r"classification\.weight must be above 0"),
    "no width": ("network.widths", [], r"network\.widths belong to the compact backbone, which needs them"),
    "width of nothing": ("network.widths", [4, 0], r"network\.widths must be at least 1"),
    "widths of another": ("network.backbone", "resnet18", r"network\.widths belong to the compact backbone"),
    "stages of another": (
        "network",
        {"backbone": "resnet18", "height": 32, "width": 32, "every_stage": True},
        r"network\.every_stage belongs to the compact backbone",
    ),
    "too small for its backbone": (
        "network",
        {"backbone": "densenet121", "height": 64, "width": 30},
        r"network\.width is too small for densenet121, which needs 31 pixels: its smallest input has 30",
    ),
    "latent vector of nothing": (
        "network",
        {"backbone": "autoencoder", "height": 32, "width": 32, "widths": [4]},
        r"network\.dimensions: an autoencoder needs them",
    ),
    "transformer of two widths": ("network", TOKENS | {"widths": [32, 64]}, r"network\.widths: a transformer has one"),
    "transformer of no head": (
        "network",
        TOKENS | {"widths": [48]},
        r"widths: a transformer has one, a multiple of 32",
    ),
    "no patch": ("network", TOKENS | {"patch": 0}, r"network\.patch: a transformer needs one that divides"),
    "patches that do not fit": ("network", TOKENS | {"patch": 5}, r"patch: a transformer needs one that divides"),
    "patches of another": ("network.patch", 4, r"network\.patch and ternary belong to the transformer backbone"),
    "three values of another": ("network.ternary", True, r"patch and ternary belong to the transformer backbone"),
    "reconstruction of another": ("reconstruction", {}, r"reconstruction belongs to the autoencoder backbone"),
    "weights that are not": ("network.pretrained", True, r"no pretrained weights of the compact backbone"),
    "frozen chance": ("network.frozen", True, r"frozen backbone needs pretrained weights"),
}


@pytest.mark.parametrize(("place", "value", "reason"), BROKEN.values(), ids=BROKEN.keys())
def test_what_does_not_fit_is_named(place: str, value: Any, reason: str) -> None:
    with pytest.raises(RecipeError, match=reason):
        Recipe.from_json(changed(place, value))


def test_the_pair_of_transformers_differs_in_its_linear_layers_alone() -> None:
    one, other = plain("vit"), plain("vit-1.58b")
    assert other["network"] == one["network"] | {"ternary": True}
    for words in ("title", "summary", "note", "network"):
        del one[words], other[words]
    assert one == other


def test_the_pair_learns_what_studio_learns() -> None:
    vit, studio = open_recipe("vit"), open_recipe("studio")
    assert (vit.classification, vit.similarity) == (studio.classification, studio.similarity)
    assert (vit.optimisation.together, vit.optimisation.balance) == (2, studio.optimisation.balance)


def test_the_autoencoder_learns_from_no_label() -> None:
    recipe = open_recipe("autoencoder")
    assert recipe.reconstruction is not None
    assert recipe.classification is recipe.similarity is recipe.distillation is None
    assert recipe.optimisation.together == 1


@pytest.mark.parametrize(
    ("network", "change", "reason"),
    [
        (PIXELS, {"average": 0.9}, r"optimisation\.average must be 0 with a reconstruction"),
        (PIXELS, {"small_until": 0.5}, r"optimisation\.small_until must be 0: the autoencoder backbone"),
        (TOKENS, {"small_until": 0.5}, r"optimisation\.small_until must be 0: the transformer backbone"),
    ],
)
def test_a_schedule_that_does_not_fit_the_backbone(network: Any, change: dict[str, float], reason: str) -> None:
    data = changed("network", network)
    data["reconstruction"] = {} if network is PIXELS else None
    Recipe.from_json(data)
    data["optimisation"] |= change
    with pytest.raises(RecipeError, match=reason):
        Recipe.from_json(data)


def test_an_autoencoder_without_a_reconstruction_is_refused() -> None:
    with pytest.raises(RecipeError, match="reconstruction belongs to the autoencoder backbone, which needs it"):
        Recipe.from_json(changed("network", PIXELS))


def test_a_record_of_an_earlier_version_has_neither_patches_nor_reconstruction(tiny: Recipe) -> None:
    older = tiny.to_json()
    del older["reconstruction"], older["network"]["patch"], older["network"]["ternary"]
    assert read_record(older) == tiny


@pytest.mark.parametrize("place", ["title", "network", "optimisation.epochs", "classification.attributes"])
def test_what_is_missing_is_named(place: str) -> None:
    data = changed("note", "")
    *sections, last = place.split(".")
    table = data
    for section in sections:
        table = table[section]
    del table[last]
    with pytest.raises(RecipeError, match=f"^{place.replace('.', '[.]')} is missing"):
        Recipe.from_json(data)


def test_a_recipe_that_learns_nothing_is_refused() -> None:
    data = changed("classification", None)
    data["similarity"] = None
    with pytest.raises(RecipeError, match="would learn nothing"):
        Recipe.from_json(data)


def test_a_proxy_per_instance_is_refused() -> None:
    with pytest.raises(RecipeError, match="as large as the catalog"):
        Recipe.from_json(changed("similarity", {"loss": "proxy", "same": "instance"}))


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'title = "Mine"\nsummary = "Mine."\n[network]\nbackbone = "resnet18"\nheight = 64\nwidth = 48\n'
        "[classification]\nattributes = {usage = 1}\n[optimisation]\nepochs = 3\n"
    )
    recipe = open_recipe(str(path))
    assert (recipe.name, recipe.network.width, recipe.optimisation.epochs) == ("mine", 48, 3)
    assert recipe.classification is not None
    assert recipe.classification.attributes == {"usage": 1.0}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"title = ", r"mine\.toml is not TOML: "),
        (b"\xff\xfe", r"mine\.toml is not TOML: "),
        (b'title = "Mine"', r"mine\.toml: summary is missing"),
        (None, r"mine\.toml cannot be read: No such file"),
    ],
)
def test_a_file_that_is_no_recipe_is_named(content: bytes | None, reason: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "mine.toml").write_bytes(content)
    with pytest.raises(RecipeError, match=reason):
        open_recipe(str(tmp_path / "mine.toml"))


@pytest.mark.parametrize("name", ["none", "", "Fashion "])
def test_an_unknown_name_is_told_which_there_are(name: str) -> None:
    with pytest.raises(RecipeError, match=rf"no recipe {name!r}\. There are .*fashion.*oc-os.*\.toml file"):
        open_recipe(name)


def test_names_do_not_leave_their_folder() -> None:
    with pytest.raises(RecipeError, match="cannot be read"):
        open_recipe("../recipe")


def test_settings(tiny: Recipe) -> None:
    given = {
        "optimisation.epochs": "7",
        "optimisation.rate": "1",
        "optimisation.optimiser": "adam",
        "network.widths": "[4, 8, 16]",
        "network.pretrained": "false",
        "classification.attributes.usage": "0.5",
        "title": "Two words",
        "similarity": '{loss = "proxy", same = "group"}',
    }
    recipe = tiny.with_settings(given)
    assert (recipe.optimisation.epochs, recipe.optimisation.rate, recipe.optimisation.optimiser) == (7, 1.0, "adam")
    assert recipe.network.widths == (4, 8, 16)
    assert recipe.title == "Two words"
    assert recipe.classification is not None
    assert recipe.classification.attributes == {"article_type": 1.0, "base_colour": 1.0, "usage": 0.5}
    assert recipe.similarity is not None
    assert recipe.similarity.loss == "proxy"
    assert recipe.with_settings({"similarity": "none"}).similarity is None
    assert tiny.optimisation.epochs == 2
    assert tiny.with_settings({}) == tiny


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("epochs", "3", r"There is no epochs; in its place there are name, title"),
        ("optimisation.epoch", "3", r"There is no optimisation\.epoch; in its place there are epochs"),
        ("training.epochs", "3", r"tiny has no section 'training'"),
        ("similarity.weight", "3", r"tiny has no section 'similarity' to set similarity\.weight in"),
        ("title.first", "x", r"tiny has no section 'title'"),
        ("optimisation.epochs", "many", r"optimisation\.epochs must be a whole number, not 'many'"),
        ("optimisation.epochs", "none", r"optimisation\.epochs must be a whole number, not None"),
        ("optimisation.rate", "nan", r"optimisation\.rate must be a number, not nan"),
        ("network", "none", r"network must be a table"),
    ],
)
def test_settings_that_do_not_fit_are_named(tiny: Recipe, field: str, value: str, reason: str) -> None:
    with pytest.raises(RecipeError, match=reason):
        tiny.with_settings({field: value})


def test_augmentation_grows_from_nothing_but_the_mirror_image() -> None:
    whole = Augmentation(flip=0.5, shift=0.1, scale=0.2, rotation=10.0, erase=0.4, grow=0.8)
    assert whole.at(0) == replace(whole, shift=0, scale=0, rotation=0, erase=0)
    half = whole.at(0.4)
    assert (half.flip, half.shift, half.scale, half.rotation, half.erase) == pytest.approx((0.5, 0.05, 0.1, 5, 0.2))
    assert whole.at(0.8) == whole.at(1) == whole
    assert replace(whole, grow=0.0).at(0).shift == 0.1


# -- learning rates -----------------------------------------------------------------------------------------


def rates(recipe: Recipe, at: list[float]) -> list[float]:
    return [recipe.optimisation.rate_at(progress) for progress in at]


def test_a_constant_rate(tiny: Recipe) -> None:
    recipe = tiny.with_settings({"optimisation.schedule": "constant", "optimisation.rate": "0.5"})
    assert rates(recipe, [0, 0.5, 1]) == [0.5, 0.5, 0.5]


def test_steps_divide_the_rate_by_ten_after_their_epochs(tiny: Recipe) -> None:
    settings = {"schedule": "steps", "rate": "1e-4", "epochs": "200", "milestones": "[100, 150]"}
    recipe = tiny.with_settings({f"optimisation.{name}": value for name, value in settings.items()})
    found = rates(recipe, [0, 99.9 / 200, 100 / 200, 149.9 / 200, 150 / 200, 1])
    assert found == pytest.approx([1e-4, 1e-4, 1e-5, 1e-5, 1e-6, 1e-6])


def test_a_cycle_goes_up_and_down_once(tiny: Recipe) -> None:
    settings = {"schedule": "cycle", "rate": "1", "warmup": "0.2"}
    recipe = tiny.with_settings({f"optimisation.{name}": value for name, value in settings.items()})
    assert rates(recipe, [0, 0.1, 0.2, 0.6]) == pytest.approx([1 / 25, (1 + 1 / 25) / 2, 1, 0.5])
    assert 0 < recipe.optimisation.rate_at(1) <= 1e-3
    curve = rates(recipe, [place / 100 for place in range(101)])
    assert curve.index(max(curve)) == 20
    assert curve[:21] == sorted(curve[:21])
    assert curve[20:] == sorted(curve[20:], reverse=True)


@pytest.mark.parametrize("warmup", ["0", "1"])
def test_a_cycle_of_one_side(tiny: Recipe, warmup: str) -> None:
    recipe = tiny.with_settings({"optimisation.warmup": warmup, "optimisation.rate": "1"})
    curve = rates(recipe, [place / 10 for place in range(11)])
    assert max(curve) > 0.95
    assert min(curve) > 0
    inner = curve[:-1]
    assert inner == sorted(inner, reverse=warmup == "0")
