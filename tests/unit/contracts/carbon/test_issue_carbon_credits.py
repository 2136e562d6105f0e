"""CarbonCredits.issueCarbonCredits."""

from __future__ import annotations

from eth_account.signers.local import LocalAccount

from tests.support.market import Market
from tests.unit.contracts.carbon.credits import (
    SLOT,
    balance,
    credited,
    earn,
    issue,
    logged,
    producer_fields,
    transfers,
)


def test_issue__final_slots__grams_to_the_producer(market: Market, producer: LocalAccount) -> None:
    slots = earn(market, producer, 1000, 0, 2501)

    receipt = issue(market, producer, slots)

    # 3501 Wh at 380 g/kWh are 1,330,380 mg.
    assert logged(market, receipt) == [
        (
            "CarbonCreditsIssued",
            {"producer": producer.address, "slots": 2, "energy": 3501, "grams": 1330},
        ),
        transfers(None, producer, 1330),
    ]
    assert balance(market, producer) == 1330
    assert credited(market, producer, slots) == [True, False, True]
    assert producer_fields(market, producer) == (SLOT + 1, 0, 380)
