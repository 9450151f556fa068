"""Rules that name the next category, tried on purchases that they had not seen."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clv.following import paired
from clv.following.learned import Following
from clv.measuring import rates

TABLE, LAST, POPULAR = "what followed before", "last category", "most popular"
_KS = (1, 3)
_LEAST = 1e-4  # chance that is given to anything
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def tried(following: Following, asked: pd.DataFrame) -> tuple[dict[str, Ints], dict[str, Floats]]:
    """Return by rule at which place it named the truth (0: first), and minus log of the chance given to it.

    Parameters
    ----------
    following
        What was learned from earlier moves.
    asked
        One row per customer: last (category known then), truth (category of the next purchase).
    """
    mix = following.mix
    names = mix.index.append(pd.Index(asked["last"].unique()).difference(mix.index))
    last, truth = names.get_indexer(asked["last"]), names.get_indexer(asked["truth"])
    flat = mix.reindex(names, fill_value=0.0).to_numpy(float)
    tabled = np.zeros((len(following.moves) + 1, len(names)))
    tabled[:, : len(mix)] = following.posterior / following.posterior.sum(axis=1, keepdims=True)
    moved = following.moves
    stays = sum(moved.at[n, n] for n in moved.index.intersection(mix.index)) / max(moved.to_numpy().sum(), 1)
    same = np.eye(len(names))
    staying = stays * same + (1 - stays) * (1 - same) * flat / np.maximum(1 - flat, _LEAST)[:, None]
    # the last one first, whatever its chance, then what sells most
    tries = {TABLE: (tabled, tabled, following.rows(asked["last"])), LAST: (same + flat / 2, staying, last)}
    tries[POPULAR] = (flat[None, :], flat[None, :], np.zeros(len(asked), dtype=np.int64))
    ranks, losses = {}, {}
    for rule, (score, chance, row) in tries.items():
        place = np.argsort(np.argsort(-score, axis=1, kind="stable"), axis=1, kind="stable")
        ranks[rule] = np.where(truth >= 0, place[row, truth], len(names))
        losses[rule] = -np.log(np.maximum(np.where(truth >= 0, chance[row, truth], 0.0), _LEAST))
    return ranks, losses


def rates_of(rank: Ints, loss: Floats) -> dict[str, float]:
    """Return hit_1, low_1, high_1, hit_3, low_3, high_3 (90 %, Wilson) and the mean loss."""
    row = {}
    for k in _KS:
        hits = np.count_nonzero(rank < k)
        low, high = rates.wilson(hits, len(rank), level=paired.LEVEL)
        row |= {f"hit_{k}": hits / len(rank), f"low_{k}": float(low), f"high_{k}": float(high)}
    return row | {"log_loss": float(loss.mean())}


def against(table: Ints, simple: Ints) -> dict[str, float]:
    """Return the hit rates of the table less those of a simple rule, on the same customers (90 %)."""
    row = {}
    for k in _KS:
        found = paired.difference(table < k, simple < k)
        row |= {f"difference_{k}": found.difference, f"low_{k}": found.low, f"high_{k}": found.high}
    return row
