"""Signed orders: their hash against eth-account and the committed vectors, and their signatures."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from eth_account.messages import _hash_eip191_message, encode_typed_data
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.domain.orders import OrderTerms, OrderType
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.domain.signed_orders import (
    MAX_NONCE,
    MalformedOrderError,
    SignedOrder,
    check_order,
    compact,
    fields_of,
    order_hash,
    trading_domain,
    typed_data,
)
from energy_grid.domain.typed_data import Domain, joined, separator
from energy_grid.errors import DomainError, InputError
from tests.vectors.signed_orders import FILE, made

VECTORS = json.loads(FILE.read_text())
ORDERS = VECTORS["orders"]
TRADER, OTHER = "0x" + "11" * 20, "0x" + "12" * 20
DOMAIN = trading_domain(31337, OTHER)
HOUR = Period(kind=PeriodKind.HOURLY, start=1_704_070_800)
TERMS = OrderTerms(
    trader=TRADER,
    order_type=OrderType.BUY,
    amount=1500,
    price=250_000,
    expiry=1_704_074_399,
    period=HOUR,
)
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
words = st.integers(0, 2**256 - 1)


def _of_vector(vector: dict[str, Any]) -> tuple[OrderTerms, int, Domain]:
    fields, domain = vector["message"], vector["domain"]
    terms = OrderTerms(
        trader=fields["trader"],
        order_type=OrderType[fields["side"]],
        amount=int(fields["amountWh"]),
        price=int(fields["pricePerKwh"]),
        expiry=int(fields["validUntil"]),
        period=Period(kind=PeriodKind[fields["period"]], start=int(fields["deliveryStart"])),
    )
    place = trading_domain(domain["chainId"], domain["verifyingContract"])
    return terms, int(fields["nonce"]), place


def _word(number: int) -> bytes:
    return number.to_bytes(32, "big")


def test_vectors__are_as_eth_account_makes_them() -> None:
    assert made() == VECTORS


@pytest.mark.parametrize("vector", ORDERS, ids=lambda vector: vector["name"])
def test_order_hash__of_every_vector__is_its_digest(vector: dict[str, Any]) -> None:
    terms, nonce, domain = _of_vector(vector)
    struct = bytes.fromhex(vector["structHash"][2:])
    assert f"0x{separator(domain).hex()}" == vector["domainSeparator"]
    assert f"0x{order_hash(terms, nonce, domain).hex()}" == vector["digest"]
    assert joined(separator(domain), struct) == order_hash(terms, nonce, domain)
    assert typed_data(terms, nonce, domain) == {
        "types": VECTORS["types"],
        "primaryType": VECTORS["primaryType"],
        "domain": vector["domain"],
        "message": vector["message"],
    }


@pytest.mark.parametrize("vector", ORDERS, ids=lambda vector: vector["name"])
def test_signature__of_every_vector__has_one_compact_form(vector: dict[str, Any]) -> None:
    long, r, vs = (bytes.fromhex(vector[name][2:]) for name in ("signature", "r", "vs"))
    assert compact(long) == compact(r + vs) == (r, vs)


@given(
    side=st.sampled_from(OrderType),
    kind=st.sampled_from(PeriodKind),
    numbers=st.tuples(words, words, words, words, words),
    chain=words,
)
def test_order_hash__of_any_order__is_that_of_eth_account(
    side: OrderType, kind: PeriodKind, numbers: tuple[int, int, int, int, int], chain: int
) -> None:
    amount, price, expiry, nonce, time = numbers
    terms = OrderTerms(
        trader=TRADER,
        order_type=side,
        amount=amount,
        price=price,
        expiry=expiry,
        period=Period.current(kind, max(time, 4 * 86_400)),
    )
    domain = trading_domain(chain, OTHER)
    message = encode_typed_data(full_message=typed_data(terms, nonce, domain))
    assert order_hash(terms, nonce, domain) == _hash_eip191_message(message)


def test_order_hash__every_field_and_all_of_the_domain_count() -> None:
    later = replace(HOUR, start=HOUR.start + 3600)
    # A day and a week can begin at one time.
    monday = 1_704_067_200
    hashes = [
        order_hash(terms, nonce, domain)
        for terms, nonce, domain in (
            (TERMS, 7, DOMAIN),
            (TERMS, 8, DOMAIN),
            (replace(TERMS, trader=OTHER), 7, DOMAIN),
            (replace(TERMS, order_type=OrderType.SELL), 7, DOMAIN),
            (replace(TERMS, amount=1501), 7, DOMAIN),
            (replace(TERMS, price=250_001), 7, DOMAIN),
            (replace(TERMS, expiry=TERMS.expiry - 1), 7, DOMAIN),
            (replace(TERMS, period=later), 7, DOMAIN),
            *(
                (replace(TERMS, period=Period(kind=kind, start=monday)), 7, DOMAIN)
                for kind in PeriodKind
            ),
            (TERMS, 7, replace(DOMAIN, name="EnergyGrid SmartMeter")),
            (TERMS, 7, replace(DOMAIN, version="2")),
            (TERMS, 7, replace(DOMAIN, chain_id=1)),
            (TERMS, 7, replace(DOMAIN, verifying_contract=TRADER)),
        )
    ]
    assert len(set(hashes)) == len(hashes) == 16


@pytest.mark.parametrize("amount", [-1, 2**256])
def test_order_hash__of_what_fits_no_word__is_refused(amount: int) -> None:
    with pytest.raises(InputError, match="does not fit 256 bits"):
        order_hash(replace(TERMS, amount=amount), 0, DOMAIN)


def test_fields__beyond_2_53__are_decimal_strings() -> None:
    fields = fields_of(replace(TERMS, amount=2**53 - 1, price=2**53), MAX_NONCE)
    assert fields["amountWh"] == 2**53 - 1
    assert fields["pricePerKwh"] == "9007199254740992"
    assert fields["nonce"] == 2**40 - 1


@pytest.mark.parametrize(
    ("field", "least", "most"),
    [("amount", 1, 4 * (2**31 - 1)), ("price", 0, 2**32 - 1), ("expiry", 0, 2**256 - 1)],
)
def test_check_order__takes_what_the_market_has_room_for(field: str, least: int, most: int) -> None:
    for value in (least, most):
        check_order(replace(TERMS, **{field: value}), 0)
    for value in (least - 1, most + 1):
        with pytest.raises(DomainError, match=f"must be from {least} to {most}, not {value}"):
            check_order(replace(TERMS, **{field: value}), 0)


def test_check_order__nonces_have_40_bits() -> None:
    check_order(TERMS, MAX_NONCE)
    for nonce in (-1, 2**40):
        with pytest.raises(DomainError, match="the nonce must be from 0 to 1099511627775"):
            check_order(TERMS, nonce)


def test_sorting_key__by_trader_as_a_number_then_by_nonce() -> None:
    def order(trader: str, nonce: int) -> SignedOrder:
        return SignedOrder(terms=replace(TERMS, trader=trader), nonce=nonce, signature=b"")

    lower, upper = "0x" + "aB" * 20, "0x" + "Ac" * 20
    found = sorted(
        [order(upper, 0), order(lower, 10), order(lower, 9)], key=lambda each: each.sorting_key
    )
    assert found == [order(lower, 9), order(lower, 10), order(upper, 0)]


# Signatures


@pytest.mark.parametrize("s", [1, N // 2])
@pytest.mark.parametrize("r", [1, N - 1])
@pytest.mark.parametrize("v", [27, 28])
def test_compact__puts_the_parity_into_the_highest_bit_of_s(r: int, s: int, v: int) -> None:
    long = _word(r) + _word(s) + bytes([v])
    assert compact(long) == (_word(r), _word(s | (v - 27) << 255))


@pytest.mark.parametrize("s", [0, N // 2 + 1, 2**255 - 1])
def test_compact__high_s_or_none__is_refused(s: int) -> None:
    for signature in (_word(1) + _word(s) + b"\x1b", _word(1) + _word(s)):
        with pytest.raises(MalformedOrderError, match="r or s of the signature is out of range"):
            compact(signature)


@pytest.mark.parametrize("vector", ORDERS, ids=lambda vector: vector["name"])
def test_compact__the_other_of_two_signatures__is_refused(vector: dict[str, Any]) -> None:
    long = bytes.fromhex(vector["signature"][2:])
    other = _word(N - int.from_bytes(long[32:64], "big"))
    with pytest.raises(MalformedOrderError, match="out of range"):
        compact(long[:32] + other + bytes([27 + 28 - long[64]]))


@pytest.mark.parametrize("r", [0, N, 2**256 - 1])
def test_compact__r_of_no_point__is_refused(r: int) -> None:
    for signature in (_word(r) + _word(1) + b"\x1b", _word(r) + _word(1)):
        with pytest.raises(MalformedOrderError, match="out of range"):
            compact(signature)


@pytest.mark.parametrize("v", [0, 1, 26, 29, 255])
def test_compact__last_byte_other_than_27_or_28__is_refused(v: int) -> None:
    with pytest.raises(MalformedOrderError, match=f"ends with 27 or 28, not {v}"):
        compact(_word(1) + _word(1) + bytes([v]))


@pytest.mark.parametrize("length", [0, 63, 66, 130])
def test_compact__other_length__is_refused(length: int) -> None:
    with pytest.raises(MalformedOrderError, match=f"has 64 or 65 bytes, not {length}"):
        compact(b"\x01" * length)
