"""Seeded draws that depend only on what is being drawn for.

Every draw hashes the seed with its own key ("price", provider, item …), so the same inputs give the same bytes on
every Python, and editing one trade leaves the draws of all others alone.
"""

import hashlib

SEED = "yiboling-sample-1"


def fraction(*key):
    """A number in [0, 1) fixed by the key."""
    digest = hashlib.sha256("/".join([SEED, *map(str, key)]).encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def whole(low, high, *key):
    """A whole number from low to high, both included."""
    return low + int(fraction(*key) * (high - low + 1))


def one_of(choices, *key):
    """One element of a non-empty sequence."""
    return choices[whole(0, len(choices) - 1, *key)]


def shuffled(choices, *key):
    """The elements in an order fixed by the key; elements must have distinct str()."""
    return sorted(choices, key=lambda choice: (fraction(*key, choice), str(choice)))


def weighted(pairs, *key):
    """One value of (value, weight) pairs, as often as its weight says."""
    mark = fraction(*key) * sum(weight for _, weight in pairs)
    for value, weight in pairs:
        mark -= weight
        if mark < 0:
            return value
    return pairs[-1][0]
