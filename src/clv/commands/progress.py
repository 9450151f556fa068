"""How a long command says how far it is: a bar for each stage on a terminal, a line for each elsewhere."""

import sys

import click

from clv.language import tell


class Progress:
    """A bar for each stage on a terminal, a line for each elsewhere; on stderr."""

    def __init__(self) -> None:
        self._stage, self._bar = "", None

    def tell(self, stage: str, done: int, total: int) -> None:
        """Say that `done` of `total` are done in a stage; another stage's name begins the next."""
        if stage != self._stage:
            self._begin(stage, total)
        if self._bar is not None:
            self._bar.update(done - self._bar.n)

    def _begin(self, stage: str, total: int) -> None:
        from tqdm import tqdm

        self.close()
        self._stage = stage
        if sys.stderr.isatty():
            self._bar = tqdm(total=total, desc=stage, file=sys.stderr)
        else:
            click.echo(tell("{stage} ({total}) ...", stage=stage, total=total), err=True)

    def close(self) -> None:
        """Leave the bar as it stands."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
