"""docs/validation.md, written from the kept tables alone: a test writes it again and compares."""

from pathlib import Path

from validation import figures, tables, words

PAGE = Path(__file__).parents[2] / "docs" / "validation.md"
TEMPLATE = Path(__file__).with_name("page.template.md")


def write() -> None:
    """Draw the figures and write the page."""
    draw()
    PAGE.write_text(text(), "utf-8")


def text() -> str:
    """Return the page."""
    return TEMPLATE.read_text("utf-8").format_map(words.all_of_them())


def draw() -> None:
    """Write the figures."""
    figures.save(figures.conditional(tables.read("conditional")), "conditional")
    recovered = tables.read("recovery")
    of_purchases = recovered["covered_normal"].notna() & (recovered["model"] != "gammagamma")
    figures.save(figures.coverage(recovered[of_purchases]), "coverage")
    figures.save(figures.ranks(tables.read("ranks")), "ranks")
    figures.save(figures.totals(tables.read("totals")), "totals")
    figures.save(figures.deciles(tables.read("p_buy")), "deciles")
