"""What the kit keeps for itself between two runs, damaged: what is accepted is what was written.

The list of purged customers, who was in which segment, the cache's tables. Each carries a seal, which no
chance mutation gets right: whatever is accepted must be equal to what was written. The targets called sealed
put the seal right after the damage, as a program of another version might have written it.
"""

import json
import os
import shutil
from functools import cache
from unittest import mock

import numpy as np
import pandas as pd

from clv import pseudonyms, purged
from clv import purged_list as list_file
from clv.errors import SettingError
from clv.keeping import fingerprints, kept
from clv.keeping.kept import Bundle
from clv.running import segments_kept
from fuzz import answers
from fuzz.choices import Choices
from fuzz.declared import KEPT, REFUSED

NAMES = ["c_0123456789ab", "c_ba9876543210", "c_000000000000"]
SHOP = "gold"


def _own() -> mock._patch_dict:
    """Keep to a configuration and a cache of this process, whatever asks for them."""
    place = answers.folder()
    told = {"XDG_CONFIG_HOME": place / "config", "CLV_CACHE": place / "cache", "CLV_SECRET": "fuzzed"}
    return mock.patch.dict(os.environ, {name: str(one) for name, one in told.items()})


def _purged(data: bytes) -> frozenset[str] | None:
    place = list_file.path(SHOP)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)
    try:
        found = purged.of(SHOP)
    except SettingError as error:
        answers.hold(error)
        return None
    assert purged.mark(SHOP) == " ".join(sorted(found.hashes))
    return found.hashes


@cache
def _list() -> bytes:
    with _own():
        list_file.path(SHOP).unlink(missing_ok=True)
        purged.add(SHOP, NAMES[:1])
        purged.add(SHOP, NAMES[1:])
        return list_file.path(SHOP).read_bytes()


def purged_list(data: bytes) -> dict[str, int]:
    """A list is read as it was written, or nobody's orders are read at all."""
    with _own():
        found = _purged(data)
        if found is None:
            return REFUSED
        if data.decode().splitlines()[0].count(" ") < 2:  # as older programs wrote it, without a seal
            return {"accepted": 1, "unsealed": 1}
        assert (
            purged.Purged(SHOP, found).hold(pd.Series([*NAMES, None, "c_1"])).tolist()
            == [True] * 3 + [False] * 2
        )
    return KEPT


def purged_list_sealed(data: bytes) -> dict[str, int]:
    """A list whose seal is right, whatever its lines are, keeps them all and takes more."""
    text = data.decode("utf-8", "replace")
    with _own():
        secret = pseudonyms.local_secret()
        lines = text.splitlines()
        before = _purged("\n".join([list_file.head(SHOP, lines, secret), *lines, ""]).encode())
        assert before is not None
        purged.add(SHOP, NAMES)
        after = purged.of(SHOP).hashes
        assert after >= before and purged.Purged(SHOP, after).hold(pd.Series(NAMES)).all()
    return {"accepted": 1, "rows": len(lines)}


def _frame(choices: Choices) -> pd.DataFrame:
    count = choices.below(6)
    words = ["active", "silent", "", "最好", "a\x00b", "\u202e", "nan", "c_1"]
    found = pd.DataFrame(
        {
            name: pd.Series([choices.of(words) for _ in range(count)], dtype="str")
            for name in ("window", "segment", "segment_zh")
        }
    ).assign(spend=[choices.of([0.0, 0.01, -0.0, 1e300, 5e-324, 1 / 3]) for _ in range(count)])
    found = found.astype({"spend": "float64"})
    found.index = pd.Index([f"{choices.of(words)}{n}" for n in range(count)], name="customer", dtype="str")
    found.attrs = {
        "until": choices.of(["2026-06-30", "", "20215-01-01"]),
        "currency": choices.of(["CNY", "", "\u20ac"]),
        "windows": [choices.below(400) for _ in range(choices.below(4))],
        "scheme": {"en": choices.of(words), "zh": choices.of(words)},
        "made_from": "k",
    }
    return found


@cache
def _segments() -> tuple[bytes, pd.DataFrame]:
    folder = answers.folder() / "segments"
    folder.mkdir(exist_ok=True)
    segments_kept._write(folder / segments_kept.FILE, _frame(Choices(bytes(range(3, 90)))))
    return (folder / segments_kept.FILE).read_bytes(), segments_kept.read(folder)


def segments(data: bytes) -> dict[str, int]:
    """Bytes in the place of kept segments are those that were kept, or none."""
    _, wanted = _segments()
    found = segments_kept.read(answers.written(f"segments/{segments_kept.FILE}", data).parent)
    if found is None:
        return REFUSED
    pd.testing.assert_frame_equal(found, wanted, check_exact=True, check_freq=False)
    assert found.attrs == wanted.attrs
    return KEPT


def segments_written(data: bytes) -> dict[str, int]:
    """Segments come back as they were kept; with one byte that is wrong they do, or not at all."""
    choices = Choices(data)
    frame, folder = _frame(choices), answers.folder() / "segments"
    folder.mkdir(exist_ok=True)
    path = folder / segments_kept.FILE
    segments_kept._write(path, frame)
    wanted = segments_kept.read(folder)
    assert wanted is not None
    pd.testing.assert_frame_equal(wanted, frame, check_exact=True)
    whole, tried = path.read_bytes(), 0
    while not choices.spent and tried < 20:
        damaged = bytearray(whole)
        damaged[choices.below(len(whole))] ^= 1 + choices.below(255)
        path.write_bytes(damaged)
        tried += 1
        if (found := segments_kept.read(folder)) is not None:
            pd.testing.assert_frame_equal(found, wanted, check_exact=True)
            assert found.attrs == wanted.attrs
    return {"files": 1 + tried, "rows": len(frame)}


