"""Many visitors at once: what they wait, what the app's process needs, and what it gives back."""

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import numpy as np

from benchmarks.browser import PICTURE, SETTLED, Server, browser
from fashion_search.home import home
from fashion_search.store import catalog_names, open_store
from tools.resilience.session import LostError, Session
from tools.resilience.trial import Outcome

_SECONDS = 600.0  # of the crowd
_IN_CHROMIUM = 2  # of the visitors
_PAUSE = (0.5, 2.0)  # s that a visitor looks at a page
_DEEDS = {"pick": 75, "upload": 5, "page": 12, "reload": 8}  # how often
_PAGES = ("Metrics", "Methods", "Failures", "Catalog", "Training")
_HOSTILE = 10  # one in so many uploads
_P95 = 3.0  # s
_GROWTH = 1.10  # of memory, against the first minute's
_FORGOTTEN = 200.0  # s until the app has forgotten who left: Streamlit keeps them for 120, in case they come back


def crowd(count: int, seed: int, seconds: float = _SECONDS) -> Outcome:
    """So many visitors who pick, upload, turn pages and reload."""
    catalog = largest_catalog()
    found = Outcome({"catalog": catalog, "visitors": count, "seconds": seconds})
    taken: dict[str, list[float]] = defaultdict(list)
    with _app() as app, _chromium(app, catalog, min(_IN_CHROMIUM, count // 4), taken, found):
        warm_up(app.port, catalog, seed)
        levels = asyncio.run(_visits(app, catalog, count - min(_IN_CHROMIUM, count // 4), seconds, seed, taken, found))
    judge(found, taken, seconds, *levels)
    return found


def judge(found: Outcome, taken: dict[str, list[float]], seconds: float, begin: int, end: int) -> None:
    """Say how long visitors waited, by what they did, and how memory grew, bytes; and what of it breaks a promise."""
    for deed, times in sorted(taken.items()):
        found.figures[deed] = f"{len(times):,}, {_spread(times)}"
    everything = [one for times in taken.values() for one in times]
    found.figures["all"] = f"{len(everything):,}, {_spread(everything)}, {len(everything) / seconds:.1f} a second"
    found.figures["memory"] = f"{begin / 1e6:.0f} MB in the second tenth of the time, {end / 1e6:.0f} MB in the last"
    if np.quantile(everything, 0.95) > _P95:
        found.broken.append(f"One in twenty waited longer than {_P95:.0f} s.")
    if end > begin * _GROWTH:
        found.broken.append(f"Memory grew by {end / begin - 1:.0%}.")


def left(count: int, seed: int, forgotten: float = _FORGOTTEN) -> Outcome:
    """So many visitors who come, look once and go: whether all that they took is given back."""
    catalog = largest_catalog()
    found = Outcome({"catalog": catalog, "visitors": count})
    with _app() as app:
        warm_up(app.port, catalog, seed)
        for _ in range(2):  # the first crowd makes the process as large as crowds make it
            before = _held(app)
            asyncio.run(_look_once(app.port, catalog, count))
            time.sleep(forgotten)
        after = _held(app)
    for what, (was, now) in {name: (before[name], after[name]) for name in before}.items():
        found.figures[what] = f"{was:,} before, {now:,} after"
        if now > was * _GROWTH + 2:
            found.broken.append(f"{what} grew from {was:,} to {now:,}.")
    return found


def searches(count: int, seed: int) -> Outcome:
    """So many searches, one after the other: whether memory stays."""
    catalog = largest_catalog()
    found = Outcome({"catalog": catalog, "searches": count})

    async def click(port: int) -> list[int]:
        levels = []
        async with Session(port, f"catalog={catalog}") as visitor:
            for number in range(count):
                await visitor.click("random")
                if number % max(count // 10, 1) == 0:
                    levels.append(app.memory()[0])
        return [*levels, app.memory()[0]]

    with _app() as app:
        warm_up(app.port, catalog, seed)
        levels = asyncio.run(click(app.port))
    found.figures["memory, MB"] = ", ".join(f"{level / 1e6:.0f}" for level in levels)
    if levels[-1] > levels[1] * _GROWTH:
        found.broken.append(f"Memory grew from {levels[1] / 1e6:.0f} to {levels[-1] / 1e6:.0f} MB.")
    return found


def largest_catalog() -> str:
    """Of those that are built here, the one with the most items."""
    return max(catalog_names(), key=lambda name: open_store(name).manifest.n_items)


def warm_up(port: int, catalog: str, seed: int) -> None:
    """Come as the first visitor: what is loaded once is loaded then."""

    async def visit() -> None:
        async with Session(port, f"catalog={catalog}") as visitor:
            await visitor.click("random")
            await visitor.upload(picture(catalog, random.Random(seed)), "own.jpg")
            for page in _PAGES:
                await visitor.turn_to(page, f"catalog={catalog}")

    asyncio.run(visit())


def picture(catalog: str, chance: random.Random) -> bytes:
    """A picture to upload: an item's, as the catalog keeps it."""
    store = open_store(catalog)
    return store.thumbnail(chance.randrange(len(store.catalog.items)))


def hostile(catalog: str, chance: random.Random) -> bytes:
    """What is no picture, or only the beginning of one."""
    whole = picture(catalog, chance)
    return chance.choice((whole[: len(whole) // 2], whole[:20], chance.randbytes(5_000), b"<script>alert(1)</script>"))


@contextmanager
def _app() -> Iterator[Server]:
    with Server(None, home()) as app:
        app.wait()
        yield app


async def _visits(
    app: Server, catalog: str, count: int, seconds: float, seed: int, taken: dict[str, list[float]], found: Outcome
) -> tuple[int, int]:
    """Resident memory in the second and in the last tenth of the time, bytes: means, since each upload is a peak."""
    end = time.perf_counter() + seconds

    async def visit(number: int) -> None:
        chance = random.Random(seed * 10_000 + number)
        try:
            async with Session(app.port, f"catalog={catalog}") as visitor:
                while time.perf_counter() < end:
                    await asyncio.sleep(chance.uniform(*_PAUSE))
                    (deed,) = chance.choices(list(_DEEDS), list(_DEEDS.values()))
                    taken[deed].append(await _do(deed, visitor, catalog, chance))
        except (LostError, OSError, TimeoutError) as error:
            found.broken.append(f"Visitor {number}: {type(error).__name__} {error}")

    async def levels() -> list[int]:
        found = []
        while time.perf_counter() < end:
            await asyncio.sleep(seconds / 100)
            found.append(app.memory()[0])
        return found

    memory, _ = await asyncio.gather(levels(), asyncio.gather(*map(visit, range(count))))
    tenth = max(1, len(memory) // 10)
    return int(np.mean(memory[tenth : 2 * tenth])), int(np.mean(memory[-tenth:]))


async def _do(deed: str, visitor: Session, catalog: str, chance: random.Random) -> float:
    """Do one thing, if need be after going back to where it can be done; seconds until its page is drawn."""
    if deed == "page":
        return await visitor.turn_to(chance.choice(_PAGES), f"catalog={catalog}")
    if deed == "reload":
        await visitor.close()
        return await visitor.open()
    if "random" not in visitor.buttons:
        await visitor.turn_to("", f"catalog={catalog}")
    if deed == "pick":
        return await visitor.click("random")
    make = hostile if chance.randrange(_HOSTILE) == 0 else picture
    return await visitor.upload(make(catalog, chance), "own.jpg")


async def _look_once(port: int, catalog: str, count: int) -> None:
    together = asyncio.Semaphore(20)

    async def look() -> None:
        async with together, Session(port, f"catalog={catalog}") as visitor:
            await visitor.click("random")

    await asyncio.gather(*(look() for _ in range(count)))


@contextmanager
def _chromium(app: Server, catalog: str, tabs: int, taken: dict[str, list[float]], found: Outcome) -> Iterator[None]:
    """Meanwhile, tabs of a browser that click."""
    over = Event()

    def click() -> None:
        try:
            with browser() as chromium:
                pages = [chromium.new_page() for _ in range(tabs)]
                for page in pages:
                    page.set_default_timeout(120_000)
                    page.goto(f"{app.url}/?catalog={catalog}")
                    page.wait_for_selector(PICTURE)
                while not over.wait(random.uniform(*_PAUSE)):
                    for page in pages:
                        started = time.perf_counter()
                        before = page.locator(".st-key-query .fs-note").inner_text()
                        page.locator(".st-key-random button:visible").click()
                        page.wait_for_function(
                            "before => document.querySelector('.st-key-query .fs-note')?.innerText !== before",
                            arg=before,
                        )
                        page.wait_for_selector(SETTLED)
                        taken["pick in Chromium"].append(time.perf_counter() - started)
        except Exception as error:  # whatever it is, a visitor saw it
            found.broken.append(f"In Chromium: {type(error).__name__} {error}")

    thread = Thread(target=click)
    if tabs:
        thread.start()
    try:
        yield
    finally:
        over.set()
        if tabs:
            thread.join()


def _held(app: Server) -> dict[str, int]:
    """What the app's process holds."""
    process = Path(f"/proc/{app.process.pid}")
    return {
        "memory, MB": app.memory()[0] // 10**6,
        "threads": len(list((process / "task").iterdir())),
        "open files": len(list((process / "fd").iterdir())),
    }


def _spread(times: list[float]) -> str:
    middle, nearly, most = np.quantile(times, (0.5, 0.95, 1.0))
    return f"p50 {middle:.2f} s, p95 {nearly:.2f} s, longest {most:.2f} s"
