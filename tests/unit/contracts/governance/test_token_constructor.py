"""What the governance token is made with."""

from __future__ import annotations

import pytest

from energy_grid.chain.contract import Contract
from energy_grid.contracts import errors
from tests.support.market import Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.governance.proposals import QUARTER, TOKEN, VOTERS, local_key

FIRST, SECOND = actor("first voter").address, actor("second voter").address
NOBODY = "0x" + "00" * 20


def make(market: Market, cap: int, holders: list[str], amounts: list[int]) -> Contract:
    return market.deploy("GovernanceToken", market.access.address, cap, holders, amounts)


def test_constructor__local_deployment__a_quarter_for_each_voter(
    market: Market, token: Contract
) -> None:
    expected = {
        "name": "Grid Governance",
        "symbol": "GGT",
        "decimals": 18,
        "totalSupply": 4 * QUARTER,
        "cap": 10_000_000 * TOKEN,
        "authority": market.access.address,
        "clock": market.now,
        "CLOCK_MODE": "mode=timestamp",
        "isConsumingScheduledOp": bytes(4),
    }
    assert {name: token.call(name) for name in expected} == expected
    for number in VOTERS:
        voter = local_key(number).address
        assert token.call("balanceOf", voter) == QUARTER
        assert token.call("delegates", voter) == voter
        assert token.call("getVotes", voter) == QUARTER


@pytest.mark.parametrize("amounts", [[], [1], [1, 2, 3]])
def test_constructor__other_numbers_of_amounts__refused(market: Market, amounts: list[int]) -> None:
    with refused(errors.GovernanceToken_LengthMismatch, holders=2, amounts=len(amounts)):
        make(market, 10, [FIRST, SECOND], amounts)


def test_constructor__no_cap__refused(market: Market) -> None:
    with refused(errors.ERC20InvalidCap, cap=0):
        make(market, 0, [], [])


def test_constructor__more_than_the_cap__refused(market: Market) -> None:
    assert make(market, 10, [FIRST, SECOND], [4, 6]).call("totalSupply") == 10
    with refused(errors.ERC20ExceededCap, increased_supply=11, cap=10):
        make(market, 10, [FIRST, SECOND], [4, 7])


def test_constructor__nobody_as_a_holder__refused(market: Market) -> None:
    with refused(errors.ERC20InvalidReceiver, receiver=NOBODY):
        make(market, 10, [NOBODY], [1])


def test_constructor__nobody_holds_any__mints_nothing(market: Market) -> None:
    assert make(market, 10, [], []).call("totalSupply") == 0
