"""Structured damage: a valid file with a few things wrong in it that flipped bytes seldom make."""

import json
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st


@dataclass(frozen=True)
class Raw:
    """Text that is written as it stands."""

    text: str


@dataclass(frozen=True)
class Mapping:
    """Pairs, so that a key may stand twice."""

    pairs: tuple[tuple[str, Any], ...]


PLAIN = (
    None,
    True,
    False,
    0,
    -1,
    1,
    2,
    2**63,
    10**30,
    10**400,
    0.5,
    -0.5,
    1e308,
    5e-324,
    1e18,
    "",
    " ",
    "a",
    "x" * 5000,
    "\x00",
    "\x07\x1b[31m",
    "\u202egnp",
    "\u200f",
    "😀",
    "\u2028",
    "\x85",
    "a\r\nb\tc",
    "../../x",
    "/etc/passwd",
    "C:\\x",
    "con",
    "*",
    "?",
    "[",
    "~root",
    "~nobody-such",
    "package:clv/x",
    "package:",
    "https://x.cn/a?b=1",
    "duckdb:///x?table=a",
    "postgresql://u:secret@h/d?table=t",
    "{offer}",
    "{",
    "=1+1",
    "@a",
    "2026-02-30",
    "0000-00-00",
    "9999-12-31",
    "20215-01-01",
    "2026-06-30",
    "2026-06-30T09:30:00+08:00",
    "nan",
    "1e400",
    "zh",
    "8 % of basket",
    "every cell",
    "median",
    "null",
    "\ud800",
    [],
    Mapping(()),
    [[]],
    [None],
    ["a", "a"],
    Mapping((("a", Mapping(())),)),
)
_BOTH = (
    "NaN",
    "Infinity",
    "-Infinity",
    "1e400",
    "-1e400",
    "9" * 5000,
    "[" * 60 + "]" * 60,
    '"\\ud800"',
    "-0",
    "1E5",
)
_YAML = (
    ".inf",
    ".nan",
    "!!binary aGk=",
    "!!python/object/apply:os.system ['x']",
    "!!set {a, b}",
    "!!omap [a: 1]",
    "!!int 'x'",
    "!!float nan",
    "!!null x",
    "!!bool maybe",
    "!!timestamp 2026-06-30",
    "&a [*a]",
    "*unknown",
    "&b {<<: *b}",
    "!mine x",
    '"\\UFFFFFFFF"',
    '"\\u0000"',
    "{<<: {a: 1}}",
    "2026-06-30",
    "0o17",
    "1_000",
    "0x10",
    "12:30",
    "NO",
    "~",
    "? x",
    "'",
)
RAW = {"json": tuple(map(Raw, _BOTH)), "yaml": tuple(map(Raw, (*_BOTH, *_YAML)))}
_KEYS = (
    "",
    "a",
    "<<",
    "name",
    "x" * 300,
    "\x00",
    "../x",
    "en",
    "0",
    "true",
    "__class__",
    "model_config",
    "😀",
)


def tree(value: Any) -> Any:
    """Return JSON's values with pairs in place of dictionaries."""
    if isinstance(value, dict):
        return Mapping(tuple((key, tree(one)) for key, one in value.items()))
    return [tree(one) for one in value] if isinstance(value, list) else value


def text(value: Any) -> str:
    """Return a tree as JSON, which is YAML too, with what is raw as it stands."""
    if isinstance(value, Raw):
        return value.text
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(key)}: {text(one)}" for key, one in value.pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(text, value)) + "]"
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return json.dumps(value, ensure_ascii=isinstance(value, str) and "\ud800" in value)


def _parts(value: Any) -> list[Any]:
    return [one for _, one in value.pairs] if isinstance(value, Mapping) else value


@st.composite
def damaged(draw: st.DrawFn, whole: Any, kind: str) -> str:
    """Draw the text of a file with one to three things wrong; `kind` is yaml or json."""
    values = st.sampled_from((*PLAIN, *RAW[kind]))
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
        whole = _hurt(draw, whole, values)
    return text(whole)


def _hurt(draw: st.DrawFn, value: Any, values: st.SearchStrategy) -> Any:
    """Return a value with one thing in it replaced, left out, doubled, renamed or added."""
    if not isinstance(value, Mapping | list) or not _parts(value):
        return draw(values)
    at = draw(st.integers(0, len(_parts(value)) - 1))
    what = draw(
        st.sampled_from(["deeper"] * 6 + ["replace", "drop", "double", "rename", "add", "whole", "swap"])
    )
    if what == "whole":
        return draw(values)
    parts = list(value.pairs) if isinstance(value, Mapping) else [("", one) for one in value]
    key, one = parts[at]
    if what == "deeper":
        parts[at] = (key, _hurt(draw, one, values))
    elif what == "replace":
        parts[at] = (key, draw(values))
    elif what == "drop":
        del parts[at]
    elif what == "double":
        parts.append(parts[at])
    elif what == "rename":
        parts[at] = (draw(st.sampled_from(_KEYS)), one)
    elif what == "add":
        parts.append((draw(st.sampled_from(_KEYS)), draw(values)))
    else:
        other = draw(st.integers(0, len(parts) - 1))
        parts[at] = (key, parts[other][1])
    return Mapping(tuple(parts)) if isinstance(value, Mapping) else [one for _, one in parts]


def spoiled(data: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """Draw a file, at times in another encoding or with other ends of lines, or cut, or with junk in it."""
    ways = [
        lambda b: b,
        lambda b: b,
        lambda b: b,
        lambda b: b"\xef\xbb\xbf" + b,
        lambda b: b.replace(b"\n", b"\r\n"),
        lambda b: b.replace(b"\n", "\x85".encode()),
        lambda b: b.replace(b" ", b"\t"),
        lambda b: b + b"\n---\n" + b,
        lambda b: b"%YAML 1.2\n---\n" + b,
        lambda b: b[: len(b) // 2],
        lambda b: b + b"\x00",
        lambda b: b"\xff\xfe" + b,
        lambda b: b.decode("utf-8", "replace").encode("utf-16"),
        lambda b: b.replace(b":", b"\xff", 1),
        lambda b: b * 2,
        lambda b: b.decode("utf-8", "replace").encode("gb18030", "replace"),
        lambda b: b"",
    ]
    return st.builds(lambda one, way: way(one), data, st.sampled_from(ways))
