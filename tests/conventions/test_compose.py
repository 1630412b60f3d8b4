"""docker-compose.yml, its images and its proxy: by the book, and started for real as plain processes.

Containers are not at hand where tests run. What a container would run is run here: the image's files laid out from the
Dockerfiles' COPY lines, the declared commands, environments and health checks, this machine's PostgreSQL and Redis.
"""

import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from rich.console import Console

from bot import launch, processes
from bot.config import ROOT, Settings
from tests.conftest import postgres_database
from tests.support import compose
from tests.support.compose import Dockerfile, Service
from tests.support.nginx import CONFIGURATION, Nginx
from tests.support.world import free_port, wait_until

SECRETS = {"POSTGRES_PASSWORD": "only4tests", "RASA_CHANNEL_TOKEN": "a-word-for-tests"}
DECLARED = compose.interpolated(compose.raw(), SECRETS)
SERVICES: dict[str, dict[str, Any]] = DECLARED["services"]
ONE_SHOT = {"migrate"}
DOCKERFILES = {"app": "deploy/Dockerfile.app", "rasa": "deploy/Dockerfile.rasa"}
NGINX = CONFIGURATION.read_text(encoding="utf-8")
REDIS = "redis://127.0.0.1:6379/14"


def each(names: Any) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("name", sorted(names))


# --- by the book ---


