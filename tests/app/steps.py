"""What a person does on the pages in several steps."""

import time

from fashion_search.build import status
from tests.app import screen, shops


def uploaded(app: screen.AppTest, data: bytes, name: str = "mine.png", labels: tuple[str, ...] = ()) -> screen.AppTest:
    """Drop a file, and say what it is."""
    dropped(app, (name, data))
    if labels:
        for column, label in zip(("article_type", "base_colour", "usage"), labels, strict=True):
            [box] = [one for one in app.selectbox if (one.key or "").endswith(f"-{shops.CATALOG}-{column}")]
            screen.ran(box.set_value(label).run())
    return app


def dropped(app: screen.AppTest, *files: tuple[str, bytes]) -> screen.AppTest:
    """Drop files at once."""
    [uploader] = [one for one in app.file_uploader if (one.key or "").startswith("upload-file-")]
    for name, data in files:
        uploader.upload(name, data, "image/png")
    return screen.ran(app.run())


def searched_with(app: screen.AppTest, method: str, place: int) -> screen.AppTest:
    """Open a result and search with it."""
    app.button(key=f"why-{method}-{place}").click().run()
    app.button(key=f"why-{method}-{place}").click()  # without a browser, a dialog stays open only if asked again
    return screen.ran(app.button(key="use").click().run())


def wait_for_build(name: str, limit: float = 120) -> None:
    """Until the process that builds a catalog is done."""
    end = time.monotonic() + limit
    while (found := status.read_status(name)) is not None and found.is_under_way:
        assert time.monotonic() < end, found
        time.sleep(0.1)
    assert found is not None
    assert (found.state, found.message) == ("done", "")
