"""The commands of the four processes, in one place: the supervisor, the tests and the benchmark use them."""

import hashlib
import os
import sys
from pathlib import Path

from bot.config import ROOT, Settings

MODELS = ROOT / "models"
RASA_PYTHON = Path(os.environ.get("HOTLINE_RASA_PYTHON", ROOT / ".venv-rasa" / "bin" / "python"))
TRAINED_FROM = (
    "config.yml", "domain.yml", "data/nlu", "data/rules", "data/catalogue", "data/kinds", "data/concepts",
    "data/territories", "nlu",
)
NOT_TRAINED = {f"nlu/{name}.py" for name in ("bench", "carried", "channel", "evaluate", "parsing", "report",
                                             "second_opinion", "stock_nlu", "understand")}
"""What only serves or measures a model: a change there needs no new one. The import rules keep training from it."""


def commands(chosen: Settings, model: Path, rasa_port: int, actions_port: int) -> dict[str, list[str]]:
    """Process name → command line."""
    python = sys.executable
    return {
        "actions": [python, "-m", "actions", "--port", str(actions_port)],
        "rasa": [str(RASA_PYTHON), "-m", "nlu.no_tensorflow", "run", "--model", str(model), "--endpoints",
                 "endpoints.yml", "--credentials", "credentials.yml", "--interface", "127.0.0.1", "--port",
                 str(rasa_port)],
        "web": [python, "-m", "uvicorn", "--factory", "bot.app:create_app", "--host", chosen.host, "--port",
                str(chosen.port), "--no-access-log", "--proxy-headers", "--forwarded-allow-ips",
                chosen.trusted_proxies, "--timeout-graceful-shutdown", "3"],
        "worker": [python, "-m", "bot.worker"],
    }


def environment(chosen: Settings, rasa_port: int, actions_port: int) -> dict[str, str]:
    """What the four processes are told beyond what they inherit."""
    return {
        "RASA_URL": f"http://127.0.0.1:{rasa_port}",
        "ACTIONS_URL": f"http://127.0.0.1:{actions_port}/webhook",
        "RASA_CHANNEL_TOKEN": chosen.rasa_token.get_secret_value(),
        "RASA_TELEMETRY_ENABLED": "false",
        "SANIC_WORKERS": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": chosen.sql_url,
        "HOTLINE_VAR": str(chosen.var),
        "HOTLINE_PORT": str(chosen.port),
    }


TRAINING = {
    "ACTIONS_URL": "http://127.0.0.1", "RASA_CHANNEL_TOKEN": "", "OMP_NUM_THREADS": "1",
    "RASA_MAX_CACHE_SIZE": "0",  # what is trained is always trained anew: a cache of it would only fill the disk
    # glibc: keep what is freed. Otherwise every batch of the net maps and clears its 20 MB arrays anew.
    "MALLOC_MMAP_THRESHOLD_": str(32 * 2**20), "MALLOC_TRIM_THRESHOLD_": str(2**30),
}
"""What `train_command` is told beyond what it inherits."""


def train_command(out: Path, name: str) -> list[str]:
    """Rasa's training, the model named by what it was trained from. Always anew: Rasa's cache does not notice a change
    in a module that a component imports."""
    return [str(RASA_PYTHON), "-m", "nlu.no_tensorflow", "train", "--config", "config.yml", "--domain", "domain.yml",
            "--data", "data/nlu", "data/rules", "--out", str(out), "--fixed-model-name", name, "--skip-validation",
            "--force"]


def model_name() -> str:
    """A name that changes with anything the model is trained from."""
    digest = hashlib.sha256()
    for entry in TRAINED_FROM:
        path = ROOT / entry
        files = sorted(p for p in path.rglob("*") if p.suffix in (".yml", ".csv", ".py")) if path.is_dir() else [path]
        for name, file in ((str(file.relative_to(ROOT)), file) for file in files):
            if name not in NOT_TRAINED:
                digest.update(name.encode())
                digest.update(file.read_bytes())
    return f"hotline-{digest.hexdigest()[:16]}"
