"""YAML without its traps, and where each key stands.

`yaml.safe_load` reads `NO` as False, `007` as 7, `12:30` as 750 and `2026-06-30` as a date, and of two equal
keys it silently keeps the second. Here only true/false, null and plain decimal numbers are more than text,
keys are always text, and a key that stands twice is refused. So are tags that make something else, numbers
that are not finite, characters that no file can hold, and aliases that make a large text of a small one.
"""

import re
from collections.abc import Sequence
from math import isfinite
from typing import Any

import yaml

from clv.declaring import yaml_bounds
from clv.errors import SettingError
from clv.language import tell

_PLAIN_TYPES = {
    "null": (r"null|~|", ["n", "~", ""]),
    "bool": (r"true|false|True|False", list("tfTF")),
    "int": (r"[-+]?(0|[1-9][0-9]*)", list("-+0123456789")),
    "float": (r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)\.[0-9]*|(0|[1-9][0-9]*)(?=[eE]))([eE][-+]?[0-9]+)?", None),
}
_LONGEST = 200  # characters of a key, or of a number
_DIGITS = 18  # what every program holds exactly


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict = {}  # noqa: RUF012 (the base class declares it so)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:  # noqa: FBT001, FBT002
        found: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or len(key.value) > _LONGEST:
                raise SettingError(tell("line {key}: a key must be one plain word.", key=_line(key)))
            if key.value in found:
                raise SettingError(
                    tell(
                        "line {key}: the key {value!r} stands twice; keep one of them.",
                        key=_line(key),
                        value=key.value,
                    )
                )
            found[key.value] = self.construct_object(value, deep=True)
        return found


for _name, (_pattern, _starts) in _PLAIN_TYPES.items():
    _starts = _starts or list("-+.0123456789")
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", re.compile(f"^(?:{_pattern})$"), _starts)


def _number(kind: type[int] | type[float], node: yaml.ScalarNode) -> int | float:
    if len(node.value) <= _LONGEST:
        found = kind(node.value)
        if isfinite(found) and (kind is float or abs(found) < 10**_DIGITS):
            return found
    raise SettingError(
        tell(
            "line {line}: {value} is no number to reckon with; write a smaller one, or put it in quotes if "
            "it is text.",
            line=_line(node),
            value=node.value[: 2 * _DIGITS] + "…" * (len(node.value) > 2 * _DIGITS),
        )
    )


_Loader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: _number(float, node))
_Loader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: _number(int, node))


def read(text: str) -> tuple[Any, yaml.Node | None]:
    """Return what `text` says, and its tree of nodes for `line`.

    Raises
    ------
    SettingError
        The text is not YAML, a key stands twice, a tag, a number or a character is none that can be used, or
        the text is too large, with its aliases written out; with the line.
    """
    try:
        loader = _Loader(text)
        root = loader.get_single_node()
        yaml_bounds.check(root)
        return (None if root is None else loader.construct_document(root)), root
    except yaml.YAMLError as error:
        raise SettingError(_sentence(error)) from None
    except RecursionError:
        raise SettingError(tell("not valid YAML: it is nested too deeply.")) from None
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        OverflowError,
    ):  # what PyYAML's constructors raise at `!!int abc` or "\UFFFFFFFF"
        raise SettingError(tell("not valid YAML: a value is not of the kind that its !!tag says.")) from None


def scalar(text: str) -> Any:
    """Return the value that `text` would have in a YAML file (`180` a number, `[1, 2]` a list, `NO` text)."""
    return read(text)[0]


def line(root: yaml.Node | None, path: Sequence[str | int]) -> int | None:
    """Return the line of the key at `path`, or None where the file has no such key."""
    node, found = root, None
    for step in path:
        if isinstance(node, yaml.MappingNode):
            pair = next(((k, v) for k, v in node.value if getattr(k, "value", None) == step), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            pair = (node.value[step], node.value[step])
        else:
            pair = None
        if pair is None:
            return None
        found, node = pair
    return None if found is None else _line(found)


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 1


def _sentence(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
    where = tell("line {line}: ", line=mark.line + 1) if mark else ""
    if "\\t" in problem:
        problem = "a tab indents the line; use spaces"
    return tell("{where}not valid YAML: {problem}.", where=where, problem=_cut(problem))


def _cut(text: str) -> str:
    """Return a text that PyYAML quotes from the file, never longer than a sentence."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
