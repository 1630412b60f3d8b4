"""Writes the sample district: territories, providers, offers, volunteers.

    python data/directory/generate.py            rewrite the CSV files
    python data/directory/generate.py --check    exit 1 if they are not what the inputs give

Standard library only; the same inputs give the same bytes at every run.
"""

import argparse
import sys

from sampling import offers, provider, teams, territories, vendors, windows
from sampling.tables import DATA, render


def build():
    """{path: CSV bytes} of every generated file."""
    district = territories.build()
    places = provider.Places(district)
    vendor_rows, vendor_items, vendor_radius = vendors.build(places)
    team_rows, team_items = teams.build(places)
    providers = provider.numbered(vendor_rows + team_rows + windows.build(places))
    offer_rows = offers.build(vendor_items, vendor_radius, team_items)
    return {
        DATA / "territories" / "haishu.csv": render(territories.COLUMNS, district),
        DATA / "directory" / "providers.csv": render(provider.COLUMNS, providers),
        DATA / "directory" / "offers.csv": render(offers.COLUMNS, offer_rows),
        DATA / "directory" / "volunteers.csv": render(teams.VOLUNTEER_COLUMNS, teams.volunteers(team_items)),
    }


def stale(files):
    """The paths whose content on disk is not the generated one."""
    return [path for path, content in files.items() if not path.is_file() or path.read_bytes() != content]


def main(arguments=None):
    """The exit status: 0, or 1 when --check finds a difference."""
    parser = argparse.ArgumentParser(description="Generate the sample district of data/territories and data/directory.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file differs")
    check = parser.parse_args(arguments).check
    files = build()
    different = stale(files)
    for path in different:
        print(("differs: " if check else "wrote: ") + str(path.relative_to(DATA.parent)))
        if not check:
            path.write_bytes(files[path])
    return 1 if check and different else 0


if __name__ == "__main__":
    sys.exit(main())
