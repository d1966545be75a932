"""Every kind of fault that is made."""

from __future__ import annotations

from tests.delivery.checks.mutations import (
    dashboard_faults,
    link_faults,
    logql_faults,
    panel_faults,
    promql_faults,
    proof_faults,
    route_faults,
    rule_faults,
    secret_faults,
    source_faults,
)
from tests.delivery.checks.mutations.mutant import Kind

KINDS: tuple[Kind, ...] = (
    *promql_faults.KINDS,
    *logql_faults.KINDS,
    *dashboard_faults.KINDS,
    *panel_faults.KINDS,
    *link_faults.KINDS,
    *rule_faults.KINDS,
    *proof_faults.KINDS,
    *route_faults.KINDS,
    *secret_faults.KINDS,
    *source_faults.KINDS,
)
