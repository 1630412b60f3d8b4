"""The same from a shell, as a city's nightly job does it."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.storage import Change, Provider, reading
from tests.support.directory import put_back

VENDOR = "vendor-unclogging-01"


def hotline(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def folder(deployment: str, tmp_path: Path) -> Path:
    """The directory, exported."""
    done = hotline("export", "directory", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"providers.csv", "offers.csv", "volunteers.csv"}
    return tmp_path / "out"


def change(folder: Path, before: str, after: str) -> None:
    file = folder / "providers.csv"
    assert before in file.read_text(encoding="utf-8")
    file.write_text(file.read_text(encoding="utf-8").replace(before, after, 1), encoding="utf-8")


def phone() -> str:
    with reading() as session:
        return session.get_one(Provider, VENDOR).phone


def test_a_dry_run_tells_and_an_import_does(folder: Path) -> None:
    change(folder, "0574-00000001", "0574-87651234")
    with put_back():
        done = hotline("import", "directory", folder, "--dry-run")
        assert done.exit_code == 0 and "phone: '0574-00000001' → '0574-87651234'" in done.output
        assert "nothing was imported" in done.output and phone() == "0574-00000001"
        done = hotline("import", "directory", folder, "--json")
        assert done.exit_code == 0
        told = json.loads(done.stdout)
        assert told["applied"] and told["counts"]["changed"] == 1 and told["problems"] == []
        assert told["changed"][0]["fields"] == {"phone": ["0574-00000001", "0574-87651234"]}
        assert phone() == "0574-87651234"
    with reading() as session:
        assert ("cli", "imported") in [(c.actor, c.what) for c in session.scalars(select(Change))]


def test_problems_are_exit_code_1_and_nothing_is_imported(folder: Path) -> None:
    change(folder, "0574-00000001", "0574-87651234")
    change(folder, ",active,", ",excellent,")
    done = hotline("import", "directory", folder)
    assert done.exit_code == 1 and "providers.csv:2" in done.output and "excellent" in done.output
    assert phone() == "0574-00000001"
    told = json.loads(hotline("import", "directory", folder, "--json").stdout)
    assert not told["applied"] and told["problems"][0]["line"] == 2


def test_missing_rows_go_only_when_asked(folder: Path) -> None:
    for file in folder.iterdir():
        lines = file.read_text(encoding="utf-8").splitlines(True)
        file.write_text("".join(line for line in lines if not line.startswith(VENDOR)), encoding="utf-8")
    with put_back():
        assert "--remove-missing" in hotline("import", "directory", folder).output
        with reading() as session:
            assert not session.get_one(Provider, VENDOR).removed
        assert hotline("import", "directory", folder, "--remove-missing").exit_code == 0
        with reading() as session:
            assert session.get_one(Provider, VENDOR).removed


def test_wrong_usage_is_exit_code_2(deployment: str, tmp_path: Path) -> None:
    assert hotline("import", "passwords", tmp_path).exit_code == 2
    assert hotline("import", "directory", tmp_path / "nowhere").exit_code == 2
    assert hotline("export", "directory").exit_code == 2
    assert hotline("import", "directory", tmp_path).exit_code == 1, "an empty folder is a problem, not a removal"