def test_the_file_follows_the_specification() -> None:
    schema = json.loads((ROOT / "tests/conventions/compose.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    errors = jsonschema.Draft202012Validator(schema).iter_errors(DECLARED)
    assert [f"{e.json_path}: {e.message}" for e in errors] == []


def test_what_is_named_exists() -> None:
    for name, service in SERVICES.items():
        assert set(service["networks"]) <= set(DECLARED["networks"]), name
        assert set(service.get("depends_on", {})) <= set(SERVICES), name
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert (ROOT / source).exists() if source.startswith("./") else source in DECLARED["volumes"], volume
    assert started_in_order()


def test_only_the_proxy_has_ports_and_everything_else_is_inside() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"proxy"}
    for name, service in SERVICES.items():
        open_networks = {n for n in service["networks"] if not (DECLARED["networks"][n] or {}).get("internal")}
        assert open_networks == {"proxy": {"public"}, "web": {"outbound"}, "worker": {"outbound"}}.get(name, set())
        assert ("inside" in service["networks"]) == (name != "proxy")


@each(SERVICES)
def test_a_service_is_watched_kept_and_confined(name: str) -> None:
    service = SERVICES[name]
    assert (service["restart"] == "no") == (name in ONE_SHOT)
    assert ("healthcheck" in service) == (name not in ONE_SHOT)
    assert service["read_only"] and service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service["user"].startswith("0:")


@each(SERVICES)
def test_what_is_waited_for_has_the_condition(name: str) -> None:
    for other, how in SERVICES[name].get("depends_on", {}).items():
        wanted = "service_completed_successfully" if other in ONE_SHOT else "service_healthy"
        assert how["condition"] == wanted
        assert how.get("required", True) == (other not in {"redis", "rasa", "actions"}), "the hotline goes on without"


@each({"web", "worker"})
def test_it_can_be_scaled(name: str) -> None:
    assert "container_name" not in SERVICES[name]
    assert DECLARED["services"][name]["deploy"]["replicas"] == "1"
    more = compose.interpolated(compose.raw(), {**SECRETS, f"HOTLINE_{name.upper()}_REPLICAS": "3"})
    assert more["services"][name]["deploy"]["replicas"] == "3"


def test_images_are_pinned() -> None:
    bases = [base for path in DOCKERFILES.values() for base in Dockerfile(path).bases]
    for image in [s["image"] for s in SERVICES.values() if "build" not in s] + bases:
        _, _, tag = image.partition(":")
        assert re.match(r"\d+", tag) or image == "environment", f"{image}: a version, never latest"


def test_every_variable_is_in_the_example_and_the_other_way_round() -> None:
    text = "\n".join(compose.strings(compose.raw()))
    assert {m["name"] for m in compose.VARIABLE.finditer(text) if m["name"]} == set(compose.example_settings())


def test_secrets_come_from_outside_and_are_required() -> None:
    for service in compose.raw()["services"].values():
        for key, value in service.get("environment", {}).items():
            if re.search("PASSWORD|TOKEN|SECRET", key):
                assert re.fullmatch(r"\$\{[A-Z_]+(:\?[^}]+|:-)\}", value), f"{key} is written into the file"
        assert not re.search(r"://[^/$]*:[^/$@]+@", "\n".join(compose.strings(service))), "a password in a URL"
    assert not any(compose.example_settings()[name] for name in SECRETS)
    for name in SECRETS:
        with pytest.raises(AssertionError, match=f"set {name} in .env"):
            compose.interpolated(compose.raw(), {**SECRETS, name: ""})


def test_the_application_knows_every_setting_it_is_given() -> None:
    known = {str(field.validation_alias or name).upper() for name, field in Settings.model_fields.items()}
    for name in ("web", "worker", "actions", "migrate"):
        assert set(SERVICES[name]["environment"]) - {"PGAPPNAME"} <= known
    read_by_rasa = "".join((ROOT / name).read_text(encoding="utf-8") for name in ("endpoints.yml", "credentials.yml"))
    assert set(SERVICES["rasa"]["environment"]) == set(re.findall(r"\$\{(\w+)\}", read_by_rasa))


@each({"rasa", "actions", "web", "worker"})
def test_containers_run_what_hotline_up_runs(name: str) -> None:
    chosen = Settings(_env_file=None, HOTLINE_HOST="0.0.0.0", HOTLINE_PORT=8189,  # type: ignore[call-arg]
                      HOTLINE_TRUSTED_PROXIES=DECLARED["networks"]["entrance"]["ipam"]["config"][0]["subnet"])
    _, *wanted = processes.commands(chosen, Path("models/hotline.tar.gz"), 5005, 5055)[name]
    if "--host" not in wanted and name == "actions":
        wanted += ["--host", "127.0.0.1"]
    everywhere = ["0.0.0.0" if word == "127.0.0.1" else word for word in wanted]
    python, *declared = SERVICES[name]["command"]
    assert (python, sorted(declared)) == ("python", sorted(everywhere))


# --- the images ---


@each(DOCKERFILES)
def test_an_image_is_made_of_what_there_is(name: str) -> None:
    dockerfile = Dockerfile(DOCKERFILES[name])
    sources = [source for copy in dockerfile.copies() if not copy.stage for source in copy.sources]
    assert [s for s in sources if not (ROOT / s).exists()] == []
    assert [s for s in sources if not compose.let_in(s)] == []
    assert not any(compose.let_in(s) for s in (".env", "var", "models", "deploy/certs", ".git", ".venv", "tests"))
    assert all("--require-hashes" in run for run in dockerfile.runs() if "pip install" in run)
    assert ("USER", SERVICES["web" if name == "app" else "rasa"]["user"]) in dockerfile.final


def test_the_model_is_trained_in_the_image_from_all_it_depends_on() -> None:
    dockerfile = Dockerfile(DOCKERFILES["rasa"])
    _, *wanted = processes.train_command(Path("models"), "hotline")
    assert f"python {' '.join(wanted)}" in dockerfile.runs()
    assert set(processes.TRAINED_FROM) <= {source for copy in dockerfile.copies() for source in copy.sources}


# --- the proxy ---


def test_the_proxy_reaches_web_alone() -> None:
    assert set(re.findall(r"https?://([\w$.]+):(\d+)", NGINX)) == {("web", option("web", "--port"))}
    assert set(re.findall(r"proxy_pass (\S+);", NGINX)) == {"$web"}
    assert set(SERVICES["proxy"]["networks"]) & set(SERVICES["web"]["networks"]) == {"entrance"}
    published = {port.rpartition(":")[2] for port in SERVICES["proxy"]["ports"]}
    assert set(re.findall(r"listen (\d+)", NGINX)) == published


def test_the_proxy_says_who_called_in_its_own_words() -> None:
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in NGINX
    assert "proxy_add_x_forwarded_for" not in NGINX
    assert option("web", "--forwarded-allow-ips") == DECLARED["networks"]["entrance"]["ipam"]["config"][0]["subnet"]


def option(service: str, name: str) -> str:
    command = SERVICES[service]["command"]
    return str(command[command.index(name) + 1])


@pytest.fixture
def nginx_there() -> None:
    if not shutil.which("nginx"):
        refuse = pytest.fail if os.environ.get("CI") else pytest.skip
        refuse("nginx is not there: apt-get install -y nginx-light openssl")


@pytest.mark.usefixtures("nginx_there")
def test_nginx_takes_the_configuration(tmp_path: Path) -> None:
    nginx = Nginx(tmp_path, 8189)
    done = subprocess.run([*nginx.command, "-t"], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "warn" not in done.stderr, done.stderr


@pytest.mark.usefixtures("nginx_there")
def test_tls_begins_when_a_certificate_is_put_there(tmp_path: Path) -> None:
    with Nginx(tmp_path, free_port()) as nginx, httpx.Client(trust_env=False) as plain:
        base = f"http://127.0.0.1:{nginx.port}"
        away = plain.get(base)
        assert (away.status_code, away.headers["retry-after"]) == (503, "5")
        assert "120" in away.text and "strict-transport-security" not in away.headers
        (tmp_path / "acme/.well-known/acme-challenge/proof").write_text("proven")
        certs = tmp_path / "certs"
        make_certificate(certs)
        redirect = plain.post(f"{base}/api/v1/conversations?x=1")
        assert redirect.status_code == 308
        assert redirect.headers["location"] == "https://127.0.0.1/api/v1/conversations?x=1"
        assert plain.get(f"{base}/.well-known/acme-challenge/proof").text == "proven"
        assert plain.get(f"{base}/health/live").status_code == 503, "the health check is not redirected"
        trusted = ssl.create_default_context(cafile=str(certs / "fullchain.pem"))
        with httpx.Client(verify=trusted, trust_env=False) as safe:
            answer = safe.get(f"https://127.0.0.1:{nginx.tls_port}/.well-known/acme-challenge/proof")
            assert answer.text == "proven" and "max-age" in answer.headers["strict-transport-security"]
            assert safe.get(f"https://127.0.0.1:{nginx.tls_port}/").status_code == 503


def make_certificate(folder: Path) -> None:
    """A certificate for 127.0.0.1 that signs itself."""
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
               "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    command += ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    subprocess.run(command, check=True, capture_output=True)


# --- started for real ---


def started_in_order() -> list[str]:
    """The services so that each comes after what it waits for; fails on a circle."""
    order: list[str] = []
    while len(order) < len(SERVICES):
        ready = [n for n, s in SERVICES.items() if n not in order and set(s.get("depends_on", {})) <= set(order)]
        assert ready, f"circle among {set(SERVICES) - set(order)}"
        order += ready
    return order


@pytest.fixture
def services(tmp_path: Path) -> Iterator[dict[str, Service]]:
    """What the two images run, ready to be started here; whatever still runs is stopped at the end."""
    database, ports = postgres_database("hotline_compose"), {p: str(free_port()) for p in ("8189", "5005", "5055")}
    given = {**SECRETS, "HOTLINE_ENTRANCE_SUBNET": "127.0.0.0/8"}
    declared = compose.interpolated(compose.raw(), given)["services"]
    model = launch.ensure_model(Console(quiet=True))
    pythons = {"app": Path(sys.executable).parent, "rasa": processes.RASA_PYTHON.parent}
    (tmp_path / "var").mkdir()
    for image, path in DOCKERFILES.items():
        Dockerfile(path).lay_out(tmp_path / image, model)

    def local(words: str) -> str:
        words = re.sub(r"\b(?:web|rasa|actions|127\.0\.0\.1):(\d+)", lambda m: f"127.0.0.1:{ports[m[1]]}", words)
        words = re.sub(r"^postgresql://\S+", database, words).replace("redis://redis:6379/0", REDIS)
        return {"0.0.0.0": "127.0.0.1", "/var/lib/hotline": str(tmp_path / "var"), **ports}.get(words, words)

    def service(name: str) -> Service:
        image = "rasa" if name == "rasa" else "app"
        path = os.pathsep.join([str(pythons[image]), str(ROOT / "deploy/bin"), os.defpath])
        environment = {**Dockerfile(DOCKERFILES[image]).environment(), "PATH": path, "HOME": str(tmp_path),
                       **compose.mapped(declared[name]["environment"], local)}
        here = compose.mapped(declared[name], local)
        return Service(name, here, tmp_path / image, environment, tmp_path / f"{name}.log")

    found = {name: service(name) for name in started_in_order() if "build" in declared[name]}
    try:
        yield found
    finally:
        for one in found.values():
            one.stop()


@pytest.mark.processes
def test_a_citizen_is_answered_by_what_the_containers_run(services: dict[str, Service], tmp_path: Path) -> None:
    for one in services.values():
        if one.name in ONE_SHOT:
            assert [one.run(), one.run()] == [0, 0], one.last_lines()
            continue
        assert not one.healthy(), f"{one.name} is called healthy before it runs"
        one.start()
        one.wait_healthy()
    command = services["web"].declared["command"]
    port = int(command[command.index("--port") + 1])
    assert provider_cards(f"http://127.0.0.1:{port}")
    if shutil.which("nginx"):
        with Nginx(tmp_path / "nginx", port) as nginx:
            assert provider_cards(f"http://127.0.0.1:{nginx.port}")
    hung(services["worker"])
    assert {one.name: one.stop() for one in services.values() if one.child} == {
        "actions": True, "rasa": True, "web": True, "worker": True}, "SIGTERM was not enough"
    assert not any(one.healthy() for one in services.values() if one.child)


def provider_cards(base: str) -> list[dict[str, Any]]:
    """Ask for a plumber and read the server-sent events until cards come; the stream must not be held back."""
    with httpx.Client(base_url=base, trust_env=False, timeout=30) as citizen:
        started = citizen.post("/api/v1/conversations").raise_for_status().json()
        citizen.headers["authorization"] = f"Bearer {started['token']}"
        here = f"/api/v1/conversations/{started['id']}"
        body = {"client_message_id": "1", "text": "厨房水池满了水下不去，我在西门街道"}
        citizen.post(f"{here}/messages", json=body).raise_for_status()
        with citizen.stream("GET", f"{here}/events") as events:
            for line in events.iter_lines():
                if line.startswith("data: ") and (cards := json.loads(line[6:])["cards"]):
                    return list(cards)
    raise AssertionError("the stream ended without cards")


def hung(worker: Service) -> None:
    """A worker that stands still is found out by its health check, and forgiven when it goes on."""
    assert worker.child is not None and worker.healthy({"30": "3"})
    worker.child.send_signal(signal.SIGSTOP)
    time.sleep(3.5)
    assert not worker.healthy({"30": "3"})
    worker.child.send_signal(signal.SIGCONT)
    wait_until(lambda: worker.healthy({"30": "3"}), 10, "the worker goes on")
