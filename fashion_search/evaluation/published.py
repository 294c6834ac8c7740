"""What others have published on the benchmarks that can be read: their values, as they print them, with the source.

None of them was measured by this program.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fashion_search.catalog.sources.deepfashion import CATEGORY_DATA, CONSUMER_TO_SHOP_DATA, IN_SHOP_DATA
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.words import count
from fashion_search.query_store import StoreWithQueries


@dataclass(frozen=True)
class Published:
    """A model's values as others print them: k → share, 0 to 1. ``source``: where, as a name of ``SOURCES``."""

    model: str
    values: Mapping[int, float]
    source: str


STUDY_1, STUDY_2, OML = "Park et al., Table 1", "Park et al., Table 2", "OML’s zoo"

SOURCES = {
    STUDY_1: (
        "S. Park et al., “Study on Fashion Image Retrieval Methods for Efficient Fashion Visual Search” (2019), "
        "Table 1. OC, OS and IS are its losses; pictures uncropped. Its first two lines are others’ values"
    ),
    STUDY_2: (
        "S. Park et al., “Study on Fashion Image Retrieval Methods for Efficient Fashion Visual Search” (2019), "
        "Table 2, printed in percent. Its lines without “+OC” are others’ values"
    ),
    OML: (
        "Open Metric Learning, zoo of image models (https://github.com/OML-Team/open-metric-learning, "
        "docs/readme/examples_source/zoo/zoo_images.md), cmc1, which may differ from papers’ by split and boxes. "
        "vits16_inshop was trained there on In-Shop; of the Unicom model its own authors print .867 "
        "(https://github.com/deepglint/unicom)"
    ),
}
"""Where the values stand, in the words of a reference, without a full stop."""

_TOP_20, _TOP_5 = (5, 20), (3, 5)


def _study(model: str, *values: float) -> Published:
    return Published(model, dict(zip(_TOP_20, values, strict=True)), STUDY_1)


def _category(model: str, *percents: float) -> Published:
    shares = [round(percent / 100, 4) for percent in percents]
    return Published(model, dict(zip(_TOP_5, shares, strict=True)), STUDY_2)


RETRIEVAL: Mapping[str, tuple[Published, ...]] = {
    IN_SHOP_DATA.kind: (
        _study("DeepFashion", 0.673, 0.764),
        _study("DARN", 0.547, 0.675),
        _study("ResNet50 OC", 0.633, 0.766),
        _study("ResNet50 OC+OS", 0.569, 0.695),
        _study("ResNet50 OC+IS", 0.826, 0.905),
        _study("DenseNet121 OC", 0.768, 0.873),
        _study("DenseNet121 OC+OS", 0.628, 0.749),
        _study("DenseNet121 OC+IS", 0.823, 0.909),
        Published("vits16_inshop", {1: 0.921}, OML),
        Published("Unicom ViT-L/14@336", {1: 0.810}, OML),
        Published("CLIP ViT-L/14", {1: 0.675}, OML),
        Published("ResNet50 of ImageNet", {1: 0.284}, OML),
    )
}
"""Kind of source → top-k accuracy of retrieval."""

CLASSIFICATION: Mapping[str, tuple[Published, ...]] = {
    CATEGORY_DATA.kind: (
        _category("WTBI", 43.73, 66.26),
        _category("DARN", 59.48, 79.58),
        _category("FashionNet+500", 57.44, 77.39),
        _category("FashionNet+Joints", 72.30, 81.52),
        _category("FashionNet+Poselets", 75.34, 84.87),
        _category("DeepFashion", 82.58, 90.17),
        _category("Lu et al. VGG-16", 86.72, 92.51),
        _category("Weakly", 86.30, 92.80),
        _category("ResNet50+OC", 87.34, 93.42),
        _category("DenseNet121+OC", 87.58, 93.39),
        _category("SEResNet50+OC", 87.58, 93.58),
        _category("SEResNeXt50+OC", 88.42, 93.93),
    )
}
"""Kind of source → top-k accuracy of category classification."""

ONLY_DRAWN = {
    IN_SHOP_DATA.kind: "Park et al. show the other k only as a drawing, in their Figure 3.",
    CONSUMER_TO_SHOP_DATA.kind: "Park et al. show their values on this benchmark only as a drawing, in their Figure 4.",
}
"""Kind of source → what a paper shows in a figure alone, so that there is no value to stand here."""

_KINDS = {*RETRIEVAL, *CLASSIFICATION, *ONLY_DRAWN}
_WHOLE = {IN_SHOP_DATA.kind: (14_218, 12_612)}
"""Kind of source → queries and gallery of the whole benchmark."""


def benchmark_of(evaluation: Evaluation) -> str:
    """The kind of source whose published values these figures can be held against; empty where there is none.

    Catalog and query set are parts of the same benchmark.
    """
    store = evaluation.store
    if not isinstance(store, StoreWithQueries):
        return ""
    kind = store.manifest.source_kind
    return kind if kind == store.queries.manifest.source_kind and kind in _KINDS else ""


def retrieval(evaluation: Evaluation) -> tuple[Published, ...]:
    """Published top-k accuracy on the benchmark that these figures are of."""
    return RETRIEVAL.get(benchmark_of(evaluation), ())


def classification(evaluation: Evaluation, column: str) -> tuple[Published, ...]:
    """Published accuracy of category classification, where these figures are of that benchmark's categories."""
    return CLASSIFICATION.get(benchmark_of(evaluation), ()) if column == "category" else ()


def references(values: Sequence[Published]) -> list[str]:
    """Where these values stand, each source once."""
    return [SOURCES[name] for name in dict.fromkeys(one.source for one in values)]


def differences(evaluation: Evaluation) -> list[str]:
    """In what the conditions here differ from the benchmark's own; empty where they are the same."""
    kind, split = benchmark_of(evaluation), evaluation.split
    manifest, told = evaluation.store.manifest, []
    here = (len(split.queries), manifest.n_items)
    if kind in _WHOLE and here != _WHOLE[kind]:
        n_queries, n_items = _WHOLE[kind]
        told.append(
            f"they are of {n_queries:,} queries against {n_items:,} images, those here of "
            f"{count(here[0], 'query', 'queries')} against {here[1]:,}"
        )
    if manifest.options.boxes:
        told.append("the pictures here are cropped to their boxes")
    if split.filter:
        told.append("the gallery here is filtered")
    if evaluation.verdicts.digest:
        told.append("people’s verdicts are applied here")
    return told
