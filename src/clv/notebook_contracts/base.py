"""What every notebook takes and leaves; the types that its parameters share."""

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from clv.declaring.settings import Settings, iso_day
from clv.language import tell

Day = Annotated[str, AfterValidator(iso_day)]
Days = Annotated[int, Field(ge=1, le=3650)]
Rows = Annotated[int, Field(ge=1, le=1000)]
ShopId = Annotated[str, Field(min_length=1, max_length=60)]
ContactCosts = dict[Literal["sms", "wecom", "phone", "email"], Annotated[float, Field(ge=0, le=1e6)]]


def check_commission(margin: float, commission: float) -> None:
    """Refuse a commission that leaves nothing of the margin."""
    if commission >= margin:
        raise ValueError(
            tell(
                "the commission ({commission:g}) eats the margin ({margin:g}), so no offer pays; margin "
                "is the gross margin before commission",
                commission=commission,
                margin=margin,
            )
        )


class Contract(Settings):
    """What every notebook takes and leaves, whether it is about one shop or about all of a shop file."""

    name: ClassVar[str]
    facts: ClassVar[tuple[str, ...]] = ()
    key_facts: ClassVar[tuple[str, ...]] = ()  # shown first and large, in this order; some may be missing
    needs: ClassVar[tuple[str, ...]] = ()  # keys of the shop file without which there is nothing to say
    may_lack: ClassVar[tuple[str, ...]] = ()  # facts that the data do not always carry
    figures: ClassVar[tuple[str, ...]] = ()
    may_lack_figures: ClassVar[tuple[str, ...]] = ()  # figures of what not every shop has
    of_all_shops: ClassVar[bool] = False  # whether a batch runs it once for a shop file, after the others

    shop_file: str = Field("../data/samples/shops.yml", min_length=1, description="where the shop file is")
    until: Day = Field("", description="the last day of observation; empty: the shop's own")
    lang: Literal["", "en", "zh"] = Field(
        "", description="language of the report: en, zh; empty: the shop's own"
    )


class Notebook(Contract):
    """What every notebook about one shop takes."""

    shop_id: str = Field("gold", min_length=1, description="which shop of that file")


class OfAllShops(Contract):
    """What every notebook takes that a batch runs once for all shops of a file."""

    of_all_shops = True

    shops: list[ShopId] = Field([], max_length=1000, description="which shops of that file; none: all")
    runs: str = Field("", description="folder of earlier runs; empty: nothing to compare with")
