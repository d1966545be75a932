"""What the catalog says of Kubernetes is refused where it cannot be so."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.deployment_scalars import amount
from tests.catalog.deployed import DEPLOYMENT, deployed
from tests.catalog.editable import PLATFORM, EditableCatalog


@pytest.fixture
def catalog(tmp_path: Path) -> EditableCatalog:
    return deployed(tmp_path)


def test_it_is_read(catalog: EditableCatalog) -> None:
    deployment = catalog.load().deployment
    assert deployment
    assert deployment.trees[0].agent_name == "alloy"
    assert deployment.trees[0].has_structured_metadata
    assert deployment.object_store.endpoint == "http://store.example:9000"
    assert deployment.chunks.idle == 300


def test_it_may_be_left_out(tmp_path: Path) -> None:
    assert EditableCatalog(tmp_path).load().deployment is None


def test_an_amount_is_a_number() -> None:
    assert (amount("500m"), amount("2"), amount("4Gi")) == (0.5, 2, 4 * 2**30)


def test_its_own_faults_are_told_beside_the_platforms(catalog: EditableCatalog) -> None:
    catalog.edit(DEPLOYMENT, "volume: 20Gi", "volume: 20 GB")
    catalog.edit(PLATFORM, "error_levels: [error]", "error_levels: [fatal]")
    assert [line.split(":")[0] for line in catalog.complaints()] == [DEPLOYMENT, PLATFORM]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "volume: 20Gi",
            "volume: 20GB",
            (
                "'loki.volume' is '20GB', not a quantity of Kubernetes. "
                "Write a whole number and m, Ki, Mi, Gi or Ti, as in 500m or 4Gi."
            ),
        ),
        (
            "loki: registry.example/loki",
            "loki: registry.example/loki:3.8",
            (
                "'images.loki' is 'registry.example/loki:3.8', not an image without a tag. "
                "Write registry and repository, as in docker.io/grafana/loki."
            ),
        ),
        *(
            (
                "memcached: registry.example/memcached:1.6",
                f"memcached: {image}",
                (
                    f"'images.memcached' is '{image}', not an image of one release. "
                    "Write registry, repository and a tag other than latest."
                ),
            )
            for image in ("registry.example/memcached", "registry.example/memcached:latest")
        ),
        (
            "ranges: [192.0.2.0/24]",
            "ranges: [192.0.2.1/24]",
            (
                "'object_store.ranges[0]' is '192.0.2.1/24', not a range of addresses. "
                "Write the first address and the length of its prefix, as in 10.0.0.0/8."
            ),
        ),
        (
            'boltdb_since: "2020-01-01"',
            'boltdb_since: "2020-13-01"',
            (
                "'index.boltdb_since' is '2020-13-01', not a day. "
                "Write year, month and day in quotes, as in '2025-01-31'."
            ),
        ),
        (
            'tsdb_since: "2021-01-01"',
            'tsdb_since: "2020-01-01"',
            (
                "'index.tsdb_since' is 2020-01-01, not after 'boltdb_since'. "
                "Name a day after 2020-01-01."
            ),
        ),
        (
            "period: 24h",
            "period: 12h",
            (
                "'index.period' is not 24h, and Loki's retention and both of its indexes need "
                "just that. Write 24h."
            ),
        ),
        (
            "chunks: {idle: 5m, age: 2h",
            "chunks: {idle: 2h, age: 2h",
            (
                "'chunks.idle' is not shorter than 'age', so that no chunk would ever be idle. "
                "Shorten it, or raise 'age'."
            ),
        ),
        (
            "chunks: lines",
            "chunks: Lines",
            (
                "'object_store.chunks' is 'Lines', not a bucket of S3. Write 3 to 63 lower-case "
                "letters, digits, hyphens and dots, the ends no hyphen or dot."
            ),
        ),
        (
            "labels: {run: grafana}",
            "labels: {run/a/b: grafana}",
            (
                "the key 'peers.grafana.labels.run/a/b' is no valid name. "
                "Write a name, its domain and a slash before it, as in app.kubernetes.io/name."
            ),
        ),
        (
            "requests: {cpu: 250m, memory: 512Mi}",
            "requests: {cpu: 250m, memory: 4Gi}",
            (
                "'loki.requests.memory' is 4Gi, more than the limit of 2Gi. "
                "Lower it, or raise the limit."
            ),
        ),
        (
            "keys: [user, word]",
            "keys: [user]",
            (
                "'secrets.object_store.keys' has not two items, and S3 wants a user and a "
                "password. Name the keys of the two, the user's first."
            ),
        ),
        (
            "environment: here",
            "environment: her",
            "there is no environment 'her'. Did you mean 'here'?",
        ),
        (
            '    loki: "3.8"',
            '    loki: "3.9"',
            "platform.yaml has no release '3.9' of 'loki'. Did you mean '3.8'?",
        ),
        (
            "agent: alloy 1",
            "agent: alloy 2",
            "platform.yaml has no release 'alloy 2' of 'agent'. Did you mean 'alloy 1'?",
        ),
        (
            "ports: {otlp_http: 4318}",
            "ports: {thrift_http: 14268}",
            (
                "Loki 3.8 of the tree 'current' sends its spans to the port 'otlp_http'. "
                "Add 'otlp_http: PORT'."
            ),
        ),
        (
            "api_server:",
            "syslog: {source_ranges: [192.0.2.0/24], source: seed}\napi_server:",
            "'syslog' is for nothing. Remove it, or see to it that the agent has a port 'syslog'.",
        ),
    ],
)
def test_it_is_refused(catalog: EditableCatalog, old: str, new: str, message: str) -> None:
    catalog.edit(DEPLOYMENT, old, new)
    [complaint] = catalog.complaints()
    place, _, said = complaint.partition(": ")
    assert said == message
    assert place.startswith(f"{DEPLOYMENT}:")


def test_a_tree_twice(catalog: EditableCatalog) -> None:
    text = catalog.path(DEPLOYMENT).read_text()
    tree = text[text.index("  - id: current") : text.index("images:")]
    catalog.write(DEPLOYMENT, text.replace(tree, tree + tree))
    assert catalog.complaints() == [
        f"{DEPLOYMENT}:10: a tree above has the id 'current' already. Choose another id."
    ]


def test_what_a_component_needs_is_missing(catalog: EditableCatalog) -> None:
    text = catalog.path(DEPLOYMENT).read_text()
    start, end = text.index("tracing:"), text.index("pod_network:")
    catalog.write(DEPLOYMENT, text[:start] + text[end:])
    assert catalog.complaints() == [
        f"{DEPLOYMENT}:1: the key 'tracing' is missing. Add it: 'jaeger' is a component."
    ]


def test_loki_is_no_service_of_the_cluster(catalog: EditableCatalog) -> None:
    catalog.edit(PLATFORM, "loki: http://logs.shops.svc:3100", "loki: http://10.0.0.7:3100")
    assert catalog.complaints() == [
        (
            f"{DEPLOYMENT}:1: 'here' reaches Loki at http://10.0.0.7:3100, which is no Service of "
            "Kubernetes. Name an environment whose address of 'loki' is like "
            "http://loki.monitoring.svc:3100."
        )
    ]


@pytest.mark.parametrize(
    ("old", "new", "component", "port"),
    [
        ("ports: {http: 3100, grpc: 3101}", "ports: {http: 3100}", "loki", "grpc"),
        (
            "ports: {memcache: 11211, exporter: 9150}",
            "ports: {memcache: 11211}",
            "memcached",
            "exporter",
        ),
    ],
)
def test_a_port_is_missing(
    catalog: EditableCatalog, old: str, new: str, component: str, port: str
) -> None:
    catalog.edit(PLATFORM, old, new)
    [complaint] = catalog.complaints()
    line = catalog.line(PLATFORM, f"  {component}: {{name: {component.title()}, releases")
    assert complaint == (
        f"{PLATFORM}:{line}: the port '{port}' is missing, and deployment.yaml opens it. "
        f"Add '{port}: PORT'."
    )
