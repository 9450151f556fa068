"""What every notebook takes and leaves; the types that its parameters share."""

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from clv.declaring.settings import Settings, iso_day

Day = Annotated[str, AfterValidator(iso_day)]
Days = Annotated[int, Field(ge=1, le=3650)]
Rows = Annotated[int, Field(ge=1, le=1000)]
ContactCosts = dict[Literal["sms", "wecom", "phone", "email"], Annotated[float, Field(ge=0, le=1e6)]]


def check_commission(margin: float, commission: float) -> None:
    """Refuse a commission that leaves nothing of the margin."""
    if commission >= margin:
        raise ValueError(
            f"the commission ({commission:g}) eats the margin ({margin:g}), so no offer pays; margin is the "
            "gross margin before commission"
        )


class Notebook(Settings):
    """What every notebook takes."""

    name: ClassVar[str]
    facts: ClassVar[tuple[str, ...]] = ()
    needs: ClassVar[tuple[str, ...]] = ()  # keys of the shop file without which there is nothing to say
    may_lack: ClassVar[tuple[str, ...]] = ()  # facts that the data do not always carry
    figures: ClassVar[tuple[str, ...]] = ()

    shop_file: str = Field("../data/samples/shops.yml", min_length=1, description="where the shop file is")
    shop_id: str = Field("gold", min_length=1, description="which shop of that file")
    until: Day = Field("", description="the last day of observation; empty: the shop's own")
