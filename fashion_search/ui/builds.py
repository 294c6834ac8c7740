"""Starting builds from a page, showing how they go, and offering one where a library is missing or foreign."""

from dataclasses import replace

import streamlit as st

from fashion_search import logs, removal
from fashion_search.build.status import (
    Status,
    can_be_cancelled,
    cancel_build,
    is_being_cancelled,
    read_status,
    start_build,
)
from fashion_search.catalog.demo import DEMO
from fashion_search.catalog.request import Request
from fashion_search.encoders import DEFAULT_METHODS, Encoder, encoder_spec
from fashion_search.errors import (
    EngineError,
    FashionSearchError,
    ForeignVectorsError,
    MissingPackageError,
    NoEncoderError,
    StoreError,
    WeightsError,
)
from fashion_search.home import home
from fashion_search.library import Library
from fashion_search.manifest import Manifest, read_manifest
from fashion_search.search import encoder_at_hand
from fashion_search.store import Store, catalog_names, outdated_manifest
from fashion_search.ui import data, open_mode, work
from fashion_search.ui.text import plain, title_of
from fashion_search.work import About

_STARTED = "builds started"  # session state: names of catalogs whose build this person started


def build_button(label: str, request: Request, key: str) -> None:
    """A button that starts a build; it rests while the catalog is being built, as the page's head then shows."""
    if open_mode.say("Building"):
        return
    if about_part := _about_part(request):
        st.caption(plain(about_part))
        return
    status = read_status(request.name)
    is_under_way = status is not None and status.is_under_way
    if st.button(label, key=key, icon=":material/build:", disabled=is_under_way):
        start(request)


def _about_part(request: Request) -> str:
    """Why a build that would be refused is not offered: the catalog is part of another."""
    try:
        return "" if request.replace else read_manifest(home() / request.name).about_part
    except StoreError:
        return ""


def start(request: Request) -> None:
    """Start a build and show the page again, now with its progress."""
    try:
        open_mode.check("Building")
        start_build(request)
    except FashionSearchError as error:
        logs.refusal(error, request.name)
        st.error(plain(str(error)), icon=":material/error:")
        return
    st.session_state.setdefault(_STARTED, set()).add(request.name)
    st.rerun()


@st.fragment(run_every=1.0)
def watch(name: str) -> None:
    """The progress of a build, once per second; when it ends the whole page is drawn again."""
    status = read_status(name)
    if status is None or not status.is_under_way:
        st.rerun()
    progress = status.progress
    with st.container(key=f"work-build-{name}", horizontal=True, vertical_alignment="center"):
        st.progress(progress.share, f"Building “{name}”: {progress.sentence}")
        _cancel_button(name)


def _cancel_button(name: str) -> None:
    """Ends a build that a page started; what it did is kept. In public nobody but who runs the app ends builds."""
    if not can_be_cancelled(name) or open_mode.is_on():
        return
    is_ending = is_being_cancelled(name)
    if st.button(
        "Cancelling …" if is_ending else "Cancel",
        key=f"cancel-build-{name}",
        icon=":material/close:",
        disabled=is_ending,
        help="What it has done by then is kept.",
    ):
        try:
            cancel_build(name)
        except FashionSearchError as error:
            st.error(plain(str(error)), icon=":material/error:")
            return
        st.rerun(scope="fragment")


def own_build(name: str) -> None:
    """The build of the catalog on the page, if it is under way or this person started it."""
    status = read_status(name)
    if status is not None and (status.is_under_way or name in st.session_state.get(_STARTED, set())):
        outcome(name)


def outcome(name: str) -> None:
    """What became of the newest build of a catalog, where that needs saying."""
    status = read_status(name)
    if status is None:
        return
    if status.is_under_way:
        watch(name)
    elif open_mode.is_on():
        return  # what became of a build is for those who can start it
    elif status.state in ("interrupted", "cancelled"):
        st.warning(
            f"The build of “{name}” was {status.state}. What it had done is kept, and it can go on from there.",
            icon=":material/pause_circle:",
        )
        _again(name, "Go on", status)
    elif status.message:
        _failure(name, status)
    elif name in st.session_state.get(_STARTED, set()):
        st.success(f"“{name}” is built.", icon=":material/check_circle:")
        st.page_link("app.py", label="Search it", icon=":material/image_search:", query_params={"catalog": name})


