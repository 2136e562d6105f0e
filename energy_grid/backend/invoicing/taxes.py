"""Taxes that statements name: what they come to is written down, and nobody collects it here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from energy_grid.api.models import StatementLine

__all__ = ["Tax", "tax_lines"]

_BPS = 10_000
_ENERGY = {
    "taken": frozenset(("grid", "bank", "shared_taken", "bought")),
    "given": frozenset(("fed_in", "shared_given", "sold")),
}
_FEES = frozenset(("network_fee", "protocol_fee"))


class Tax(BaseModel):
    """A ``[[taxes]]`` of the configuration.

    Attributes:
        basis_points: of the money of the energy; what is taken with its fees.
        per_kwh: base units of the coin.
        on: energy that a statement's accounts have taken, or given.
        to: whose statements have it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=60)
    basis_points: int = Field(default=0, ge=0, le=100_000)
    per_kwh: int = Field(default=0, ge=0)
    on: Literal["taken", "given"] = "taken"
    to: frozenset[Literal["household", "community", "operator"]] = frozenset(("household",))

    @model_validator(mode="after")
    def _has_a_rate(self) -> Self:
        if bool(self.basis_points) == bool(self.per_kwh):
            raise ValueError("give a tax either basis_points or per_kwh")
        return self


def tax_lines(
    taxes: Sequence[Tax], whose: str, lines: Iterable[StatementLine]
) -> list[StatementLine]:
    """What taxes come to, as lines; a part of a thousandth is left out.

    Args:
        whose: the kind of statement: household, community or operator.
        lines: of energy and its fees.
    """
    lines = list(lines)
    return [_line(tax, lines) for tax in taxes if whose in tax.to]


def _line(tax: Tax, lines: Sequence[StatementLine]) -> StatementLine:
    of_energy = [each for each in lines if each.kind in _ENERGY[tax.on]]
    wh = sum(each.energy_wh or 0 for each in of_energy)
    paid = [*of_energy, *(each for each in lines if tax.on == "taken" and each.kind in _FEES)]
    money = abs(sum(each.money_thousandths for each in paid))
    due = wh * tax.per_kwh if tax.per_kwh else money * tax.basis_points // _BPS
    return StatementLine(
        kind="tax",
        name=tax.name,
        of_month=None,
        price_per_kwh=tax.per_kwh or None,
        energy_wh=wh,
        money_thousandths=-due,
    )
