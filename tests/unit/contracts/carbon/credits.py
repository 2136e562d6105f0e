"""Clean producers and their credits, in short: registering, metering, issuing, retiring.

Energy in Wh, credits in g, factors in g CO2e per kWh.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
from tests.support.certifying import certified_plant, use_up
from tests.support.market import DAY, MONDAY, Market, Receipt, actor

__all__ = [
    "FACTOR",
    "LEFT_OVER",
    "TODAY",
    "balance",
    "clean_producer",
    "credited",
    "deregister",
    "earn",
    "factors",
    "give_credits",
    "history",
    "issue",
    "logged",
    "own_storage",
    "producer_fields",
    "register",
    "register_producer",
    "retire",
    "set_active",
    "set_factor",
    "transfers",
]

# The day on which a test begins.
TODAY = MONDAY // DAY
# What the market is deployed with.
FACTOR = 380
NOBODY = "0x" + "00" * 20
LEFT_OVER = "what a household's roof made in 2023"


def register_producer(market: Market, account: LocalAccount, energy_type: int = 0) -> None:
    """In GridManagement, which knows the energy type (0: solar); confirmed by the authority."""
    market.do(account, market.grid, "registerProducer", 10_000, energy_type)
    authority = market.roles[Role.GRID_AUTHORITY]
    market.do(authority, market.grid, "confirmParticipant", account.address, True)


def register(market: Market, producer: LocalAccount) -> Receipt:
    """As a clean producer, by the registrar."""
    registrar = market.roles[Role.REGISTRAR]
    return market.do(registrar, market.carbon, "registerCleanEnergyProducer", producer.address)


def deregister(market: Market, producer: LocalAccount) -> Receipt:
    registrar = market.roles[Role.REGISTRAR]
    return market.do(registrar, market.carbon, "deregisterCleanEnergyProducer", producer.address)


def clean_producer(
    market: Market, name: str = "producer", energy_type: int = 0, technology: int | None = None
) -> LocalAccount:
    """A registered clean producer, whose days count from the next one on. Its plant is a device
    of the certificates, and it uses itself what the plant makes."""
    producer = actor(name)
    register_producer(market, producer, energy_type)
    register(market, producer)
    market.register_meter(producer)
    certified_plant(market, producer, energy_type if technology is None else technology)
    return producer


def set_active(market: Market, producer: LocalAccount, *, active: bool) -> Receipt:
    """Its dealings as a producer, ended or taken up again by the grid authority."""
    authority = market.roles[Role.GRID_AUTHORITY]
    function = "reactivateParticipant" if active else "deactivateParticipant"
    return market.do(authority, market.grid, function, producer.address, True)


def own_storage(market: Market, account: LocalAccount) -> Receipt:
    return market.do(account, market.grid, "registerStorage", 1000, 1000, 1000)


def set_factor(market: Market, grams_per_kwh: int) -> Receipt:
    """By governance, from the next day on."""
    governance = market.roles[Role.ADMIN]
    return market.do(governance, market.carbon, "setEmissionFactor", grams_per_kwh)


def earn(market: Market, producer: LocalAccount, *wh: int, first: int = TODAY + 1) -> list[int]:
    """The producer's plant makes so much in the first slot of days one after the other, and the
    producer uses and retires it; the numbers of the retirements, one for each day with any."""
    meter, plant = actor(f"meter of {producer.address}"), actor(f"plant of {producer.address}")
    days = zip(range(first, first + len(wh)), wh, strict=True)
    return [
        number
        for day, made in days
        if (number := use_up(market, producer, meter, plant, day, made))
    ]


def issue(market: Market, account: LocalAccount, retirements: Iterable[int]) -> Receipt:
    """By somebody who has nothing to do with it."""
    return market.do(
        actor("anybody"), market.carbon, "issueCarbonCredits", account.address, list(retirements)
    )


def give_credits(market: Market, holder: LocalAccount, grams: int) -> None:
    """Credits of a producer of their own, transferred to the holder."""
    producer = clean_producer(market, f"producer for {holder.address}")
    first = market.now // DAY + 1
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


def credited(market: Market, retirements: Iterable[int]) -> list[bool]:
    return [market.carbon.call("isCredited", each) for each in retirements]


def producer_fields(market: Market, account: LocalAccount) -> tuple[int, int, int]:
    """First day, first day no more, milligrams left."""
    first, until, milligrams = market.carbon.call("cleanProducer", account.address)
    return first, until, milligrams


def factors(market: Market, *days: int) -> list[int]:
    return [market.carbon.call("emissionFactorOf", day) for day in days]


def history(market: Market) -> list[tuple[int, int]]:
    """Every factor with its first day."""
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
