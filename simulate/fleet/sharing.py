"""How often the services call each other, without anyone getting more requests than the world says.

The world says how many requests a service gets in all. What its callers send is part of that, so
its arrivals from outside are thinned by as much.
"""

from __future__ import annotations

from typing import Final

from catalog.model import Catalog
from catalog.service import Service

#: At most this part of a service's requests comes from the others: people ask it, too.
_FROM_OTHERS: Final = 0.6


class Sharing:
    """Shares of requests, by service; requests are as many as the catalog's volumes."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def calls(self, callee: Service) -> float:
        """The share of a caller's requests that go on to the callee."""
        asked = self._asked_by(callee)
        return min(1.0, _FROM_OTHERS * _requests(callee) / asked) if asked else 0.0

    def outside(self, service: Service) -> float:
        """The share of a service's requests that no other service sends."""
        return 1 - self.calls(service) * self._asked_by(service) / _requests(service)

    def _asked_by(self, callee: Service) -> float:
        services = self._catalog.services
        return sum(_requests(each) for each in services if callee.id in each.depends_on)


def _requests(service: Service) -> float:
    """In the same unit for all: simulate.world makes a request of every two lines."""
    return float(service.volume.lines_per_minute)
