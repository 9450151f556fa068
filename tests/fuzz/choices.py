"""Bytes as choices, so that whatever mutates or shrinks bytes mutates and shrinks what is made of them."""

from collections.abc import Sequence
from typing import TypeVar

Thing = TypeVar("Thing")


class Choices:
    """Choices out of bytes; when they are used up, the first of everything."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    @property
    def spent(self) -> bool:
        """Whether all bytes are used up."""
        return self._at >= len(self._data)

    def below(self, n: int) -> int:
        """Return a number from 0 to n - 1."""
        number, room = 0, 1
        while room < n:
            number, room = number * 256 + (0 if self.spent else self._data[self._at]), room * 256
            self._at += 1
        return number % n

    def of(self, things: Sequence[Thing]) -> Thing:
        """Return one of some things, the first where bytes are used up."""
        return things[self.below(len(things))]

    def one_in(self, n: int) -> bool:
        """Return True once in n, and never where bytes are used up."""
        return self.below(n) == 1
