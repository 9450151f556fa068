"""Records and histories of runs that pages are made of, without running anything."""

import pandas as pd

QUESTIONS = {"01_orders": "Can these orders be trusted?", "02_customers": "Who are the customers?"}
COLUMNS = ["shop", "notebook", "until", "name", "value", "unit", "low", "high"]


def record(shop="gold", notebook="01_orders", status="ok", **keys):
    """Return the record of one run."""
    finished = status in ("ok", "refused")
    return {
        "shop": shop,
        "shop_name": f"{shop} shop",
        "notebook": notebook,
        "question": QUESTIONS.get(notebook, ""),
        "status": status,
        "message": "",
        "seconds": 1.5,
        "made_at": "2026-07-01T09:30:12",
        "until": "2026-06-30",
        "facts": [],
        "figures": [],
        "html": f"{shop}/{notebook}.html" if finished else "",
        "ipynb": f"{shop}/{notebook}.ipynb",
        "key": "3f9a",
    } | keys


def fact(name, value, **keys):
    """Return one fact, as a notebook records it."""
    return {"name": name, "value": value, "unit": "", "low": None, "high": None, "label": ""} | keys


def past(*rows):
    """Return what earlier runs said: shop, notebook, until, name, value, unit, low, high."""
    found = pd.DataFrame(rows, columns=COLUMNS)
    return found.astype({"value": object, "low": float, "high": float})
