"""What whoever runs the program may set, by environment variables; each has a safe default."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any

from fashion_search.errors import SettingError

_PREFIX = "FASHION_SEARCH_"
_SWITCHES = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


def _number(default: float, least: float, most: float, about: str) -> Any:
    return field(default=default, metadata={"least": least, "most": most, "about": about})


def _switch(default: bool, about: str) -> Any:
    return field(default=default, metadata={"about": about})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings; the variable of ``image_mb`` is ``FASHION_SEARCH_IMAGE_MB``.

    A whole number by default takes whole numbers alone; a switch takes 1, true, yes, on and their opposites.
    """

    sessions: int = _number(500, 1, 100_000, "pages that are open at once in all browsers")
    pages_at_once: int = _number(2, 1, 64, "pages drawn at the same time; more than cores make all of them slower")
    pages_waiting: int = _number(200, 1, 10_000, "pages that wait for that; who comes then is told to try again")
    encodings_at_once: int = _number(1, 1, 64, "uploaded pictures encoded at the same time")
    encodings_waiting: int = _number(50, 1, 10_000, "pictures that wait for that")
    public: bool = _switch(False, "open mode: what reads or changes this machine is off")
    work_at_once: int = _number(2, 1, 64, "evaluations, reports and imports that the app works out at once")
    work_waiting: int = _number(20, 0, 1000, "those that may wait for their turn; more are refused")
    log_json: bool = _switch(False, "the log is JSON, an object a line")
    image_mb: int = _number(100, 1, 100, "MB of a picture's file")
    image_megapixels: int = _number(50, 4, 200, "megapixels of a picture that is decoded whole; of WebP a third")
    jpeg_megapixels: int = _number(200, 4, 200, "megapixels of a JPEG, which is decoded at a fraction")
    image_frames: int = _number(1_000, 1, 1_000_000, "frames of an animation, of which the first is used")
    image_seconds: float = _number(5.0, 0.1, 600.0, "seconds in which an uploaded picture must be opened")
    image_memory_mb: int = _number(1_024, 128, 65_536, "MB that opening an uploaded picture may take")
    image_workers: int = _number(2, 1, 64, "uploaded pictures that are opened at once")
    archive_entries: int = _number(1_000_000, 1, 10_000_000, "files in a ZIP archive")
    archive_gb: int = _number(1_000, 1, 100_000, "GB of all files of a ZIP archive, unpacked")
    archive_ratio: int = _number(200, 2, 2_000, "times its packed size that a file of a ZIP archive unpacks to")
    table_mb: int = _number(256, 1, 4_096, "MB of a table (CSV)")
    table_columns: int = _number(2_000, 1, 100_000, "columns of a table (CSV)")
    table_rows: int = _number(2_000_000, 1, 100_000_000, "lines of a table (CSV)")
    behind_proxy: bool = _switch(False, "believe a proxy's X-Forwarded-For and -Proto, and any Host that it passes on")
    verdicts: bool = _switch(True, "people can give verdicts on results")
    public_verdicts: bool = _switch(False, "people can give verdicts in open mode too")
    public_cases: bool = _switch(False, "people can change the report's cases in open mode too")
    upload_mb: int = _number(20, 1, 1_000, "most megabytes of an uploaded file in open mode")
    uploads_a_minute: int = _number(20, 1, 100_000, "pictures that a session may bring in a minute, in open mode")
    uploads_a_minute_all: int = _number(240, 1, 1_000_000, "pictures that all sessions may bring in a minute together")
    uploads_at_once: int = _number(4, 1, 1_000, "uploads that are received at once, in open mode")
    uploads_held: int = _number(16, 1, 1_000, "uploaded files that a session may leave unread, in open mode")
    uploads_held_mb: int = _number(200, 1, 100_000, "most megabytes of unread uploads of all sessions together")
    pictures_kept_mb: int = _number(2_000, 16, 1_000_000, "most megabytes of opened pictures of all sessions together")
    login_hours: int = _number(12, 1, 24 * 365, "how long a login lasts")


@dataclass(frozen=True)
class Setting:
    """One of them, for those who list or set it. ``least`` and ``most``: its range; of a switch None."""

    name: str
    default: bool | int | float
    about: str
    least: float | None = None
    most: float | None = None

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return variable(self.name)

    def read(self, text: str) -> bool | int | float:
        """What a variable's text means.

        Raises:
            SettingError: nothing, or it is out of range.
        """
        if isinstance(self.default, bool):
            if text.strip().lower() in _SWITCHES:
                return _SWITCHES[text.strip().lower()]
            raise SettingError(f"{self.variable} is {text!r}: set it to 1 or 0, or remove it.")
        assert self.least is not None
        assert self.most is not None
        kind = type(self.default)
        try:
            number = kind(text)
        except ValueError:
            number = None
        if number is None or not self.least <= number <= self.most:
            what = "a whole number" if kind is int else "a number"
            raise SettingError(
                f"{self.variable} is {text!r}: set it to {what} from {self.least:,} to {self.most:,}, or remove it."
            )
        return number


def variable(name: str) -> str:
    """The environment variable that sets a setting of this name."""
    return _PREFIX + name.upper()


def all_settings() -> Iterator[Setting]:
    """All that can be set."""
    for one in fields(Settings):
        yield Setting(one.name, one.default, **one.metadata)  # type: ignore[arg-type]


def settings() -> Settings:
    """What is set, as the environment says it now.

    Raises:
        SettingError: a variable has a value that means nothing, or one that is out of range.
    """
    return _settings(tuple(map(os.environ.get, _variables())))


@cache  # a page asks for its settings dozens of times
def _variables() -> tuple[str, ...]:
    return tuple(one.variable for one in all_settings())


@cache
def _settings(texts: tuple[str | None, ...]) -> Settings:
    given = zip(all_settings(), texts, strict=True)
    return Settings(**{one.name: one.read(text) for one, text in given if text is not None})  # type: ignore[arg-type]
