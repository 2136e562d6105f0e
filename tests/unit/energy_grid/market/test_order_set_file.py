"""Files of order sets: what is written is read again, and anything else is refused in one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from energy_grid.chain.accounts import Account
from energy_grid.domain.batch import Refusal
from energy_grid.domain.batch_clearing import OpenOrder
from energy_grid.domain.orders import OrderTerms, OrderType
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.domain.signed_orders import SignedOrder, trading_domain
from energy_grid.errors import InputError
from energy_grid.market.order_set_file import (
    load_order_set,
    order_set_lines,
    save_order_set,
)
from energy_grid.market.order_sets import Dropped, OrderSet, Seed
from energy_grid.market.signing import sign_order

DOMAIN = trading_domain(31337, "0x" + "11" * 20)
HOUR = Period(kind=PeriodKind.HOURLY, start=3600)
TRADER = Account.local(3)
Change = Callable[[list[dict[str, Any]]], object]


def signed(nonce: int) -> SignedOrder:
    terms = OrderTerms(
        trader=TRADER.address,
        order_type=OrderType.BUY,
        amount=1500,
        price=2**31,
        expiry=3599,
        period=HOUR,
    )
    return sign_order(TRADER, terms, nonce, DOMAIN)


def open_order(order: SignedOrder, wh: int) -> OpenOrder:
    terms = order.terms
    return OpenOrder(
        id=2**200 + order.nonce,
        trader=terms.trader,
        order_type=terms.order_type,
        price=terms.price,
        open_wh=wh,
        signed=order,
    )


PLACED = OpenOrder(id=12, trader=TRADER.address, order_type=OrderType.SELL, price=1000, open_wh=700)
SET = OrderSet(
    period=HOUR,
    price=2**30,
    root=b"r" * 32,
    seed=Seed(block=7, hash=b"s" * 32),
    orders=(PLACED, open_order(signed(0), 1500), open_order(signed(1), 40)),
    dropped=(Dropped(order=open_order(signed(2), 9), reason=Refusal.NONCE_SPENT),),
)


def test_save_order_set__is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text("what was there before")
    save_order_set(path, SET, DOMAIN)
    found = load_order_set(path, DOMAIN)
    assert (found.period, found.price, found.root) == (HOUR, 2**30, b"r" * 32)
    assert found.seed == SET.seed
    assert [(entry.order, entry.open_wh) for entry in found.orders] == [
        (12, 700),
        (signed(0), 1500),
        (signed(1), 40),
    ]
    (dropped,) = found.dropped
    assert (dropped.order, dropped.open_wh, dropped.dropped) == (signed(2), 9, Refusal.NONCE_SPENT)
    assert list(tmp_path.iterdir()) == [path]


def test_order_set_lines__each_is_a_json_object_of_one_order() -> None:
    head, *rest = map(json.loads, order_set_lines(SET, DOMAIN))
    assert (head["orders"], head["dropped"], head["orderSet"]) == (3, 1, f"0x{b'r'.hex() * 32}")
    assert [sorted(line) for line in rest] == [
        ["openWh", "stored"],
        ["openWh", "signed"],
        ["openWh", "signed"],
        ["dropped", "openWh", "signed"],
    ]


def test_save_order_set__no_folder__one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot write"):
        save_order_set(tmp_path / "none" / "set.jsonl", SET, DOMAIN)


def test_load_order_set__no_file_or_nothing_in_it__one_line(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    with pytest.raises(InputError, match="cannot read"):
        load_order_set(path, DOMAIN)
    path.write_text("")
    with pytest.raises(InputError, match="is empty"):
        load_order_set(path, DOMAIN)


def put(line: int, name: str, value: object) -> Change:
    return lambda lines: lines[line].update({name: value})


@pytest.mark.parametrize(
    ("change", "reply"),
    [
        (put(0, "format", 1), "line 1: its format is not 2"),
        (put(0, "chainId", 1), "line 1: it is for 0x1111"),
        (put(0, "chainId", "\x1b[2J"), "line 1: chainId is no whole number"),
        (put(0, "contract", "0x" + "22" * 20), "line 1: it is for 0x2222"),
        (put(0, "contract", "0x22"), "line 1"),
        (put(0, "period", "YEARLY"), "line 1: not the head"),
        (put(0, "start", 3601), "line 1: hourly periods start"),
        (put(0, "start", -3600), "line 1: start is no whole number"),
        (put(0, "price", "1e3"), "line 1: price is no whole number"),
        (put(0, "price", True), "line 1: price is no whole number"),
        (put(0, "price", 2**256), "line 1: price is no whole number"),
        (put(0, "orderSet", "0x12"), "line 1: its orderSet is not 32 bytes"),
        (put(0, "orderSet", "0x" + "g" * 64), "line 1: not the head"),
        (put(0, "seed", "0x" + "12" * 33), "line 1: its seed is not 32 bytes"),
        (put(0, "seedBlock", "x"), "line 1: seedBlock is no whole number"),
        (put(0, "orders", 1_000_001), "line 1: orders is no whole number up to 1000000"),
        (put(0, "orders", 2), "first line announces 2 orders and 1 dropped"),
        (put(0, "orders", 5), "first line announces 5 orders and 1 dropped"),
        (lambda lines: lines.pop(), "first line announces 3 orders and 1 dropped"),
        (lambda lines: lines.append({}), "first line announces 3 orders and 1 dropped"),
        (lambda lines: lines.insert(1, lines.pop()), "dropped orders must come after"),
        (put(4, "dropped", "NO_MOOD"), "line 5: no order"),
        (put(1, "stored", "12.5"), "line 2: stored is no whole number"),
        (put(1, "openWh", -1), "line 2: openWh is no whole number"),
        (put(2, "stored", 12), "line 3: an order is either signed or stored"),
        (put(2, "signed", None), "line 3: a signed order is a JSON object"),
        (put(2, "signed", {}), "line 3"),
        (put(1, "padding", "x" * 40_000), "line 2: longer than 32768 bytes"),
    ],
)
def test_load_order_set__anything_else__is_refused_by_its_line(
    change: Change, reply: str, tmp_path: Path
) -> None:
    lines = [json.loads(line) for line in order_set_lines(SET, DOMAIN)]
    change(lines)
    path = tmp_path / "set.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    with pytest.raises(InputError) as refusal:
        load_order_set(path, DOMAIN)
    assert reply in str(refusal.value)
    assert str(path) in str(refusal.value)


@pytest.mark.parametrize("line", ["{", "[]", "[" * 30_000, "NaN", "\x00", "12"])
def test_load_order_set__no_json_objects__is_refused(line: str, tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text(f"{next(order_set_lines(SET, DOMAIN))}\n{line}\n")
    with pytest.raises(InputError, match="line 2: no JSON"):
        load_order_set(path, DOMAIN)
