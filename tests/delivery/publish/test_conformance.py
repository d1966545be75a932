"""The fake answers as the conformance suite says, for each release whose answers differ."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.delivery.publish.conformance import (
    PROVISIONED_BOARD,
    PROVISIONED_SOURCE,
    SCENARIOS,
    Client,
    provisioning,
)
from tests.delivery.publish.conformance_alerting import SCENARIOS as ALERTING
from tests.delivery.publish.fake_grafana import FakeGrafana

ALL = {**SCENARIOS, **ALERTING}
#: The releases that were asked; from 10 to 11 nothing of it differs.
RELEASES = ((9, 4, 0), (10, 4, 3), (11, 0, 0))


@pytest.fixture(params=RELEASES, ids=lambda release: ".".join(map(str, release)))
def client(request: pytest.FixtureRequest) -> Iterator[Client]:
    fake = FakeGrafana(1, request.param)
    files = provisioning()
    fake.provision(PROVISIONED_BOARD, files["board"], PROVISIONED_SOURCE, files["source"])
    client = Client(fake.url, request.param)
    client.session.headers["Authorization"] = f"Bearer {fake.token}"
    yield client
    client.session.close()
    fake.stop()


@pytest.mark.parametrize("name", ALL)
def test_the_fake_answers_as_a_real_one(client: Client, name: str) -> None:
    ALL[name](client)