def _bundle(choices: Choices) -> Bundle:
    days = pd.date_range("2025-01-01", periods=5)
    orders = pd.DataFrame({"id": [f"c{n}" for n in range(5)], "day": days, "money": np.arange(5) / 7})
    words = [
        "",
        "CNY",
        "a\x00b",
        "\u202e",
        "😀",
        12.25,
        -0.0,
        5e-324,
        2**60,
        True,
        None,
        [1, ["x"]],
    ]
    said = {f"w{n}": choices.of(words) for n in range(choices.below(5))}
    return Bundle({"orders": orders.head(choices.below(6)), "none": orders.head(0)}, said)


def _same(found: Bundle, wanted: Bundle) -> None:
    assert found.words == wanted.words and found.frames.keys() == wanted.frames.keys()
    for name, frame in wanted.frames.items():
        pd.testing.assert_frame_equal(found.frames[name], frame, check_exact=True)


def kept_tables(data: bytes) -> dict[str, int]:
    """Tables of the cache come back as they were kept, and are made again where a byte is wrong."""
    choices, built, tried = Choices(data), [], 0
    wanted = _bundle(choices)

    def build() -> Bundle:
        built.append(1)
        return wanted

    with _own():
        folder = kept._root() / SHOP
        shutil.rmtree(folder, ignore_errors=True)
        _same(kept.bundle(SHOP, "orders-1", build), wanted)
        while not choices.spent and tried < 10:
            tried += 1
            path = folder / "orders-1" / choices.of(["words.json", "orders.parquet", "none.parquet"])
            whole = path.read_bytes()
            damaged = _damaged(whole, choices)
            path.write_bytes(damaged)
            before = len(built)
            _same(kept.bundle(SHOP, "orders-1", build), wanted)
            if damaged != whole and path.suffix == ".parquet":
                assert len(built) == before + 1 and path.read_bytes() != damaged
    return {"files": tried, "accepted": 1 + tried - len(built), "made_again": len(built) - 1}


def _damaged(whole: bytes, choices: Choices) -> bytes:
    """Return bytes with some that are wrong, cut off, doubled, put in."""
    at, length = choices.below(len(whole) + 1), choices.below(4)
    piece = bytes(choices.below(256) for _ in range(choices.below(4)))
    how = choices.below(4)
    if how == 0:
        return whole[:at] + piece + whole[at + length :]
    return [whole[:at], whole[:at] + whole, piece * 50][how - 1]


def kept_words_sealed(data: bytes) -> dict[str, int]:
    """Words of the cache with a seal that is right are told as JSON says them, or made again."""
    with _own():
        folder = kept._root() / SHOP / "words-1"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "words.json").write_bytes(_sealed(data, folder.name))
        found = kept.bundle(SHOP, folder.name, lambda: Bundle({}, {"made": "again"}))
        assert isinstance(found.words, dict)
        again = kept._load(folder)
        assert json.dumps(again.words) == json.dumps(found.words) and again.frames == found.frames == {}
    return REFUSED if found.words == {"made": "again"} else KEPT


def _sealed(data: bytes, key: str) -> bytes:
    try:
        said = json.loads(data)
        return json.dumps(
            {**said, "seal": fingerprints.of_values(key, said["frames"], said["words"])}
        ).encode()
    except (ValueError, TypeError, KeyError, RecursionError):
        return data


TARGETS = {
    "purged_list": purged_list,
    "purged_list_sealed": purged_list_sealed,
    "segments": segments,
    "segments_written": segments_written,
    "kept_tables": kept_tables,
    "kept_words_sealed": kept_words_sealed,
}
SEEDS = {
    "purged_list": [_list()],
    "purged_list_sealed": [b"", *(_list().split(b"\n", 1)[1:])],
    "segments": [_segments()[0]],
    "segments_written": [bytes(range(200)), bytes(range(255, 100, -1))],
    "kept_tables": [bytes(range(120)), bytes(range(255, 100, -3))],
    "kept_words_sealed": [
        b'{"frames": {}, "words": {"a": [1, 2.5, null], "b": "\\u00e9"}}',
        b'{"frames": {"orders": "0123456789abcdef01234567"}, "words": {}, "seal": "x"}',
    ],
}
WORDS = {
    "purged_list": [b"of ", b" ", b"\n", b"\r\n", b"\x0c", b"\xc2\x85", b"\x00", b"2026-11-29 "],
    "purged_list_sealed": [b" ", b"\n", b"\r", b"\x0c", b"\x1c", b"\xe2\x80\xa8", b"\x00", b"2026-11-29 "],
    "segments": [b"PAR1", b"ARROW:schema", b"pandas", b"seal", b"until", b"\x00"],
    "kept_words_sealed": [b'"frames"', b'"words"', b'"seal"', b"NaN", b"1e400", b"null", b"[[[[", b"\\ud800"],
}
