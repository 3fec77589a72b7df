"""deploy/compose.yaml is valid, complete, and guarded."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from scoreboard.settings import Settings
from tests.deploy.files import (
    DEPLOY,
    image_environment,
    read_compose,
    read_compose_text,
    read_example,
    variables_of,
)

PASSWORDS = ("POSTGRES_PASSWORD", "REDIS_PASSWORD", "RABBITMQ_PASSWORD")
VARIABLES = {name: f"secret-{name.lower()}" for name in PASSWORDS}
COMPOSE = read_compose(VARIABLES)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
INSTANCES = ("scoreboard-1", "scoreboard-2")
OWN = [name for name, service in SERVICES.items() if service["image"] == "scoreboard"]
CHECK_S = 1.0
"""Longest until the balancer has noticed, as haproxy.cfg says of itself."""


def test_it_is_as_the_compose_specification_says() -> None:
    schema = json.loads(Path(__file__).with_name("compose-spec.json").read_text())
    faults = jsonschema_rs.validator_for(schema).iter_errors(COMPOSE)
    assert [f"{each.instance_path}: {each.message}" for each in faults] == []


@pytest.mark.parametrize("name", PASSWORDS)
def test_nothing_starts_without_its_passwords(name: str) -> None:
    with pytest.raises(KeyError, match=name):
        read_compose({other: text for other, text in VARIABLES.items() if other != name})


def test_the_example_names_every_variable_and_no_other() -> None:
    assert read_example().keys() == variables_of(read_compose_text())


def test_the_example_holds_no_password_that_somebody_could_keep() -> None:
    assert [text for name, text in read_example().items() if name in PASSWORDS] == [""] * 3


@pytest.mark.parametrize("name", SERVICES)
def test_no_password_stands_in_a_command_line(name: str) -> None:
    service = read_compose_text()["services"][name]
    keys = ("command", "entrypoint", "healthcheck", "labels")
    assert not {each for key in keys for each in variables_of(service.get(key))} & set(PASSWORDS)


@pytest.mark.parametrize("name", OWN)
def test_whatever_is_set_is_a_setting(name: str) -> None:
    settings = image_environment() | SERVICES[name].get("environment", {})
    if name in INSTANCES:
        Settings.from_environment(settings)
    known = {f"SCOREBOARD_{each.upper()}" for each in Settings.__slots__}
    assert {each for each in settings if each.startswith("SCOREBOARD_")} <= known


@pytest.mark.parametrize("name", [*OWN, "haproxy", "redis"])
def test_nothing_can_be_written_or_gained(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", INSTANCES)
def test_instances_cannot_change_their_keys(name: str) -> None:
    folder = str(Path(image_environment()["SCOREBOARD_KEYS_FILE"]).parent)
    assert SERVICES[name]["volumes"] == [f"keys:{folder}:ro"]
    assert SERVICES["keys"]["volumes"] == [f"keys:{folder}"]


def test_the_balancer_alone_can_be_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["haproxy"]
    assert COMPOSE["networks"]["back"] == {"internal": True}
    stores = ("postgres", "redis", "rabbitmq", "migrate")
    assert all(SERVICES[name]["networks"] == ["back"] for name in stores)
    assert SERVICES["haproxy"]["networks"] == ["front"]


def _waits() -> list[tuple[str, str, str]]:
    return [
        (name, other, wait["condition"])
        for name, service in SERVICES.items()
        for other, wait in service.get("depends_on", {}).items()
    ]


@pytest.mark.parametrize(("name", "other", "condition"), _waits())
def test_what_is_waited_for_can_come(name: str, other: str, condition: str) -> None:
    awaited = SERVICES[other]
    assert name != other
    if condition == "service_completed_successfully":
        assert awaited["restart"] == "no"
    else:
        assert condition == "service_healthy"
        assert awaited["restart"] == "unless-stopped"
        # The image of the service brings its own check along, which test_image.py runs.
        assert "healthcheck" in awaited or awaited["image"] == "scoreboard"


def test_everything_that_an_instance_needs_is_waited_for() -> None:
    for name in INSTANCES:
        assert SERVICES[name]["depends_on"].keys() == {"keys", "migrate", "redis", "rabbitmq"}
    assert SERVICES["migrate"]["depends_on"].keys() == {"postgres"}
    assert SERVICES["haproxy"]["depends_on"].keys() == set(INSTANCES)


@pytest.mark.parametrize("name", INSTANCES)
def test_a_stop_leaves_time_for_the_notice_and_the_drain(name: str) -> None:
    settings = Settings.from_environment(SERVICES[name]["environment"])
    grace_s = int(SERVICES[name]["stop_grace_period"].removesuffix("s"))
    assert settings.drain_notice_s > CHECK_S
    assert settings.drain_notice_s + settings.drain_s < grace_s


def test_the_network_of_the_balancer_is_trusted_and_no_other() -> None:
    (subnet,) = COMPOSE["networks"]["front"]["ipam"]["config"]
    for name in INSTANCES:
        assert SERVICES[name]["environment"]["SCOREBOARD_TRUSTED_PROXIES"] == subnet["subnet"]
        assert SERVICES[name]["environment"]["SCOREBOARD_INSTANCES"] == str(len(INSTANCES))


def test_the_balancer_is_told_every_address_that_it_asks_for() -> None:
    configuration = (DEPLOY / "haproxy.cfg").read_text()
    asked = set(re.findall(r'"\${(\w+)}"', configuration))
    told = SERVICES["haproxy"]["environment"]
    assert asked == told.keys()
    addresses = [told[name] for name in sorted(asked) if name != "BIND"]
    assert addresses == [f"{name}:8080" for name in INSTANCES]


def test_every_image_of_others_has_a_version() -> None:
    images = {service["image"] for service in SERVICES.values()} - {"scoreboard"}
    assert all(re.fullmatch(r"[a-z]+:[0-9.]+-alpine", image) for image in images)
