"""Write the three sample shops: python data/samples/make.py [folder]. The same bytes every time."""

import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
from generator import contacts, department, gift, gold, members
from generator.population import purchases

SEED = 20260630
SHOPS = {"gold": gold, "department": department, "gift": gift}


def main(folder: Path) -> None:
    """Write every shop's files into its folder, and planted.csv beside them."""
    planted = []
    for number, (name, shop) in enumerate(SHOPS.items()):
        rng = np.random.default_rng([SEED, number])  # a shop's bytes do not depend on the others
        planted.append(shop.write(folder / name, rng).assign(shop=name))
        write_extras(folder / name, name, shop, number)
    table = pd.concat(planted)[["shop", "planted", "rows"]]
    table.to_csv(folder / "planted.csv", index=False, lineterminator="\n")


def write_extras(folder: Path, name: str, shop: ModuleType, number: int) -> None:
    """Write members and contacts, from streams of their own; the purchases are drawn once more for them."""
    bought = purchases(shop.HABITS, np.random.default_rng([SEED, number]))
    shape = members.SHAPES[name]
    people = members.draw(shape, bought, np.random.default_rng([SEED, number, 1]))
    members.write(folder, shape, people, np.random.default_rng([SEED, number, 2]))
    contacts.write(folder, shape, people, contacts.SENT[name], np.random.default_rng([SEED, number, 3]))
    if name == "gold":
        contacts.write_past(folder, shape, people, bought, np.random.default_rng([SEED, number, 4]))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
