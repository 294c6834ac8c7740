"""The versions of Python and of packages, against the floors in the program's own metadata."""

import platform
from collections import defaultdict
from collections.abc import Iterator
from importlib import metadata

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion

from fashion_search.doctor.finding import Finding

_NAME = "fashion_search"
_OF_DEVELOPERS = "dev"
_WHOLE = "all"


def check_versions() -> Iterator[Finding]:
    """Python, what the program needs, and its extras."""
    try:
        about = metadata.metadata(_NAME)
    except metadata.PackageNotFoundError:
        yield Finding("notice", "The program is not installed, so nothing says what it needs: pip install .")
        return
    python = platform.python_version()
    if python in SpecifierSet(about["Requires-Python"] or "", prereleases=True):
        yield Finding("fine", f"Python {python}.")
    else:
        yield Finding("wrong", f"Python is {python}, and {about['Requires-Python']} is needed: install a newer one.")
    required, extras = _requirements(about.get_all("Provides-Extra") or [])
    faults = [fault for one in required if (fault := _fault(one))]
    for fault in faults:
        yield Finding("wrong", f"{fault} Mend it: pip install --upgrade {_NAME}")
    if not faults:
        yield Finding("fine", f"{len(required)} packages that are needed, none too old.")
    for extra, wanted in sorted(extras.items()):
        yield from _extra(extra, wanted)


def _extra(extra: str, wanted: list[Requirement]) -> Iterator[Finding]:
    """An extra: what is not installed may be wanted or not; what is, and too old, cannot be relied on."""
    mend = f"pip install --upgrade '{_NAME}[{extra}]'"
    missing = [one.name for one in wanted if installed(one.name) is None]
    for one in wanted:
        if one.name not in missing and (fault := _fault(one)):
            yield Finding("wrong", f"{fault} Mend it: {mend}")
    if missing:
        yield Finding("notice", f"The extra “{extra}” lacks {', '.join(missing)}. To have it: {mend}")


def _requirements(names: list[str]) -> tuple[list[Requirement], dict[str, list[Requirement]]]:
    """What is needed here, and by extra what that needs besides."""
    required: list[Requirement] = []
    extras: dict[str, list[Requirement]] = defaultdict(list)
    for text in metadata.requires(_NAME) or []:
        one = Requirement(text)
        if one.name.replace("-", "_") == _NAME:
            continue
        if one.marker is None or one.marker.evaluate({"extra": ""}):
            required.append(one)
            continue
        for extra in names:
            if extra not in (_OF_DEVELOPERS, _WHOLE) and one.marker.evaluate({"extra": extra}):
                extras[extra].append(one)
    return required, extras


def installed(name: str) -> str | None:
    """The version of a package; None where it is not installed."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _fault(wanted: Requirement) -> str:
    """Why a package is not what is needed; empty where it is."""
    found = installed(wanted.name)
    if found is None:
        return f"The package {wanted.name} is missing."
    try:
        is_right = wanted.specifier.contains(found, prereleases=True)
    except InvalidVersion:
        return f"The package {wanted.name} has the version {found!r}, which is none."
    return "" if is_right else f"The package {wanted.name} is {found}, and {wanted.specifier} is needed."
