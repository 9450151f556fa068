"""Paths as a shop file names them: one, a list, or one or a list for each channel."""

from typing import Annotated

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from clv.declaring.settings import Settings
from clv.language import tell


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Paths = Annotated[list[Annotated[str, Field(min_length=1)]], BeforeValidator(_listed), Field(min_length=1)]


class ByChannel(Settings):
    """Paths of each channel that has any."""

    sms: Paths | None = Field(None, description="where contacts by SMS lie")
    wecom: Paths | None = Field(None, description="where contacts by WeCom lie")
    phone: Paths | None = Field(None, description="where calls lie")
    email: Paths | None = Field(None, description="where contacts by e-mail lie")

    @property
    def named(self) -> dict[str, list[str]]:
        """The channels that have paths, in the order of `tables.CHANNELS`, and these."""
        return {channel: paths for channel, paths in self if paths}

    @model_validator(mode="after")
    def _names_one(self) -> "ByChannel":
        if not self.named:
            known = ", ".join(type(self).model_fields)
            raise ValueError(tell("contacts names no channel; name files for one of {known}", known=known))
        return self


# Steps that pydantic adds to the path of a wrong value; sentences leave out what begins with "list".
FORMS = ("list of paths", "list by channel")


def _form(value: object) -> str:
    """Tell which of the two forms is meant, so that an error speaks of that one."""
    return FORMS[isinstance(value, dict | ByChannel)]


PathsOrByChannel = Annotated[
    Annotated[Paths, Tag(FORMS[0])] | Annotated[ByChannel, Tag(FORMS[1])], Discriminator(_form)
]
