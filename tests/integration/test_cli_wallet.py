"""The commands that show what an account has, and what the market is, on a deployed market."""

from __future__ import annotations

from pathlib import Path

import pytest

from energy_grid.chain.roles import PERMISSIONS, Role
from energy_grid.cli.answers import as_document
from energy_grid.market.grid_bands import bands_called
from tests.integration.terminal import (
    AUTHORITY,
    OPERATOR,
    REGISTRAR,
    STRANGER,
    Terminal,
    address,
    wallet,
)
from tests.support.certifying import certified_plant, use_up
from tests.support.market import MONDAY

# The operator's account holds votes besides.
SELLER, BUYER, METER = OPERATOR, "local:11", "local:12"
WHO = {who: address(who) for who in (SELLER, BUYER, STRANGER)}
HOUR, DAY = 3600, 86_400
TUESDAY = MONDAY + DAY
SLOT = MONDAY // HOUR
PLANT = "--type solar --capacity 9.8kW --commissioned 2023-05-01 --cost 12000"
TABLES = ["orders", "slots", "offers", "spot-trades", "shares", "credits", "trades"]


@pytest.fixture
def lived(terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal, and a seller and a buyer who have done everything once."""
    monkeypatch.chdir(tmp_path)
    does = terminal.does
    for who in (SELLER, BUYER):
        does(who, "money faucet --amount 100")
        does(who, "money deposit --amount 40")
    does(SELLER, "participant register-producer --capacity 10 --type solar")
    does(BUYER, "participant register-consumer --limit 10")
    does(AUTHORITY, f"participant confirm {SELLER} producer")
    does(AUTHORITY, f"participant confirm {BUYER} consumer")
    does(SELLER, "credit keep on")
    register = f"meter register {SELLER} --key {METER} --region home --power 10kW"
    does(REGISTRAR, f"{register} --holder {SELLER}")
    # The meter bills from Tuesday on; its first register is read at midnight.
    market = terminal.market
    market.go_to(TUESDAY)
    does(METER, "meter submit --import 0 --time 2024-01-02T00:00")
    does(SELLER, "book place sell --amount 2 --price 0.2")
    does(BUYER, "book place buy --amount 1.5 --price 0.3")
    does(BUYER, "book place buy --amount 2.4 --price 0.1 --period daily")
    does(STRANGER, "book match 2 1")
    for hour, exported in ((1, 0), (2, 3)):
        market.go_to(TUESDAY + hour * HOUR)
        submit = f"meter submit --import 0 --export {exported} --time"
        does(METER, f"{submit} 2024-01-02T0{hour}:00")
    market.go_to(TUESDAY + DAY + market.grace)
    market.measure(wallet(METER), *[(0, 0)] * 22)
    does(STRANGER, f"day close {SELLER} {BUYER}")
    does(SELLER, "book place sell --amount 1 --price 0.2")
    does(BUYER, "book place buy --amount 1 --price 0.2")
    does(STRANGER, "book match 5 4")
    does(SELLER, "credit withdraw --amount 1.5")
    does(SELLER, "offer create --amount 1 --price 0.25")
    does(BUYER, "offer accept 1 --amount 0.25")
    does(SELLER, f"offer to {BUYER} --amount 0.5 --price 0.2")
    for name in ("Roof", "Garage"):
        does(REGISTRAR, f"asset mint {SELLER} {name} NORTH {PLANT}")
    does(SELLER, "asset share 1 --shares 1000 --name Roof --symbol ROOF")
    does(SELLER, f"asset shares send 1 {BUYER} --count 250")
    does(SELLER, "asset shares revenue 1 --amount 10")
    does(SELLER, "govern delegate")
    return terminal


def test_wallet__everything_on_one_page(lived: Terminal) -> None:
    document = lived.answers(f"wallet show {SELLER}")
    assert int(document.pop("native_wei")) > 999 * 10**18
    (order,) = document.pop("orders")
    assert (order["order_id"], order["remaining"], order["status"]) == (1, 500, "ACTIVE")
    day, _ = document.pop("days")
    assert (day["day"], day["net"], day["position"], day["kept"]) == (
        "2024-01-02",
        3000,
        -1500,
        1500,
    )
    (waits,) = document.pop("trades")
    assert (waits["trade_id"], waits["amount"], waits["status"]) == (2, 1000, "MATCHED")
    (offer,) = document.pop("offers")
    assert (offer["offer_id"], offer["remaining"], offer["status"]) == (1, 750, "OPEN")
    (trade,) = document.pop("spot_trades")
    assert (trade["spot_trade_id"], trade["buyer"], trade["status"]) == (
        1,
        address(BUYER),
        "PENDING",
    )
    (meter,) = document.pop("meters")
    assert (meter["meter_id"], meter["key"], meter["latest"]["production"]) == (
        1,
        address(METER),
        3000,
    )
    (plant,) = document.pop("assets")
    assert (plant["asset_id"], plant["terms"]["name"]) == (2, "Garage")
    (share,) = document.pop("shares")
    assert share.pop("address").startswith("0x")
    assert share == {
        "asset_id": 1,
        "symbol": "ROOF",
        "state": "HELD",
        "shares": 750,
        "count": 1000,
        "claimable": 7_500_000,
        "refund": 0,
        "accepted_buyout_id": None,
    }
    assert document == {
        "account": address(SELLER),
        "wallet": 50_000_000,
        # What the open days may cost is not available: 30 kWh a day at the dearest price.
        "balance": 29_312_500,
        "available": 29_312_500 - 27_000_000,
        "income": 200_000,
        "cover": 700_000,
        "security": 10_000_000,
        "receivable": 0,
        "debt": 0,
        "queued": [],
        "participation": {
            "producer": {
                "capacity": 10_000,
                "current_production": 0,
                "total_produced": 0,
                "energy_type": "SOLAR",
                "active": True,
                "reputation": 100,
                "confirmation": "AUTHORITY",
            },
            "consumer": None,
            "storage": None,
        },
        "energy_credits": 0,
        "energy_tokens": 0,
        "signed": {"floor": 0, "next_free": 0},
        "carbon": 0,
        "retired_for": 0,
        "votes": {
            "tokens": str(250_000 * 10**18),
            "delegate": address(SELLER),
            "votes": str(250_000 * 10**18),
        },
        "roles": [],
    }
    shown = lived.shows(f"wallet show {SELLER}")
    for part in (
        f"account {address(SELLER)} for gas 999.99",
        "wallet 50 tUSD balance 29.3125 tUSD, of which 2.3125 tUSD are available: open days may",
        "open days 0.2 tUSD of income, 0.7 tUSD locked as cover security 10 tUSD for its meter",
        "producer 10 kWh in a slot, solar, reputation 100, active: yes, confirmed by the authority",
        "energy credits 0 kWh in the account, 0 kWh as tokens, without those on offer read by 1",
        "signed orders lowest valid nonce 0, next free nonce 0",
        "carbon 0 kg CO2e; 0 kg CO2e retired for it",
        "votes 250000 GGT, its own delegate votes with 250000 GGT",
        f"1 {address(METER)} settlement home 10000 W 2024-01-03 00:00:00",
        "2024-01-02 3 -1.5 1.5 0 tUSD",
        f"2 matched {WHO[SELLER]} {WHO[BUYER]} 1 kWh 0.2 tUSD/kWh 2024-01-03 02:00",
        f"1 expired {WHO[SELLER]} sell 2 kWh 0.5 kWh 0.2 tUSD/kWh hourly 2024-01-02 01:00",
        f"1 open {WHO[SELLER]} 1 kWh 0.75 kWh 0.25 tUSD/kWh",
        f"1 pending {WHO[SELLER]} {WHO[BUYER]} 0.5 kWh 0.2 tUSD/kWh",
        "plants 2 (Garage)",
        "1 750 of 1000 ROOF held 7.5 tUSD 0x",
    ):
        assert part in shown
    assert lived.fits(f"wallet show {SELLER}", 160)


def test_wallet__of_a_buyer_and_of_a_stranger(lived: Terminal) -> None:
    document = lived.answers(f"wallet show {BUYER}")
    (order,) = document["orders"]
    assert (order["order_id"], order["remaining"], order["status"]) == (3, 2400, "ACTIVE")
    assert (document["energy_tokens"], document["participation"]["producer"]) == (250, None)
    assert [each["position"] for each in document["days"]] == [1500, 0]
    shown = lived.shows(f"wallet show {BUYER}")
    assert f"3 expired {WHO[BUYER]} buy 2.4 kWh 2.4 kWh 0.1" in shown
    nothing = lived.answers(f"wallet show {STRANGER}")
    lists = ("orders", "days", "trades", "offers", "spot_trades", "meters", "assets", "shares")
    assert [nothing[name] for name in (*lists, "queued", "roles")] == [[]] * 10
    assert lived.shows(f"wallet show {STRANGER}").endswith("votes 0 GGT, without a delegate")


def test_wallet__one_thing_with_all_of_it(lived: Terminal) -> None:
    document = lived.answers(f"wallet orders {BUYER}")
    assert [each["order_id"] for each in document["orders"]] == [5, 3, 2]
    assert [each["status"] for each in document["orders"]] == ["FILLED", "ACTIVE", "FILLED"]
    assert document["signed"] == {"floor": 0, "next_free": 0}
    assert lived.shows(f"wallet orders {BUYER}").endswith(
        "Signed orders: lowest valid nonce 0, next free nonce 0"
    )
    assert lived.answers(f"wallet slots {SELLER}") == lived.answers(f"slot list {SELLER}")
    (waits,) = lived.answers(f"wallet trades {BUYER}")
    assert waits["trade_id"] == 2
    sold = lived.answers(f"wallet offers {SELLER}")
    assert ([each["offer_id"] for each in sold["offers"]], sold["purchases"]) == ([1], [])
    bought = lived.answers(f"wallet offers {BUYER}")
    assert bought["offers"] == []
    assert bought["purchases"] == [{"offer_id": 1, "amount": 250, "paid": 62_500}]
    assert lived.shows(f"wallet offers {BUYER}").endswith("1 0.25 kWh 0.0625 tUSD")
    for who in (SELLER, BUYER):
        (trade,) = lived.answers(f"wallet spot-trades {who}")
        assert (trade["spot_trade_id"], trade["amount"]) == (1, 500)
    for each in TABLES:
        assert lived.fits(f"wallet {each} {SELLER}", 160)
        assert lived.fits(f"wallet {each} {STRANGER}")
    nothing = {
        "orders": "It has no on-chain order.",
        "slots": "This account has no energy in the slots of these days.",
        "offers": "It has made no offer to everybody. It has bought from no offer.",
        "trades": "It has nothing to settle.",
        "shares": "It has no shares of a plant.",
        "spot-trades": "It has no spot trade.",
    }
    for each, says in nothing.items():
        assert lived.shows(f"wallet {each} {STRANGER}").startswith(says)


def test_wallet__shares_of_what_was_taken_out_or_sold__are_found_and_claimed(
    lived: Terminal,
) -> None:
    # The seller buys all shares back, and takes the plant out.
    lived.does(BUYER, f"asset shares send 1 {SELLER} --count 250")
    lived.does(SELLER, "asset shares redeem 1")
    (left,) = lived.answers(f"wallet shares {BUYER}")
    assert (left["state"], left["shares"], left["claimable"]) == ("REDEEMED", 0, 2_500_000)
    shown = lived.shows(f"wallet shares {BUYER}")
    assert f"1 0 of 1000 ROOF redeemed 2.5 tUSD {left['address']}" in shown
    # The very address that the claim takes.
    lived.does(BUYER, f"asset shares claim {left['address']}")
    assert lived.answers(f"wallet shares {BUYER}") == []
    assert [each["asset_id"] for each in lived.answers(f"wallet show {SELLER}")["assets"]] == [2, 1]


def test_wallet__credits_issued_and_retired(lived: Terminal) -> None:
    lived.does(REGISTRAR, f"carbon register {SELLER}")
    market, seller = lived.market, wallet(SELLER)
    plant, day = certified_plant(market, seller), market.now // DAY + 1
    use_up(market, seller, wallet(METER), plant, day, 2000)
    lived.does(STRANGER, f"carbon issue {SELLER}")
    lived.does(SELLER, f"carbon retire --amount 500g --reason 'a trip' --for {BUYER}")
    assert lived.answers(f"wallet credits {SELLER}") == {
        "account": address(SELLER),
        "credits": 260,
        "milligrams": 0,
        "retired_for": 0,
        "issued": [{"retirements": 1, "energy": 2000, "grams": 760}],
        "retired": [
            {"retirement_id": 1, "beneficiary": address(BUYER), "amount": 500, "reason": "a trip"}
        ],
    }
    shown = lived.shows(f"wallet credits {SELLER}")
    assert "credits 0.26 kg CO2e below one gram 0 mg CO2e retired for it 0 kg CO2e" in shown
    assert "1 2 kWh 0.76 kg CO2e" in shown
    assert shown.endswith(f"1 0.5 kg CO2e {WHO[BUYER]} a trip")
    assert lived.answers(f"wallet credits {BUYER}")["retired_for"] == 500


def test_role__who_holds_them_and_what_they_may_call(terminal: Terminal) -> None:
    market = terminal.market
    safe, governance = market.roles[Role.GUARDIAN], market.roles[Role.ADMIN]
    authority = market.roles[Role.GRID_AUTHORITY]
    document = {each["role"]: each for each in terminal.answers("role list")}
    assert list(document) == [role.name for role in Role]
    assert document["GUARDIAN"] == {
        "role": "GUARDIAN",
        "role_id": 2,
        "holders": [{"address": safe, "delay": 0}],
    }
    both = [each["address"] for each in document["GRID_AUTHORITY"]["holders"]]
    assert both == sorted([authority, governance])
    shown = terminal.shows("role list")
    assert f"ADMIN {governance} (governance) GRID_AUTHORITY" in shown
    assert f"GUARDIAN {safe} (the guardian's Safe) REPORTER" in shown
    assert terminal.fits("role list")
    permitted = {
        (each["contract"], each["function"].partition("(")[0]): each["role"]
        for each in terminal.answers("role permissions")
    }
    assert permitted == {
        (contract, function): role.name
        for role, contracts in PERMISSIONS.items()
        for contract, functions in contracts.items()
        for function in functions
    }
    assert "Settlement setOutflowLimit ADMIN Settlement shutdown ADMIN" in terminal.shows(
        "role permissions"
    )
    assert terminal.fits("role permissions")
    assert terminal.answers("role of local:7") == {
        "account": address("local:7"),
        "roles": [{"role": "KEEPER", "delay": 0}],
        "functions": [
            each
            for each in terminal.answers("role permissions")
            if each["function"].startswith("settleBatch")
        ],
    }
    assert terminal.shows("role of local:7").endswith("EnergyTrading settleBatch KEEPER")
    assert terminal.shows(f"role of {STRANGER}") == (
        f"account {address(STRANGER)} roles none It may call no restricted function."
    )
    registrar = market.roles[Role.REGISTRAR]
    assert "roles METER_REGISTRAR, REGISTRAR" in terminal.shows(f"role of {registrar}")
    treasury = market.roles[Role.TREASURY]
    assert "roles TREASURY must wait 25 h as TREASURY" in terminal.shows(f"role of {treasury}")


def test_role__given_with_a_delay_and_taken__is_reported_as_it_is_now(terminal: Terminal) -> None:
    market, stranger = terminal.market, address(STRANGER)
    admin = market.roles[Role.ADMIN]
    market.do(admin, market.access, "grantRole", Role.KEEPER, stranger, 3600)
    market.do(admin, market.access, "grantRole", 99, stranger, 0)
    held = terminal.answers(f"role of {STRANGER}")["roles"]
    assert held == [{"role": "KEEPER", "delay": 3600}, {"role": "role 99", "delay": 0}]
    assert "roles KEEPER, role 99 must wait 1 h as KEEPER" in terminal.shows(f"role of {STRANGER}")
    assert f"{stranger}, waits 1 h" in terminal.shows("role list")
    assert terminal.answers(f"wallet show {STRANGER}")["roles"] == ["KEEPER", "role 99"]
    assert terminal.shows(f"wallet show {STRANGER}").endswith("roles KEEPER, role 99")
    for role in (Role.KEEPER, 99):
        market.do(admin, market.access, "revokeRole", role, stranger)
    assert terminal.answers(f"role of {STRANGER}")["roles"] == []
    # A function of another role is listed with that role.
    selector = market.trading.abi.function("cancelOrder").selector
    arguments = (market.trading.address, [selector], Role.KEEPER)
    market.do(admin, market.access, "setTargetFunctionRole", *arguments)
    assert "EnergyTrading cancelOrder KEEPER" in terminal.shows("role permissions")


def test_market__at_a_glance(terminal: Terminal) -> None:
    market = terminal.market
    document = terminal.answers("market show")
    contracts, levels = document.pop("contracts"), document.pop("stop_levels")
    assert contracts["Settlement"] == market.settlement.address
    assert contracts["SettlementToken"] == market.dollar.address
    assert set(levels) == {
        *("DemandResponse", "EnergyAssetNFT", "EnergyTrading"),
        *("PeerToPeerTrading", "Settlement"),
    }
    assert set(levels.values()) == {"RUNNING"}
    assert document.pop("block") > 1
    assert document.pop("time") >= MONDAY
    assert document.pop("safes")["guardian"] == {
        "address": market.roles[Role.GUARDIAN],
        "threshold": 2,
        "owners": [address(f"local:{number}") for number in (26, 27, 28)],
    }
    assert document == {
        "network": "ethereum:local:foundry",
        "chain_id": 31337,
        "first_block": 1,
        "slot_length": 3600,
        "grace": 3600,
        "gap_days": 30,
        "horizon": 15 * 86_400,
        "grid_price": 300_000,
        "max_buy": 600_000_000,
        "max_network_fee": 100_000,
        "max_protocol_fee": 10_000,
        "regions": document["regions"],
        "communities": 1,
        "security_per_kw": 1_000_000,
        "order_burst": 100,
        "order_refill": 60,
        "outflow_limit": 100_000_000_000,
        "outflow_window": 3600,
        "withdrawal_delay": 86_400,
        "min_reading_interval": 60,
        "bands": as_document(bands_called("default")),
        **{f"{oracle}_oracle_quorum": 3 for oracle in ("price", "weather", "grid")},
        **{f"{oracle}_oracle_max_age": 7200 for oracle in ("price", "weather", "grid")},
        "voting_delay": 60,
        "voting_period": 600,
        "vote_extension": 120,
        "timelock_delay": 600,
        "accounts": 0,
        "meters": 0,
    }
    guardian = market.roles[Role.GUARDIAN]
    market.do(guardian, market.trading, "pause")
    shown = terminal.shows("market show")
    assert f"EnergyTrading {market.trading.address} paused" in shown
    assert f"Settlement {market.settlement.address} running" in shown
    assert "fixed for 15 d; a deficit costs 0.3 tUSD/kWh now" in shown
    assert f"slots of 1 h; number {SLOT} is running; a slot is final 1 h after its end" in shown
    assert "oracles 3 reports close a round, valid for 2 h" in shown
    admin = market.roles[Role.ADMIN]
    market.do(admin, market.contracts["GridOracle"], "setParameters", 4, 3600)
    changed = terminal.shows("market show")
    assert "weather oracle 3 reports close a round, valid for 2 h" in changed
    assert "grid oracle 4 reports close a round, valid for 1 h" in changed
    assert "governance vote after 1 min, for 10 min; in force 10 min later" in shown
    assert "treasury's Safe 2 of 3 owners" in shown
    assert terminal.fits("market show")
