"""`PYTHONPATH=tests python -m validation` measures all and writes; with `page` it only writes again."""

import sys

import matplotlib as mpl

from validation import page, tables

mpl.use("Agg")
if sys.argv[1:] != ["page"]:
    tables.measure()
page.write()
