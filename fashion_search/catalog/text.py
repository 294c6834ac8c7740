"""How names and labels are compared, whoever wrote them on whatever system."""

import unicodedata
from functools import lru_cache


@lru_cache(maxsize=4096)  # a table says the same few labels again and again
def cleaned(text: str) -> str:
    """Composed (NFC), with every run of white space, no-break spaces too, as one space and none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def as_words(name: str) -> str:
    """A file's or folder's name on screen: ``red_shirts`` → ``red shirts``."""
    return cleaned(name.replace("_", " "))


def is_text(name: str) -> bool:
    """False for a file name of bytes that are not UTF-8, which the system hands over as half characters."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def printable(name: str) -> str:
    """The same name with a question mark for each byte that is no text."""
    return name.encode(errors="replace").decode()
