"""What a YAML text may hold, looked at before anything is made of it: kinds of values, characters, size.

An alias costs a few bytes and stands for as much as was anchored, aliases in it included: ten short lines can
name a billion values, and an anchor that holds its own alias has no end. What counts is the text as it would
be with every alias written out.
"""

import re
from dataclasses import dataclass, field

import yaml

from clv.errors import SettingError
from clv.language import tell

LARGEST = 1_000_000  # values and their characters
DEEPEST = 50  # levels; a playbook has seven
_PLAIN = {f"tag:yaml.org,2002:{kind}" for kind in ("null", "bool", "int", "float", "str", "seq", "map")}
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True)
class _Size:
    """Of a value with its aliases written out: values and characters, and levels."""

    amount: int
    levels: int


@dataclass(frozen=True)
class _Sizes:
    """Sizes by the node, each worked out once however often it is named; None while it is worked out."""

    known: dict[int, _Size | None] = field(default_factory=dict)

    def of(self, node: yaml.Node) -> _Size:
        if id(node) not in self.known:
            _check_one(node)
            self.known[id(node)] = None
            self.known[id(node)] = self._added(node)
        found = self.known[id(node)]
        if found is None:
            raise _refusal(node, tell("an anchor holds its own alias, so it has no end; write it out."))
        return found

    def _added(self, node: yaml.Node) -> _Size:
        if isinstance(node, yaml.ScalarNode):
            return _Size(1 + len(node.value), 0)
        pairs = isinstance(node, yaml.MappingNode)
        parts = [self.of(one) for part in node.value for one in (part if pairs else (part,))]
        found = _Size(1 + sum(p.amount for p in parts), 1 + max((p.levels for p in parts), default=0))
        if found.amount > LARGEST:
            raise _refusal(
                node,
                tell("with its aliases written out, this is too much; use fewer aliases, or several files."),
            )
        return found


def check(root: yaml.Node | None) -> None:
    """Refuse a text that holds what no declaration needs.

    Raises
    ------
    SettingError
        A tag that is none of JSON's kinds, a character that no file can hold, more than `LARGEST` values and
        characters once aliases are written out, an anchor without end, or more than `DEEPEST` levels.
    """
    if root is not None and _Sizes().of(root).levels > DEEPEST:
        raise SettingError(tell("not valid YAML: it is nested too deeply."))


def _check_one(node: yaml.Node) -> None:
    if node.tag not in _PLAIN:
        raise _refusal(
            node, tell("the tag {tag!r} makes none of the values used here; take it out.", tag=node.tag[-60:])
        )
    if isinstance(node, yaml.ScalarNode) and _UNWRITABLE.search(node.value):
        raise _refusal(node, tell("a text holds a character that cannot be written; take it out."))


def _refusal(node: yaml.Node, sentence: str) -> SettingError:
    return SettingError(tell("line {line}: ", line=node.start_mark.line + 1) + sentence)
