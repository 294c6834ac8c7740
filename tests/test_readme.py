"""What the README says can be run is there to be run."""

import re
import shlex
from pathlib import Path

import pytest

from fashion_search.cli import parser

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = re.findall(r"python -m fashion_search ([a-z].*?)(?:`|  #|\n)", README)


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_are_commands(command: str) -> None:
    assert callable(parser().parse_args(shlex.split(command)).run)


def test_there_are_commands_and_targets() -> None:
    assert {command.split()[0] for command in COMMANDS} >= {"build", "evaluate"}
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in set(re.findall(r"^make (\w+)|`make (\w+)`", README, re.MULTILINE)):
        assert re.search(rf"^{''.join(target)}:", makefile, re.MULTILINE)


def test_links_and_pictures_are_there() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert links
    for link in links:
        assert link.startswith("https://") or (ROOT / link).exists(), link
