"""A plain HTTP client for measuring: one kept-alive connection, next to no cost of its own."""

import http.client
import json
from typing import Any
from urllib.parse import urlsplit


class Wire:
    """One connection to one server; not for use by several threads at once."""

    def __init__(self, url: str, token: str = "", timeout: float = 60.0) -> None:
        at = urlsplit(url)
        self._connection = http.client.HTTPConnection(at.hostname or "127.0.0.1", at.port, timeout=timeout)
        self.headers = {"Content-Type": "application/json"}
        if token:
            self.headers["Authorization"] = f"Bearer {token}"

    def post(self, path: str, body: Any) -> Any:
        """The JSON answer. Raises OSError when nobody answers or the answer is no success."""
        return self._ask("POST", path, json.dumps(body))

    def get(self, path: str) -> Any:
        """As `post`."""
        return self._ask("GET", path, None)

    def close(self) -> None:
        self._connection.close()

    def _ask(self, method: str, path: str, body: str | None) -> Any:
        try:
            self._connection.request(method, path, body, self.headers)
            response = self._connection.getresponse()
            content = response.read()
        except (http.client.HTTPException, OSError) as error:
            self.close()
            raise OSError(f"{method} {path}: {error!r}") from error
        if response.status >= 300:
            raise OSError(f"{method} {path}: {response.status} {content[:300]!r}")
        return json.loads(content)
