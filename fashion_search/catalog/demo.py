"""The embedded demo catalog: synthetic pictures that this project drew itself (see ``tools/demo_catalog``)."""

from fashion_search.home import shipped

DEMO = "demo"
DEMO_TITLE = "Demo shop (synthetic)"
DEMO_SOURCE = shipped("assets/demo")  # in the layout of Kaggle's data set
DEMO_STORE = shipped("assets/demo_libraries")  # built from it, so that the first search needs no weights
DEMO_QUERIES = shipped("assets/demo_queries/photos.csv")
DEMO_PHOTOS = "demo-photos"  # the word for that source
