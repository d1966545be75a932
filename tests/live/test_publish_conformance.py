"""Every Grafana that is found answers as the suite says that the fake is held to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.delivery.publish.conformance import SCENARIOS, Client, clear, provisioning
from tests.delivery.publish.conformance_alerting import SCENARIOS as ALERTING
from tests.live.alone import alone, write_provisioning
from tests.live.servers import find, missing

ALL = {**SCENARIOS, **ALERTING}


@pytest.fixture(scope="module", params=find("grafana") or [None], ids=str)
def client(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Client]:
    if request.param is None:
        pytest.skip(missing("grafana"))
    folder = tmp_path_factory.mktemp("grafana")
    files = write_provisioning(folder / "provisioning", **provisioning())
    with alone(request.param, folder, files) as grafana:
        yield Client(grafana.url, request.param.version, grafana.admin)


@pytest.mark.parametrize("name", ALL)
def test_a_real_one_answers_as_the_suite_says(client: Client, name: str) -> None:
    clear(client)
    ALL[name](client)
