"""What was read of a shop's orders as a bundle to keep, and back."""

from dataclasses import fields
from typing import Any

import pandas as pd

from clv.keeping.kept import Bundle
from clv.orders import OrdersRead


def packed(read: OrdersRead) -> Bundle:
    """Return a bundle of everything that was read."""
    values = {field.name: getattr(read, field.name) for field in fields(read)}
    frames = {name: value for name, value in values.items() if isinstance(value, pd.DataFrame)}
    return Bundle(frames, {name: value for name, value in values.items() if name not in frames})


def unpacked(bundle: Bundle) -> OrdersRead:
    """Return what was packed."""
    return OrdersRead(**bundle.frames, **{name: _tuples(v) for name, v in bundle.words.items()})


def _tuples(value: Any) -> Any:
    """JSON knows lists only; what was read holds tuples."""
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
