"""clv: who will buy again, what are they worth, and whom should we call back with what?

    order exports → orders → customers → model → values → segments → offers → plan → report

A module is named after the table or the answer that it makes; `ls src/clv` is the method. `import clv` loads
nothing heavy: `clv.bgnbd`, `clv.Shop` and the rest are fetched when they are first named.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "Range": "telling.sliders",
    "Shop": "shop",
    "answer": "telling.facts",
    "record": "telling.facts",
    "say": "telling.facts",
    "show": "telling.facts",
    "sliders": "telling.sliders",
    "speak": "language",
    "table": "telling.tables_html",
    "tell": "language",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"clv.{_HOME[name]}"), name)
    if not name.startswith("_") and find_spec(f"clv.{name}"):
        return import_module(f"clv.{name}")
    raise AttributeError(f"module 'clv' has no attribute {name!r}")
