"""The curve of top-k accuracy shows the figures it is given, and others' values apart from them."""

from fashion_search.charts.accuracy import curve
from fashion_search.charts.style import colour_of
from fashion_search.encoders import encoder_spec
from fashion_search.evaluation.accuracy import TopK
from fashion_search.evaluation.published import OML, Published
from fashion_search.evaluation.statistics import Interval
from tests.charts.test_evaluation import traces

FOUND = {
    method: {
        k: TopK(Interval(value, value - 0.1, value + 0.05), k / 20) for k, value in zip((1, 5, 10), values, strict=True)
    }
    for method, values in (("histogram", (0.2, 0.4, 0.6)), ("resnet18", (0.3, 0.5, 0.9)))
}


def test_a_line_a_method_with_its_band() -> None:
    chart = curve(FOUND)
    for method, accuracy in FOUND.items():
        [line] = traces(chart, "scatter", name=encoder_spec(method).title)
        assert (line["x"], line["y"]) == ([1, 5, 10], [one.share.value for one in accuracy.values()])
        assert line["line"]["color"] == colour_of(method)  # type: ignore[index]
        [band] = traces(chart, "scatter", legendgroup=method, fill="toself")
        shares = [one.share for one in accuracy.values()]
        assert band["y"] == [share.high for share in shares] + [share.low for share in shares[::-1]]
    [chance] = traces(chart, "scatter", name="Chance")
    assert chance["y"] == [0.05, 0.25, 0.5]


def test_others_values_are_marked_as_theirs() -> None:
    assert traces(curve(FOUND), "scatter", name="Published by others") == []
    theirs = (Published("<b>Bold</b>", {5: 0.7, 10: 0.8}, OML), Published("Other", {1: 0.1}, OML))
    [points] = traces(curve(FOUND, theirs), "scatter", name="Published by others")
    assert (points["x"], points["y"]) == ([5, 10, 1], [0.7, 0.8, 0.1])
    assert points["hovertext"][0] == f"&lt;b&gt;Bold&lt;/b&gt; ({OML}): .700 at k = 5"  # type: ignore[index]
