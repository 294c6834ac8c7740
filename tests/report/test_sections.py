from dataclasses import replace

import pytest

from fashion_search.catalog.sources import SOURCES
from fashion_search.report import sections
from fashion_search.store import open_store


@pytest.mark.parametrize("kind", [reader.kind for reader in SOURCES])
def test_every_kind_of_source_has_words(kind: str) -> None:
    manifest = replace(open_store("demo").manifest, source_kind=kind, source_path="/home/me/my pictures")
    said = sections.source(manifest)
    assert said.endswith(" (my pictures)")
    assert not said.startswith(f"{kind} ")
