"""What only one system says, and how to find it in code or in a generated file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from catalog.model import Catalog

#: Ids that are plain English too: in prose the word means several of a thing.
PLAIN_ENGLISH = frozenset({"agents"})


def service_names(catalog: Catalog) -> set[str]:
    """The id and the name of each service."""
    return {word for service in catalog.services for word in (service.id, service.name)}


def own_metrics(catalog: Catalog) -> set[str]:
    """The metrics that only one of the services emits."""
    emitters = Counter(metric.name for service in catalog.services for metric in service.metrics)
    return {name for name, number in emitters.items() if number == 1}


def own_signals(catalog: Catalog) -> Iterator[str]:
    """The metrics, labels, events and fields of the services."""
    for service in catalog.services:
        yield from service.stream_labels
        for metric in service.metrics:
            yield from (metric.name, *metric.labels)
        for event in service.logs.events:
            yield from (event.title, *event.match, *event.by, *event.trail)


def says(text: str, word: str) -> bool:
    """Does the text hold the word, as a name or as part of a longer one?"""
    found = rf"(?<![A-Za-z0-9]){re.escape(word)}(?![A-Za-z0-9])"
    if word.lower() not in PLAIN_ENGLISH:
        return re.search(found, text) is not None
    # A name stands alone, in quotes, or joined to its neighbours; prose has blanks around it.
    joined = rf"(?<=[\"'=/_-]){word}(?![A-Za-z0-9])|(?<![A-Za-z0-9]){word}(?=[\"'=/_-])"
    return text == word or re.search(joined, text) is not None
