"""Packed words of accounts and readings, field by field."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from energy_grid.domain.account_words import (
    account_state,
    account_terms,
    closed_number,
    day_result,
    day_words,
    owed,
    reading,
)


def _bits(width: int) -> st.SearchStrategy[int]:
    return st.integers(0, 2**width - 1)


def _signed(width: int) -> st.SearchStrategy[int]:
    return st.integers(-(2 ** (width - 1)), 2 ** (width - 1) - 1)


@given(_bits(88), _bits(40), _bits(16), _bits(40), _bits(40), _bits(16), _bits(6), _bits(10))
def test_account_state__as_the_chain_packs_it(
    free: int, credits: int, day: int, deemed: int, floor: int, since: int, flags: int, reach: int
) -> None:
    keeps, after, owes, no_buy, no_sell, by_gateway = (bool(flags >> at & 1) for at in range(6))
    word = free | credits << 88 | day << 128 | deemed << 144 | floor << 184
    word |= keeps << 224 | after << 225 | since << 226
    word |= owes << 242 | no_buy << 243 | no_sell << 244 | by_gateway << 245 | reach << 246
    state = account_state(word)
    assert (state.free, state.credits, state.day, state.deemed) == (free, credits, day, deemed)
    assert (state.signed_floor, state.keeps, state.next_keeps) == (floor, keeps, after)
    assert (state.keeps_from, state.may_buy, state.may_sell) == (since, not no_buy, not no_sell)
    assert state.by_gateway == by_gateway
    assert (state.keeps_on(since - 1), state.keeps_on(since)) == (keeps, after)


@given(_bits(88), _bits(88))
def test_owed__as_the_chain_packs_it(debt: int, receivable: int) -> None:
    found = owed(debt | receivable << 88)
    assert (found.debt, found.receivable) == (debt, receivable)


@given(_signed(100), _signed(40), _signed(44), _bits(40), st.tuples(*[_bits(40)] * 6))
def test_day_result__as_the_chain_packs_it(
    money: int, net: int, position: int, deemed: int, flows: tuple[int, ...]
) -> None:
    closed = money % 2**100 | net % 2**40 << 100 | position % 2**44 << 140 | deemed << 184
    closed |= 7 << 224
    assert closed_number(closed) == 7
    places = (0, 40, 80, 128, 168, 208)
    found = day_result(closed, sum(each << at for each, at in zip(flows, places, strict=True)))
    assert (found.money, found.net, found.position, found.deemed) == (money, net, position, deemed)
    packed = (found.given, found.kept, found.fed_in, found.taken, found.drawn, found.from_grid)
    assert packed == flows
    assert day_words(7, found) == (
        *(closed, sum(each << at for each, at in zip(flows, places, strict=True))),
    )


@given(st.tuples(*[_bits(16)] * 6), _bits(32), st.tuples(_bits(24), _bits(24)), *[_bits(32)] * 2)
def test_account_terms__as_the_chain_packs_it(
    days: tuple[int, ...], power: int, communities: tuple[int, int], late_to: int, rest: int
) -> None:
    first, end, *reaches, from_day = days
    word = 7 | first << 16 | end << 32 | power << 48 | communities[0] << 128
    word |= sum(each << 80 + 16 * at for at, each in enumerate(reaches))
    word |= communities[1] << 152 | from_day << 176 | late_to << 192 | rest << 224
    terms = account_terms(word)
    assert (terms.first_day, terms.end_day, terms.rated_power) == (first, end, power)
    assert (terms.reach, terms.late_to, terms.unread_days) == (max(reaches), late_to, rest & 255)
    assert terms.has_open_money == bool(rest >> 24 & 1)
    assert [terms.community_on(each) for each in (from_day - 1, from_day)] == [*communities]
    bounds = [terms.is_metered(each) for each in (first - 1, first, end - 1, end)]
    assert bounds == [False, first < end, first < end, False]


def test_reading__as_the_chain_packs_it() -> None:
    word = 1_704_067_200 | 123_456 << 32 | 2**48 - 1 << 80 | 2301 << 128 | 502 << 142
    found = reading(word)
    assert (found.timestamp, found.consumption, found.production) == (
        1_704_067_200,
        123_456,
        2**48 - 1,
    )
    assert (found.grid_frequency, found.voltage) == (5002, 2301)


def test_reading__of_given_registers__has_no_frequency() -> None:
    assert reading(1_704_067_200 | 5 << 32).grid_frequency == 0
