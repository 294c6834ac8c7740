"""Pictures that a person brings: dropped, pasted or photographed; cropped; kept for the session."""

import hashlib
import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar

import streamlit as st
from PIL import Image

from fashion_search import logs, proposals
from fashion_search.catalog import Catalog
from fashion_search.charts.picture import croppable
from fashion_search.decoding import open_apart
from fashion_search.errors import ImageError, TooManyError
from fashion_search.image_limits import in_words
from fashion_search.images import Box, to_webp
from fashion_search.settings import settings
from fashion_search.store import Store
from fashion_search.ui import cards, open_mode
from fashion_search.ui.search import uploaded_files
from fashion_search.ui.text import plain
from fashion_search.ui.url import UPLOAD, View, open_view

MOST = 8
"""Uploads that a session keeps; an older one is forgotten."""

LARGEST = 1_000
"""Pixels of the longer side that are kept of a picture: a crop of a quarter is still more than any method looks at.

Photos of 12 and 48 megapixels are decoded at a quarter and an eighth then, in half the time of the next fraction."""

_UPLOADS = "uploads"  # session state: by id, the newest last
_CURRENT = "upload"  # session state: the id of the one that is searched with
_ROUND = "upload round"  # session state: counts what was brought; each round has an uploader of its own, which is empty
_SAID = "upload said"  # session state: sentences about what was brought last
_NO_SIZE = "The rectangle has no size. Drag from one corner of the garment to the other."
_SMALL = (480, 640)  # px, of the picture that is cropped
_STRIP = (96, 128)  # px, of a picture on a button
_MOST_MADE = 24  # small pictures and such that are kept with an upload
_T = TypeVar("_T")


class _File(Protocol):
    file_id: str

    def getvalue(self) -> bytes: ...


