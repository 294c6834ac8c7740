"""Pages that wait for long work: what they say, what a cancel does, and what another session gets."""

import threading

import pytest

from fashion_search.evaluation import evaluation, saved
from fashion_search.evaluation.rankings import rank
from fashion_search.ui import work
from fashion_search.work import Job, advance
from tests.app import screen, shops

FILTERED = {"catalog": shops.CATALOG, "where": "usage!=Sports"}


@pytest.fixture
def evaluated(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The methods that are ranked, in their order; each takes half a second more."""
    methods: list[str] = []

    def slowly(library, *arguments, **options):
        methods.append(library.method)
        for step in range(10):
            threading.Event().wait(0.05)
            advance(step, 10)
        return rank(library, *arguments, **options)

    monkeypatch.setattr(evaluation, "rank", slowly)
    monkeypatch.setattr(saved, "rank", slowly)
    return methods


@pytest.mark.usefixtures("trial")
def test_an_evaluation_is_made_once_for_all_sessions(evaluated: list[str]) -> None:
    first = screen.opened("Metrics", **FILTERED)
    assert evaluated == ["histogram", "resnet18", "fusion"]
    second = screen.opened("Metrics", **FILTERED)
    assert evaluated == ["histogram", "resnet18", "fusion"]
    assert first.header[0].value == second.header[0].value


@pytest.mark.usefixtures("trial")
def test_the_page_says_how_far_it_is_and_offers_to_cancel(
    evaluated: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    wait = Job.wait

    def look(job: Job, seconds: float | None = None) -> bool:
        seen.append(job.sentence)
        return wait(job, seconds)

    monkeypatch.setattr(Job, "wait", look)
    app = screen.opened("Metrics", **FILTERED)
    assert "Evaluating RGB histogram …" in seen
    assert "Evaluating Fusion …" in seen
    assert not [button for button in app.button if button.label == "Cancel"]  # it is over


@pytest.mark.usefixtures("trial")
def test_what_a_person_cancelled_is_not_begun_until_they_ask(
    evaluated: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = work._wait

    def cancel(job: Job) -> None:  # as the button does, whose click cuts the page short
        drawn(job) if work._left() else work._leave(job.key)
        job.wait()

    monkeypatch.setattr(work, "_wait", cancel)
    app = screen.opened("Metrics", **FILTERED)
    assert evaluated == ["histogram"]
    assert [info.value for info in app.info] == ["The evaluation was cancelled."]
    assert screen.ran(app.run()).info
    assert evaluated == ["histogram"]

    monkeypatch.setattr(work, "_wait", drawn)
    [again] = [button for button in app.button if button.label == "Start again"]
    app = screen.ran(again.click().run())
    assert evaluated == ["histogram", "histogram", "resnet18", "fusion"]
    assert not app.info


@pytest.mark.usefixtures("trial")
def test_a_report_is_there_for_who_comes_back(downloads: dict[str, str]) -> None:
    first = screen.opened("Metrics", catalog=shops.CATALOG, view="report")
    assert not downloads
    screen.ran(first.button(key="report-make").click().run())
    [name] = downloads
    made = downloads.pop(name)
    second = screen.opened("Metrics", catalog=shops.CATALOG, view="report")
    assert downloads == {name: made}
    assert "report-make" not in {button.key for button in second.button}


@pytest.mark.usefixtures("trial")
def test_a_defect_in_the_work_is_said_by_all_under_one_id(defects: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr(saved, "rank", fail)
    app = screen.opened("Metrics", **FILTERED)
    [id] = defects
    assert f"the id **{id}**" in app.error[0].value
    defects.clear()


@pytest.mark.usefixtures("trial")
def test_too_much_at_once_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHION_SEARCH_WORK_AT_ONCE", "1")
    monkeypatch.setenv("FASHION_SEARCH_WORK_WAITING", "0")
    over = threading.Event()
    work.WORKS.ask("other", work.About("Making the report", "report"), over.wait)
    app = screen.opened("Metrics", **FILTERED)
    over.set()
    assert [error.value for error in app.error] == [
        "This app has as much to work out just now as it takes on at a time. Try again in a minute."
    ]
    app = screen.ran(app.button(key="try-again").click().run())
    assert not app.error


@pytest.mark.usefixtures("trial")
def test_whoever_opens_the_catalog_sees_an_import_that_another_began() -> None:
    over = threading.Event()
    about = work.About("Importing vectors", "import", shops.CATALOG)
    job = work.WORKS.ask("other", about, over.wait)
    job.say(0.5, "Evaluating · 50%")
    shown = [bar.proto.text for bar in screen.opened("Catalog", catalog=shops.CATALOG).get("progress")]
    over.set()
    job.wait()
    assert shown == ["Evaluating · 50%"]
    assert not screen.opened("Catalog", catalog=shops.CATALOG).get("progress")
