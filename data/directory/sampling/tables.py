"""Reading the hand-written inputs and the catalogue, writing CSV text (UTF-8, LF)."""

import csv
import io
from functools import cache
from pathlib import Path

DIRECTORY = Path(__file__).resolve().parents[1]
DATA = DIRECTORY.parent


@cache
def read(path):
    """The rows of a CSV file as dictionaries of strings, read once; not to be changed by callers."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows, 2):
        if None in row or None in row.values():
            raise ValueError(f"{path.name}:{number}: not as many cells as the header; quote cells that hold a comma")
    return rows


def inputs(name):
    """Rows of a hand-written table beside the generator."""
    return read(DIRECTORY / "inputs" / f"{name}.csv")


def catalogue(name):
    """Rows of a catalogue table."""
    return read(DATA / "catalogue" / f"{name}.csv")


def parts(cell):
    """The values of a |-separated cell; an empty cell has none."""
    return [part for part in cell.split("|") if part]


def render(columns, rows):
    """CSV bytes with a header line; rows are dictionaries holding exactly these columns."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")
