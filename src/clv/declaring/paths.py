"""Paths as a shop file names them: one, a list, or one or a list for each channel; tables among them."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, model_validator

from clv.declaring import addresses
from clv.declaring.settings import Settings
from clv.errors import SettingError
from clv.language import tell


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _file(path: str) -> str:
    if addresses.is_address(path):
        raise ValueError(tell("only orders may lie in a database, so it should be the path of a file"))
    return path


def _file_or_table(path: str) -> str:
    if addresses.is_address(path):
        try:
            addresses.parsed(path)
        except SettingError as error:
            raise ValueError(str(error)) from None
    return path


_Path = Annotated[str, Field(min_length=1)]
_Listed = (BeforeValidator(_listed), Field(min_length=1))
Paths = Annotated[list[Annotated[_Path, AfterValidator(_file)]], *_Listed]
PathsOrTables = Annotated[list[Annotated[_Path, AfterValidator(_file_or_table)]], *_Listed]


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
