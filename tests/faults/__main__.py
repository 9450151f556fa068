"""`python -m faults kill --times N`."""

import os
import sys

for _name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR"):  # before NumPy: no thread may be left
    os.environ[f"{_name}_NUM_THREADS"] = "1"

from faults import campaign  # noqa: E402

if __name__ == "__main__":
    sys.exit(campaign.main())
