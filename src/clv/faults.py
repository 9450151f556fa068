"""A linter for segmentations: what is wrong with a scheme, its names, its cuts in one shop, or any labels.

    faults.of_scheme(schemes.read("my-scheme.yml"))        # the file alone: gaps, overlaps, reversed recency
    faults.on_customers(scheme, Known(customers))          # what equal customers do to it in this shop
    faults.of_labelling(my_function, customers, rng=rng)   # any function that gives each customer a label

Each fault is one sentence; nothing is raised and nothing corrected. `clv.schemes.load` refuses what cannot be
used; here also schemes that cannot be used are read, and names that can mislead.
"""

import numpy as np
import pandas as pd

from clv.known import Known
from clv.linting import axes, labellings, names, partition, splits, ties
from clv.linting import dialects as _dialects
from clv.linting.fault import KINDS, Fault
from clv.linting.labellings import Label
from clv.schemes.contract import Scheme

__all__ = ["KINDS", "Fault", "between", "dialects", "of_labelling", "of_scheme", "on_customers"]


def of_scheme(scheme: Scheme) -> list[Fault]:
    """Return what is wrong with a scheme, sound or not, whatever shop it is used in.

    Kinds: gap, overlap, stranger; recency reversed, reversed, unreachable, file order, renumbered;
    contradiction; and for schemes on the grid of the eight classes: swapped names, other meaning.

    Parameters
    ----------
    scheme
        From `schemes.read`, `schemes.read_published` or `schemes.parse`, which take unsound ones too.

    Returns
    -------
    At most one fault of each of the first three kinds; one for each axis, name or pair of names after that.
    Empty for a sound scheme.
    """
    return [
        *partition.faults(scheme),
        *axes.faults(scheme),
        *names.faults(scheme),
        *_dialects.against_standard(scheme),
    ]


def between(a: Scheme, b: Scheme) -> list[Fault]:
    """Return names that two schemes use for different cells, told from the side of `a`.

    Names are compared in English and in Chinese, without capitals, brackets, and endings such as 客户. Where
    several segments claim a cell, the first in the file has it.

    Returns
    -------
    'swapped names', one for each pair that has changed places, and 'other meaning', one for each name that
    stands for other cells.

    Raises
    ------
    SettingError
        The two are cut into different levels, or do not both list their segments.
    """
    return _dialects.between(a, b)


def on_customers(scheme: Scheme, known: Known) -> list[Fault]:
    """Return what the customers of one shop reveal about a scheme that looks sound.

    Returns
    -------
    'ties': levels, cells, names and bands that nobody is in because customers are equal (as the published
    treatment of ties would have it: kept together, renumbered as by pandas' qcut, or split by the file);
    'knife edge': a mean score that a small change rounds to another whole number.

    Raises
    ------
    NoAnswerError
        The scheme needs what these customers do not carry.
    """
    if known.customers.empty:
        return []
    return [*ties.faults(scheme, known), *splits.faults(scheme, known)]


def of_labelling(label: Label, customers: pd.DataFrame, *, rng: np.random.Generator) -> list[Fault]:
    """Return what is wrong with the labels that any function gives to customers.

    Parameters
    ----------
    label
        Takes a CUSTOMERS table and returns one label per customer (by the table's index, or in its order).
    customers
        A CUSTOMERS table.
    rng
        Draws the orders in which the rows are shown again.

    Returns
    -------
    At most one fault of each kind: 'file order' (labels change with the order of the rows), 'split'
    (customers equal in every column are labelled differently), 'gap' (no label).

    Raises
    ------
    InputError
        The table breaks its contract, or the function does not give one label per customer.
    """
    return labellings.faults(label, customers, rng=rng)


def dialects() -> pd.DataFrame:
    """Return what the standard eight classes and their dialects call each cell.

    Source: help.aliyun.com 134842 and 273067, volcengine.com/docs/7139/191751, and the recall article, as the
    scheme files have them.

    Returns
    -------
    Eight rows in the standard's order: code (R, F, M); standard en, standard zh, aliyun-273067 zh,
    volcengine zh, recall-article zh; missing where a dialect gives the cell no name.
    """
    return _dialects.table()
