"""Clean producers and their credits, in short: registering, metering, issuing, retiring.

Energy in Wh, credits in g, factors in g CO2e per kWh.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
from tests.support.market import MONDAY, Market, Receipt, actor
from tests.support.settlement import record

__all__ = [
    "FACTOR",
    "HOUR",
    "LEFT_OVER",
    "SLOT",
    "balance",
    "clean_producer",
    "credited",
    "deregister",
    "earn",
    "factors",
    "finish",
    "give_credits",
    "history",
    "issue",
    "logged",
    "own_storage",
    "produce",
    "producer_fields",
    "register",
    "register_producer",
    "retire",
    "set_active",
    "set_factor",
    "transfers",
]

HOUR = 3600
# The slot that runs when a test begins.
SLOT = MONDAY // HOUR
# What the market is deployed with.
FACTOR = 380
NOBODY = "0x" + "00" * 20
LEFT_OVER = "what a household's roof made in 2023"


def register_producer(market: Market, account: LocalAccount, energy_type: int = 0) -> Receipt:
    """In GridManagement, which knows the energy type (0: solar)."""
    return market.do(account, market.grid, "registerProducer", 10_000, energy_type)


def register(market: Market, producer: LocalAccount) -> Receipt:
    """As a clean producer, by the registrar."""
    registrar = market.roles[Role.REGISTRAR]
    return market.do(registrar, market.carbon, "registerCleanEnergyProducer", producer.address)


def deregister(market: Market, producer: LocalAccount) -> Receipt:
    registrar = market.roles[Role.REGISTRAR]
    return market.do(registrar, market.carbon, "deregisterCleanEnergyProducer", producer.address)


def clean_producer(market: Market, name: str = "producer", energy_type: int = 0) -> LocalAccount:
    """A registered clean producer, whose slots count from the next one on."""
    register_producer(market, actor(name), energy_type)
    register(market, actor(name))
    return actor(name)


def set_active(market: Market, producer: LocalAccount, *, active: bool) -> Receipt:
    """Its dealings as a producer, ended or taken up again by the grid authority."""
    authority = market.roles[Role.GRID_AUTHORITY]
    function = "reactivateParticipant" if active else "deactivateParticipant"
    return market.do(authority, market.grid, function, producer.address, True)


def own_storage(market: Market, account: LocalAccount) -> Receipt:
    return market.do(account, market.grid, "registerStorage", 1000, 1000, 1000)


def set_factor(market: Market, grams_per_kwh: int) -> Receipt:
    """By governance, from the next slot on."""
    governance = market.roles[Role.ADMIN]
    return market.do(governance, market.carbon, "setEmissionFactor", grams_per_kwh)


def produce(market: Market, producer: LocalAccount, *wh: int, first: int = SLOT + 1) -> list[int]:
    """Metered production of slots one after the other; their numbers."""
    slots = list(range(first, first + len(wh)))
    for slot, produced in zip(slots, wh, strict=True):
        record(market, producer, slot, produced=produced)
    return slots


def finish(market: Market, slot: int) -> None:
    """Go to the first second in which the slot is final, unless that is past."""
    market.go_to(max(market.now, market.final_at(slot)))


def earn(market: Market, producer: LocalAccount, *wh: int, first: int = SLOT + 1) -> list[int]:
    """As `produce`, and wait until all of them are final."""
    slots = produce(market, producer, *wh, first=first)
    finish(market, slots[-1])
    return slots


def issue(market: Market, producer: LocalAccount, slots: Iterable[int]) -> Receipt:
    """By somebody who has nothing to do with it."""
    return market.do(
        actor("anybody"), market.carbon, "issueCarbonCredits", producer.address, list(slots)
    )


def give_credits(market: Market, holder: LocalAccount, grams: int) -> None:
    """Credits of a producer of their own, transferred to the holder."""
    producer = clean_producer(market, f"producer for {holder.address}")
    first = market.slot(market.now) + 1
    issue(market, producer, earn(market, producer, -(-grams * 1000 // FACTOR), first=first))
    market.do(producer, market.carbon, "transfer", holder.address, grams)


def retire(
    market: Market,
    holder: LocalAccount,
    amount: int,
    beneficiary: LocalAccount | str | None = None,
    reason: str | bytes = LEFT_OVER,
) -> Receipt:
    """For the holder itself, by default."""
    whom = holder if beneficiary is None else beneficiary
    address = whom if isinstance(whom, str) else whom.address
    return market.do(holder, market.carbon, "retire", amount, address, reason)


def balance(market: Market, account: LocalAccount) -> int:
    """By both names."""
    found = int(market.carbon.call("balanceOf", account.address))
    assert market.carbon.call("getCarbonCreditsBalance", account.address) == found
    return found


def credited(market: Market, producer: LocalAccount, slots: Iterable[int]) -> list[bool]:
    return [market.carbon.call("isCredited", producer.address, slot) for slot in slots]


def producer_fields(market: Market, account: LocalAccount) -> tuple[int, int, int]:
    """First slot, first slot no more, milligrams left."""
    first, until, milligrams = market.carbon.call("cleanProducer", account.address)
    return first, until, milligrams


def factors(market: Market, *slots: int) -> list[int]:
    return [market.carbon.call("emissionFactorOf", slot) for slot in slots]


def history(market: Market) -> list[tuple[int, int]]:
    """Every factor with its first slot."""
    count = market.carbon.call("emissionFactorCount")
    return [tuple(market.carbon.call("emissionFactorAt", index)) for index in range(count)]


def logged(market: Market, receipt: Receipt) -> list[tuple[str, dict[str, Any]]]:
    """Every event of the contract in a transaction, in order, by name."""
    return [(event.event, dict(event.arguments)) for event in market.carbon.events(receipt.logs)]


def transfers(sender: LocalAccount | None, to: LocalAccount | None, value: int) -> Any:
    """The ERC-20 event of a transfer; nobody stands for minting and burning."""
    return (
        "Transfer",
        {
            "from": sender.address if sender else NOBODY,
            "to": to.address if to else NOBODY,
            "value": value,
        },
    )
