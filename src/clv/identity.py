"""One customer across channels: who of the orders' customers is one person, and how sure that is.

Strong keys join (a whole phone, a mail address, a platform's id of a person, a member's number; within one
export also an openid and a whole nick), and what a link file says. Weak keys (masked phones, receivers,
names, addresses) never do. A key that joins too much joins nobody and is reported. Record linkage with exact
keys and union- find.

    resolve, Resolved      who is one person
    what_if                what the shop would say if it joined less, or more
    possible               who else might be one person, by weak keys
    mistakes               what mistakes in joining would do to the answers
    in_other_tables        persons behind ids elsewhere; of_read, of_extra: whole tables
    lost_links             rows of the link file that were of no use
"""

from clv.merging.elsewhere import Ids, in_other_tables, lost_links, of_extra, of_read
from clv.merging.mistakes import mistakes
from clv.merging.resolving import LEVELS, Level, Resolved, resolve
from clv.merging.what_if import possible, what_if

__all__ = [
    "LEVELS",
    "Ids",
    "Level",
    "Resolved",
    "in_other_tables",
    "lost_links",
    "mistakes",
    "of_extra",
    "of_read",
    "possible",
    "resolve",
    "what_if",
]
