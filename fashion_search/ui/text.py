"""Text from outside (a link, a path, a table) inside sentences that Streamlit draws as Markdown."""

import re


def plain(text: str) -> str:
    """Escape Markdown: the text is read as it stands, and cannot make a link, a picture or a formula."""
    return re.sub(r"([\\`*_\[\]<>~$&#])", r"\\\1", text)
