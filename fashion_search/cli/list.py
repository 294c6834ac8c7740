"""``list``: the catalogs that are built, and the methods."""

import argparse
from typing import Any

from fashion_search.cli.command import Command
from fashion_search.encoders import all_methods
from fashion_search.encoders.trained import found as trained_encoders
from fashion_search.errors import FashionSearchError
from fashion_search.home import home
from fashion_search.store import catalog_names, open_store, outdated_manifest


def _run(options: argparse.Namespace) -> tuple[Any, str]:
    catalogs: list[dict[str, Any]] = []
    lines = ["Catalogs:"]
    for name in catalog_names():
        try:
            store = open_store(name)
        except FashionSearchError as error:
            catalogs.append({"name": name, "error": str(error)})
            lines.append(f"  {name:<28} {error}")
            continue
        manifest = store.manifest
        old = outdated_manifest(name)
        advice = f"{old.advice[:-1]}: {old.rebuild(*old.libraries).command}" if old else ""
        weights = {method: fingerprint.weights_label for method, fingerprint in store.methods.items()}
        catalogs.append(
            {
                "name": name,
                "title": manifest.title,
                "groups": manifest.n_groups,
                "images": manifest.n_items,
                "methods": weights,
            }
            | ({"advice": advice} if advice else {})
        )
        lines.append(f"  {name:<28} {manifest.n_groups:,} groups, {manifest.n_items:,} images; {', '.join(weights)}")
        lines += [f"    {advice}"] if advice else []
    methods: list[dict[str, Any]] = []
    lines += ["Methods:"]
    for spec in all_methods().values():
        try:
            ready, weights_label = True, spec.fingerprint().weights_label
        except FashionSearchError as error:
            ready, weights_label = False, str(error)
        methods.append({"name": spec.name, "title": spec.title, "ready": ready, "weights": weights_label})
        lines.append(f"  {spec.name:<28} {spec.summary} Weights: {weights_label}")
    problems = trained_encoders()[1]
    lines += [f"  {reason}" for reason in problems.values()]
    lines += [f"Built catalogs are in {home()}"]
    return {"home": str(home()), "catalogs": catalogs, "methods": methods, "problems": problems}, "\n".join(lines)


LIST = Command(
    "list",
    "List the catalogs that are built, and the methods.",
    "list --json",
    _run,
)
