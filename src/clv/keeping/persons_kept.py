"""Who is one person as a bundle to keep, and back."""

from dataclasses import fields

import pandas as pd

from clv.identity import Resolved
from clv.keeping.kept import Bundle


def packed(resolved: Resolved) -> Bundle:
    """Return a bundle of everything that was resolved."""
    values = {field.name: getattr(resolved, field.name) for field in fields(resolved)}
    frames = {name: value for name, value in values.items() if isinstance(value, pd.DataFrame)}
    return Bundle(frames, {name: value for name, value in values.items() if name not in frames})


def unpacked(bundle: Bundle) -> Resolved:
    """Return what was packed."""
    return Resolved(**bundle.frames, **bundle.words)
