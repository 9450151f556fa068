"""Days, times and amounts as files of JSON hold them: checked, and kept as they were written."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from clv.declaring.settings import in_years, iso_day
from clv.language import tell


def _iso_time(text: str) -> str:
    """Return `text` when it is a time with its offset; without one, times of two places have no order."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or moment.date().isoformat() != text[:10]:
        raise ValueError(tell("it should be a time with its offset, written as 2026-06-30T09:30:00+08:00"))
    in_years(moment)
    return text


Day = Annotated[str, AfterValidator(iso_day), Field(min_length=1)]
Time = Annotated[str, AfterValidator(_iso_time)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
