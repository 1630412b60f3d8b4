"""Health checks of the containers: exit code 0 and nothing said, or 1 and why.

    python deploy/health.py http URL [--post] [--expect KEY]
    python deploy/health.py database NAME --within SECONDS
"""

import argparse
import json
import os
import urllib.request

SECONDS = 4
RECENTLY = """
    SELECT count(*) FROM pg_stat_activity
    WHERE application_name = %s AND pid <> pg_backend_pid() AND datname = current_database()
      AND client_addr = inet_client_addr() AND state_change > clock_timestamp() - make_interval(secs => %s)
"""


def http(url: str, post: bool, expect: str) -> None:
    """The URL answers 2xx; with `expect`, its JSON says true under that key. Raises OSError or ValueError."""
    request = urllib.request.Request(url, data=b"{}" if post else None, headers={"Content-Type": "application/json"})
    if token := os.environ.get("RASA_CHANNEL_TOKEN"):
        request.add_header("Authorization", f"Bearer {token}")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never by way of the build's proxy
    with opener.open(request, timeout=SECONDS) as answer:
        body = answer.read()
    if expect and json.loads(body).get(expect) is not True:
        raise ValueError(f"{url} answers {body[:200]!r}")


def database(name: str, within: float) -> None:
    """A process of this container that calls itself NAME (PGAPPNAME) has used its database connection lately.

    Raises ValueError or psycopg.Error.
    """
    import psycopg

    url = os.environ["DATABASE_URL"].replace("+psycopg", "", 1)
    with psycopg.connect(url, connect_timeout=SECONDS, application_name=f"{name}-health") as connection:
        found = connection.execute(RECENTLY, (name, within)).fetchone()
    if not found or not found[0]:
        raise ValueError(f"{name} has not asked the database for {within:g} seconds")


def main() -> None:
    """One check; docker-compose.yml says which for each service."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    checks = parser.add_subparsers(dest="check", required=True)
    by_http = checks.add_parser("http")
    by_http.add_argument("url")
    by_http.add_argument("--post", action="store_true")
    by_http.add_argument("--expect", default="")
    by_database = checks.add_parser("database")
    by_database.add_argument("name")
    by_database.add_argument("--within", type=float, required=True)
    chosen = parser.parse_args()
    try:
        if chosen.check == "http":
            http(chosen.url, chosen.post, chosen.expect)
        else:
            database(chosen.name, chosen.within)
    except Exception as error:
        raise SystemExit(f"{type(error).__name__}: {error}") from None


if __name__ == "__main__":
    main()
