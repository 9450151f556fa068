"""Measure everything and keep it as small tables beside the page: docs/validation/*.csv."""

import zlib
from pathlib import Path

import pandas as pd

from validation import calibration, published, real, recovery
from validation.shops import EVERYDAY, JEWELLERY, MUSIC

FOLDER = Path(__file__).parents[2] / "docs" / "validation"
MODELS = ("bgnbd", "mbgnbd", "paretonbd")
SHOP_NAMES = (JEWELLERY, MUSIC, EVERYDAY)
BANDS_SIZE, BANDS_TIMES = 400, 40


def seed(*key: object) -> int:
    """Return a seed that depends on what is simulated alone, not on what was simulated before it."""
    return zlib.crc32(repr(key).encode())


def measure() -> None:
    """Measure everything again and write every table."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    write("published", published.compared())
    write("conditional", published.conditional().reset_index(drop=True))
    write("histogram", pd.concat([_histogram(name) for name in MODELS]))
    write("recovery", recovery.summed(pd.concat(map(recovered, parameters()))))
    looked = pd.concat(map(banded, bands()))
    write("bands", calibration.summed(looked))
    write("ranks", calibration.ranks(looked))
    if real.RETAIL.exists():  # without the real export beside the checkout, what was measured with it stays
        held = [real.held(*cut, seed=seed(*cut)) for cut in real.CUTS]
        for name in real.Held._fields:
            write(name, pd.concat([getattr(one, name) for one in held]))


def write(name: str, table: pd.DataFrame) -> None:
    """Keep a table with six figures, as many as any sentence of the page needs."""
    table.to_csv(FOLDER / f"{name}.csv", index=False, float_format="%.6g")


def read(name: str) -> pd.DataFrame:
    """Return a kept table."""
    return pd.read_csv(FOLDER / f"{name}.csv", dtype={"published": str, "group": str})


def parameters() -> list[tuple[str, str, int, int]]:
    """Return the chunks of recovery: model, shop, customers, number of the chunk."""
    cells = [(m, n, z) for m in (*MODELS, "gammagamma") for n in SHOP_NAMES for z in recovery.sizes(m)]
    return [(*cell, k) for cell in cells for k in range(recovery.replications(cell[0]) // recovery.CHUNK)]


def recovered(key: tuple[str, str, int, int]) -> pd.DataFrame:
    """Simulate a chunk of recovery."""
    return recovery.chunk(*key[:3], seed=(seed(*key[:3]), key[3]))


def bands() -> list[tuple[str, str, int]]:
    """Return the chunks of calibration: model, shop, number of the chunk."""
    chunks = range(BANDS_TIMES // calibration.CHUNK)
    return [(model, name, k) for model in MODELS for name in (JEWELLERY, MUSIC) for k in chunks]


def banded(key: tuple[str, str, int]) -> pd.DataFrame:
    """Simulate a chunk of calibration."""
    return calibration.chunk(*key[:2], size=BANDS_SIZE, seed=(seed("calibration", *key[:2]), key[2]))


def _histogram(name: str) -> pd.DataFrame:
    return published.histogram(name).assign(model=name, group=[*map(str, range(7)), "7+"])
