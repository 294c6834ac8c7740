"""What a run needs is found missing before a picture is read."""

import sys
from dataclasses import replace
from typing import Any, NamedTuple

import pytest

from fashion_search.encoders.weights import FOLDER_VARIABLE
from fashion_search.errors import FashionSearchError
from fashion_search.store import Store
from fashion_search.training import checkpoint, similarity
from fashion_search.training import data as data_module
from fashion_search.training.plan import Plan, check
from fashion_search.training.recipe import Recipe
from fashion_search.training.record import RUN, runs_folder
from fashion_search.training.similarity import SimilarityLoss
from fashion_search.training.train import train

TRIPLETS = {"similarity": '{loss = "triplet", same = "group"}'}


def refused_unread(plan: Plan, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plan is refused, no picture was read for it, and no run is recorded."""

    def read(*arguments: Any) -> None:
        pytest.fail("pictures are read")

    with monkeypatch.context() as patch:
        patch.setattr(data_module, "_read", read)
        with pytest.raises(FashionSearchError, match=reason):
            train(plan)
    assert not (runs_folder() / plan.name / RUN).exists()


def test_a_package_that_a_loss_needs(plan: Plan, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = plan.recipe.with_settings(TRIPLETS)
    check(recipe, store.catalog)
    monkeypatch.setitem(sys.modules, "pytorch_metric_learning", None)
    check(plan.recipe, store.catalog)  # needs none
    reason = r"loss 'triplet' of the recipe 'tiny' needs the package pytorch-metric-learning, .*: pip install pytorch-m"
    refused_unread(replace(plan, recipe=recipe), reason, monkeypatch)


def test_a_package_that_a_backbone_needs(plan: Plan, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = plan.recipe.with_settings({"network": '{backbone = "se-resnet50", height = 32, width = 32}'})
    check(recipe, store.catalog)
    monkeypatch.setitem(sys.modules, "timm", None)
    reason = r"^The backbone 'se-resnet50' needs the package timm, which is not installed: pip install timm$"
    refused_unread(replace(plan, recipe=recipe), reason, monkeypatch)


def test_published_weights(plan: Plan, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    network = '{backbone = "resnet18", pretrained = true, height = 32, width = 32}'
    recipe = plan.recipe.with_settings({"network": network})
    refused_unread(replace(plan, recipe=recipe), r"there is no resnet18\.pth in it", monkeypatch)
    recipe = plan.recipe.with_settings({"network": network.replace("resnet18", "se-resnext50")})
    refused_unread(replace(plan, recipe=recipe), r"there is no se-resnext50\.safetensors in it", monkeypatch)


def test_encoders_to_start_from_and_to_be_taught_by(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    for settings in ({"network.start": "gone"}, {"distillation": '{teachers = ["gone"]}'}):
        recipe = plan.recipe.with_settings(settings)
        refused_unread(replace(plan, recipe=recipe), r"the method 'gone': No method of that name", monkeypatch)


def test_a_recipe_that_learns_nothing_from_the_catalog(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = plan.recipe.with_settings({"classification.attributes": "{season = 1}"})
    refused_unread(replace(plan, recipe=recipe), "the same season; there is nothing to learn", monkeypatch)


class Usage(NamedTuple):
    free: int


def test_room_for_two_checkpoints(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    large = plan.recipe.with_settings({"network.widths": "[64, 128]"})
    monkeypatch.setattr(checkpoint.shutil, "disk_usage", lambda path: Usage(1_000_000))
    checkpoint.refuse_full_disk(plan.recipe)
    refused_unread(replace(plan, recipe=large), r"has no room for the state of a run: it takes 0\.0\d GB", monkeypatch)


def test_a_loss_is_one_entry(tiny: Recipe, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    loss = SimilarityLoss(similarity.LOSSES["contrastive"].make, package=("json", "json"))
    monkeypatch.setitem(similarity.LOSSES, "mine", loss)
    recipe = tiny.with_settings({"similarity": '{loss = "mine", same = "group"}'})
    check(recipe, store.catalog)
    assert train(Plan("shop", recipe, "other", threads=1, final=False)).state == "done"
