"""What was registered before the sending, beside what happened."""

import pandas as pd

from clv.language import tell
from clv.registration import Registration, is_late
from clv.responses import Responses


def departures(found: Responses, registered: Registration) -> list[str]:
    """Return in sentences how the campaign departed from what was registered; none where it did not."""
    said = []
    if is_late(registered):
        said.append(
            tell(
                "It was registered on {registered_at}, after the sending on {send_on}; what was expected "
                "may have been chosen by what came out.",
                registered_at=registered.registered_at[:10],
                send_on=registered.send_on,
            )
        )
    said += lost_rows(found, registered)
    unknown = found.customers["offer"].dropna()
    unknown = unknown[~unknown.isin([offer.name for offer in registered.offers])]
    if len(unknown):
        said.append(
            tell(
                "{unknown:,} customers have an offer that was not registered ({first!r}); what it gave "
                "is not known, so the profit is too high.",
                unknown=len(unknown),
                first=unknown.iloc[0],
            )
        )
    for name, is_now, was in (
        ("day of sending", found.sent_on, registered.send_on),
        ("last day that counts", found.stops_on, registered.stops_on),
    ):
        if is_now.isoformat() != was:
            said.append(
                tell(
                    "The list's {name} is {is_now}; {was} was registered.", name=name, is_now=is_now, was=was
                )
            )
    return said


def lost_rows(found: Responses, registered: Registration) -> list[str]:
    """Return in sentences which arm is not the one that was drawn; none where both are.

    Arms are drawn once and written down, so that any difference is no chance: somebody took rows out or put
    others in, and that may have to do with who bought.
    """
    said = []
    now = {"send": int(found.sent.sum()), "control": int((~found.sent).sum())}
    then = {"send": registered.send, "control": registered.control}
    for arm, words in (("send", "sent something"), ("control", "left alone")):
        if now[arm] != then[arm]:
            said.append(
                tell(
                    "The list has {now:,} customers who were {words}; {then:,} were registered. The arms do "
                    "not add up to the list that was drawn: use that list.",
                    now=now[arm],
                    words=words,
                    then=then[arm],
                )
            )
    return said


def settled(registered: Registration, found: Responses) -> pd.DataFrame:
    """Return what was registered beside what was.

    Returns
    -------
    Index what; registered, found (text).
    """
    sent = found.customers[found.sent]
    won = sent["bought"].mean() - found.customers.loc[~found.sent, "bought"].mean()
    rows = {
        "sent something": (f"{registered.send:,}", f"{found.sent.sum():,}"),
        "left alone": (f"{registered.control:,}", f"{(~found.sent).sum():,}"),
        "day of sending": (registered.send_on, found.sent_on.isoformat()),
        "last day that counts": (registered.stops_on, found.stops_on.isoformat()),
        "orders known until": (registered.stops_on, found.seen_until.isoformat()),
        "buyers won per 100 contacts": (_points(registered.expected_effect), _points(won)),
        "measure that decides": (registered.primary, registered.primary),
    }
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["registered", "found"])
    return table.rename_axis("what")


def _points(share: float) -> str:
    return f"{100 * share:.2f}".replace("-", "−")
