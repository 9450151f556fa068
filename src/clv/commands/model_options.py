"""What the commands that ask a model share: which models there are, margins, random numbers."""

import click

MODELS = ("bgnbd", "mbgnbd", "paretonbd", "nbd")
margin_option = click.option(
    "--margin",
    type=click.FloatRange(0, 1, min_open=True),
    default=1.0,
    show_default=True,
    help="Part of the money that is margin.",
)
seed_option = click.option(
    "--seed", type=click.IntRange(0), default=20260630, show_default=True, help="Random numbers."
)
