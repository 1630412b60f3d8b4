"""Upkeep of what admins keep: the directory, the catalogue, territories, teams, canned replies, special days.

One file per noun says which columns it has, what may stand in them and what still uses a row; `records.py` makes each
change one use case with its row in the history.
"""
