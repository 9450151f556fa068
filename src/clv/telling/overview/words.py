"""The words of the overview: how a run ended, and what notebooks are called where there is little room."""

from dataclasses import dataclass

from clv.language import tell

STATUSES = ("ok", "refused", "failed", "died", "timeout", "incomplete")
RANKS = ("trouble", "calm", "good", "none")  # what wants attention sorts first


@dataclass(frozen=True, slots=True)
class Status:
    """How a run ended: a symbol, words, and a tone that only colours what the words already say."""

    symbol: str
    words: str
    tone: str

    @property
    def rank(self) -> int:
        """Where it sorts."""
        return RANKS.index(self.tone)


def status(word: str) -> Status:
    """Return how a run ended, in words; no word, and it has not run."""
    known = {
        "": ("–", tell("not run"), "none"),
        "ok": ("✓", tell("done"), "good"),
        "refused": ("○", tell("no answer"), "calm"),
        "failed": ("✕", tell("failed"), "trouble"),
        "died": ("✕", tell("stopped by the system"), "trouble"),
        "timeout": ("✕", tell("took too long"), "trouble"),
        "incomplete": ("!", tell("incomplete"), "trouble"),
    }
    return Status(*known.get(word, ("!", word, "trouble")))


def short(notebook: str) -> str:
    """Return what a notebook is called in a narrow column: its number and one or two words.

    >>> short("02_customers"), short("my_own_question")
    ('02 Customers', 'my own question')
    """
    known = {
        "01_orders": tell("01 Orders"),
        "02_customers": tell("02 Customers"),
        "03_lifetime_value": tell("03 Lifetime value"),
        "04_rfm_schemes": tell("04 Segments"),
        "05_recall_offers": tell("05 Recall offers"),
        "06_campaign_results": tell("06 Campaign results"),
        "07_membership": tell("07 Membership"),
        "08_preferences": tell("08 Preferences"),
        "09_stores": tell("09 Stores"),
    }
    return known.get(notebook, notebook.replace("_", " "))
