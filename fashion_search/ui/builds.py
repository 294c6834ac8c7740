"""Starting builds from a page, showing how they go, and offering one where a library is missing or foreign."""

import streamlit as st

from fashion_search.encoders import Encoder, encoder_spec
from fashion_search.errors import FashionSearchError, WeightsError
from fashion_search.library import Library
from fashion_search.status import Request, Status, read_status, start_build
from fashion_search.store import Manifest
from fashion_search.ui import data
from fashion_search.ui.text import plain


def rebuild(manifest: Manifest, *methods: str) -> Request:
    """The build that brings methods of a catalog up to date."""
    return Request(manifest.source_path, manifest.name, methods, manifest.options)


def build_button(label: str, request: Request, key: str) -> None:
    """A button that starts a build, or the progress of the one under way."""
    status = read_status(request.name)
    if status is not None and status.is_under_way:
        watch(request.name)
        return
    if st.button(label, key=key, icon=":material/build:"):
        start(request)


def start(request: Request) -> None:
    """Start a build and show the page again, now with its progress."""
    try:
        start_build(request)
    except FashionSearchError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    st.rerun()


@st.fragment(run_every=1.0)
def watch(name: str) -> None:
    """The progress of a build, once per second; when it ends the whole page is drawn again."""
    status = read_status(name)
    if status is None or not status.is_under_way:
        st.rerun()
    progress = status.progress
    st.progress(progress.done / progress.total if progress.total else 0.0, f"Building “{name}”: {progress.sentence}")


def outcome(name: str) -> None:
    """What became of the newest build of a catalog, where that needs saying."""
    status = read_status(name)
    if status is None:
        return
    if status.is_under_way:
        watch(name)
    elif status.state == "interrupted":
        st.warning(
            f"The build of “{name}” was interrupted. What it had done is kept; the previous libraries are in use.",
            icon=":material/pause_circle:",
        )
        build_button("Go on", status.request, key=f"resume-{name}")
    elif status.message:
        _failure(name, status)


def _failure(name: str, status: Status) -> None:
    what = "failed" if status.state == "failed" else "left something out"
    st.error(plain(f"The newest build of “{name}” {what}: {status.message}"), icon=":material/error:")
    build_button("Try again", status.request, key=f"retry-{name}")


def matching_encoder(library: Library, manifest: Manifest) -> Encoder | None:
    """The encoder that made a library; where it is not at hand, says so, offers a way, and returns None."""
    method = library.method
    spec = encoder_spec(method)
    try:
        at_hand = spec.fingerprint()
    except WeightsError as error:
        st.info(plain(f"{spec.title} cannot encode your picture. {error}"), icon=":material/cloud_off:")
        _offer_download(method)
        return None
    if not at_hand.matches(library.fingerprint):
        st.info(
            plain(
                f"This {spec.title} library was made with {library.fingerprint.weights_label}; at hand is "
                f"{at_hand.weights_label}. Vectors of different weights cannot be compared: rebuild the library first."
            ),
            icon=":material/sync_problem:",
        )
        label = f"Rebuild {spec.title} for {manifest.n_items:,} pictures"
        build_button(label, rebuild(manifest, method), key=f"rebuild-{method}")
        outcome_of_rebuild(manifest.name)
        return None
    try:
        return data.encoder(at_hand)
    except WeightsError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return None


def outcome_of_rebuild(name: str) -> None:
    """Why the rebuild that was just tried did not work."""
    status = read_status(name)
    if status is not None and status.state == "failed":
        st.error(plain(status.message), icon=":material/error:")


def _offer_download(method: str) -> None:
    """Download the weights on request; without a network this says so."""
    if not st.button("Download the weights", key=f"download-{method}", icon=":material/download:"):
        return
    try:
        with st.spinner("Downloading …"):
            encoder_spec(method).load()
    except WeightsError as error:
        st.error(plain(str(error)), icon=":material/wifi_off:")
        return
    st.rerun()
