"""Each row of docs/silence.md: what is broken, and which alerts fire, with all evaluated together.

Every row is a cluster of its own, so that all rows that are told in one step are one run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from alerts.proofs import silence_told as silence
from alerts.proofs.told import counting, series, steady, up
from alerts.registry import generate
from catalog.model import Catalog
from catalog.service import Service
from delivery.render import encode
from tests.alerts.promtool import check
from tests.alerts.promtool import series as told_series

ROOT = Path(__file__).resolve().parents[2]
#: Whoever says that nothing comes, and who says why lines are lost on the way.
TOGETHER = {
    "AgentDroppingLines",
    "AgentReadsNothing",
    "AllTargetsDown",
    "LogLinesRejected",
    "LogPipelineBroken",
    "NoTraffic",
    "NotScraped",
    "ServiceSilent",
    "TargetDown",
}
#: The service that a row is about.
ONE = "ryot"
#: More steps than these are a week's.
A_WEEK = 1000
RATE = 40


@dataclass(frozen=True)
class Phases:
    """For how many steps all is well, something is broken, and all is well again."""

    well: int
    broken: int
    after: int

    def counter(self, *, broken: float, well: float = RATE) -> str:
        return counting((well, self.well), (broken, self.broken), (well, self.after))

    def gone(self) -> str:
        """A counter whose series ends and is there again, further on, when all is well."""
        back = RATE * self.well
        return f"0+{RATE}x{self.well - 1} stale _x{self.broken} {back}+{RATE}x{self.after}"

    def gauge(self, broken: float | str, well: float = 1) -> str:
        return steady((well, self.well), (broken, self.broken), (well, self.after + 1))

    def lost(self) -> str:
        """A gauge whose series ends and comes back."""
        return f"1x{self.well - 1} stale _x{self.broken} 1x{self.after}"


Told = dict[str, str]


@dataclass(frozen=True)
class Row:
    """What is told otherwise than when all is well, and the alerts with the service of each."""

    title: str
    told: Callable[[Catalog, Phases], Told]
    fires: tuple[tuple[str, str], ...] = ()


def well(catalog: Catalog, phases: Phases) -> Told:
    """All of it; over a week only two services, and what is told of the others has no rules."""
    told: Told = {}
    others = [each for each in catalog.services if each.id != ONE]
    for service in (one(catalog), *(others[:1] if phases.well > A_WEEK else others)):
        for pod in "pq":
            told |= up(phases.gauge(1), service=service.id, pod=pod)
        told |= silence.asked(service, phases.counter(broken=RATE))
        told |= silence.lines(service, phases.counter(broken=RATE))
        told |= silence.kept(service, phases.gauge(1))
    told |= up(phases.gauge(1), component="agent")
    told |= up(phases.gauge(1), component="loki")
    return told | silence.taken(phases.counter(broken=RATE))


def one(catalog: Catalog) -> Service:
    return next(each for each in catalog.services if each.id == ONE)


def asked(values: Callable[[Phases], str]) -> Callable[[Catalog, Phases], Told]:
    return lambda catalog, phases: silence.asked(one(catalog), values(phases))


def lines(values: Callable[[Phases], str]) -> Callable[[Catalog, Phases], Told]:
    return lambda catalog, phases: silence.lines(one(catalog), values(phases))


def kept(values: Callable[[Phases], str]) -> Callable[[Catalog, Phases], Told]:
    return lambda catalog, phases: silence.kept(one(catalog), values(phases))


def targets(values: Callable[[Phases], str], pods: str) -> Callable[[Catalog, Phases], Told]:
    return lambda _, phases: {
        name: shown
        for pod in pods
        for name, shown in up(values(phases), service=ONE, pod=pod).items()
    }


def component(name: str, values: Callable[[Phases], str]) -> Callable[[Catalog, Phases], Told]:
    return lambda _, phases: up(values(phases), component=name)


def every(
    which: Callable[..., Told], values: Callable[[Phases], str]
) -> Callable[[Catalog, Phases], Told]:
    return lambda catalog, phases: {
        name: shown
        for service in catalog.services
        for name, shown in which(service, values(phases)).items()
    }


def taken(values: Callable[[Phases], str]) -> Callable[[Catalog, Phases], Told]:
    return lambda _, phases: silence.taken(values(phases))


def rising(name: str, labels: Mapping[str, str]) -> Callable[[Catalog, Phases], Told]:
    return lambda _, phases: {series(name, labels): phases.counter(well=0, broken=RATE)}


def all_of(*parts: Callable[[Catalog, Phases], Told]) -> Callable[[Catalog, Phases], Told]:
    def told(catalog: Catalog, phases: Phases) -> Told:
        return {name: shown for part in parts for name, shown in part(catalog, phases).items()}

    return told


def still(phases: Phases) -> str:
    return phases.counter(broken=0)


def ended(phases: Phases) -> str:
    return phases.gone()


def down(phases: Phases) -> str:
    return phases.gauge(0)


def lost(phases: Phases) -> str:
    return phases.lost()


def never(phases: Phases) -> str:
    return phases.counter(well=0, broken=0)


NOTHING_KEPT = every(silence.kept, lost)
STOPPED = all_of(asked(ended), lines(still), kept(lost))
REFUSED = {"job": "loki", "instance": "loki:p", "tenant": "fake", "reason": "rate_limited"}
GIVEN_UP = {"job": "agent", "instance": "agent:p", "host": "loki", "reason": "ingester_error"}

#: Told in steps of a minute, without a week before.
HOUR = (
    Row(
        "It serves requests, and no line of it is read",
        all_of(lines(still), kept(lost)),
        (("ServiceSilent", ONE),),
    ),
    Row(
        "It hangs at an hour that is quiet every week",
        all_of(asked(never), lines(still), kept(lost)),
        (("ServiceSilent", ONE),),
    ),
    Row("A quiet hour: no request, as every week; it writes on", asked(never)),
    Row(
        "All its targets fail their scrapes",
        all_of(targets(down, "pq"), STOPPED),
        (("AllTargetsDown", ONE),),
    ),
    Row("One of two targets does", targets(down, "q"), (("TargetDown", ONE),)),
    Row(
        "Its targets are gone from what Prometheus scrapes",
        all_of(targets(lost, "pq"), asked(ended)),
        (("NotScraped", ONE),),
    ),
    Row(
        "All log agents are down",
        all_of(component("agent", down), every(silence.lines, ended), NOTHING_KEPT, taken(still)),
        (("AllTargetsDown", "agent"),),
    ),
    Row(
        "The log agents are no longer scraped",
        all_of(component("agent", lost), every(silence.lines, ended)),
        (("NotScraped", "agent"),),
    ),
    Row(
        "The agents are up and read nothing of anyone",
        all_of(every(silence.lines, still), NOTHING_KEPT, taken(still)),
        (("AgentReadsNothing", "agent"),),
    ),
    Row(
        "Lines are read and Loki, which is up, is handed none",
        all_of(NOTHING_KEPT, taken(still)),
        (("LogPipelineBroken", "agent"),),
    ),
    Row(
        "and the agents give up on them",
        all_of(NOTHING_KEPT, taken(still), rising("promtail_dropped_entries_total", GIVEN_UP)),
        (("AgentDroppingLines", "agent"), ("LogPipelineBroken", "agent")),
    ),
    Row(
        "Lines of one service are read, and Loki holds none of it",
        kept(lost),
        (("LogPipelineBroken", ONE),),
    ),
    Row(
        "Loki is down",
        all_of(component("loki", down), NOTHING_KEPT, taken(ended)),
        (("AllTargetsDown", "loki"),),
    ),
    Row(
        "Loki refuses a service's lines",
        all_of(kept(lost), rising("loki_discarded_samples_total", REFUSED)),
        (("LogLinesRejected", "loki"),),
    ),
    Row(
        "Loki's ruler does not record, or its series do not reach Prometheus",
        NOTHING_KEPT,
    ),
)
#: Told in longer steps, a week before it happens.
WEEK = (
    Row("Nobody calls a service that is up; it writes on", asked(still), (("NoTraffic", ONE),)),
    Row(
        "Nobody calls it, or it hangs, and it writes nothing either",
        all_of(asked(still), lines(still), kept(lost)),
        (("NoTraffic", ONE),),
    ),
    Row(
        "It hangs at an hour that is quiet every week",
        all_of(asked(never), lines(still), kept(lost)),
        (("ServiceSilent", ONE),),
    ),
    Row(
        "All its targets fail their scrapes",
        all_of(targets(down, "pq"), STOPPED),
        (("AllTargetsDown", ONE),),
    ),
    Row(
        "Its targets are gone from what Prometheus scrapes",
        all_of(targets(lost, "pq"), asked(ended)),
        (("NotScraped", ONE),),
    ),
)
#: The files that are asked over a week: those of the service and of the platform.
FEW = {f"service-{ONE}", "platform"}
#: Seconds. The longer step is half of the silence: it leaves two samples in that range, and none
#: in the five minutes in which lines have to arrive, so that those are replayed over an hour only.
STEP, LONG_STEP = 60, 450
RUNS = {
    "hour": (HOUR, STEP, Phases(60, 50, 40)),
    "week": (WEEK, LONG_STEP, Phases(7 * 86_400 // LONG_STEP, 8, 8)),
}


@pytest.fixture(scope="module")
def rules(shipped: Catalog, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The alerts of this table as they ship, and no others: a week of them is long enough."""
    folder = tmp_path_factory.mktemp("silence")
    for artifact in generate(shipped):
        if artifact.kind != "prometheus-rules":
            continue
        groups = yaml.safe_load(encode(artifact))["groups"]
        for group in groups:
            group["rules"] = [rule for rule in group["rules"] if rule.get("alert") in TOGETHER]
        kept_groups = [group for group in groups if group["rules"]]
        if kept_groups:
            path = folder / Path(artifact.path).name
            path.write_text(yaml.safe_dump({"groups": kept_groups}), encoding="utf-8")
    return sorted(folder.glob("*.yaml"))


