"""`python -m fuzz TARGET --seconds N`."""

import sys

from fuzz import run

if __name__ == "__main__":
    sys.exit(run.main())
