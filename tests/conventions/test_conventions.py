"""Conventions that are tests (STYLE 9)."""

import string
import subprocess
import sys

import pytest
import yaml

from bot.config import ROOT
from bot.domain import choice, draft
from bot.i18n import messages


def _fields(words: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(words) if name}


def test_both_languages_have_the_same_texts_and_facts() -> None:
    zh, en = messages("zh"), messages("en")
    assert set(zh) == set(en)
    assert {k: _fields(v) for k, v in zh.items()} == {k: _fields(v) for k, v in en.items()}


def test_every_text_key_in_the_code_exists() -> None:
    import re

    used = set()
    for path in (ROOT / "bot").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        used |= set(re.findall(r'say\(session, turn, "([a-z_]+\.[a-z_0-9]+)"', source))
        used |= set(re.findall(r'text\("([a-z_]+\.[a-z_0-9]+)"', source))
        used |= {f"errors.{key}" for key in re.findall(
            r'(?:BadInput|NotFound|Conflict|NotAllowed|NotSignedIn|TooMany|TurnOver|BrainDown)\(\s*"([a-z_.]+)"', source)}
    assert used - set(messages("zh")) == set()


def test_forms_ask_in_the_same_order_in_rasa_and_in_the_domain() -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    assert {f: tuple(v["required_slots"]) for f, v in domain["forms"].items()} == draft.QUESTIONS


def test_rasa_knows_every_act_a_button_can_name_and_every_slot_of_the_draft() -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    assert set(choice.ACTS.values()) <= set(domain["intents"])
    assert set(draft.Draft().to_slots()) == set(domain["slots"])


def test_every_intent_has_a_rule_and_every_rule_an_action_that_exists() -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    rules = [r for f in (ROOT / "data" / "rules").glob("*.yml") for r in yaml.safe_load(f.read_text())["rules"]]
    steps = [step for rule in rules for step in rule["steps"]]
    ruled = {s["intent"] for s in steps if "intent" in s}
    assert ruled == set(domain["intents"]) - {"emergency"}  # acted on before any rule
    actions = {s["action"] for s in steps if "action" in s}
    assert actions <= set(domain["actions"]) | set(domain["forms"])


def test_the_action_server_offers_every_action_of_the_domain() -> None:
    from rasa_sdk.executor import ActionExecutor

    executor = ActionExecutor()
    executor.register_package("actions")
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    assert set(domain["actions"]) <= set(executor.actions)


def test_no_item_is_an_intent_and_the_domain_stays_small() -> None:
    assert (ROOT / "domain.yml").stat().st_size < 6000


@pytest.mark.parametrize("command", [["lint-imports"]])
def test_imports_run_one_way(command: list[str]) -> None:
    done = subprocess.run([f"{sys.prefix}/bin/{command[0]}"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


def test_migrations_are_linear_and_match_the_models(tmp_path) -> None:  # type: ignore[no-untyped-def]
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from sqlalchemy import create_engine

    from bot.storage import Base
    from bot.storage.migrate import config, migrate
    from tests.conftest import use

    assert len(ScriptDirectory.from_config(config()).get_heads()) == 1
    use(f"sqlite:///{tmp_path / 'x.db'}", "", tmp_path)
    migrate()
    with create_engine(f"sqlite:///{tmp_path / 'x.db'}").connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, Base.metadata) == []
