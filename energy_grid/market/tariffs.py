"""Tariffs of regions by day, and the value of energy credits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from energy_grid.chain.contract import Call
from energy_grid.chain.multicall import next_time
from energy_grid.chain.tx.multisig import Actor
from energy_grid.contracts import events
from energy_grid.contracts.tariffs import Tariff
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.market.plan import Plan
from energy_grid.market.session import Market

__all__ = ["RegionTariffs"]


class RegionTariffs(Market):
    """Prices and fees are base units per kWh, ``max_factor`` is in basis points; days count from
    1970. A change holds from a day beyond the horizon of trades, until the next one."""

    def first_changeable_day(self) -> int:
        """The first day that nothing tradable now belongs to."""
        return -(-(next_time(self.node) + self.tariffs.horizon()) // DAY_SECONDS)

    def schedule_tariff(
        self, who: Actor | str, region: str, *, day: int | None = None, **changes: int
    ) -> Plan[events.Tariffs_TariffSet]:
        """Schedule a tariff, by default for the first possible day.

        Args:
            changes: ``buy``, ``feed_in``, ``network_fee``, ``protocol_fee``, ``max_factor``; what
                is not named stays.
        """
        call = self.prepare_tariff(region, day=day, **changes)
        return self._emitted(who, self.tariffs, events.Tariffs_TariffSet, call)

    def prepare_tariff(self, region: str, *, day: int | None = None, **changes: Any) -> Call:
        """The call of `schedule_tariff`, for governance and the Safe."""
        first = self.first_changeable_day() if day is None else day
        found = replace(self.tariffs.tariff_of(region, first), **changes)
        return self.tariffs.set_tariff(region, found, first)

    def add_region(
        self, who: Actor | str, region: str, tariff: Tariff
    ) -> Plan[events.Tariffs_RegionAdded]:
        """Add a region with its first tariff."""
        call = self.tariffs.add_region(region, tariff)
        return self._emitted(who, self.tariffs, events.Tariffs_RegionAdded, call)

    def schedule_credit_value(
        self, who: Actor | str, value: int, day: int | None = None
    ) -> Plan[events.Tariffs_CreditValueSet]:
        """Schedule a lower value of a kWh of credit, by default for the first possible day."""
        first = self.first_changeable_day() if day is None else day
        call = self.tariffs.set_credit_value(value, first)
        return self._emitted(who, self.tariffs, events.Tariffs_CreditValueSet, call)
