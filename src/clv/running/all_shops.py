"""All shops of a batch as one, for the notebooks that are run once for a shop file."""

from dataclasses import dataclass
from datetime import date

from clv.errors import ClvError, InputError, NoAnswerError, NotNowError
from clv.history import ALL
from clv.keeping import fingerprints
from clv.language import Language, tell
from clv.shop import Shop
from clv.shop_files import ShopFile


@dataclass(frozen=True)
class AllShops:
    """Shops of one file that are looked at together.

    Attributes
    ----------
    last_day
        Last day of observation of all of them; empty where each has its own.
    narrowed
        Whether the batch was asked for some shops of the file only.
    """

    file: ShopFile
    shops: tuple[Shop, ...]
    last_day: str
    narrowed: bool = False

    @property
    def id(self) -> str:
        """What the folder of their runs is called."""
        return ALL

    @property
    def name(self) -> str:
        """What people call them."""
        return tell("All shops")

    @property
    def lang(self) -> Language:
        """The language of what is about them."""
        return self.file.lang

    @property
    def until(self) -> date:
        """The latest last day of observation.

        Raises
        ------
        NoAnswerError
            Not one shop can be read.
        """
        found = []
        for shop in self.shops:
            try:
                found.append(shop.until)
            except NotNowError:
                raise
            except (ClvError, OSError):  # left out by the notebook too, which says why
                continue
            finally:
                shop.forget()
        if not found:
            raise NoAnswerError(tell("not one of {shops:,} shops can be read.", shops=len(self.shops)))
        return max(found)

    def forget(self) -> None:
        """Give back the memory of the tables; see `Shop.forget`."""
        for shop in self.shops:
            shop.forget()

    def fingerprint(self) -> str:
        """Return what stands for everything that a report of these shops is built from."""
        return fingerprints.of_values([[shop.id, shop.name, str(key_of(shop))] for shop in self.shops])


def key_of(shop: "Shop | AllShops") -> str | InputError:
    """Return what stands for everything that a report is built from, or why files cannot be read."""
    try:
        return shop.fingerprint()
    except InputError as error:
        return error
    except OSError as error:
        return InputError(
            tell(
                "shop {shop!r}: an export cannot be read ({strerror}).", shop=shop.id, strerror=error.strerror
            )
        )
