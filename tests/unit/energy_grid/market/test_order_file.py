"""Published orders: what is written is read again, and nothing else is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from energy_grid.chain.accounts import Account
from energy_grid.domain.orders import OrderTerms, OrderType
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.domain.signed_orders import MalformedOrderError, SignedOrder, trading_domain
from energy_grid.errors import InputError
from energy_grid.market.order_file import (
    document_of,
    load_orders,
    order_of,
    save_orders,
)
from energy_grid.market.signing import sign_order
from tests.vectors.signed_orders import FILE

TRADER = Account(b"\7" * 32)
CONTRACT = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
DOMAIN = trading_domain(31337, CONTRACT)
TERMS = OrderTerms(
    trader=TRADER.address,
    order_type=OrderType.SELL,
    amount=672 * (2**31 - 1),
    price=2**32 - 1,
    expiry=2**256 - 1,
    period=Period(kind=PeriodKind.WEEKLY, start=1_704_067_200),
)
ORDER = sign_order(TRADER, TERMS, 2**40 - 1, DOMAIN)
OF_WALLET = SignedOrder(terms=TERMS, nonce=0, signature=b"", by_contract=True)


@pytest.mark.parametrize("order", [ORDER, OF_WALLET, replace(OF_WALLET, signature=bytes(8192))])
def test_document__is_read_as_it_was_written(order: SignedOrder) -> None:
    document = json.loads(json.dumps(document_of(order, DOMAIN)))
    assert order_of(document, DOMAIN) == order


def test_document__has_numbers_beyond_2_53_as_text() -> None:
    document = document_of(ORDER, DOMAIN)
    assert document == {
        "format": 1,
        "chainId": 31337,
        "contract": CONTRACT,
        "trader": TRADER.address,
        "side": "SELL",
        "amountWh": 1_443_109_010_784,
        "pricePerKwh": 4_294_967_295,
        "period": "WEEKLY",
        "deliveryStart": 1_704_067_200,
        "validUntil": str(2**256 - 1),
        "nonce": 1_099_511_627_775,
        "signature": f"0x{ORDER.signature.hex()}",
    }
    assert document_of(OF_WALLET, DOMAIN)["byContract"] is True


def test_order_of__numbers_as_text_letters_of_any_case_and_more_fields__is_the_same() -> None:
    document = document_of(ORDER, DOMAIN)
    other = {name: str(value) for name, value in document.items()} | {"note": ["mine"]}
    other |= {"trader": TRADER.address.lower(), "contract": f"0x{CONTRACT[2:].upper()}"}
    assert order_of(other, DOMAIN) == ORDER
    assert order_of(document | {"byContract": False}, DOMAIN) == ORDER


def test_order_of__the_vectors_for_this_market__are_all_that_it_takes() -> None:
    taken = []
    for vector in json.loads(FILE.read_text())["orders"]:
        head = {
            "format": 1,
            "chainId": vector["domain"]["chainId"],
            "contract": vector["domain"]["verifyingContract"],
        }
        document = {**head, **vector["message"], "signature": vector["signature"]}
        try:
            order = order_of(document, DOMAIN)
        except MalformedOrderError:
            continue
        assert document_of(order, DOMAIN) == document
        taken.append(vector["name"])
    assert len(taken) == 10
    assert not {
        "full words, which no order has",
        "numbers that JavaScript would round",
        "another chain",
        "another contract",
    } & set(taken)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"format": 2}, "its format is not 1"),
        ({"format": True}, "format is no whole number"),
        ({"format": None}, "format is no whole number"),
        ({"chainId": 1}, f"it is for {CONTRACT} on chain 1, not for {CONTRACT} on chain 31337"),
        ({"contract": "0x" + "11" * 20}, "it is for 0x1111"),
        ({"contract": CONTRACT[:-1]}, "contract must be an address"),
        ({"trader": CONTRACT.replace("F", "f")}, "has a wrong checksum: a letter of it is wrong"),
        ({"trader": "local:1"}, "trader must be an address"),
        ({"trader": 7}, "trader must be an address"),
        ({"side": "buy"}, "side is none of BUY, SELL"),
        ({"side": 0}, "side is none of BUY, SELL"),
        ({"side": ["BUY"]}, "side is none of BUY, SELL"),
        ({"period": "MONTHLY"}, "period is none of HOURLY, DAILY, WEEKLY, QUARTER_HOURLY"),
        ({"deliveryStart": 1_704_067_201}, "weekly periods start .* not at 2024-01-01 00:00:01"),
        ({"deliveryStart": -1}, "deliveryStart is negative or does not fit 256 bits"),
        ({"amountWh": 0}, "the energy in Wh must be from 1 to 1443109010784, not 0"),
        ({"amountWh": 1_443_109_010_785}, "the energy in Wh must be from 1 to 1443109010784"),
        ({"amountWh": 1.0}, "amountWh is no whole number"),
        ({"amountWh": float("nan")}, "amountWh is no whole number"),
        ({"amountWh": "1.5"}, "amountWh is no whole number"),
        ({"amountWh": "0x10"}, "amountWh is no whole number"),
        ({"amountWh": "01"}, "amountWh is no whole number"),
        ({"amountWh": " 1"}, "amountWh is no whole number"),
        ({"amountWh": "\u0661"}, "amountWh is no whole number"),
        ({"amountWh": "9" * 79}, "amountWh is no whole number"),
        ({"amountWh": "9" * 78}, "amountWh is negative or does not fit 256 bits"),
        ({"amountWh": {}}, "amountWh is no whole number"),
        ({"pricePerKwh": 2**32}, "the price must be from 0 to"),
        ({"validUntil": 2**256}, "validUntil is negative or does not fit 256 bits"),
        ({"nonce": 2**40}, "the nonce must be from 0 to 1099511627775, not 1099511627776"),
        ({"nonce": False}, "nonce is no whole number"),
        ({"signature": None}, "signature must be digits after 0x"),
        ({"signature": "0x0"}, "signature must be digits after 0x"),
        ({"signature": "0x"}, "a key's signature has 64 or 65 bytes, not 0"),
        ({"signature": "0x" + "00" * 65}, "a signature ends with 27 or 28, not 0"),
        ({"signature": "0x" + "00" * 8193}, "signature must be digits after 0x"),
        ({"byContract": "no"}, "byContract is neither true nor false"),
        ({"byContract": None}, "byContract is neither true nor false"),
    ],
)
def test_order_of__anything_else__is_one_error_that_says_what(
    changes: dict[str, Any], says: str
) -> None:
    with pytest.raises(MalformedOrderError, match=says) as refusal:
        order_of(document_of(ORDER, DOMAIN) | changes, DOMAIN)
    assert len(str(refusal.value)) < 200


@pytest.mark.parametrize("field", list(document_of(ORDER, DOMAIN)))
def test_order_of__without_a_field__is_refused(field: str) -> None:
    document = document_of(ORDER, DOMAIN)
    del document[field]
    with pytest.raises(MalformedOrderError, match=field):
        order_of(document, DOMAIN)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(field=st.sampled_from(sorted(document_of(ORDER, DOMAIN))), value=_JSON, whole=_JSON)
@example(field="nonce", value="1" * 5000, whole=[])
def test_order_of__of_any_json__raises_nothing_else(field: str, value: Any, whole: Any) -> None:
    for document in (whole, document_of(ORDER, DOMAIN) | {field: value}):
        try:
            found = order_of(document, DOMAIN)
        except MalformedOrderError:
            continue
        assert order_of(document_of(found, DOMAIN), DOMAIN) == found


# Files


def test_file__holds_orders_in_their_order(tmp_path: Path) -> None:
    path = tmp_path / "orders.json"
    for orders in ([], [ORDER], [OF_WALLET, ORDER, ORDER]):
        save_orders(path, orders, DOMAIN)
        assert load_orders(path, DOMAIN) == orders
        assert len(path.read_text().splitlines()) == max(len(orders), 1) + 2
    assert list(tmp_path.iterdir()) == [path]


def test_file__of_a_single_order__is_a_list_of_one(tmp_path: Path) -> None:
    path = tmp_path / "order.json"
    path.write_text(json.dumps(document_of(ORDER, DOMAIN)))
    assert load_orders(path, DOMAIN) == [ORDER]


def test_file__says_which_order_is_none(tmp_path: Path) -> None:
    path = tmp_path / "orders.json"
    path.write_text(json.dumps([document_of(ORDER, DOMAIN), 7]))
    with pytest.raises(
        MalformedOrderError, match=r"json, order 2: a signed order is a JSON object"
    ):
        load_orders(path, DOMAIN)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff", b"[" * 100_000, b"1" * 10_000, b'{"a": 1} x', "{}".encode("utf-16")[:3]],
    ids=["empty", "open", "no text", "deep", "giant", "more", "cut"],
)
def test_file__that_is_no_json__is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "orders.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"orders\.json is no JSON"):
        load_orders(path, DOMAIN)


def test_file__that_is_too_large__is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "orders.json"
    with path.open("wb") as file:
        file.truncate(2**26 + 1)
    with pytest.raises(InputError, match="is larger than 67108864 bytes"):
        load_orders(path, DOMAIN)


def test_file__that_cannot_be_read_or_written__is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read .*: No such file"):
        load_orders(tmp_path / "orders.json", DOMAIN)
    with pytest.raises(InputError, match=r"cannot read .*: Is a directory"):
        load_orders(tmp_path, DOMAIN)
    with pytest.raises(InputError, match=r"cannot write .*: No such file"):
        save_orders(tmp_path / "none" / "orders.json", [ORDER], DOMAIN)
