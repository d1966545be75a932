"""What keeping log lines costs in a month, and what it may cost."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from catalog.base import Model, Sourced
from catalog.scalars import Identifier, MisfitError, Title

#: An ISO 4217 code.
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Amount = Annotated[float, Field(gt=0)]

#: Prices are for decimal gigabytes, as clouds quote them.
GIGABYTE = 10**9


class Item(Model):
    """One line of the bill: a fixed sum a month, or a price for each gigabyte that comes in.

    ``per_gigabyte`` is what one gigabyte of lines, before compression, costs over all the time
    that it is kept.
    """

    id: Identifier
    title: Title
    monthly: Amount | None = None
    per_gigabyte: Amount | None = None

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Item:
        if (self.monthly is None) == (self.per_gigabyte is None):
            raise MisfitError(
                "has neither a 'monthly' sum nor a price 'per_gigabyte'"
                if self.monthly is None
                else "has a 'monthly' sum and a price 'per_gigabyte'",
                "Give it one of the two; what has both is two items",
            )
        return self


class Spending(Sourced):
    """The bill for one cluster's log lines, and the budget that it is held against."""

    currency: Currency
    monthly_budget: Amount
    items: Annotated[tuple[Item, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _items_are_told_apart(self) -> Spending:
        ids = [item.id for item in self.items]
        for index, identifier in enumerate(ids):
            if identifier in ids[:index]:
                raise MisfitError(
                    f"is '{identifier}', as an item above is", "Choose another id", "items", index
                )
        return self

    @property
    def fixed(self) -> float:
        """What a month costs without a single line."""
        return sum(item.monthly or 0 for item in self.items)

    @property
    def per_byte(self) -> float:
        """What each byte costs that comes in."""
        return sum(item.per_gigabyte or 0 for item in self.items) / GIGABYTE
