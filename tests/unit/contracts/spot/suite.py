"""What the tests of the spot market share: a seller with energy credits, and buyers with money.

Amounts in Wh, money in base units, prices in money per kWh.
"""

from __future__ import annotations

from typing import Any

from eth_utils.crypto import keccak

from tests.model.market import Tariff
from tests.support.core.attack_suite import KWH, REGISTRAR, START, TODAY, Street

__all__ = [
    "AMOUNT",
    "CREDITS",
    "EVER",
    "FUNDS",
    "MOST",
    "NOBODY",
    "PRICE",
    "P",
    "SpotTraders",
    "up",
]

AMOUNT, PRICE = 2_000, 250_000
CREDITS, FUNDS = 10_000_000, 1_000_000_000
MOST, EVER = 2**64 - 1, 2**256 - 1
NOBODY = "0x" + 40 * "0"
P = "PeerToPeerTrading_"
_TARIFF = Tariff(buy=300_000, feed_in=80_000, network_fee=20_000, protocol_fee=7_000)


class SpotTraders(Street):
    """A seller (a producer with credits, and no account yet), a buyer (a consumer with money), a
    rival who is and has both, and a stranger who is nothing. All but the stranger have allowed the
    spot market to take their credits."""

    def __init__(self) -> None:
        super().__init__(_TARIFF, credit=50_000)
        self.spot, self.energy_token = self["PeerToPeerTrading"], self["EnergyToken"]
        for name, money in (("seller", 0), ("buyer", FUNDS), ("rival", FUNDS), ("stranger", 0)):
            self.person(name, money)
        for name in ("seller", "rival"):
            self.register(name, producer=True)
            self.conjure(name, CREDITS)
        for name in ("buyer", "rival"):
            self.register(name, producer=False)

    def register(self, name: str, *, producer: bool) -> None:
        """A confirmed participant of one kind."""
        grid, address = self["GridManagement"], self.at(name)
        if producer:
            grid.registerProducer(10_000, 0, by=address)
        else:
            grid.registerConsumer(10_000, by=address)
        grid.confirmParticipant(address, producer, by=REGISTRAR)
        self.energy_token.approve(self.spot.address, EVER, by=address)

    def conjure(self, name: str, wh: int) -> None:
        """Credits as tokens, out of nowhere. Balances are the first mapping."""
        place = keccak(bytes.fromhex(self.at(name)[2:]).rjust(32, b"\0") + bytes(32))
        self.chain.evm.insert_account_storage(self.energy_token.address, int.from_bytes(place), wh)

    def deactivate(self, name: str, *, producer: bool) -> None:
        """The grid authority ends somebody's dealings as a producer or as a consumer."""
        self["GridManagement"].deactivateParticipant(self.at(name), producer, by=REGISTRAR)

    def reactivate(self, name: str, *, producer: bool) -> None:
        """It undoes that."""
        self["GridManagement"].reactivateParticipant(self.at(name), producer, by=REGISTRAR)

    def incur_debt(self, name: str, wh: int) -> int:
        """Somebody consumes so much in each hour of a day, and more than its money pays; the debt
        in base units."""
        self.connect(name, 4 * wh)
        self.chain.set_time(START)
        self.live({name: [-wh] * 24})
        self.wait()
        self.close(name, day=TODAY)
        debt = int(self["Settlement"].debtOf(self.at(name)))
        assert debt
        return debt

    # Calls

    def offer(self, amount: int = AMOUNT, price: int = PRICE, *, seller: str = "seller") -> int:
        """To everybody; the offer's number."""
        return int(self.spot.createEnergyOffer(amount, price, by=self.at(seller)))

    def trade(
        self,
        amount: int = AMOUNT,
        price: int = PRICE,
        *,
        seller: str = "seller",
        buyer: str = "buyer",
    ) -> int:
        """To one buyer; the trade's number."""
        return int(self.spot.createTrade(self.at(buyer), amount, price, by=self.at(seller)))

    def accept(self, offer: int, amount: int = AMOUNT, *, buyer: str = "buyer") -> int:
        """Buy of an offer; what is paid."""
        return int(self.spot.acceptEnergyOffer(offer, amount, by=self.at(buyer)))

    def complete(self, trade: int, *, buyer: str = "buyer") -> int:
        """Buy what a trade holds; what is paid."""
        return int(self.spot.completeTrade(trade, by=self.at(buyer)))

    def logged(self, event: str) -> list[tuple[Any, ...]]:
        """The values of the last call's events of one name."""
        return [tuple(values.values()) for _, name, values in self.chain.logs if name == event]

    # What is read back

    def energy(self, name: str) -> int:
        """Credits of somebody, as tokens."""
        return int(self.spot.getEnergyBalance(self.at(name)))

    @property
    def held(self) -> int:
        """Credits that the spot market holds."""
        return int(self.energy_token.balanceOf(self.spot.address))

    def money(self, name: str) -> int:
        """Free money, in thousandths."""
        return self.free(self.at(name))


def up(numerator: int) -> int:
    """Thousandths in base units, rounded up."""
    return -(-numerator // KWH)
