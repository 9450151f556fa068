"""Write the three sample shops: python data/samples/make.py [folder]. The same bytes every time."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from generator import department, gift, gold

SEED = 20260630
SHOPS = {"gold": gold, "department": department, "gift": gift}


def main(folder: Path) -> None:
    """Write every shop's files into its folder, and planted.csv beside them."""
    planted = []
    for number, (name, shop) in enumerate(SHOPS.items()):
        rng = np.random.default_rng([SEED, number])  # a shop's bytes do not depend on the others
        planted.append(shop.write(folder / name, rng).assign(shop=name))
    table = pd.concat(planted)[["shop", "planted", "rows"]]
    table.to_csv(folder / "planted.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