def _failure(name: str, status: Status) -> None:
    what = "failed" if status.state == "failed" else "left something out"
    st.error(plain(f"The newest build of “{name}” {what}: {status.message}"), icon=":material/error:")
    _again(name, "Try again", status)


def _again(name: str, label: str, status: Status) -> None:
    """Start the build again, or hear no more of it."""
    with st.container(horizontal=True):
        build_button(label, _here(status), key=f"again-{name}")
        lost = None if name in catalog_names() else "What this build had done is deleted."
        if not st.button("Dismiss", key=f"dismiss-{name}", icon=":material/close:", help=lost):
            return
    try:
        open_mode.check("Dismissing a build")
        removal.dismiss(name)
    except FashionSearchError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    st.rerun()


def mend(name: str, error: FashionSearchError) -> None:
    """Say why a catalog cannot be used, and offer to build it again."""
    logs.refusal(error, name)
    st.error(plain(str(error)), icon=":material/error:")
    request = _last_request(name)
    if request is not None:
        build_button("Build it again", request, key="mend-catalog")


def outdated(name: str) -> None:
    """Say what to do about a catalog of an earlier version, and offer it."""
    if not open_mode.is_on() and (manifest := outdated_manifest(name)):
        st.info(plain(manifest.advice), icon=":material/upgrade:")
        build_button("Build it again", manifest.rebuild(*manifest.libraries), key="outdated")


def _last_request(name: str) -> Request | None:
    """How a catalog was built, from its manifest, else from its newest build."""
    if name == DEMO:
        return Request(DEMO, DEMO, DEFAULT_METHODS)
    try:
        manifest = read_manifest(home() / name)
        return manifest.rebuild(*manifest.libraries)
    except FashionSearchError:
        status = read_status(name)
        return _here(status) if status is not None else None


def _here(status: Status) -> Request:
    """What a build was asked for, on this machine: a cluster, whose workers run code, is only joined by command."""
    return replace(status.request, ray="")


def matching_encoder(library: Library, manifest: Manifest) -> Encoder | None:
    """The encoder that made a library; where it is not at hand, says so, offers a way, and returns None."""
    spec = encoder_spec(library.method)
    try:
        return data.encoder(encoder_at_hand(library))
    except NoEncoderError as error:
        title = f"{spec.title}: " if spec.combines else ""
        st.info(plain(f"{title}{error}"), icon=":material/database:")
    except WeightsError as error:
        st.info(plain(f"{spec.title} cannot encode a picture. {error}"), icon=":material/cloud_off:")
        if error.can_download:
            _offer_download(spec.name)
    except ForeignVectorsError as error:
        st.info(plain(str(error)), icon=":material/sync_problem:")
        label = f"Rebuild {spec.title} for {manifest.n_items:,} pictures"
        build_button(label, manifest.rebuild(spec.name), key=f"rebuild-{spec.name}")
    except FashionSearchError as error:  # a package that is not installed, a model that its library no longer has
        st.info(plain(f"{spec.title} cannot encode a picture. {error}"), icon=":material/extension_off:")
    return None


def mend_library(store: Store, method: str, error: FashionSearchError) -> None:
    """Say why a method's library cannot be read, and offer to build it again."""
    logs.refusal(error, store.name, method)
    st.error(plain(f"{title_of(method)}: {error}"), icon=":material/error:")
    if isinstance(error, MissingPackageError) or (isinstance(error, EngineError) and not error.can_build):
        return  # building does not mend that
    build_button("Build it again", store.manifest.rebuild(method), key=f"mend-{method}")


def _offer_download(method: str) -> None:
    """Download the weights on request; without a network this says so."""
    if open_mode.say("Downloading"):
        return
    if not st.button("Download the weights", key=f"download-{method}", icon=":material/download:"):
        return
    try:
        open_mode.check("Downloading")
        about = About("Downloading the weights; the terminal shows how far it is", "download", method=method)
        work.begin(("weights", method), about, lambda: bool(encoder_spec(method).load()))
    except FashionSearchError as error:
        st.error(plain(str(error)), icon=":material/wifi_off:")
        return
    st.rerun()
