"""What a playbook's page declares: a campaign, and how it is asked, stopped and decided."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic_core import InitErrorDetails

from clv.language import tell
from clv.offering.contract import Declared, Text
from clv.playing import sections
from clv.playing.guards import Guard

RECALL = "05_recall_offers"  # the step that makes the list
SET_BY_THE_PLAY = {RECALL: ("playbook",)}
OF_THE_FILE = {"name": "the file's name", "title": "the page's first heading", "body": "the page below"}


def _listed(value: Any) -> dict[str, Any]:
    """Return the parameters of each step by its notebook, in the order of the steps."""
    found: dict[str, Any] = {}
    for step in value if isinstance(value, list) else [None]:
        pairs = list(step.items()) if isinstance(step, dict) else [(step, None)]
        if len(pairs) != 1 or not isinstance(pairs[0][0], str):
            raise ValueError(
                "it should be a list of notebooks, such as [01_orders, {05_recall_offers: {window_days: 60}}]"
            )
        name, given = pairs[0]
        if name in found:
            raise ValueError(tell("{name} stands twice; keep one of them", name=name))
        found[name] = {} if given is None else given
    return found


def _named(sentence: str, keys: Mapping[str, Any]) -> str:
    """Return the key that a sentence names first; a rule that names none is one about a channel's hours."""
    found = re.search(rf"\b({'|'.join(keys)})\b", sentence)
    return found[0] if found else "channels"


class Playbook(Declared):
    """A campaign as its page declares it."""

    name: str = Field(description="the file's name, without .md")
    title: str = Field(description="the page's first heading")
    body: str = Field(description="the Markdown below the front matter")
    question: Text = Field(description="what the playbook answers")
    cadence: Literal["daily", "weekly", "monthly", "quarterly", "yearly", "festival"] = Field(
        description="how often it is played"
    )
    steps: Annotated[dict[str, dict[str, Any]], BeforeValidator(_listed), Field(min_length=1)] = Field(
        description="which notebooks are run, in which order, with which parameters"
    )
    guards: dict[str, Guard] = Field({}, description="facts that must keep their bounds, or the play stops")
    decide: str = Field(min_length=1, max_length=200, description="the fact that one decides by")

    @model_validator(mode="wrap")
    @classmethod
    def _placed(cls, values: Any, handler: ModelWrapValidatorHandler["Playbook"]) -> "Playbook":
        """Give a rule about the whole the key that its sentence names, so that its line can be told."""
        try:
            return handler(values)
        except ValidationError as error:
            first = error.errors()[0]
            if first["loc"] or first["type"] != "value_error":
                raise
            key = _named(first["msg"], cls.model_fields)
        placed = InitErrorDetails(
            type="value_error", loc=(key,), input=first["input"], ctx=first.get("ctx", {})
        )
        raise ValidationError.from_exception_data(cls.__name__, [placed])

    @property
    def sections(self) -> dict[str, str]:
        """What the page says under each of its six headings."""
        return sections.sections(self.body)
