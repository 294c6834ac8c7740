"""How names and labels are compared, whoever wrote them on whatever system."""

import re
import unicodedata
from functools import lru_cache

_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")  # they turn round what is read after them
_ALIKE = str.maketrans("<>*`[]\\$&", "‹›∗ˋ［］＼＄＆")
_WORD_JOINER = "\u2060"  # invisible
_WOULD_ACT = re.compile(r":(?=//)|:(?=[\w+/-]+[:\[])|(?<=ww)(?=w\.)|(?<=\w)@(?=\w)", re.IGNORECASE)
_AT_AN_EDGE = re.compile(r"(?<!\w)[_#]|_(?!\w)|~(?=~)")


@lru_cache(maxsize=4096)  # a table says the same few labels again and again
def cleaned(text: str) -> str:
    """Composed (NFC), with every run of white space, no-break spaces too, as one space and none at the ends.

    Characters that force a direction of writing on what follows them are left out.
    """
    return " ".join(unicodedata.normalize("NFC", in_order(text)).split())


def in_order(text: str) -> str:
    """Without characters that would have a part of it, or what stands after it, read backwards."""
    return _DIRECTIONS.sub("", text)


def inert(text: str) -> str:
    """A title that is the same text wherever it is shown, as plain text, Markdown or a chart's HTML.

    What would be read as markup is replaced by characters that look like it, or by nothing that is seen.
    """
    without = _AT_AN_EDGE.sub(lambda found: {"_": "ˍ", "#": "＃", "~": "∼"}[found[0]], in_order(text).translate(_ALIKE))
    return _WOULD_ACT.sub(rf"\g<0>{_WORD_JOINER}", without)


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
