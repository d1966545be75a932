"""Series of the shipped catalog's services, as the tests of the objectives tell them."""

from __future__ import annotations

HERE = 'cluster="c",environment="e"'
THERE = 'cluster="d",environment="e"'
REQUESTS = "http_server_request_duration_seconds"
RYOT = 'job="services",service="ryot",instance="ryot:8080"'
AGENT = 'job="agent",component="agent",instance="agent:9080"'
FROM_AGENT = 'job="agent",instance="agent:9080"'


def requests(code: str, values: str, pod: str = "p", scope: str = HERE) -> dict[str, str]:
    labels = f'{scope},service="ryot",pod="{pod}",http_response_status_code="{code}"'
    return {f"{REQUESTS}_count{{{labels}}}": values}


def up(values: str, labels: str, scope: str = HERE) -> dict[str, str]:
    return {f"up{{{scope},{labels}}}": values}


def vault(outcome: str, values: str, operation: str = "read") -> dict[str, str]:
    labels = f'{HERE},{FROM_AGENT},service="sigmavault",pod="p"'
    return {
        f'vault_operations_total{{{labels},operation="{operation}",outcome="{outcome}"}}': values
    }


def buckets(values: dict[str, str]) -> dict[str, str]:
    labels = f'{HERE},service="ryot",pod="p",http_response_status_code="200"'
    bounds = {f'{REQUESTS}_bucket{{{labels},le="{le}"}}': each for le, each in values.items()}
    return {**bounds, f"{REQUESTS}_count{{{labels}}}": values["+Inf"]}


def lines(values: str, name: str = "log_lines_total", level: str = "info") -> dict[str, str]:
    return {f'{name}{{{HERE},{FROM_AGENT},service="ryot",pod="p",level="{level}"}}': values}
