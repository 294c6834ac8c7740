import ast
import subprocess
import sys

from tests.app.screen import ROOT

_CODE = """
import logging, sys
said = []
logging.Logger.warning = lambda logger, text, *rest, **more: said.append(str(text))
from fashion_search.ui import ready
ready.import_page()
imported = set(sys.modules)
ready.search()
import streamlit
from fashion_search import store
from fashion_search.ui import data
opened = []
store.open_store = data.open_store = lambda name: opened.append(name)
data.store("demo")
print(len(opened), sum("ScriptRunContext" in text for text in said), *imported)
"""


def test_the_first_session_finds_the_demo_opened_and_the_page_imported() -> None:
    done = subprocess.run([sys.executable, "-c", _CODE], cwd=ROOT, capture_output=True, text=True, check=True)
    opened_again, complaints, *modules = done.stdout.splitlines()[-1].split(" ")
    page = ast.parse((ROOT / "app.py").read_text("utf-8")).body
    wanted = {statement.module for statement in page if isinstance(statement, ast.ImportFrom)}
    assert wanted <= set(modules)
    assert "fashion_search.ui.search.what" in modules
    assert (opened_again, complaints) == ("0", "0")  # Streamlit complains of a page's elements where there is no page
