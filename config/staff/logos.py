"""A logo that somebody uploads: small, of a known kind, and unable to do anything."""

import re
import zlib
from base64 import b64encode
from collections.abc import Iterator
from struct import error, unpack_from
from xml.parsers import expat

from django.core.exceptions import ValidationError
from django.core.files import File

MOST_BYTES = 30_000  # a patient's page weighs less than 60 KB with it
PNG, SVG = "image/png", "image/svg+xml"
PNG_STARTS = b"\x89PNG\r\n\x1a\n"
ELEMENTS = frozenset(
    "svg g defs title desc path rect circle ellipse line polyline polygon linearGradient radialGradient stop "
    "clipPath mask use symbol text tspan metadata".split()
)
DRAWN = frozenset("path rect circle ellipse line polyline polygon text use".split())
MOST_PIXELS = 4_000  # a side
OUTSIDE = re.compile(r"(?i)javascript:|url\(\s*['\"]?(?!\s*['\"]?#)|@import|expression\(")


def checked(upload: "File[bytes]") -> dict[str, str]:
    """How it is kept. Raises ValidationError with what is wrong, in words."""
    if (upload.size or 0) > MOST_BYTES:
        raise ValidationError("The logo may have 30 KB at most: save it smaller, or as an SVG.")
    content = upload.read()
    if content.startswith(PNG_STARTS):
        _check_pixels(content)
        return _kept(PNG, content)
    _check_drawing(content)
    return _kept(SVG, content)


def _kept(kind: str, content: bytes) -> dict[str, str]:
    return {"type": kind, "content": b64encode(content).decode()}


def _check_pixels(content: bytes) -> None:
    """It can be shown: nothing is cut off or damaged, and it is no more than it looks."""
    try:
        chunks: dict[bytes, bytes] = {}
        for name, data in _chunks(content):
            chunks.setdefault(name, data)
        width, height = unpack_from(">II", chunks[b"IHDR"])
        zlib.decompressobj().decompress(chunks[b"IDAT"], 1)
    except (KeyError, error, zlib.error) as broken:
        raise ValidationError("This PNG is damaged: save it anew.") from broken
    if b"IEND" not in chunks or not (0 < width <= MOST_PIXELS and 0 < height <= MOST_PIXELS):
        raise ValidationError("This PNG is damaged, or too large: save it anew, a few hundred pixels wide.")


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Each with its name, checked against its sum (PNG, section 5.3)."""
    at = len(PNG_STARTS)
    while at < len(content):
        (length,) = unpack_from(">I", content, at)
        name, data = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        if unpack_from(">I", content, at + 8 + length) != (zlib.crc32(name + data),):
            raise zlib.error
        yield name, data
        at += length + 12
        if name == b"IEND":
            return


def _check_drawing(content: bytes) -> None:
    """Only shapes: no script, no style sheet, no event, nothing from elsewhere, and no entities."""
    parser = expat.ParserCreate(namespace_separator=" ")
    names: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        names.append(local := name.rpartition(" ")[2])
        if local not in ELEMENTS and "svg" in name.lower().split(" ")[0]:
            raise ValidationError(f"The drawing has a <{local}> in it. Save it as plain shapes.")
        if " " not in name or "2000/svg" not in name:
            raise ValidationError(f"The drawing has a <{local}> in it. Save it as a plain SVG.")
        for key, value in attributes.items():
            _check_attribute(key.rpartition(" ")[2], value)

    def entity(*_: object) -> None:
        raise ValidationError("The drawing declares entities. Save it as a plain SVG.")

    parser.StartElementHandler, parser.EntityDeclHandler = start, entity
    try:
        parser.Parse(content, True)
    except expat.ExpatError as broken:
        raise ValidationError("A logo is a PNG or an SVG: this file is neither.") from broken
    _check_elements(names)


def _check_elements(names: list[str]) -> None:
    if names[:1] != ["svg"]:
        raise ValidationError("A logo is a PNG or an SVG: this file is neither.")
    if not DRAWN & set(names):
        raise ValidationError("Nothing is drawn in this SVG: save it with its shapes.")


def _check_attribute(name: str, value: str) -> None:
    if name.lower().startswith("on"):
        raise ValidationError(f"The drawing reacts to events ({name}). Save it as plain shapes.")
    if (name == "href" and not value.startswith("#")) or OUTSIDE.search(value):
        raise ValidationError("The drawing loads something from elsewhere. Save it with all in it.")