@dataclass(frozen=True)
class Upload:
    """A picture that a person brought, what of it is searched with, and what they say it is.

    ``id`` is told by the file's content. ``box`` is the crop; ``plain`` puts the garment in it on white. ``said`` are
    labels in terms of one catalog, None where nothing was said.
    """

    id: str
    image: Image.Image = field(repr=False, compare=False)
    box: Box = field(default_factory=Box)
    plain: bool = False
    said: tuple[str | None, ...] = ()
    catalog: str = ""
    _made: dict[tuple[Hashable, ...], Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def picture(self) -> Image.Image:
        """What is searched with."""
        return self.box.crop((self.plain and self.isolated) or self.image)

    @property
    def isolated(self) -> Image.Image | None:
        """The picture with the garment alone, on white; None where nothing stands out."""
        return self._once(("isolated", self.box), lambda: proposals.isolate(self.image, self.box))

    def proposed(self) -> list[Box]:
        """Crops of the things that the program sees in it."""
        return self._once(("proposed",), lambda: proposals.propose(self.image))

    def small(self, box: Box, size: tuple[int, int]) -> bytes:
        """A crop as a WebP of at most this size."""
        return self._once(("small", box, size), lambda: to_webp(box.crop(self.image), size))

    def _once(self, what: tuple[Hashable, ...], make: Callable[[], _T]) -> _T:
        """What is made of it, kept with it and in no cache of the process: it is gone when the session is."""
        if what not in self._made:
            self._made[what] = make()
            if len(self._made) > _MOST_MADE:
                del self._made[next(iter(self._made))]
        found: _T = self._made[what]
        return found

    def said_of(self, catalog: Catalog) -> tuple[str | None, ...]:
        """What was said of it in terms of a catalog, by column."""
        return self.said if self.catalog == catalog.name and self.said else (None,) * len(catalog.columns)

    def labels(self, catalog: Catalog) -> tuple[str, ...] | None:
        """The ground truth, if all of it was said in terms of this catalog."""
        known = tuple(value for value in self.said_of(catalog) if value is not None)
        return known if known and len(known) == len(catalog.columns) else None


# -- what there is ------------------------------------------------------------------------------------------


def uploads() -> dict[str, Upload]:
    """The session's uploads by id, the newest last."""
    found: dict[str, Upload] = st.session_state.setdefault(_UPLOADS, {})
    return found


def current() -> Upload | None:
    """The upload that a view with the query ``UPLOAD`` searches with."""
    return uploads().get(st.session_state.get(_CURRENT, ""))


def choose(upload_id: str, view: View) -> None:
    """Search with an earlier upload again, as it was left."""
    st.session_state[_CURRENT] = upload_id
    open_view(replace(view, query=UPLOAD))


def thumbnail(upload: Upload) -> bytes:
    """What of it is searched with, as a small WebP."""
    return upload.small(upload.box, _STRIP)


def _keep(upload: Upload) -> None:
    known = uploads()
    known[upload.id] = known.pop(upload.id, upload)  # as it was left, but the newest
    while len(known) > MOST:
        known.pop(next(iter(known)))


def _change(upload_id: str, **changes: Any) -> None:
    """Replace an upload in its place, unless it is forgotten by now."""
    known = uploads()
    if upload_id in known:
        known[upload_id] = replace(known[upload_id], **changes)


# -- bringing one -------------------------------------------------------------------------------------------


def bring(files: Sequence[_File], view: View) -> None:
    """Take pictures in and search with the first; what is none is said in a sentence, and the page stays as it was."""
    state = st.session_state
    state[_ROUND] = state.get(_ROUND, 0) + 1
    taken: list[Upload] = []
    said: list[str] = []
    for file in files[:MOST]:
        try:
            open_mode.admit_picture()
            with logs.timed("upload"):
                taken.append(read(file.getvalue()))
            open_mode.keep(taken[-1].image)
        except TooManyError as error:
            said.append(str(error))
            break  # the others are too many as well
        except ImageError as error:
            said.append(str(error))
    for file in files:
        uploaded_files.forget(file.file_id)
    for upload in reversed(taken):  # the first one is the newest
        _keep(upload)
    if len(files) > MOST:
        said.append(f"{len(files)} files came at once; only the first {MOST} were read. Bring the others after them.")
    if len(taken) > 1:
        said.append(f"{len(taken)} pictures came at once: the first is searched with, the others wait below.")
    state[_SAID] = said
    if taken:
        choose(taken[0].id, view)


def read(data: bytes) -> Upload:
    """A picture from a file's content.

    Raises:
        ImageError: it is not one, or opening it takes more time or memory than is set.
    """
    return Upload(hashlib.blake2b(data, digest_size=8).hexdigest(), open_apart(data, LARGEST))


def ways(view: View) -> None:
    """The place to drop a picture, which a paste or a drop anywhere on the page reaches too, and the camera."""
    state = st.session_state
    key = f"upload-file-{state.get(_ROUND, 0)}"
    now = settings()
    most = min(now.upload_mb, now.image_mb) if open_mode.is_on() else now.image_mb

    def taken() -> None:
        bring(state[key] or [], view)

    def refuse_text() -> None:
        state[_SAID] = ["That is text, not a picture. Copy the picture itself, or save it and drop the file."]

    with st.container(key="upload-ways"):
        st.file_uploader(
            "Your own picture: drop, paste or choose",
            accept_multiple_files=True,
            key=key,
            on_change=taken,
            max_upload_size=most,
            help=f"Anywhere on the page. JPEG, PNG, WebP, HEIC and others. {in_words(most)}",
        )
        _anywhere()(key="anywhere", on_text_change=refuse_text)
        not_taken = open_mode.why_not_taken()
        for sentence in [*state.pop(_SAID, []), *([not_taken] if not_taken else [])]:
            st.warning(plain(sentence), icon=":material/broken_image:")


_ANYWHERE = """
export default function ({ setTriggerValue }) {
  const input = () => document.querySelector(".st-key-upload-ways input[type=file]");
  const hand = (files) => {
    const moved = new DataTransfer();
    for (const file of files) moved.items.add(file);
    input().files = moved.files;
    input().dispatchEvent(new Event("change", { bubbles: true }));
  };
  const inside = (event, what) => event.target instanceof Element && event.target.closest(what);
  const onPaste = (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length && input()) {
      event.preventDefault();
      hand(files);
    } else if (!inside(event, "input, textarea, [contenteditable]")) {
      setTriggerValue("text", Date.now());
    }
  };
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  const onOver = (event) => carriesFiles(event) && event.preventDefault();
  const onDrop = (event) => {
    if (!carriesFiles(event) || inside(event, "[data-testid=stFileUploaderDropzone]")) return;
    event.preventDefault();
    if (input() && event.dataTransfer.files.length) hand([...event.dataTransfer.files]);
  };
  const listeners = { paste: onPaste, dragover: onOver, drop: onDrop };
  for (const [name, listener] of Object.entries(listeners)) document.addEventListener(name, listener);
  const page = document.documentElement;
  page.toggleAttribute("data-fs-takes-pictures", true);  // tests wait for it
  return () => {
    page.toggleAttribute("data-fs-takes-pictures", false);
    for (const [name, listener] of Object.entries(listeners)) document.removeEventListener(name, listener);
  };
}
"""
"""Hands what is pasted or dropped anywhere on the page to the uploader, as if it had been chosen there."""


@st.cache_resource(show_spinner=False)
def _anywhere() -> Any:
    return st.components.v2.component("anywhere", js=_ANYWHERE)


@st.dialog("Take a picture")
def camera(view: View) -> None:
    """Photograph something and search with it."""
    photo = st.camera_input("Take a picture", key="upload-camera", label_visibility="collapsed")
    st.caption("If the browser refuses the camera, allow it beside the page’s address, or choose a file instead.")
    if photo is not None:
        bring([photo], view)
        st.rerun()


# -- cropping it --------------------------------------------------------------------------------------------


def panel(upload: Upload, store: Store) -> None:
    """The picture with its rectangle, crops that are proposed, and the garment alone."""
    with st.container(key="query"):
        st.html('<div class="fs-query-name">Your picture</div>')
        _rectangle(upload)
    _proposals(upload)
    if not proposals.is_available():
        st.caption("Crops of the things in a photo are proposed with OpenCV (pip install opencv-python-headless).")
    st.toggle(
        "Plain background",
        upload.plain,
        key=f"plain-{upload.id}",
        on_change=_switch,
        args=[upload.id],
        help="Search with the garment alone, on white.",
    )
    if upload.plain:
        st.html(cards.picture(to_webp(upload.picture, _SMALL), "the picture as it is searched with"))
        if upload.isolated is None:
            st.caption("Nothing stands out here: the picture is searched with as it is.")
    if not store.catalog.columns:
        st.caption("This catalog has no labels: results are shown without a mark.")


def _switch(upload_id: str) -> None:
    _change(upload_id, plain=st.session_state[f"plain-{upload_id}"])


def _rectangle(upload: Upload) -> None:
    """The whole picture, on which a rectangle is dragged; a new widget where the crop was chosen elsewhere."""
    state = st.session_state
    shown = f"crop of {upload.id}"  # session state: the crop that the widget has, and how often it was replaced
    box, version = state.get(shown, (Box(), 0))
    if box != upload.box:
        version += 1
    state[shown] = (upload.box, version)
    key = f"crop-{upload.id}-{version}"
    upload_id, size = upload.id, upload.image.size

    def dragged() -> None:  # Streamlit keeps callbacks for the session: none holds on to a picture
        found = box_of(state[key]["selection"]["box"], size)
        if found is None:
            state[_SAID] = [_NO_SIZE]
            return
        state[shown] = (found, version)
        _change(upload_id, box=found)

    st.plotly_chart(
        croppable(cards.data_uri(upload.small(Box(), _SMALL)), upload.image.size, upload.box),
        key=key,
        width="stretch",
        on_select=dragged,
        selection_mode="box",
        config={"displayModeBar": False},
        alt="Your picture, and the rectangle that is searched with",
    )
    _edges(upload)
    if upload.box == Box():
        st.caption("Drag a rectangle around one garment, or set its edges.")
    else:
        st.button(
            "Whole picture",
            key="whole-picture",
            type="tertiary",
            icon=":material/zoom_out_map:",
            on_click=_change,
            args=[upload.id],
            kwargs={"box": Box()},
        )


def _edges(upload: Upload) -> None:
    """The rectangle by numbers, for people who use no pointer."""
    box, upload_id = upload.box, upload.id
    keys = [f"edges-{axis}-{upload_id}" for axis in "xy"]
    for key, edges in zip(keys, ((box.left, box.right), (box.top, box.bottom)), strict=True):
        st.session_state[key] = edges

    def moved() -> None:
        (left, right), (top, bottom) = (st.session_state[key] for key in keys)
        if left == right or top == bottom:
            st.session_state[_SAID] = [_NO_SIZE]
            return
        _change(upload_id, box=Box(left, top, right, bottom))

    with st.popover("Edges", icon=":material/crop:", width="stretch"):
        st.slider("Left and right edge", 0, 100, key=keys[0], format="%d%%", on_change=moved)
        st.slider("Top and bottom edge", 0, 100, key=keys[1], format="%d%%", on_change=moved)


def box_of(boxes: Sequence[dict[str, Any]], size: tuple[int, int]) -> Box | None:
    """A selection in pixels as a crop; the whole picture without one, None for one without any size."""
    if not boxes:
        return Box()
    edges = []
    for axis, length in zip("xy", size, strict=True):
        low, high = sorted(100 * min(max(float(place), 0), length) / length for place in boxes[-1][axis])
        if high - low < 1:
            return None
        edges.append((math.floor(low), math.ceil(high)))
    (left, right), (top, bottom) = edges
    return Box(left, top, right, bottom)


def _proposals(upload: Upload) -> None:
    """Crops of the things that the program sees, one click away."""
    found = upload.proposed()
    if not found:
        return
    with st.container(key="strip-proposals", horizontal=True, gap="xsmall"):
        for number, box in enumerate(found, start=1):
            st.button(
                cards.on_button(upload.small(box, _STRIP), f"Crop {number}"),
                key=f"proposal-{number}",
                help="Crop to this",
                type="primary" if box == upload.box else "secondary",
                on_click=_change,
                args=[upload.id],
                kwargs={"box": box},
            )


def say(upload_id: str, catalog: str, said: tuple[str | None, ...]) -> None:
    """Keep what a person says that an upload shows, by column of a catalog."""
    _change(upload_id, said=said, catalog=catalog)
