"""Which pictures of two executed notebooks are not the same, small enough to stand side by side on a page."""

from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

PNG = "image/png"
SIZES = ((1100, 80), (800, 75), (640, 60), (480, 50))  # widest side in pixels and quality, the best first
USUAL = (18_000, 12_000, 8_000, 0)  # bytes that a figure of ours takes at these, most of the time


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure as a notebook drew it: PNG, and what is known of it."""

    name: str
    alt: str
    caption: str
    png: bytes


@dataclass(frozen=True, slots=True)
class Pair:
    """A figure that is not the same in two runs."""

    before: Picture
    now: Picture


def differing(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Pair]:
    """Return the figures that both notebooks have and that differ, in the order of the second."""
    old, new = ({one.name: one for one in _pictures(nb)} for nb in (before, now))
    return [Pair(old[name], new[name]) for name in new if name in old and old[name].png != new[name].png]


def shrunk(pairs: Sequence[Pair], *, room: int) -> list[tuple[bytes, bytes]]:
    """Return the pictures as WebP, as large as the room allows them all to be.

    Parameters
    ----------
    room
        Bytes for all of them. Where even the smallest do not fit, the last ones are left out.
    """
    for size in SIZES[_first(len(pairs), room) :]:
        made, used = [], 0
        for pair in pairs:
            both = _webp(pair.before.png, *size), _webp(pair.now.png, *size)
            used += sum(map(len, both))
            if used > room:
                break
            made.append(both)
        if len(made) == len(pairs) or size == SIZES[-1]:
            return made
    return []


def _first(pairs: int, room: int) -> int:
    """Return the size to begin with: drawing those that will not fit would take long."""
    fitting = [at for at, bytes_each in enumerate(USUAL) if 2 * pairs * bytes_each <= room]
    return fitting[0] if fitting else len(SIZES) - 1


def _pictures(notebook: Mapping[str, Any]) -> Iterator[Picture]:
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            about = output.get("metadata", {}).get(PNG, {})
            if "name" in about and PNG in output.get("data", {}):
                png = b64decode(output["data"][PNG])
                yield Picture(about["name"], about.get("alt", ""), about.get("caption", ""), png)


def _webp(png: bytes, width: int, quality: int) -> bytes:
    from PIL import Image

    with Image.open(BytesIO(png)) as image:
        drawn = image.convert("RGB")
    share = min(1.0, width / drawn.width)
    size = max(1, round(drawn.width * share)), max(1, round(drawn.height * share))
    file = BytesIO()
    drawn.resize(size, Image.Resampling.LANCZOS).save(file, "webp", quality=quality, method=2)
    return file.getvalue()
