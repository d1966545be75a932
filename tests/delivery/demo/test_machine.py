"""What ships is adapted by a copy of the catalog: addresses, ports, folders, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from catalog.errors import UsageError
from catalog.load import load_catalog
from catalog.model import Catalog
from delivery.demo import agent, alertmanager, prometheus
from delivery.demo.machine import PORTS, Machine, on_this_machine
from delivery.demo.servers import Server
from delivery.demo.shipped import build, loki_file, nearest
from simulate.feed import Target
from simulate.world import World

ROOT = Path(__file__).resolve().parents[3]
HARBOUR = ROOT / "tests/fixtures/second"
NUMBERS = {name: 15_000 + number for number, name in enumerate(PORTS)}


def machine(folder: Path) -> Machine:
    return Machine(folder, NUMBERS)


def adapted(source: Path, folder: Path) -> Catalog:
    return load_catalog(on_this_machine(source, folder / "catalog", machine(folder)))


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> tuple[Catalog, Path]:
    """The shipped catalog on this machine, and what it generates."""
    folder = tmp_path_factory.mktemp("ours")
    catalog = adapted(ROOT / "catalog", folder)
    build(catalog, folder / "generated")
    return catalog, folder


def test_the_environment_of_this_machine_comes_first(ours: tuple[Catalog, Path]) -> None:
    catalog, _ = ours
    environment = catalog.default_environment
    assert environment.id == "host"
    assert environment.addresses["loki"] == f"http://127.0.0.1:{NUMBERS['loki']}"
    assert catalog.platform.links.grafana_url == f"http://127.0.0.1:{NUMBERS['grafana']}"
    runbooks = f"http://127.0.0.1:{NUMBERS['receiver']}/runbooks"
    assert catalog.platform.links.runbooks_url == runbooks


def test_nothing_else_of_the_catalog_has_changed(ours: tuple[Catalog, Path]) -> None:
    shipped, (here, _) = load_catalog(ROOT / "catalog"), ours
    assert here.services == shipped.services
    assert here.windows == shipped.windows
    same = {"levels", "limits", "retention", "thresholds", "folders", "scrape", "validation"}
    for name in same:
        assert getattr(here.platform, name) == getattr(shipped.platform, name), name
    others = {each.id for each in here.platform.environments} - {"host"}
    assert others == {each.id for each in shipped.platform.environments} - {"host"}


def test_loki_listens_and_looks_for_the_others_where_they_are(
    ours: tuple[Catalog, Path],
) -> None:
    catalog, folder = ours
    server = Server("loki", "loki", "3.7.6")
    config = yaml.safe_load(loki_file(catalog, folder / "generated", server).read_text())
    assert config["server"]["http_listen_address"] == "127.0.0.1"
    assert config["server"]["http_listen_port"] == NUMBERS["loki"]
    assert config["server"]["grpc_listen_port"] == NUMBERS["loki_grpc"]
    told = config["chunk_store_config"]["chunk_cache_config"]["memcached_client"]
    assert told["addresses"] == f"127.0.0.1:{NUMBERS['memcached']}"
    assert config["ruler"]["alertmanager_url"].endswith(f":{NUMBERS['alertmanager']}")


@pytest.mark.parametrize(
    ("server", "release"),
    [("2.8.0", "2.9.4"), ("2.9.4", "2.9.4"), ("2.9.10", "2.9.4"), ("3.5.1", "2.9.4"),
     ("3.7.6", "3.7.6"), ("3.9.0", "3.7.6"), ("4.0.0", "3.7.6")],
)  # fmt: skip
def test_a_server_gets_the_file_of_the_nearest_release(server: str, release: str) -> None:
    assert nearest(("2.9.4", "3.7.6"), Server("loki", "loki", server)) == release


def test_a_release_in_two_numbers_is_compared_by_two() -> None:
    assert nearest(("3.8",), Server("loki", "loki", "3.8.2")) == "3.8"
    assert nearest(("3.10", "3.8"), Server("loki", "loki", "3.9.9")) == "3.8"


def targets(catalog: Catalog) -> list[Target]:
    world = World(catalog, catalog.default_environment, 0)
    return [Target(pod.service.id, pod, 20_000 + place) for place, pod in enumerate(world.pods)]


def test_each_pod_is_scraped_under_its_own_labels(
    ours: tuple[Catalog, Path], tmp_path: Path
) -> None:
    catalog, folder = ours
    told = targets(catalog)
    path = prometheus.write_config(folder / "generated", tmp_path, told, {"memcached"})
    config = yaml.safe_load(path.read_text())
    jobs = {each["job_name"]: each["static_configs"] for each in config["scrape_configs"]}
    assert {(each["targets"][0], each["labels"]["pod"]) for each in jobs["services"]} == {
        (each.address, each.pod.name) for each in told if each.pod
    }
    assert {each["labels"]["track"] for each in jobs["services"]} == {"stable", "canary"}
    assert jobs["loki"][0]["targets"] == [f"127.0.0.1:{NUMBERS['loki']}"]
    assert jobs["agent"][0]["targets"] == [f"127.0.0.1:{NUMBERS['agent']}"]
    assert jobs["jaeger-spans"][0]["targets"] == [f"127.0.0.1:{NUMBERS['span_metrics']}"]
    assert "memcached" not in jobs, "nobody is there to be scraped"


def test_a_page_that_stands_in_for_a_component_is_scraped_in_its_place(
    ours: tuple[Catalog, Path], tmp_path: Path
) -> None:
    catalog, folder = ours
    told = [*targets(catalog), Target("agent", None, 31_000)]
    path = prometheus.write_config(folder / "generated", tmp_path, told, set())
    config = yaml.safe_load(path.read_text())
    [job] = [each for each in config["scrape_configs"] if each["job_name"] == "agent"]
    assert [each["targets"] for each in job["static_configs"]] == [["127.0.0.1:31000"]]


@pytest.mark.parametrize(
    ("release", "overlapping"), [("2.38.0", True), ("2.42.0", False), ("3.12.0", False)]
)
def test_prometheus_is_given_flags_that_its_release_knows(
    tmp_path: Path, release: str, overlapping: bool
) -> None:
    server = Server("prometheus", "prometheus", release)
    words = prometheus.command(server, machine(tmp_path), tmp_path / "c", tmp_path, 365 * 86_400)
    assert ("--storage.tsdb.allow-overlapping-blocks" in words) is overlapping
    assert "--storage.tsdb.retention.time=365d" in words
    assert f"--web.listen-address=127.0.0.1:{NUMBERS['prometheus']}" in words
    assert f"--web.external-url=http://127.0.0.1:{NUMBERS['prometheus']}" in words


@pytest.mark.parametrize("kind", ["alloy", "promtail"])
def test_the_agent_reads_the_services_files_and_listens_to_this_machine_alone(
    ours: tuple[Catalog, Path], tmp_path: Path, kind: str
) -> None:
    catalog, folder = ours
    server = Server(kind, kind, "2.9.4")
    text = agent.write_config(server, catalog, tmp_path, structured=True).read_text()
    assert f"{folder}/telemetry/logs/ryot/*/*.log" in text
    assert f"127.0.0.1:{NUMBERS['syslog']}" in text
    assert f"127.0.0.1:{NUMBERS['loki']}/loki/api/v1/push" in text
    assert "0.0.0.0" not in text  # noqa: S104 - what must not be there
    name = "config.alloy" if kind == "alloy" else "promtail.yaml"
    shipped = (folder / "generated/deploy/host" / name).read_text()
    # Alloy's is the very file but for where it listens; Promtail's too, written by another hand.
    listening = shipped.replace(f"0.0.0.0:{NUMBERS['syslog']}", f"127.0.0.1:{NUMBERS['syslog']}")
    if kind == "alloy":
        assert text == listening
    else:
        told = yaml.safe_load(listening)
        told["server"]["http_listen_address"] = "127.0.0.1"
        # Promtail is generated for the older Loki, which takes no structured metadata.
        plain = agent.write_config(server, catalog, tmp_path, structured=False)
        assert yaml.safe_load(plain.read_text()) == told


def test_alertmanager_tells_our_receiver_and_nobody_else(
    ours: tuple[Catalog, Path],
) -> None:
    _, folder = ours
    path = alertmanager.write_config(folder / "generated", machine(folder))
    text = path.read_text()
    assert "/etc/alertmanager" not in text
    secrets = folder / "alertmanager/secrets"
    receiver = f"http://127.0.0.1:{NUMBERS['receiver']}"
    assert (secrets / "slack_api_url").read_text() == f"{receiver}/slack"
    urls = {each.split()[-1] for each in text.splitlines() if " url: " in each}
    assert urls == {f"{receiver}/rollback"}


def test_another_system_has_its_own_place_on_this_machine(tmp_path: Path) -> None:
    """It has no host environment, no Jaeger and no Memcached, and asks for a tenant."""
    catalog = adapted(HARBOUR, tmp_path)
    assert catalog.default_environment.id == "quay"
    shipped = load_catalog(HARBOUR).platform.links.runbooks_url
    assert catalog.platform.links.runbooks_url == shipped, "its runbooks are not here"
    assert catalog.default_environment.auth_enabled
    build(catalog, tmp_path / "generated")
    server = Server("loki", "loki", "3.7.6")
    config = yaml.safe_load(loki_file(catalog, tmp_path / "generated", server).read_text())
    assert config["server"]["http_listen_address"] == "127.0.0.1"
    assert config["ruler"]["enabled_tenants"] == "port-authority"
    told = targets(catalog)
    path = prometheus.write_config(tmp_path / "generated", tmp_path, told, set())
    jobs = {each["job_name"] for each in yaml.safe_load(path.read_text())["scrape_configs"]}
    assert {"services", "loki", "prometheus", "alertmanager", "agent"} <= jobs
    config = alertmanager.write_config(tmp_path / "generated", machine(tmp_path))
    assert f"http://127.0.0.1:{NUMBERS['receiver']}/dead-man" in config.read_text()


def test_a_folder_that_no_agent_could_be_told_of_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "my data"
    with pytest.raises(UsageError) as caught:
        adapted(ROOT / "catalog", folder)
    assert str(caught.value) == (
        f"--data {folder}: the log agent's configuration takes folders of letters, digits, '.', "
        "'_' and '-', and up to 105 characters here. Name another folder."
    )
