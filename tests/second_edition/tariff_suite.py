"""Tariffs on a chain beside the model's prices."""

from __future__ import annotations

from tests.model.market import Market, Rules, Tariff
from tests.second_edition.chain import Chain, Deployed

__all__ = ["DAY", "GRID", "HOME", "START", "TariffWorld", "packed", "terms"]

DAY = 86_400
START = 20_000 * DAY + 5_000
GRID = "0x" + 40 * "9"
HOME = b"home".ljust(32, b"\0")
_ADMIN = "0x" + 40 * "a"


def packed(tariff: Tariff) -> tuple[int, int, int, int, int]:
    """A tariff as the contract's struct."""
    fees = tariff.network_fee, tariff.protocol_fee
    return tariff.buy, tariff.feed_in, *fees, tariff.max_factor


def terms(word: int) -> tuple[int, int, int, int, int]:
    """What a TariffWord says, without its day."""
    prices = [word >> 32 * lane & 0xFFFFFFFF for lane in range(4)]
    return prices[0], prices[1], prices[2], prices[3], word >> 128 & 0xFFFF


class TariffWorld:
    """The contract, its model, and who may call."""

    def __init__(
        self, tariff: Tariff, credit_value: int, *, slot: int = 900, max_age: int = 7_200
    ) -> None:
        self.chain = Chain(START)
        self.authority = _ADMIN
        self.manager = self.chain.deploy("AccessManager", _ADMIN)
        self.rules = Rules(slot_seconds=slot, max_buy=600_000_000, max_fee=100_000)
        self.max_age = max_age
        parameters = (slot, max_age, self.rules.max_buy, self.rules.max_fee, self.rules.max_fee)
        self.tariffs: Deployed = self.chain.deploy(
            "Tariffs", self.manager.address, GRID, parameters, HOME, packed(tariff), credit_value
        )
        self.market = Market(self.rules, tariff, credit_value)

    @property
    def now(self) -> int:
        """Unix seconds."""
        return self.chain.now
