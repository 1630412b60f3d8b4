"""deploy/nginx.conf as this machine's nginx runs it."""

import os
import re
import signal
import subprocess
from pathlib import Path

from bot.config import ROOT
from tests.support.world import free_port, wait_until

CONFIGURATION = ROOT / "deploy" / "nginx.conf"


class Nginx:
    """deploy/nginx.conf under this machine's nginx: other ports, folders and web, the rest as it stands."""

    def __init__(self, folder: Path, web_port: int) -> None:
        self.folder, self.port, self.tls_port = folder, free_port(), free_port()
        for name in ("tmp", "certs", "acme/.well-known/acme-challenge"):
            (folder / name).mkdir(parents=True)
        text = CONFIGURATION.read_text(encoding="utf-8")
        for theirs, ours in ((" /tmp/", f" {folder}/tmp/"), (" /certs/", f" {folder}/certs/"),
                             ("/dev/stderr", f"{folder}/err.log"), ("/dev/stdout", f"{folder}/out.log"),
                             ("/srv/acme", f"{folder}/acme"), ("//web:8189", f"//127.0.0.1:{web_port}"),
                             ("listen 8080", f"listen 127.0.0.1:{self.port}"),
                             ("listen 8443", f"listen 127.0.0.1:{self.tls_port}")):
            assert theirs in text, f"{theirs} is no longer in the configuration"
            text = text.replace(theirs, ours)
        said = subprocess.run(["nginx", "-v"], capture_output=True, text=True, check=True).stderr
        if tuple(map(int, re.findall(r"\d+", said)[:3])) < (1, 25, 1):
            text = text.replace("http2 on;", "")  # Debian's is older than the image
        self.config = folder / "nginx.conf"
        self.config.write_text(("user root;\n" if os.geteuid() == 0 else "") + text, encoding="utf-8")
        self.command = ["nginx", "-e", f"{folder}/err.log", "-c", str(self.config)]

    def __enter__(self) -> "Nginx":
        self._child = subprocess.Popen([*self.command, "-g", "daemon off;"], stderr=subprocess.DEVNULL)
        wait_until(lambda: (self.folder / "tmp/nginx.pid").exists(), 10, "nginx has started")
        return self

    def __exit__(self, *_: object) -> None:
        self._child.send_signal(signal.SIGQUIT)
        self._child.wait(10)
