"""Write the sample shops: python data/samples/make.py [folder]. The same bytes every time."""

import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
from generator import (
    campaigns,
    contacts,
    department,
    gift,
    gold,
    members,
    pearl,
    points,
    registration,
    visits,
)
from generator.population import purchases

SEED = 20260630
SHOPS = {"gold": gold, "department": department, "gift": gift}


def main(folder: Path) -> None:
    """Write every shop's files into its folder, and what was planted beside them."""
    planted = []
    for number, (name, shop) in enumerate(SHOPS.items()):
        rng = np.random.default_rng([SEED, number])  # a shop's bytes do not depend on the others
        planted.append(shop.write(folder / name, rng).assign(shop=name))
        write_extras(folder / name, name, shop, number)
    counts, who = pearl.write(folder / "pearl", np.random.default_rng([SEED, len(SHOPS)]))
    planted.append(counts.assign(shop="pearl"))
    who.to_csv(folder / "planted_people.csv", index=False, lineterminator="\n")
    table = pd.concat(planted)[["shop", "planted", "rows"]]
    table.to_csv(folder / "planted.csv", index=False, lineterminator="\n")


def write_extras(folder: Path, name: str, shop: ModuleType, number: int) -> None:
    """Write members, contacts and past campaigns; the purchases are drawn once more for them."""

    def stream(*more: int) -> np.random.Generator:  # one for each file, so that none depends on another
        return np.random.default_rng([SEED, number, *more])

    bought = purchases(shop.HABITS, stream())
    shape = members.SHAPES[name]
    people = members.draw(shape, bought, stream(1))
    members.write(folder, shape, people, stream(2), genders=stream(22) if name == "department" else None)
    messages = contacts.draw(people, contacts.SENT[name], stream(3))
    if name == "gold":
        campaigns.write(folder, shape, campaigns.RECALL, campaigns.recall(people, bought, stream(4)))
    if name == "department":
        past, arms = campaigns.SPRING, campaigns.spring(people, bought, stream(5))
        campaigns.write(folder, shape, past, arms)
        registration.write(folder, past, arms, shop=name)
        messages = contacts.joined(contacts.draw_past(people, past, arms, stream(6)), messages)
    if name == "department":
        shares = shop.CATALOGUE.drop_duplicates("category").set_index("category")["share"]
        visits.write(folder, shape, visits.draw(bought, shares, stream(20)), stream(21))
    if name == "gold":
        gold.write_prices(folder)
    contacts.write(folder, shape, messages)
    if name != "gold":
        changes = points.draw(shape, people, bought, stream(30))
        points.write(folder, shape, changes, stream(31), signed=name == "department")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
