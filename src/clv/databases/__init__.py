"""Orders that lie in a database: read as text for the cleaning, or added up where they are."""

from clv.databases.marks import of
from clv.databases.opening import opened
from clv.databases.rows import clean, export

__all__ = ["clean", "export", "of", "opened"]
