"""How long one waits before anything happens: imports and --help, each in a fresh process."""

import subprocess
import sys
import time

import results

WAITS = {
    "import clv": ["-c", "import clv"],
    "clv --help": ["-m", "clv.cli", "--help"],
    "clv --lang zh --help": ["-m", "clv.cli", "--lang", "zh", "--help"],
    "import lifetimes": ["-c", "import lifetimes"],
    "from pymc_marketing import clv": ["-c", "from pymc_marketing import clv"],
    "papermill --help": ["-m", "papermill", "--help"],
}


def waited(arguments: list[str], *, times: int = 5) -> float | None:
    """Return the least seconds on the wall of some processes; None where it cannot be imported."""
    best = None
    for _ in range(times):
        begun = time.perf_counter()
        done = subprocess.run([sys.executable, "-W", "ignore", *arguments], capture_output=True, check=False)
        if done.returncode:
            return None
        best = min(best or 1e9, time.perf_counter() - begun)
    return best


def main() -> None:
    """Measure and write the section."""
    rows = [[f"`{name}`", results.seconds(waited(arguments))] for name, arguments in WAITS.items()]
    table = results.table(["what", "the least of five"], rows)
    results.section("Imports", f"Seconds on the wall, Python's own start included.\n\n{table}")


if __name__ == "__main__":
    main()
