"""The commands of signed orders on a deployed market, each as it is typed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from energy_grid.chain.accounts import Account
from energy_grid.chain.roles import Role
from energy_grid.contracts.energy_trading import EnergyTrading
from energy_grid.domain.batch import Batch, Fill
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.domain.preferences import Preference
from energy_grid.domain.signed_orders import SignedOrder, order_hash, trading_domain, typed_data
from energy_grid.domain.typed_data import Domain
from energy_grid.market.batch_calls import settle_batch
from energy_grid.market.order_file import load_orders, save_orders
from energy_grid.market.preference_file import load_preference
from tests.integration.terminal import STRANGER, Terminal, address
from tests.support.market import MONDAY, Market
from tests.support.safes import of_safe

BUYER, SELLER = "local:10", "local:11"
WHO = {who: address(who) for who in (SELLER, BUYER, STRANGER)}
BUY = "order sign buy --amount 1.5 --price 0.25"
SELL = "order sign sell --amount 1 --price 0.2"
HOUR = Period(kind=PeriodKind.HOURLY, start=MONDAY + 3600)
SAYS_BUY = (
    "buy up to 1.5 kWh at no more than 0.25 tUSD/kWh, for the hour from 2024-01-01"
    " 01:00:00 UTC, until 2024-01-01 00:59:59 UTC, nonce"
)


@pytest.fixture
def floor(terminal: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Terminal:
    """A terminal in an empty folder, a buyer with 10 dollars and a seller with 1."""
    monkeypatch.chdir(tmp_path)
    for who, amount in ((BUYER, 10_000_000), (SELLER, 1_000_000)):
        terminal.market.give_money(address(who), amount)
        terminal.market.do(address(who), terminal.market.settlement, "deposit", amount)
    return terminal


def _domain(market: Market) -> Domain:
    return trading_domain(31337, market.trading.address)


def _read(market: Market, file: str = "orders.json") -> list[SignedOrder]:
    return load_orders(Path(file), _domain(market))


def _trade(market: Market, price: int, amount: int) -> None:
    """Let the first buyer and the first seller of the file trade."""
    signed = tuple(sorted(_read(market), key=lambda each: each.sorting_key))
    sides = [each.terms.order_type.name for each in signed]
    batch = Batch(
        period=HOUR,
        price=price,
        order_set=bytes(32),
        signed_orders=signed,
        stored_orders=(),
        fills=(Fill(buy=sides.index("BUY"), sell=sides.index("SELL"), amount=amount),),
    )
    trading = EnergyTrading(market.node, market.trading.address)
    market.send(market.roles[Role.KEEPER], settle_batch(trading, batch, False))


def test_order__signed_shown_and_verified(floor: Terminal) -> None:
    assert floor.says(f"{BUY} --account {BUYER}") == (
        f"Signed by {WHO[BUYER]}: {SAYS_BUY} 0; orders.json has 1 order"
    )
    assert floor.shows("order show orders.json") == f"{WHO[BUYER]}: {SAYS_BUY} 0"
    (order,) = _read(floor.market)
    name = "0x" + order_hash(order.terms, 0, _domain(floor.market)).hex()
    assert floor.shows("order verify orders.json") == (
        f"order {name} trader {address(BUYER)} terms {SAYS_BUY} 0 signature the signature"
        " is its trader's nonce open filled 0 kWh of 1.5 kWh money the rest costs at most 0.375"
        " tUSD, the trader can spend 10 tUSD now can trade now"
    )
    published = json.loads(Path("orders.json").read_text())
    assert published == [
        {
            "format": 1,
            "chainId": 31337,
            "contract": floor.market.trading.address,
            "trader": address(BUYER),
            "side": "BUY",
            "amountWh": 1500,
            "pricePerKwh": 250_000,
            "period": "HOURLY",
            "deliveryStart": MONDAY + 3600,
            "validUntil": MONDAY + 3599,
            "nonce": 0,
            "signature": f"0x{order.signature.hex()}",
        }
    ]
    assert floor.answers("order show orders.json") == [
        {
            "order": published[0],
            "order_hash": name,
            "terms": f"{SAYS_BUY} 0",
            "typed_data": typed_data(order.terms, 0, _domain(floor.market)),
        }
    ]
    assert floor.answers("order verify orders.json") == [
        {
            "order": published[0],
            "order_hash": name,
            "signer": address(BUYER),
            "authentic": True,
            "state": "OPEN",
            "filled_wh": 0,
            "needed": 375_000,
            "available": 10_000_000,
            "refusal": "NONE",
        }
    ]


def test_order_sign__to_any_file_or_none__of_any_period(floor: Terminal) -> None:
    week = "--period weekly --start 2024-01-08T00:00 --until 2024-01-07T12:00 --amount 1.008"
    output = floor.says(f"{SELL} {week} --nonce 7 --out mine.json --account {SELLER}")
    assert output == (
        f"Signed by {WHO[SELLER]}: sell up to 1.008 kWh at no less than 0.2 tUSD/kWh, for"
        " the week from 2024-01-08 00:00:00 UTC, until 2024-01-07 12:00:00 UTC, nonce 7; mine.json"
        " has 1 order"
    )
    printed = json.loads(floor.says(f"{SELL} --json --account {SELLER}"))
    assert not Path("orders.json").exists()
    assert (printed["side"], printed["nonce"], printed["validUntil"]) == ("SELL", 0, MONDAY + 3599)
    both = json.loads(floor.says(f"{SELL} --json --out mine.json --account {SELLER}"))
    assert both == printed
    assert [order.nonce for order in _read(floor.market, "mine.json")] == [7, 0]
    # Alone in a file, without a list around it.
    Path("one.json").write_text(json.dumps(printed))
    assert floor.answers("order verify one.json")[0]["refusal"] == "NONE"


def test_order_sign__nonces__follow_those_of_the_file_and_of_the_chain(floor: Terminal) -> None:
    for nonce in (0, 1, 2, 3):
        assert f"nonce {nonce};" in floor.says(f"{BUY} --account {BUYER}")
    assert "nonce 0;" in floor.says(f"{SELL} --account {SELLER}")
    assert floor.refuses(f"{BUY} --nonce 2 --account {BUYER}", code=2) == (
        f"orders.json has an order of {WHO[BUYER]} with the nonce 2: choose another nonce"
    )
    floor.does(BUYER, "order cancel 4-9,12")
    assert "nonce 10;" in floor.says(f"{BUY} --account {BUYER}")
    assert floor.refuses(f"{BUY} --nonce 12 --account {BUYER}", code=2) == (
        f"the nonce 12 of {WHO[BUYER]} is cancelled: choose another nonce"
    )
    floor.does(BUYER, "order cancel --below 300")
    assert "nonce 300;" in floor.says(f"{BUY} --account {BUYER}")
    assert floor.answers(f"order state {BUYER} 12,299-300") == {
        "trader": address(BUYER),
        "floor": 300,
        "next_free": 300,
        "nonces": {"12": "CANCELLED", "299": "CANCELLED", "300": "OPEN"},
    }
    floor.does(BUYER, f"order cancel --below {2**40 - 1}")
    floor.does(BUYER, f"order cancel {2**40 - 1}")
    refused = floor.refuses(f"{BUY} --out last.json --account {BUYER}")
    assert refused == f"all nonces of {address(BUYER)} are spent"


def test_order_verify__after_a_batch__what_is_left(floor: Terminal) -> None:
    floor.says(f"{BUY} --account {BUYER}")
    floor.says(f"{SELL} --account {SELLER}")
    _trade(floor.market, price=220_000, amount=1000)
    bought, sold = floor.answers("order verify orders.json")
    # 0.22 tUSD for the first kWh, and the seller locks what it may cost beyond that, 0.68.
    assert (bought["state"], bought["filled_wh"], bought["refusal"]) == ("PARTIAL", 1000, "NONE")
    assert (bought["needed"], bought["available"]) == (125_000, 9_780_000)
    assert (sold["state"], sold["filled_wh"], sold["refusal"]) == ("FILLED", 0, "NONCE_SPENT")
    assert (sold["needed"], sold["available"]) == (0, 320_000)
    shown = floor.shows("order verify orders.json")
    assert f"{WHO[BUYER]} 0 buy 1.5 0.25 tUSD/kWh 2024-01-01 01:00:00 UTC partial can" in shown
    assert (
        f"{WHO[SELLER]} 0 sell 1 0.2 tUSD/kWh 2024-01-01 01:00:00 UTC filled nonce-spent" in shown
    )
    assert shown.endswith(
        "nonce-spent its nonce is spent: filled, cancelled or used by another order"
    )
    buy, sell = _read(floor.market)
    save_orders(Path("buy.json"), [buy], _domain(floor.market))
    save_orders(Path("sell.json"), [sell], _domain(floor.market))
    assert "filled 1 kWh of 1.5 kWh money the rest costs" in floor.shows("order verify buy.json")
    assert (
        "filled all of it, or of another order with the nonce money the rest locks a cover of 0"
        in (floor.shows("order verify sell.json"))
    )
    # Another order of the same nonce has come too late.
    floor.says(f"{BUY} --nonce 0 --until 2024-01-01T00:30 --out late.json --account {BUYER}")
    (late,) = floor.answers("order verify late.json")
    assert (late["state"], late["filled_wh"], late["refusal"]) == ("PARTIAL", 0, "NONCE_SPENT")
    assert "filled nothing; another order has used the nonce" in (
        floor.shows("order verify late.json")
    )
    assert floor.shows(f"order state {BUYER} 0-1") == (
        f"trader {address(BUYER)} lowest valid 0: orders with a lower nonce are void next free 1,"
        " unless a signed order that has not traded uses it nonce 0 partial nonce 1 open"
    )


def test_order_verify__each_reason_why_none_can_trade(floor: Terminal) -> None:
    def refusal(file: str = "orders.json") -> str:
        code = 1 if file == "forged.json" else 0
        return str(floor.answers(f"order verify {file}", code)[0]["refusal"])

    market = floor.market
    floor.says(f"order sign buy --amount 40 --price 0.25 --account {BUYER}")
    assert refusal() == "NONE"
    assert "costs at most 10 tUSD, the trader can spend 10" in floor.shows(
        "order verify orders.json"
    )
    floor.says(f"order sign buy --amount 40.004 --price 0.25 --out much.json --account {BUYER}")
    assert refusal("much.json") == "INSUFFICIENT_BALANCE"
    floor.says(f"{BUY} --out nobody.json --account {STRANGER}")
    assert refusal("nobody.json") == "UNKNOWN_ACCOUNT"
    (order,) = _read(market)
    save_orders(Path("forged.json"), [replace(order, nonce=1)], _domain(market))
    assert refusal("forged.json") == "WRONG_SIGNATURE"
    (forged,) = floor.answers("order verify forged.json", 1)
    assert forged["authentic"] is False
    assert f"signature the signature is {forged['signer']}'s, not its trader's" in (
        floor.shows("order verify forged.json", 1)
    )
    # An x with no point on the curve.
    nobody = bytes(31) + b"\5" + order.signature[32:]
    save_orders(Path("forged.json"), [replace(order, signature=nobody)], _domain(market))
    assert "signature the signature is invalid" in floor.shows("order verify forged.json", 1)
    market.do(market.grid.address, market.settlement, "setSideBlocked", address(BUYER), True, True)
    assert refusal() == "SIDE_BLOCKED"
    # The last second before the period, and the first of it.
    floor.says(f"{SELL} --until 2024-01-02T00:00 --out later.json --account {SELLER}")
    market.node.set_time(MONDAY + 3599)
    assert (refusal(), refusal("later.json")) == ("SIDE_BLOCKED", "NONE")
    market.node.set_time(MONDAY + 3600)
    assert (refusal(), refusal("later.json")) == ("EXPIRED", "EXPIRED")
    floor.does(BUYER, "order cancel 0")
    assert refusal() == "NONCE_SPENT"
    assert floor.refuses(f"{BUY} --start 2024-01-01T00:00 --account {BUYER}") == (
        "it is too late: its last second was 2023-12-31 23:59:59 UTC; choose a later period"
    )


def test_order_sign__beyond_the_horizon__says_from_when_it_is_traded(floor: Terminal) -> None:
    assert "traded from" not in floor.says(f"{BUY} --account {BUYER}")
    assert floor.says(f"{BUY} --start 2024-02-01T00:00 --account {BUYER}").endswith(
        "; it is traded from 2024-01-17 01:00:00 UTC on"
    )


def test_order_verify__of_a_contract_wallet__asks_it(floor: Terminal) -> None:
    market = floor.market
    safe, domain = market.roles[Role.GUARDIAN], _domain(market)
    floor.says(f"{SELL} --account {SELLER}")
    (order,) = _read(market)
    terms = replace(order.terms, trader=safe)
    signature = of_safe(
        safe, 31337, order_hash(terms, 3, domain), [Account.local(26), Account.local(28)]
    )
    mine = SignedOrder(terms=terms, nonce=3, signature=signature, by_contract=True)
    save_orders(Path("safe.json"), [mine], domain)
    assert _read(market, "safe.json") == [mine]
    (document,) = floor.answers("order verify safe.json")
    assert document["order"]["byContract"] is True
    assert (document["signer"], document["authentic"], document["refusal"]) == (
        None,
        True,
        "UNKNOWN_ACCOUNT",
    )
    assert "signature its trader, a contract wallet, confirms the signature" in (
        floor.shows("order verify safe.json")
    )
    save_orders(Path("safe.json"), [replace(mine, nonce=4)], domain)
    assert "contract wallet, does not confirm the signature" in floor.shows(
        "order verify safe.json", 1
    )


def test_order_cancel__one_many_or_all_below(floor: Terminal) -> None:
    assert floor.does(BUYER, "order cancel 5") == f"Cancelled nonce 5 of {WHO[BUYER]}"
    assert floor.does(BUYER, "order cancel 7-9,7,111-112") == (
        f"Cancelled 5 nonces of {WHO[BUYER]}"
    )
    cancelled = floor.answers(f"order state {BUYER} 4-9,110-113")["nonces"]
    assert [nonce for nonce, state in cancelled.items() if state == "CANCELLED"] == (
        ["5", "7", "8", "9", "111", "112"]
    )
    assert floor.refuses(f"order cancel 4-5 --account {BUYER}") == (
        f"EnergyTrading: nonce spent (trader {WHO[BUYER]}, nonce 5)"
    )
    assert floor.does(BUYER, "order cancel --below 100") == (
        f"Cancelled all signed orders of {WHO[BUYER]} with nonces below 100"
    )
    assert floor.refuses(f"order cancel --below 100 --account {BUYER}") == (
        f"Settlement: floor not higher (account {WHO[BUYER]}, floor 100, nonce 100)"
    )
    assert floor.refuses(f"order cancel --below 1 --account {STRANGER}") == (
        f"Settlement: this address has no settlement account (account {WHO[STRANGER]}): energy-grid"
        " money deposit opens one"
    )
    for both in ("", "1 --below 5"):
        assert floor.refuses(f"order cancel {both} --account {BUYER}", code=2) == (
            "name the nonces, such as 4,7-9, or a nonce with --below"
        )


def test_order__files_that_are_none_of_this_market__are_refused(floor: Terminal) -> None:
    floor.says(f"{BUY} --account {BUYER}")
    (published,) = json.loads(Path("orders.json").read_text())
    Path("orders.json").write_text(json.dumps([published, published | {"chainId": 1}]))
    contract = floor.market.trading.address
    refusal = (
        f"orders.json, order 2: it is for {contract} on chain 1, not for {contract} on chain 31337"
    )
    assert floor.refuses("order show orders.json", code=2) == refusal
    assert floor.refuses(f"{BUY} --account {BUYER}", code=2) == refusal
    # What only looks at the file tells of the others.
    first, second = floor.answers("order verify orders.json", 1)
    assert (first["refusal"], second) == (
        "NONE",
        {"malformed": refusal.removeprefix("orders.json, ")},
    )
    shown = floor.shows("order verify orders.json", 1)
    assert "now can trade now" in shown
    assert f"malformed: {refusal.removeprefix('orders.json, ')}" in shown
    assert floor.refuses("order verify none.json", code=2) == (
        "cannot read none.json: No such file or directory"
    )
    Path("empty.json").write_text("[]")
    assert floor.shows("order verify empty.json") == "There is no order in empty.json."
    assert floor.shows("order show empty.json") == "There is no order in empty.json."
    nothing = f"order sign buy --amount 0 --price 1 --out new.json --account {BUYER}"
    assert floor.refuses(nothing) == (
        "0 kWh is not whole Wh of a slot: the nearest valid is 0.001 kWh"
    )
    assert not Path("new.json").exists()


def test_prefer__limits__are_signed_and_written(floor: Terminal) -> None:
    limits = "--sell 5 --lowest 0.12 --buy 3 --highest 0.28 --until 2024-02-01T00:00"
    said = floor.says(f"order prefer {limits} --account {SELLER}")
    assert said.startswith(
        f"Signed by {WHO[SELLER]}: sell up to 5 kWh of an hour at no less than 0.12 tUSD/kWh, buy"
        " up to 3 kWh at no more than 0.28 tUSD/kWh, until 2024-02-01 00:00:00 UTC"
    )
    found = load_preference(Path("preference.json"), _domain(floor.market))
    assert found == Preference(
        account=WHO[SELLER],
        sold_wh=5_000,
        lowest_price=120_000,
        bought_wh=3_000,
        highest_price=280_000,
        until=MONDAY + 31 * 86_400,
    )


def test_prefer__json__is_the_file(floor: Terminal) -> None:
    until = "--until 2024-02-01T00:00"
    shown = floor.answers(f"order prefer {until} --out none.json --account {SELLER}")
    assert shown == json.loads(Path("none.json").read_text())
    assert (shown["mostSoldWh"], shown["mostBoughtWh"]) == (0, 0)
