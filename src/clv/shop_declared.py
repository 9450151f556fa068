"""What a shop says of itself: its names, and the files that it writes by hand (rules, schemes, campaigns)."""

from dataclasses import dataclass

import pandas as pd

from clv import festivals, ledger, registration, schemes, tiers
from clv.errors import SettingError
from clv.language import Language, tell
from clv.ledger import Result
from clv.registration import Registration
from clv.schemes.contract import Scheme
from clv.shop_entry import Entry
from clv.shop_files import ShopFile
from clv.tiers import Membership

_YEAR = 365


@dataclass(frozen=True)
class Declared:
    """A shop of a shop file, as far as it can be known without its orders."""

    id: str
    file: ShopFile
    last_day: str

    @property
    def name(self) -> str:
        """The shop's name for people."""
        return self._entry.name

    @property
    def lang(self) -> Language:
        """The language of the shop's reports."""
        return self._entry.lang

    @property
    def sign(self) -> str:
        """How the shop signs its messages; its name where the entry does not say."""
        return self._entry.sign or self.name

    @property
    def tiers(self) -> dict[str, float]:
        """The shop's tiers: name, and the money of the last year from which each holds.

        From `tiers:`, else from the rules of membership if these go by the money of the last 365 days.
        """
        rules = None if self._entry.tiers else self.membership()
        if rules is None or rules.by != "spend" or rules.window.rolling_days != _YEAR:
            return dict(self._entry.tiers)
        return {tier.name.zh: tier.start for tier in rules.tiers if tier.start > 0}

    def schemes(self) -> list[Scheme]:
        """Return the shop's own segmentation schemes; none where its entry names none.

        Raises
        ------
        InputError, SettingError
            A file is missing, breaks the contract of schemes, or leaves customers without a segment.
        """
        try:
            found = [schemes.load_file(path) for path in self.file.scheme_files(self.id)]
            schemes.field(own=found)
        except SettingError as error:
            raise SettingError(tell("shop {shop_id!r}: {error}", shop_id=self.id, error=error)) from None
        return found

    def membership(self) -> Membership | None:
        """Return the shop's rules of tiers; None where the entry names none.

        Raises
        ------
        SettingError
            The rules are wrong; one sentence, with the line.
        """
        path = self.file.one_file(self.id, "membership")
        return None if path is None else tiers.load(path)

    def festivals(self) -> pd.DataFrame:
        """Return the festivals and their windows, the shop's own before those of the kit.

        Raises
        ------
        InputError, SettingError
            The shop's own file is wrong.
        """
        path = self.file.one_file(self.id, "festivals")
        return festivals.table() if path is None else festivals.table(festivals.load(path))

    def registration(self, campaign: str) -> Registration | None:
        """Return what was written down of a campaign before it was sent; None where nothing was.

        Raises
        ------
        InputError
            A file is missing, or is no registration.
        """
        files = self.file.registration_files(self.id)
        return registration.find(files, campaign=campaign, shop=self.id)

    def ledger(self) -> list[Result]:
        """Return the results of past campaigns that were kept; none where the entry names no ledger.

        Raises
        ------
        InputError
            The ledger is damaged.
        """
        path = self.file.ledger_file(self.id)
        return [] if path is None else ledger.read(path)

    @property
    def _entry(self) -> Entry:
        return self.file.entry(self.id)
