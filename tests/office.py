"""LibreOffice, which opens what is exported."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest


def converted(path: Path, kind: str, *options: str, needs: str) -> Path:
    """The file as LibreOffice saves it in another format, beside it.

    Without the program the test is skipped, or fails where ``FASHION_SEARCH_REQUIRE_OFFICE`` is 1.

    Args:
        path: a file.
        kind: suffix of the format.
        options: further ones of the program.
        needs: Debian's packages that can do this.
    """
    out = path.with_suffix(f".{kind}")
    said = "soffice is not on this machine"
    if shutil.which("soffice"):
        profile = f"-env:UserInstallation={(path.parent / 'profile').as_uri()}"
        command = ["soffice", profile, "--headless", *options, "--convert-to", kind, "--outdir", path.parent, path]
        said = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False).stderr
    if not out.is_file():
        without(f"{path.name} was not converted: {said} (apt-get install {needs})")
    return out


def without(reason: str) -> NoReturn:
    """Skip a test for want of such a program, or fail where it is required."""
    if os.environ.get("FASHION_SEARCH_REQUIRE_OFFICE") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
