"""Sample ratio: whether the arms have the sizes that they were meant to have.

Arms that do not are the sign of customers lost on the way in one arm more than in the other, and then nothing
that is measured can be trusted (Fabijan et al. 2019, KDD, "Diagnosing Sample Ratio Mismatch").
"""

from dataclasses import dataclass

from scipy.stats import binomtest

from clv.errors import SettingError
from clv.language import tell

ALARM = 0.001  # p-value below which the arms are called wrong


@dataclass(frozen=True)
class Ratio:
    """Sizes of the arms, the share meant to be left alone, and how likely such sizes are by chance."""

    send: int
    control: int
    meant: float
    p_value: float

    @property
    def is_wrong(self) -> bool:
        """Whether chance alone would hardly give such sizes."""
        return self.p_value < ALARM


def check(*, send: int, control: int, meant: float) -> Ratio:
    """Return the exact binomial test of the sizes of two arms against the control share that was meant.

    Raises
    ------
    SettingError
        The share does not lie between 0 and 1, or both arms are empty.
    """
    if not 0 < meant < 1 or send + control < 1:
        raise SettingError(
            tell(
                "a share of {meant:g} of {send:,} customers cannot be left alone.",
                meant=meant,
                send=send + control,
            )
        )
    return Ratio(send, control, meant, float(binomtest(control, send + control, meant).pvalue))
