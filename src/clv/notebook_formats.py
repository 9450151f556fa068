"""What reads notebooks, loaded without what makes it slow.

nbformat checks notebooks with jsonschema. Where JupyterLab or nbdime is installed, jsonschema also loads a
grammar of international web addresses (rfc3987_syntax), which takes longer than all the rest together; no
notebook has a field of that format.
"""

import sys

_GRAMMAR = "rfc3987_syntax"


def load() -> None:
    """Load jsonschema as if the grammar were not installed, which it makes do with; once is enough."""
    if "jsonschema" in sys.modules or _GRAMMAR in sys.modules:
        return
    sys.modules[_GRAMMAR] = None  # Python's own way to say that there is no such module
    try:
        import jsonschema  # noqa: F401
    finally:
        del sys.modules[_GRAMMAR]
