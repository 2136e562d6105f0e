"""Votes of the governance token at a moment"""

from __future__ import annotations

import pytest

from energy_grid.chain.contract import Contract
from energy_grid.contracts import errors
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.governance.proposals import QUARTER, local_key

HOLDER, BUYER = local_key(5), actor("buyer of votes")
START = MONDAY + 1000


@pytest.fixture
def history(market: Market, token: Contract) -> list[tuple[int, int, int]]:
    """Seconds, and the votes of HOLDER and BUYER from then on."""
    part = QUARTER // 4
    market.at(START + 10).do(BUYER, token, "delegate", BUYER.address)
    market.at(START + 20).do(HOLDER, token, "transfer", BUYER.address, part)
    market.at(START + 30).do(BUYER, token, "transfer", HOLDER.address, part - 1)
    return [
        (START, QUARTER, 0),
        (START + 10, QUARTER, 0),
        (START + 20, QUARTER - part, part),
        (START + 30, QUARTER - 1, 1),
    ]


def test_get_past_votes__between_moves__as_they_stood(
    market: Market, token: Contract, history: list[tuple[int, int, int]]
) -> None:
    market.go_to(START + 100)
    ends = [moment for moment, _, _ in history[1:]] + [START + 99]
    for (since, holder, buyer), end in zip(history, ends, strict=True):
        for moment in {since, max(since, end - 1)}:
            assert token.call("getPastVotes", HOLDER.address, moment) == holder
            assert token.call("getPastVotes", BUYER.address, moment) == buyer
            assert token.call("getPastTotalSupply", moment) == 4 * QUARTER
    assert token.call("getVotes", HOLDER.address) == QUARTER - 1


def test_checkpoints__one_for_each_second_of_change(
    token: Contract, history: list[tuple[int, int, int]]
) -> None:
    assert token.call("numCheckpoints", HOLDER.address) == 3
    (_, at_first), *found = [
        tuple(token.call("checkpoints", HOLDER.address, place)) for place in range(3)
    ]
    assert at_first == QUARTER
    assert found == [(START + 20, history[2][1]), (START + 30, QUARTER - 1)]


@pytest.mark.parametrize("function", ["getPastVotes", "getPastTotalSupply"])
@pytest.mark.parametrize("ahead", [0, 1, 2**256 - 1 - MONDAY])
def test_get_past__now_and_later__refused(
    market: Market, token: Contract, function: str, ahead: int
) -> None:
    """The running second may still change."""
    who = [HOLDER.address] if function == "getPastVotes" else []
    moment = min(market.now + ahead, 2**256 - 1)
    with refused(errors.ERC5805FutureLookup, timepoint=moment, clock=market.now):
        token.call(function, *who, moment)
    assert token.call(function, *who, market.now - 1) == (1 if who else 4) * QUARTER


def test_get_past_total_supply__minted__counts_from_then(
    market: Market, token: Contract, governance: str
) -> None:
    market.at(START).do(governance, token, "mint", BUYER.address, 7)
    market.go_to(START + 1)
    supply = [token.call("getPastTotalSupply", moment) for moment in (START - 1, START)]
    assert supply == [4 * QUARTER, 4 * QUARTER + 7]


def test_votes__not_delegated__count_for_nobody(market: Market, token: Contract) -> None:
    market.do(HOLDER, token, "transfer", BUYER.address, 5)
    assert token.call("getVotes", HOLDER.address) == QUARTER - 5
    assert token.call("getVotes", BUYER.address) == 0
    assert token.call("numCheckpoints", BUYER.address) == 0
