"""All benchmarks. Adding one is a function that yields rows, and an entry here."""

from benchmarks import (
    building,
    elsewhere,
    evaluating,
    in_shop,
    indexing,
    interacting,
    learning,
    mapping,
    networks,
    searching,
    starting,
    uploading,
)
from benchmarks import crowd as sessions
from benchmarks.measuring import Benchmark

BENCHMARKS = (
    Benchmark("start", "From the command to the first result", starting.first_result, "quick"),
    Benchmark("help", "From the command to its help", starting.help_shown, "quick"),
    Benchmark("again", "Building again", starting.nothing_new, needs_catalog=True),
    Benchmark("exact", "The first ten of made-up vectors", searching.exact, "quick"),
    Benchmark("search", "A catalog's whole order for a query", searching.of_catalog, "quick", True),
    Benchmark("reranking", "Orders by labels", searching.reranking, needs_catalog=True),
    Benchmark("interaction", "A click on the Search page", interacting.interaction, needs_catalog=True),
    Benchmark("crowd", "One thread a search", sessions.crowd, needs_catalog=True),
    Benchmark("pages", "Pages with the stored evaluation", evaluating.pages, "quick", True),
    Benchmark("evaluation", "Evaluating, leave-one-out", evaluating.evaluation, "quick", True),
    Benchmark("maps", "Maps by t-SNE", mapping.tsne, needs_catalog=True),
    Benchmark("in-shop", "A query set of In-Shop's size", in_shop.in_shop),
    Benchmark("build", "Building, from files to a verified library", building.build, "quick"),
    Benchmark("networks", "ResNet-18 alone", networks.running),
    Benchmark("decoding", "Large pictures to pixels", networks.decoding, "quick"),
    Benchmark("encoding", "Pictures to vectors", learning.encoding),
    Benchmark("training", "Training", learning.training),
    Benchmark("index", "Indexes", indexing.each_index, "quick"),
    Benchmark("index-million", "An index of a million", indexing.million, "named"),
    Benchmark("milvus", "Milvus", elsewhere.milvus),
    Benchmark("milvus-million", "A million in Milvus", elsewhere.million, "named"),
    Benchmark("upload", "A photo of one's own", uploading.upload, needs_catalog=True),
    Benchmark("upload-memory", "Memory of many large photos", uploading.upload_memory, needs_catalog=True),
    Benchmark("memory", "Memory", building.memory, needs_catalog=True),
)


def chosen(names: list[str], is_full: bool) -> list[Benchmark]:
    """Those that are named, in the registry's order; by default the quick ones, or all but those only run by name.

    Raises:
        ValueError: a name is not known.
    """
    unknown = sorted(set(names) - {one.name for one in BENCHMARKS})
    if unknown:
        known = ", ".join(one.name for one in BENCHMARKS)
        raise ValueError(f"there is no benchmark {', '.join(unknown)}; known are {known}")
    if names:
        return [one for one in BENCHMARKS if one.name in names]
    return [one for one in BENCHMARKS if one.when == "quick" or (is_full and one.when == "full")]
