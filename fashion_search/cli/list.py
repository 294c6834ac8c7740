"""``list``: the catalogs that are built, and the methods."""

import argparse
from typing import Any

from fashion_search.cli.command import index_row
from fashion_search.encoders import EncoderSpec, all_methods, problems
from fashion_search.encoders.weights import FOLDER_VARIABLE, WITHOUT_A_HUB
from fashion_search.errors import FashionSearchError
from fashion_search.evaluation import words
from fashion_search.home import home
from fashion_search.store import catalog_names, open_store, outdated_manifest, query_sets
from fashion_search.whole_store import about_rest


def declare(parser: argparse.ArgumentParser) -> None:
    """It takes none."""


def run(options: argparse.Namespace) -> tuple[Any, str]:
    """Catalogs and methods, and what keeps one of them from being used."""
    catalogs: list[dict[str, Any]] = []
    lines = ["Catalogs:"]
    for name in catalog_names():
        try:
            store = open_store(name)
            rest, damage = about_rest(store)
        except FashionSearchError as error:
            catalogs.append({"name": name, "error": str(error)})
            lines.append(f"  {name:<28} {error}")
            continue
        manifest = store.manifest
        old = outdated_manifest(name)
        advice = f"{old.advice[:-1]}: {old.rebuild(*old.libraries).command}" if old else ""
        asked = query_sets(store)
        weights = {method: fingerprint.weights_label for method, fingerprint in store.methods.items()}
        catalogs.append(
            {
                "name": name,
                "title": manifest.title,
                "groups": manifest.n_groups,
                "images": manifest.n_items,
                "methods": weights,
            }
            | ({"indexes": {name: index_row(entry) for name, entry in store.indexed.items()}} if store.indexed else {})
            | ({"query_sets": list(asked)} if asked else {})
            | ({"rest": rest} if rest else {})
            | ({"rest_problem": damage} if damage else {})
            | ({"advice": advice} if advice else {})
        )
        lines.append(f"  {name:<28} {manifest.n_groups:,} groups, {manifest.n_items:,} images; {', '.join(weights)}")
        lines += [f"    {method}: {words.speed(entry)}" for method, entry in store.indexed.items()]
        lines += [f"    query sets: {', '.join(asked)}"] if asked else []
        lines += [f"    whole shop: {rest:,} more images can be searched"] if rest else []
        lines += [f"    {damage}"] if damage else []
        lines += [f"    {advice}"] if advice else []
    methods: list[dict[str, Any]] = []
    lines += ["Methods:"]
    is_missing = False
    for spec in all_methods().values():
        try:
            ready, weights_label = True, spec.fingerprint().weights_label
        except FashionSearchError as error:
            ready, weights_label = False, str(error)
        methods.append(_about(spec) | {"ready": ready, "weights": weights_label})
        size = "" if spec.parameters is None else f", {spec.parameters / 1e6:.1f} M parameters"
        licence = f", {spec.licence}" if spec.licence else ""
        shown = f"Weights: {weights_label if ready else 'not on this machine yet'}" if spec.encodes else spec.summary
        lines.append(f"  {spec.name:<28} {spec.title} ({spec.family}{size}{licence}). {shown}")
        is_missing = is_missing or (spec.encodes and not ready)
    if is_missing:
        lines.append(f"Missing weights are downloaded by build, or found in {FOLDER_VARIABLE}. {WITHOUT_A_HUB}")
    wrong = problems()
    lines += [f"  {reason}" for reason in wrong.values()]
    lines += [f"Built catalogs are in {home()}"]
    return {"home": str(home()), "catalogs": catalogs, "methods": methods, "problems": wrong}, "\n".join(lines)


def _about(spec: EncoderSpec) -> dict[str, Any]:
    return {
        "name": spec.name,
        "title": spec.title,
        "family": spec.family,
        "summary": spec.summary,
        "parameters": spec.parameters,
        "licence": spec.licence,
        "origin": spec.origin,
    }
