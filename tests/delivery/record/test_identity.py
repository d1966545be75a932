"""Pages say which server they are of, each in its way; a person knows better."""

from __future__ import annotations

import pytest

from delivery.record.identity import Identity, corrected, identify
from delivery.record.page import read_page

NOBODY = Identity(None, None)


@pytest.mark.parametrize(
    ("page", "identity"),
    [
        ('loki_build_info{version="3.7.6"} 1', ("loki", "3.7.6")),
        ('loki_build_info{version="v3.7.6-rc.1"} 1', ("loki", "3.7.6")),
        ('prometheus_build_info{version="2.42.0+ds"} 1', ("prometheus", "2.42.0")),
        ('promtail_build_info{version="2.9.4"} 1', ("agent", "promtail 2.9.4")),
        ('alloy_build_info{version="v1.18.1"} 1', ("agent", "alloy 1.18.1")),
        ('memcached_version{version="1.6.18"} 1', ("memcached", "1.6.18")),
        ('loki_build_info{version=""} 1', NOBODY),
        ('loki_build_info{version="main-abcdef"} 1', NOBODY),
        ('loki_build_info{version="3.7.6"} 1\nloki_build_info{version="3.7.5"} 1', NOBODY),
        ('loki_build_info{version="3.7.6"} 1\nprometheus_build_info{version="3.1.0"} 1', NOBODY),
        ("up 1", NOBODY),
    ],
)
def test_what_a_page_says_of_itself(page: str, identity: tuple[str, str]) -> None:
    assert identify(read_page(page.split("\n"))) == identity


@pytest.mark.parametrize(
    ("component", "release", "identity"),
    [
        (None, None, ("loki", "3.7.6")),
        ("loki", None, ("loki", "3.7.6")),
        (None, "3.7.6-ours", ("loki", "3.7.6-ours")),
        ("loki", "3", ("loki", "3")),
        ("jaeger", None, ("jaeger", None)),
        ("jaeger", "2.20.0", ("jaeger", "2.20.0")),
    ],
)
def test_a_person_knows_better(
    component: str | None, release: str | None, identity: tuple[str, str | None]
) -> None:
    assert corrected(Identity("loki", "3.7.6"), component, release) == identity


def test_where_the_page_says_nothing_a_person_must() -> None:
    assert corrected(NOBODY, "jaeger", "2.20.0") == ("jaeger", "2.20.0")
    assert corrected(NOBODY, None, "2.20.0") == (None, "2.20.0")
    assert corrected(NOBODY, "jaeger", None) == ("jaeger", None)