@pytest.mark.parametrize("name", RUNS)
def test_one_alert_for_each_cause(
    name: str,
    shipped: Catalog,
    rules: list[Path],
    tmp_path: Path,
    need_binary: Callable[[str], str],
) -> None:
    """All that ever fired in a row is what its row says, and all of it ends."""
    rows, step, phases = RUNS[name]
    told: Told = {}
    samples = []
    for number, row in enumerate(rows):
        cluster = f"row{number:02d}"
        for text, values in {**well(shipped, phases), **row.told(shipped, phases)}.items():
            told[text.replace('cluster="c"', f'cluster="{cluster}"')] = values
        samples += [
            {
                "labels": f'{{alertname="{alert}",cluster="{cluster}",service="{service}"}}',
                "value": 1,
            }
            for alert, service in row.fires
        ]
    end = (phases.well + phases.broken + phases.after) * step
    lasting = f"{(phases.broken + phases.after) * step + 3600}s"
    fired = 'ALERTS{alertstate="firing"}'
    story = {
        "rule_files": [str(path) for path in rules if name == "hour" or path.stem in FEW],
        "evaluation_interval": f"{step}s",
        "tests": [
            {
                "interval": f"{step}s",
                "input_series": told_series(told),
                "promql_expr_test": [
                    {
                        "expr": "group by (cluster, alertname, service) "
                        f"(max_over_time({fired}[{lasting}]))",
                        "eval_time": f"{end}s",
                        "exp_samples": samples,
                    },
                    {
                        "expr": f"group by (cluster, alertname, service) ({fired})",
                        "eval_time": f"{end}s",
                        "exp_samples": [],
                    },
                    {"expr": f"count({fired})", "eval_time": f"{(phases.well - 1) * step}s"},
                ],
            }
        ],
    }
    complaint = check(tmp_path, story, need_binary("promtool"))
    assert not complaint, complaint


def table() -> dict[str, str]:
    """What the page says: the cause, and what fires."""
    text = (ROOT / "docs/silence.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+?) \| (.*?) \| .*\|$", text, re.MULTILINE)
    return dict(rows[1:])


def test_the_page_has_the_rows_that_are_replayed() -> None:
    """Its last row is about those who evaluate and tell: nothing of it can be replayed here."""
    said = table()
    for row in (*HOUR, *WEEK):
        if row.title.startswith("and "):
            continue
        expected = {alert for alert, _ in row.fires}
        found = set(re.findall(r"[A-Z][a-z]+(?:[A-Z][a-z]+)+", said[row.title]))
        assert found == expected, row.title
    replayed = {row.title for row in (*HOUR, *WEEK)}
    assert [title for title in said if title not in replayed and title != "---"] == [
        "Prometheus or Alertmanager is down"
    ]
