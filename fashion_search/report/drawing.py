"""What slides are drawn of: text that fits its place, pictures with a description, badges. Lengths are inches."""

import io
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fashion_search.images import open_image, to_jpeg

if TYPE_CHECKING:
    from pptx.shapes.autoshape import Shape
    from pptx.slide import Slide
    from pptx.text.text import TextFrame

EMU = 914_400  # an inch, in the unit of the file format
_POINT = 12_700  # a typographic point, in the same
FONT = "Arial"  # everywhere at hand, or another one that is as wide
INK, SOFT, RULE, GROUND = "24211E", "6B645B", "E2DBD1", "F6F3EE"
ACCENT, GOOD, BAD = "8A3B2A", "1A7F4B", "B3362B"  # as in the report
_LEADING = 1.2  # height of a line, in font sizes
_NARROW, _WIDE = frozenset(" !',.:;|·ijlftrI()[]/-"), frozenset("mwMW@%—▲▼✓✕")


@dataclass(frozen=True)
class Area:
    """A rectangle on a slide."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Line:
    """A paragraph; ``size`` in points, ``colour`` as RRGGBB."""

    text: str
    size: float = 12
    bold: bool = False
    colour: str = INK


# -- text that fits -----------------------------------------------------------------------------------------


def width_of(text: str) -> float:
    """About how wide a text is, in font sizes; never much less than it is drawn."""
    return sum(_width_of(sign) for sign in text)


def _width_of(sign: str) -> float:
    if sign in _NARROW:
        return 0.34
    if sign in _WIDE:
        return 0.95
    if unicodedata.east_asian_width(sign) in "WF":
        return 1.0
    if unicodedata.combining(sign):
        return 0.0
    return 0.7 if sign.isupper() else 0.57


def n_lines(text: str, room: float) -> int:
    """How many lines a text takes where each has room for that many font sizes; too long a word is broken."""
    lines = 0
    for paragraph in text.split("\n"):
        lines, used = lines + 1, 0.0
        for word in paragraph.split(" "):
            width = width_of(word)
            if used and used + 0.34 + width > room:
                lines, used = lines + 1, 0.0
            used += width + (0.34 if used else 0)
            while used > room:
                lines, used = lines + 1, used - room
    return lines


def fitted(text: str, width: float, height: float, largest: float, smallest: float) -> tuple[str, float]:
    """A text and the size at which it fits; at the smallest it is cut, and ends in an ellipsis then."""
    size = largest
    while size > smallest and not _fits(text, width, height, size):
        size -= 1
    if _fits(text, width, height, size):
        return text, size
    low, high = 0, len(text)  # so many characters fit, and so many do not
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _fits(f"{text[:middle]}…", width, height, size) else (low, middle)
    return f"{text[:low].rstrip()}…", size


def height_of(text: str, width: float, size: float) -> float:
    """How high a text is at this size."""
    return n_lines(text, width * 72 / size) * size * _LEADING / 72


def _fits(text: str, width: float, height: float, size: float) -> bool:
    return height_of(text, width, size) <= height + 0.001


def plain(text: str) -> str:
    """Without the control characters that the file format does not know; line ends stay."""
    return "".join(sign if sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cs") else " " for sign in text)


# -- shapes -------------------------------------------------------------------------------------------------


def write(slide: "Slide", area: Area, *lines: Line, centred: bool = False, in_the_middle: bool = False) -> None:
    """Paragraphs in a box of their own, from its top."""
    box = slide.shapes.add_textbox(*_emu(area))
    _fill_text(box.text_frame, lines, centred, in_the_middle)


def write_fitting(
    slide: "Slide", area: Area, text: str, largest: float, smallest: float, bold: bool = False, colour: str = INK
) -> None:
    """One text, as large as it fits."""
    text, size = fitted(text, area.width * (0.93 if bold else 1), area.height, largest, smallest)
    write(slide, area, *(Line(paragraph, size, bold, colour) for paragraph in text.split("\n")))


def write_title(slide: "Slide", area: Area, text: str, largest: float, smallest: float) -> None:
    """The slide's title, by which programs list it."""
    title = slide.shapes.title
    assert title is not None
    title.left, title.top, title.width, title.height = _emu(area)
    text, size = fitted(" ".join(text.split()), area.width * 0.93, area.height, largest, smallest)
    _fill_text(title.text_frame, [Line(text, size, bold=True)], centred=False, in_the_middle=False)


def _fill_text(frame: "TextFrame", lines: "tuple[Line, ...] | list[Line]", centred: bool, in_the_middle: bool) -> None:
    from pptx.dml.color import RGBColor
    from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE, PP_ALIGN

    frame.word_wrap = True
    frame.auto_size = MSO_AUTO_SIZE.NONE
    frame.vertical_anchor = MSO_ANCHOR.MIDDLE if in_the_middle else MSO_ANCHOR.TOP
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    for place, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
        paragraph.alignment = PP_ALIGN.CENTER if centred else PP_ALIGN.LEFT
        run = paragraph.add_run()
        run.text = plain(line.text)
        run.font.size = round(line.size * _POINT)
        run.font.bold, run.font.name = line.bold, FONT
        run.font.color.rgb = RGBColor.from_string(line.colour)


def rectangle(slide: "Slide", area: Area, colour: str, rounded: bool = False, border: str = "") -> "Shape":
    """A filled rectangle."""
    from pptx.dml.color import RGBColor
    from pptx.enum.shapes import MSO_SHAPE
    from pptx.oxml.ns import qn

    kind = MSO_SHAPE.ROUNDED_RECTANGLE if rounded else MSO_SHAPE.RECTANGLE
    shape = slide.shapes.add_shape(kind, *_emu(area))
    if rounded:
        shape.adjustments[0] = 0.5
    shape.fill.solid()
    shape.fill.fore_color.rgb = RGBColor.from_string(colour)
    shape._element.remove(shape._element.find(qn("p:style")))  # the theme's shadow
    if border:
        shape.line.color.rgb = RGBColor.from_string(border)
        shape.line.width = _POINT
    else:
        shape.line.fill.background()
    return shape


def badge(slide: "Slide", area: Area, text: str, colour: str, size: float) -> None:
    """White words on a coloured pill."""
    _fill_text(rectangle(slide, area, colour, rounded=True).text_frame, [Line(text, size, True, "FFFFFF")], True, True)


def picture(slide: "Slide", area: Area, webp: bytes | None, description: str) -> None:
    """A picture in the middle of an area, whole; a grey field that says so where there is none."""
    if webp is None:
        _describe(rectangle(slide, area, GROUND, border=RULE), f"{description}. The catalog no longer has its picture.")
        write(slide, area, Line("no longer in the catalog", 8, colour=SOFT), centred=True, in_the_middle=True)
        return
    image = open_image(webp)
    scale = min(area.width / image.width, area.height / image.height)
    width, height = image.width * scale, image.height * scale
    inner = Area(area.left + (area.width - width) / 2, area.top + (area.height - height) / 2, width, height)
    _describe(slide.shapes.add_picture(io.BytesIO(to_jpeg(image)), *_emu(inner)), description)


def _describe(shape: "Shape", text: str) -> None:
    """What is said where pictures are not seen."""
    shape._element._nvXxPr.cNvPr.set("descr", plain(text))


def _emu(area: Area) -> tuple[int, int, int, int]:
    left, top, width, height = (
        round(length * EMU) for length in (area.left, area.top, max(area.width, 0.01), max(area.height, 0.01))
    )
    return left, top, width, height
