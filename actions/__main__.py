"""The action server: `python -m actions --port 5055`."""

import argparse
import logging
import warnings
from typing import Any

from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor

HOST = "127.0.0.1"


class Executor(ActionExecutor):
    """Our actions read the tracker only: Rasa need never send its domain (endpoints.yml, enable_selective_domain)."""

    def update_and_return_domain(self, payload: dict[str, Any], action_name: str) -> dict[str, Any]:
        return {}


def main() -> None:
    """One process, one worker: the services' work happens in threads."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=5055)
    parser.add_argument("--host", default=HOST)
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("rasa_sdk").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", message="Your versions of rasa and rasa_sdk")
    executor = Executor()
    executor.register_package("actions")
    app = create_app(executor, cors_origins=[])
    app.run(chosen.host, chosen.port, single_process=True, access_log=False, motd=False)


if __name__ == "__main__":
    main()
