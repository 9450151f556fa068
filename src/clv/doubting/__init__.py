"""Tests of what the models of purchases assume, each on its own; `assumptions` puts them into one table.

All but those of cohorts and money rest on one fact. Under BG/NBD, MBG/NBD, Pareto/NBD and NBD a customer who
has not left buys on every day with the same chance, whoever that is and however long they stay. So given the
first purchase day, the last one and the number of days with a purchase between them, these days are drawn at
random, without replacement, from all the days between. It holds whatever the rates, the departures and the
parameters, and nothing has to be fitted.
"""
