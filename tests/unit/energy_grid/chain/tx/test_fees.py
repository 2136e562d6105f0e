"""What is offered for gas."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.chain.tx.fees import GasPrice
from energy_grid.errors import ChainError

GWEI = 10**9
wei = st.integers(0, 10**15)
prices = st.builds(GasPrice, max_fee=wei, tip=wei)


def test_suggested__twice_the_next_base_fee_and_the_tip() -> None:
    history = {"baseFeePerGas": [hex(7 * GWEI), hex(10 * GWEI)]}
    price = GasPrice.suggested(history, hex(GWEI))
    assert price == GasPrice(max_fee=21 * GWEI, tip=GWEI)


def test_suggested__chain_older_than_eip_1559__is_refused() -> None:
    for history in ({}, {"baseFeePerGas": None}, {"baseFeePerGas": []}):
        with pytest.raises(ChainError, match="no base fee"):
            GasPrice.suggested(history, "0x1")


@given(old=prices, suggested=prices)
def test_raised__enough_to_replace__and_never_below_what_is_suggested(
    old: GasPrice, suggested: GasPrice
) -> None:
    new = old.raised(suggested)
    for before, after, now in (
        (old.max_fee, new.max_fee, suggested.max_fee),
        (old.tip, new.tip, suggested.tip),
    ):
        assert after > before
        assert after * 8 >= before * 9
        assert after >= now
        assert after == now or after <= before * 9 // 8 + 1


@given(price=prices, limit=wei)
def test_at_most__never_above(price: GasPrice, limit: int) -> None:
    capped = price.at_most(limit)
    assert max(capped.max_fee, capped.tip) <= max(limit, 0)
    assert price.at_most(10**15) == price
