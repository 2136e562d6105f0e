"""What a prosumer allows an agent to trade: signed once, off the chain.

The numbers are of each hour: how much may be sold and bought, and at which limits. An agent that
has a prosumer's preference signs no order beyond it.
"""

from __future__ import annotations

from dataclasses import dataclass

from energy_grid.domain.orders import MAX_PRICE, MAX_WH, OrderType
from energy_grid.domain.typed_data import Domain, digest
from energy_grid.errors import DomainError

__all__ = ["Preference", "fields_of", "preference_hash"]

_PREFERENCE = (
    "AgentPreference(address account,uint256 mostSoldWh,uint256 lowestPricePerKwh,"
    "uint256 mostBoughtWh,uint256 highestPricePerKwh,uint256 validUntil)"
)
_MAX_TIME = 2**32 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """Of an account.

    Attributes:
        sold_wh, bought_wh: the most of an hour; 0: none.
        lowest_price, highest_price: limits of what is sold and bought, money units per kWh.
        until: no period may end later, Unix seconds.

    Raises:
        DomainError: a number is out of range.
    """

    account: str
    sold_wh: int
    lowest_price: int
    bought_wh: int
    highest_price: int
    until: int

    def __post_init__(self) -> None:
        for name, value, most in (
            ("the most to sell, in Wh,", self.sold_wh, MAX_WH),
            ("the most to buy, in Wh,", self.bought_wh, MAX_WH),
            ("the lowest price", self.lowest_price, MAX_PRICE),
            ("the highest price", self.highest_price, MAX_PRICE),
            ("the end", self.until, _MAX_TIME),
        ):
            if not 0 <= value <= most:
                raise DomainError(f"{name} must be from 0 to {most}, not {value}")

    def limit(self, order_type: OrderType) -> int:
        """The limit price of this side, per kWh."""
        return self.lowest_price if order_type is OrderType.SELL else self.highest_price


def fields_of(preference: Preference) -> dict[str, int | str]:
    """The fields that are signed, by their names."""
    return {
        "account": preference.account,
        "mostSoldWh": preference.sold_wh,
        "lowestPricePerKwh": preference.lowest_price,
        "mostBoughtWh": preference.bought_wh,
        "highestPricePerKwh": preference.highest_price,
        "validUntil": preference.until,
    }


def preference_hash(preference: Preference, domain: Domain) -> bytes:
    """The 32 bytes that a prosumer signs, under the domain of signed orders."""
    return digest(_PREFERENCE, tuple(fields_of(preference).values()), domain)
