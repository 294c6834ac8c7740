"""What a person does on the pages in several steps."""

import time

from fashion_search import status
from tests.app import screen, shops


def uploaded(app: screen.AppTest, data: bytes, name: str = "mine.png", labels: tuple[str, ...] = ()) -> screen.AppTest:
    """Go through the dialog with a file."""
    app.button(key="upload").click().run()
    app.file_uploader(key="upload-file").upload(name, data, "image/png")
    screen.ran(app.button(key="upload").click().run())  # without a browser, a dialog stays open only if asked again
    if labels:
        app.toggle(key="upload-known").set_value(True)
        screen.ran(app.button(key="upload").click().run())
        for column, label in zip(("article_type", "base_colour", "usage"), labels, strict=True):
            app.selectbox(key=f"upload-{shops.CATALOG}-{column}").set_value(label)
    app.button(key="upload").click()
    return screen.ran(app.button(key="upload-search").click().run())


def wait_for_build(name: str, limit: float = 60) -> None:
    """Until the process that builds a catalog is done."""
    end = time.monotonic() + limit
    while (found := status.read_status(name)) is not None and found.is_under_way:
        assert time.monotonic() < end, found
        time.sleep(0.1)
    assert found is not None
    assert (found.state, found.message) == ("done", "")
