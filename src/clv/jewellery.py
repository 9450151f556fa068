"""What a product's title says: its metal, its stone, its kind, its grams. Nothing that it does not say.

The words stand in jewellery.yml, which says how they are compared. A title that has none of them, or is in no
language that the words are of, stays without an answer and is counted.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd
import yaml

AXES = ("metal", "stone", "kind")
BASE = "base metal"
_TRAP = "traps"
_ACCENTS = "diamond"  # often only set around the stone that a piece is named after
_PARTS = ("pendant", "bead")  # in English, of a piece that is named beside them: a necklace with beads
_MOST_KINDS = 2  # 吊坠项链 is a necklace; a title with three kinds lists what people may search for
_NETWORK = r"\s?(?:手机|智能|全网|网络|通信|通讯|路由|信号|流量|版)"  # 5G手机 weighs no five grams
_UNIT = rf"\s?(?:克(?!拉)|grams?\b|g(?![a-z0-9]|{_NETWORK}))"
_NUMBER = r"((?:\d{1,3}(?:,\d{3})+|\d{1,4})(?:\.\d{1,3})?)"
_GRAMS = re.compile(rf"(?<![\d.])(?<!\d,)([\d.]+\s?[-~–—至到]\s?)?{_NUMBER}{_UNIT}")
_GIVEN = ("送", "赠")
_LATIN, _HAN = re.compile("[a-z]{2}"), re.compile("[\u3400-\u9fff]")


@dataclass(frozen=True)
class Words:
    """The dictionary, ready to read with: by word what it means, which words are weak, and one pattern."""

    meanings: dict[str, tuple[tuple[str, str], ...]]
    weak: frozenset[str]
    pattern: re.Pattern[str]
    simple: dict[int, str]


def read(titles: pd.Series) -> pd.DataFrame:
    """Return what titles say, one row per title with the same index.

    Parameters
    ----------
    titles
        Texts, as a shop wrote them; missing where there is none.

    Returns
    -------
    metal, stone, kind
        Names of `names()`; missing where the title does not say, or says several kinds.
    grams
        Weight in grams; missing where none is written, or several are.
    language
        'zh', 'en' (Latin letters), or missing: no letters, or of a script that the words are not in.
    """
    place, distinct = pd.factorize(titles)  # -1 where missing, which is the last row here
    nothing = dict.fromkeys((*AXES, "grams", "language"))
    rows = pd.DataFrame([*map(_read, distinct), nothing], columns=list(nothing))
    rows = rows.astype({**dict.fromkeys((*AXES, "language"), "str"), "grams": float})
    return rows.iloc[place].set_axis(titles.index)


def names(axis: str) -> dict[str, str]:
    """Return by English name the Chinese one of every metal, stone or kind (`axis`)."""
    declared = {name: entry["zh"] for name, entry in _file()[axis].items()}
    return declared | ({BASE: _file()[BASE]["zh"]} if axis == "metal" else {})


def counted(told: pd.DataFrame) -> pd.DataFrame:
    """Return how many titles were read, and of how many nothing was told; see `read`.

    Returns
    -------
    titles (what became of them), count; the rows add up to all of them. Missing titles are in no language.
    """
    says = told[list(AXES)].notna()
    readable = told["language"].notna()
    rows = {
        "say a metal or a stone": says["metal"] | says["stone"],
        "say only a kind": says["kind"] & ~says["metal"] & ~says["stone"],
        "have none of our words": readable & ~says.any(axis=1),
        "are in no known language": ~readable,
    }
    return pd.DataFrame({"titles": rows.keys(), "count": [int(row.sum()) for row in rows.values()]})


def _read(title: str) -> dict[str, object]:
    text = _plain(title)
    language = "zh" if _HAN.search(text) else "en" if _LATIN.search(text) else None
    said = _said(text) if language else []
    metal, imitation = _metal([name for axis, name in said if axis == "metal"])
    stone = _stone([name for axis, name in said if axis == "stone"], imitation=imitation)
    kind = _kind([name for axis, name in said if axis == "kind"], head_last=language == "zh")
    return {"metal": metal, "stone": stone, "kind": kind, "grams": _grams(text), "language": language}


def _plain(title: str) -> str:
    text = " ".join(unicodedata.normalize("NFKC", str(title)).casefold().split())
    return text.translate(_words().simple)


def _said(text: str) -> list[tuple[str, str]]:
    """Return (axis, name) of all that is said, in the order of the title, without what comes as a present."""
    known = _words()
    found: list[tuple[str, str]] = []
    strong, given_until = False, -1
    for hit in known.pattern.finditer(text):
        word = _key(hit[0], known)
        given = hit.start() == given_until or text[: hit.start()].rstrip().endswith(_GIVEN)
        given_until = hit.end() if given else -1
        meant = [] if given else [one for one in known.meanings[word] if one[0] != _TRAP]
        found += [(*one, word) for one in meant]
        strong |= bool(meant) and word not in known.weak
    return [(axis, name) for axis, name, _ in found] if strong else []


def _metal(said: list[str]) -> tuple[str | None, bool]:
    """Return the metal that is named first, and whether it is an imitation, which outweighs any other."""
    if BASE in said:
        return BASE, True
    return next(iter(said), None), False


def _stone(said: list[str], *, imitation: bool) -> str | None:
    """Return the stone that the piece is named after: no accents of diamonds, no stones of imitations."""
    for one in ("moissanite", "zirconia", "imitation stone", "lab-grown diamond"):
        if one in said:
            return one
    if imitation:
        return None
    return next((one for one in said if one != _ACCENTS), next(iter(said), None))


def _kind(said: list[str], *, head_last: bool) -> str | None:
    """Return the kind that ends the name; in English the piece and not its parts, in whatever order."""
    if not 0 < len(set(said)) <= _MOST_KINDS:
        return None
    if head_last:
        return said[-1]
    return next((one for one in said if one not in _PARTS), said[0])


def _grams(text: str) -> float:
    """Return the one weight that is written; 3-5 grams is none, as 0 is."""
    weights = {np.nan if low else float(high.replace(",", "")) for low, high in _GRAMS.findall(text)}
    return (weights.pop() or np.nan) if len(weights) == 1 else np.nan


def _key(hit: str, known: Words) -> str:
    """Return the word of the dictionary that a piece of a title is: without blanks, plurals, numbers."""
    tight = re.sub(r"[\s-]", "", hit)
    numberless = re.sub(r"\d+(\.\d+)?", "#", tight)
    forms = (tight, tight.removesuffix("s"), tight.removesuffix("es"), numberless)
    return next(form for form in forms if form in known.meanings)


@cache
def _file() -> dict:
    return yaml.safe_load((files("clv") / "jewellery.yml").read_text(encoding="utf-8"))


@cache
def _words() -> Words:
    meanings: dict[str, tuple[tuple[str, str], ...]] = {}
    weak: set[str] = set()
    written: set[str] = set()
    for axis, name, word, is_weak in _entries():
        tight = re.sub(r"[\s-]", "", word)
        meanings[tight] = (*meanings.get(tight, ()), (axis, name))
        written.add(word)
        weak |= {tight} if is_weak else set()
    longest_first = map(_spelt, sorted(written, key=lambda word: (-len(word), word)))
    pattern = re.compile("|".join(longest_first))
    return Words(meanings, frozenset(weak), pattern, str.maketrans(_file()["traditional"]))


def _entries() -> Iterable[tuple[str, str, str, bool]]:
    """Yield axis, name, word and whether it is weak, for every word of the file."""
    told = _file()
    for axis in AXES:
        for name, entry in told[axis].items():
            yield from ((axis, name, str(word), False) for word in entry.get("words", ()))
            yield from ((axis, name, str(word), True) for word in entry.get("weak", ()))
    yield from (("metal", BASE, str(word), True) for word in told[BASE]["words"])
    for name, words in told[_TRAP].items():
        yield from ((_TRAP, name, str(word), False) for word in words)


def _spelt(word: str) -> str:
    """Return the pattern of a word: blanks where scripts change, numbers for #, plurals of English words."""
    latin = word.isascii()
    parts = re.findall(r"[a-z]+|\d+|#|[^a-z\d#\s-]+|[\s-]+", word)
    spelt = [r"\d+(?:\.\d+)?" if part == "#" else re.escape(part) for part in parts if part.strip(" -")]
    ends = r"(?:e?s)?" if latin and word[-1].isalpha() and len(word) > 3 else ""
    before = r"(?<![a-z0-9.])" if word[0].isascii() else ""
    after = r"(?![a-z0-9])" if word[-1].isascii() else ""
    return before + r"[\s-]?".join(spelt) + ends + after
