"""Words of trading, as contracts/types packs them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from energy_grid.domain.trading_words import TradingState, fees_of, trading_state


@given(
    st.integers(0, 2**16 - 1),
    st.integers(0, 2**16 - 1),
    st.integers(0, 2**16 - 1),
    st.integers(0, 2),
    st.integers(0, 2**96 - 1),
)
def test_trading_state__of_every_word__is_what_was_packed(
    start: int, end: int, region: int, refusal: int, pending: int
) -> None:
    word = region | start << 16 | end << 32 | refusal << 48 | pending << 56
    assert trading_state(word) == TradingState(
        first_day=start,
        end_day=end,
        region=region,
        gap_open=refusal == 1,
        pending=pending,
    )


def test_fees_of__both_fees_of_a_tariff_and_nothing_else() -> None:
    buy, feed_in, network, protocol, factor = 300_000, 80_000, 2**32 - 1, 7, 30_000
    word = buy | feed_in << 32 | network << 64 | protocol << 96 | factor << 128
    assert fees_of(word) == network + protocol
