"""Commands that are disturbed, each in a place where all is ready for it."""

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from faults import places
from faults.places import Place

REPO = Path(__file__).parents[2]
UNTIL = ("--until", "2026-06-30")
READ = (
    "--platform",
    "csv",
    *UNTIL,
    *(f"--column={name}={name}" for name in ("order_id", "customer_id", "paid_at", "amount")),
)
BATCH = (
    "batch",
    "shops.yml",
    "--out",
    "runs",
    "--jobs",
    "2",
    "--notebook",
    "01_orders",
    "--notebook",
    "09_stores",
)
PAGE = """\
---
question: {en: Whom to greet, zh: 问候谁}
cadence: monthly
audience: {days_since_last: {min: 30, max: 400}}
offers:
  - name: hello
    kind: notice
    uplift: {mean: 0.3, sd: 0.1}
    messages:
      sms: {en: "【{shop}】Hello. {unsubscribe}", zh: "【{shop}】您好。{unsubscribe}"}
channels: {sms: {}}
steps: [{05_recall_offers: {window_days: 60, draws: 100, seed: 1}}]
guards: {}
decide: recall.incremental_profit_p05
messages:
  sms: {en: "【{shop}】{offer}, {code}. {unsubscribe}", zh: "【{shop}】{offer}，码{code}。{unsubscribe}"}
---

# Greeting 问候
"""


@dataclass(frozen=True)
class Story:
    """One command, and those that are to be run before it."""

    name: str
    command: tuple[str, ...]
    before: tuple[tuple[str, ...], ...] = ()
    make: Callable[[Path], Place] = places.make


def _for_play(folder: Path) -> Place:
    """Make a place with the sample shop that has members, a playbook, and notebook 05 as it ships."""
    from clv.playing import sections

    samples = REPO / "data" / "samples"
    (folder / "temporary").mkdir(parents=True)
    shutil.copytree(samples / "gift", folder / "gift")
    text = (samples / "shops.yml").read_text("utf-8")
    (folder / "shops.yml").write_text(re.sub(r"(?ms)^  (?!gift:)\w+:\n.*?\n\n", "", text), "utf-8")
    (folder / "notebooks").mkdir()
    shutil.copy(REPO / "notebooks" / "05_recall_offers.ipynb", folder / "notebooks")
    body = "".join(f"\n## {heading}\n\nSomething.\n" for heading in sections.HEADINGS)
    (folder / "greeting.md").write_text(PAGE + body, "utf-8")
    return Place(folder)


_ORDERS = ("orders", "gold.csv", *READ, "--out", "orders.parquet")
_CUSTOMERS = ("customers", "orders.parquet", *UNTIL, "--out", "customers.parquet")
_FIT = ("fit", "customers.parquet", "--model", "mbgnbd", "--out", "model.json")
_SCORE = ("score", "customers.parquet", "--model", "model.json", "--out", "scores.csv")

STORIES = {
    one.name: one
    for one in (
        Story("batch", BATCH, before=((*BATCH, "--until", places.EARLIER),)),
        Story(
            "play",
            ("play", "greeting.md", "--shops", "shops.yml", "--shop", "gift", "--out", "out"),
            make=_for_play,
        ),
        Story("learn", ("learn", "--shops", "shops.yml", "--shop", "gold")),
        Story("orders", _ORDERS),
        Story("customers", _CUSTOMERS, before=(_ORDERS,)),
        Story("fit", _FIT, before=(_ORDERS, _CUSTOMERS)),
        Story("score", _SCORE, before=(_ORDERS, _CUSTOMERS, _FIT)),
    )
}
