"""What agent.yaml says of secrets, levels and places, and what the agents could not make."""

from __future__ import annotations

import pytest

from tests.catalog.editable import PLATFORM, SHOP, EditableCatalog, Spoilt

AGENT = "agent.yaml"
_SEAL = (
    "redactions:\n  - {id: seal, title: Seals, hints: [seal], pattern: 'seal ([0-9]+)', "
    "example: seal 12, source: seed}\n"
)
_IN_AGENT = "redactions: []\n"
_SYSLOG = "  syslog: {name: S, releases: [x], replicas: 1, ports: {udp: 514}, source: seed}\n"
_BY_LEVEL = (
    "syslog: {levels: {error: [emergency, alert, critical, error], "
    "info: [warning, notice, informational, debug]}, source: seed}\n"
)


CASES = (
    Spoilt(
        "a pattern that only Python reads",
        AGENT,
        _IN_AGENT,
        _SEAL.replace("seal ([0-9]+)", "(?<=seal )([0-9]+)"),
        (
            AGENT,
            "pattern: ",
            (
                "'redactions[0].pattern' is no regular expression to RE2: invalid perl "
                "operator: (?<=. Write it without look-around and backreferences: "
                "the agents are Go programs."
            ),
        ),
    ),
    Spoilt(
        "a pattern without a group",
        AGENT,
        _IN_AGENT,
        _SEAL.replace("([0-9]+)", "[0-9]+"),
        (
            AGENT,
            "pattern: ",
            (
                "'redactions[0].pattern' has no group, and what a group holds is what is replaced. "
                "Put parentheses around the secret."
            ),
        ),
    ),
    Spoilt(
        "a pattern that misses its example",
        AGENT,
        _IN_AGENT,
        _SEAL.replace("example: seal 12", "example: seal twelve"),
        (
            AGENT,
            "example: ",
            (
                "'redactions[0].example' is a line in which the pattern finds no secret. "
                "Mend the pattern, or give a line that it is meant for."
            ),
        ),
    ),
    Spoilt(
        "hints that no match holds",
        AGENT,
        _IN_AGENT,
        _SEAL.replace("[seal]", "[wax, stamp]"),
        (
            AGENT,
            "hints: ",
            (
                "'redactions[0].hints' are in no part of the example that the pattern matches, "
                "so that it would never be searched. Name texts of which every match holds one."
            ),
        ),
    ),
    Spoilt(
        "a hint in capitals",
        AGENT,
        _IN_AGENT,
        _SEAL.replace("[seal]", "[Seal]"),
        (
            AGENT,
            "hints: ",
            (
                "'redactions[0].hints[0]' is 'Seal'. "
                "Use three characters or more, none of them a capital letter."
            ),
        ),
    ),
    Spoilt(
        "a redaction twice",
        AGENT,
        _IN_AGENT,
        _SEAL + "  " + _SEAL.partition("\n  ")[2].replace("Seals", "Others"),
        (
            AGENT,
            "Others",
            "'redactions[1].id' is 'seal' a second time. Choose another id.",
        ),
    ),
    Spoilt(
        "a first line that RE2 refuses",
        SHOP,
        "  format: json\n",
        "  format: json\n  multiline: {first_line: '^(?!\\s)'}\n",
        (
            SHOP,
            "first_line",
            (
                "'logs.multiline.first_line' is no regular expression to RE2: invalid perl "
                "operator: (?!. Write it without look-around and backreferences: "
                "the agents are Go programs."
            ),
        ),
    ),
    Spoilt(
        "an environment that nobody declares",
        AGENT,
        "environments: [here]",
        "environments: [there]",
        (AGENT, "there]", "platform.yaml has no environment 'there'. Did you mean 'here'?"),
    ),
    Spoilt(
        "no image of an agent that is to run in Kubernetes",
        AGENT,
        "images: {alloy: grafana/alloy:v1.18.1}\n",
        "images: {}\nkubernetes: {environment: here, namespace: x, log_format: cri, "
        "priority_class: p, requests: {cpu: 1m, memory: 1Mi}, limits: {cpu: 1m, memory: 1Mi}, "
        "state: /x, source: seed}\n",
        (
            AGENT,
            "images: {}",
            (
                "platform.yaml runs 'alloy 1', and its image is missing. "
                "Add a line 'alloy: grafana/alloy:...' with the release."
            ),
        ),
    ),
    Spoilt(
        "an amount that Kubernetes does not know",
        AGENT,
        "images: {alloy: grafana/alloy:v1.18.1}\n",
        "images: {alloy: grafana/alloy:v1.18.1}\nkubernetes: {environment: here, namespace: x, "
        "log_format: cri, priority_class: p, requests: {cpu: 1m, memory: 1 MB}, "
        "limits: {cpu: 1m, memory: 1Mi}, state: /x, source: seed}\n",
        (
            AGENT,
            "1 MB",
            (
                "'kubernetes.requests.memory' is '1 MB'. "
                "Use an amount as Kubernetes writes it, as in 100m or 512Mi."
            ),
        ),
    ),
    Spoilt(
        "a severity in no level",
        AGENT,
        _IN_AGENT,
        _IN_AGENT + "syslog: {levels: {error: [emergency, alert]}, source: seed}\n",
        (
            AGENT,
            "levels: ",
            "'syslog.levels' has the severity 'critical' in no level. Name each severity once.",
        ),
    ),
    Spoilt(
        "a level that the platform lacks",
        PLATFORM,
        "  jaeger: {",
        _SYSLOG + "  jaeger: {",
        (
            AGENT,
            "redactions",
            (
                "platform.yaml has the component 'syslog', and nothing here says what its "
                "severities mean. Add 'syslog' with its 'levels'."
            ),
        ),
    ),
    Spoilt(
        "syslog without a listener",
        AGENT,
        _IN_AGENT,
        _IN_AGENT + _BY_LEVEL,
        (
            AGENT,
            "syslog",
            (
                "platform.yaml has no component 'syslog', whose port it would listen on. "
                "Declare 'components.syslog' with its port 'udp', or remove it."
            ),
        ),
    ),
    Spoilt(
        "a timestamp that is none",
        SHOP,
        "      type: timestamp\n",
        "      type: string\n",
        (
            SHOP,
            "- name: ts\n      type: string",
            "'ts' is the lines' timestamp, and its type is 'string'. Write 'type: timestamp'.",
        ),
    ),
    Spoilt(
        "a timestamp that is missing",
        SHOP,
        "  timestamp: ts\n",
        "  timestamp: at\n",
        (
            SHOP,
            "timestamp: at",
            (
                "'logs.timestamp' reads the field 'at', which is not declared. "
                "Known are level, message, outcome, took, trace_id, ts."
            ),
        ),
    ),
    Spoilt(
        "a counter of no event",
        SHOP,
        "      counted_by: sales_total\n",
        "",
        (
            SHOP,
            "- name: sales_total",
            (
                "the agent is to count 'sales_total', and no event of the logs says which lines. "
                "Write 'counted_by: sales_total' at the event, or 'emitted_by: application'."
            ),
        ),
    ),
    Spoilt(
        "a gauge of no measure",
        SHOP,
        "    title: Baskets\n    emitted_by: application\n",
        "    title: Baskets\n    emitted_by: agent\n",
        (
            SHOP,
            "unit: baskets",
            (
                "the agent is to take 'open_baskets' from lines, and no event measures baskets. "
                "Name a field of that unit in the 'measures' of an event, or write "
                "'emitted_by: application'."
            ),
        ),
    ),
    Spoilt(
        "a label that no line has",
        SHOP,
        "    labels: {outcome: [sold, refused]}\n",
        "    labels: {outcome: [sold, refused], colour: null}\n",
        (
            SHOP,
            "colour",
            (
                "the agent counts 'sales_total' from lines, and 'colour' is neither a stream label "
                "nor a field of them. Did you mean 'cluster'?"
            ),
        ),
    ),
    Spoilt(
        "an error line of no error level",
        SHOP,
        "  - name: open_baskets\n",
        "  - {name: errors_total, type: counter, unit: lines, help: E., title: E, "
        "emitted_by: agent, emission: lazy, role: log_errors, labels: {level: [info]}, "
        "source: seed}\n  - name: open_baskets\n",
        (
            SHOP,
            "errors_total",
            "'errors_total' counts error lines, and 'info' is no error level. Known are error.",
        ),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_a_contradiction_is_named_with_its_place_and_remedy(
    case: Spoilt, catalog: EditableCatalog
) -> None:
    case.check(catalog)


def test_a_level_of_syslog_is_one_of_the_platform_s(catalog: EditableCatalog) -> None:
    catalog.edit(PLATFORM, "  jaeger: {", _SYSLOG + "  jaeger: {")
    catalog.edit(AGENT, _IN_AGENT, _IN_AGENT + _BY_LEVEL.replace("info:", "notice:"))
    assert catalog.complaints() == [
        f"{AGENT}:2: 'levels' of platform.yaml lacks 'notice'. Known are error, info."
    ]


def test_the_port_of_syslog_is_a_udp_port(catalog: EditableCatalog) -> None:
    catalog.edit(PLATFORM, "  jaeger: {", _SYSLOG.replace("udp", "tcp") + "  jaeger: {")
    catalog.edit(AGENT, _IN_AGENT, _IN_AGENT + _BY_LEVEL)
    line = catalog.line(PLATFORM, "ports: {tcp")
    assert catalog.complaints() == [
        f"{PLATFORM}:{line}: the agents listen on UDP, and there is no port 'udp'. Add 'udp: 1514'."
    ]


def test_agent_yaml_may_be_missing(catalog: EditableCatalog) -> None:
    assert catalog.load().agent
    catalog.path(AGENT).unlink()
    assert catalog.load().agent is None
