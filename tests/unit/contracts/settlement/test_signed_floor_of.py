"""signedFloorOf: the lowest nonce of an account that is not void."""

from __future__ import annotations

from tests.support.market import Market, actor
from tests.support.settlement import open_account

PROSUMER, STRANGER = actor("prosumer"), actor("stranger")


def test_signed_floor_of__account__is_zero_at_first_and_what_it_was_raised_to(
    market: Market,
) -> None:
    number = open_account(market, PROSUMER)
    assert market.settlement.call("signedFloorOf", PROSUMER.address) == 0
    for nonce in (3, 2**40 - 1):
        market.do(market.trading.address, market.settlement, "raiseSignedFloor", number, nonce)
        assert market.settlement.call("signedFloorOf", PROSUMER.address) == nonce


def test_signed_floor_of__unknown_account__is_zero(market: Market) -> None:
    number = open_account(market, PROSUMER)
    market.do(market.trading.address, market.settlement, "raiseSignedFloor", number, 9)
    for address in (STRANGER.address, "0x" + "00" * 20):
        assert market.settlement.call("signedFloorOf", address) == 0
