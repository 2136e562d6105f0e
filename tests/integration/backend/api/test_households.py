"""What an account is told of demand response, of its shares, and of what has happened to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.accounts import Account
from energy_grid.chain.roles import Role
from energy_grid.contracts.smart_meter import MeterReading
from energy_grid.market.reading_file import document_of
from tests.integration.backend.api.conftest import Api
from tests.integration.backend.api.enrolling import prove
from tests.integration.conftest import OWNERS
from tests.integration.exchange import BUY, PRICE, SELL
from tests.support.market import DAY, HOME, MONDAY, Market, actor
from tests.unit.contracts.assets.operations import divide, mint
from tests.unit.contracts.demand_response.scheme import RATE, Scheme, open_scheme

_HOUR = 3600


@dataclass
class Household:
    """Somebody with a meter from Monday on, billed from Tuesday on."""

    api: Api
    key: LocalAccount

    @property
    def account(self) -> Account:
        return Account(bytes(self.key.key))

    @property
    def market(self) -> Market:
        return self.api.exchange.market

    def get(self, part: str) -> Any:
        """What the account is told."""
        found = self.api.get(f"/accounts/{self.key.address}/{part}", self.account)
        assert found.status_code == 200, found.text
        return found.json()

    def notice(self, kind: str) -> Any:
        """The only notice of a kind."""
        (found,) = (each for each in self.get("notices") if each["kind"] == kind)
        return found

    @property
    def kinds(self) -> list[str]:
        return [each["kind"] for each in self.get("notices")]


@pytest.fixture
def house(api: Api) -> Household:
    key = actor("household")
    api.exchange.market.register_meter(key)
    api.live()
    return Household(api, key)


@pytest.fixture
def scheme(house: Household) -> Scheme:
    """Demand response with an operator of the house's region."""
    scheme = open_scheme(house.market)
    scheme.operator = scheme.registered("operator of the home region", HOME)
    return scheme


def test_demand_response__from_the_offer_to_the_payment(house: Household, scheme: Scheme) -> None:
    program = scheme.create(region=HOME)
    elsewhere = scheme.registered("operator of another region")
    scheme.create(sender=elsewhere)
    house.api.live()
    found = house.get("demand-response")
    assert (found["is_consumer"], found["events"]) == (False, [])
    (offer,) = found["programs"]
    assert (offer["id"], offer["committed_w"], offer["incentive_rate"]) == (program, 0, str(RATE))
    assert offer["min_commitment_w"] == scheme.view("MIN_REDUCTION")

    scheme.do(house.key, "registerConsumer", house.key.address)
    scheme.join(program, house.key, 1500)
    event = scheme.start_in(program)
    house.api.live()
    found = house.get("demand-response")
    assert (found["is_consumer"], found["programs"][0]["committed_w"]) == (True, 1500)
    (asked,) = found["events"]
    assert (asked["id"], asked["state"], asked["reduction_w"]) == (event, "AHEAD", None)
    announced = house.notice("EVENT_ANNOUNCED")
    assert (announced["subject"], announced["needs_step"]) == (str(event), False)

    scheme.go_to_end(event)
    scheme.verify(event, house.key, 1000)
    house.api.live()
    (asked,) = house.get("demand-response")["events"]
    assert (asked["state"], asked["reduction_w"]) == ("VERIFYING", 1000)
    assert (asked["is_metered"], asked["reward"]) == (False, "0")
    assert "EVENT_ANNOUNCED" not in house.kinds

    scheme.complete(event)
    house.api.live()
    (asked,) = house.get("demand-response")["events"]
    assert (asked["state"], asked["reward"], asked["is_paid"]) == ("COMPLETED", str(RATE), False)
    due = house.notice("REWARD_CLAIMABLE")
    assert (due["money_thousandths"], due["needs_step"]) == (f"{RATE}000", True)

    scheme.do(house.key, "claimReward", event, house.key.address)
    house.api.live()
    assert house.get("demand-response")["events"][0]["is_paid"] is True
    assert "REWARD_CLAIMABLE" not in house.kinds


def test_demand_response__of_a_program_that_is_over__shows_what_is_left_to_claim(
    house: Household, scheme: Scheme
) -> None:
    program = scheme.create(region=HOME)
    scheme.do(house.key, "registerConsumer", house.key.address)
    scheme.join(program, house.key, 1000)
    scheme.do(scheme.operator, "reportReduction", program, house.key.address, 500)
    scheme.do(house.key, "leaveProgram", program)
    scheme.do(scheme.operator, "closeProgram", program, scheme.operator.address)
    house.api.live()
    (left,) = house.get("demand-response")["programs"]
    assert (left["reduced_w"], left["claimable"]) == (500, str(RATE // 2))
    assert left["closed_at"] is not None
    assert house.notice("REWARD_CLAIMABLE")["subject"] is None
    stranger = Household(house.api, actor("stranger"))
    assert stranger.get("demand-response") == {"is_consumer": False, "programs": [], "events": []}


def test_event__outside_a_program__asks_who_is_no_consumer_yet_for_a_step(
    house: Household, scheme: Scheme
) -> None:
    event = scheme.start()
    house.api.live()
    assert [each["id"] for each in house.get("demand-response")["events"]] == [event]
    assert house.notice("EVENT_ANNOUNCED")["needs_step"] is True


def test_shares__and_their_revenue__are_claimed_by_a_call(house: Household) -> None:
    market, other = house.market, actor("other holder")
    asset = mint(market, house.key)
    shares = divide(market, house.key, asset, 100)
    market.do(house.key, shares, "transfer", other.address, 40)
    market.give_money(other, 2_000_000)
    market.do(other, market.dollar, "transfer", shares.address, 1_000_000)
    house.api.live()
    (held,) = house.get("shares")
    assert (held["asset"], held["kind"], held["shares"]) == (asset, "SOLAR", shares.address)
    assert (held["held"], held["all_shares"], held["claimable"]) == (60, 100, "600000")
    revenue = house.notice("REVENUE_CLAIMABLE")
    assert (revenue["subject"], revenue["money_thousandths"]) == (shares.address, "600000000")

    wanted = {
        "from": house.key.address,
        "contract": "AssetShares",
        "function": "claimRevenue",
        "arguments": [house.key.address],
    }
    call = house.api.post("/calls", {**wanted, "address": shares.address}).json()
    assert (call["to"], call["reverts"]) == (shares.address, None)
    none = house.api.post("/calls", {**wanted, "address": market.dollar.address})
    assert (none.status_code, none.json()["field"]) == (422, "address")
    market.do(house.key, shares, "claimRevenue", house.key.address)
    market.do(house.key, shares, "transfer", other.address, 60)
    house.api.live()
    assert house.get("shares") == []
    assert "REVENUE_CLAIMABLE" not in house.kinds


def test_call__of_a_contract_elsewhere__is_refused(house: Household) -> None:
    wanted = {"from": house.key.address, "contract": "Settlement", "function": "withdraw"}
    wanted |= {"arguments": ["1", house.key.address], "address": house.market.dollar.address}
    found = house.api.post("/calls", wanted)
    assert (found.status_code, found.json()["field"]) == (422, "address")
    assert "Settlement is at" in found.json()["detail"]


def test_withdrawal__above_the_limit__waits_and_is_due_then(house: Household) -> None:
    market, (trader, *_) = house.market, house.api.exchange.traders
    market.do(market.roles[Role.ADMIN], market.settlement, "setOutflowLimit", 1_000)
    market.do(trader.address, market.settlement, "withdraw", 5_000, trader.address)
    house.api.live()
    path = f"/accounts/{trader.address}/notices"
    (waits,) = house.api.get(path, trader).json()
    assert (waits["kind"], waits["needs_step"]) == ("WITHDRAWAL_WAITS", False)
    market.go_to(market.now + 10 * DAY)
    (due,) = house.api.get(path, trader).json()
    assert (due["kind"], due["subject"], due["at"]) == ("WITHDRAWAL_DUE", "1", waits["at"])
    assert (due["money_thousandths"], due["needs_step"]) == ("5000000", True)
    market.do(trader.address, market.settlement, "executeWithdrawal", 1)
    house.api.live()
    assert house.api.get(path, trader).json() == []


def test_trade__is_told_to_both(house: Household) -> None:
    exchange = house.api.exchange
    for trader, side in ((0, BUY), (1, SELL)):
        assert house.api.place(exchange.order(trader, side, 700)).status_code == 201
    house.api.live()
    worth = 700 * PRICE
    for who, money in zip(exchange.traders, (-worth, worth), strict=False):
        (told,) = house.api.get(f"/accounts/{who.address}/notices", who).json()
        assert (told["kind"], told["energy_wh"]) == ("ORDER_TRADED", 700)
        assert (int(told["money_thousandths"]), told["needs_step"]) == (money, False)


def test_meter__silent_or_with_readings_that_do_not_count__is_told(house: Household) -> None:
    market, grid = house.market, house.api.exchange.grid
    device = Account(bytes(actor(f"meter of {house.key.address}").key))
    assert house.kinds == []
    market.go_to(MONDAY + 5 * _HOUR)
    silent = house.notice("METER_SILENT")
    assert (silent["subject"], silent["needs_step"]) == (device.address, True)
    for register, status in ((1000, 201), (10, 422)):
        values = {"timestamp": MONDAY + (5 - (register > 500)) * _HOUR, "consumption": register}
        reading = MeterReading(**values, production=0, grid_frequency=5000, voltage=2300)
        body = document_of(grid.sign_reading(device, reading), grid.meter_domain)
        assert house.api.post("/meters/reading", body).status_code == status
    aside = house.notice("READINGS_QUARANTINED")
    assert (aside["subject"], aside["count"]) == (device.address, 1)
    assert "METER_SILENT" not in house.kinds


def test_day__closed_with_a_debt__is_told_with_its_bill(house: Household) -> None:
    market, poor = house.market, actor("poor household")
    meter = market.register_meter(poor)
    for day in range(1, 4):
        market.go_to(MONDAY + (day + 1) * DAY + 60)
        market.measure(meter, *[(9_000, 0)] * 24)
    market.go_to(MONDAY + 5 * DAY)
    for day in range(1, 4):
        market.close(MONDAY // DAY + day, poor)
    house.api.live()
    told = Household(house.api, poor)
    days = {each["day"]: each["money_thousandths"] for each in told.get("days")["items"]}
    closed = {
        each["subject"]: each["money_thousandths"]
        for each in told.get("notices")
        if each["kind"] == "DAY_CLOSED"
    }
    assert closed == days
    assert len(days) > 2
    debt = told.notice("IN_DEBT")
    owed = house.api.exchange.grid.settlement.debt_of(poor.address)
    assert (int(debt["money_thousandths"]), debt["needs_step"]) == (owed * 1000, True)
    market.go_to(MONDAY + 30 * DAY)
    assert "DAY_CLOSED" not in told.kinds


def test_consent__for_a_meter_that_has_proven_itself__is_asked_for(house: Household) -> None:
    device = Account.local(18)
    csv = f"name,meter,region,power_kw\nElm Street 4,{device.address},home,5"
    (invited,) = house.api.post("/enrolments", {"csv": csv}, OWNERS[0]).json()
    path = f"/enrolments/{invited['id']}"
    accepted = house.api.post(f"{path}/acceptance", None, house.account).json()
    assert "CONSENT_WANTED" not in house.kinds
    assert prove(house.api, accepted, device).status_code == 200
    wanted = house.notice("CONSENT_WANTED")
    assert (wanted["subject"], wanted["needs_step"]) == (invited["id"], True)


def test_notices__are_in_order_and_keep_their_names(house: Household, scheme: Scheme) -> None:
    scheme.start(duration=DAY)
    house.market.go_to(MONDAY + 6 * _HOUR)
    house.api.live()
    first, again = house.get("notices"), house.get("notices")
    assert first == again
    assert [each["at"] for each in first] == sorted((each["at"] for each in first), reverse=True)
    assert len({each["id"] for each in first}) == len(first) == 2


def test_account__that_is_a_contract__is_known_as_one(house: Household) -> None:
    safe = house.api.exchange.grid.require_safe("guardian")
    body = house.api.get(f"/accounts/{house.key.address}", house.account).json()
    assert (body["is_contract"], body["carbon_grams"]) == (False, "0")
    node = house.market.node
    # Borrowed code (EIP-7702) makes no contract wallet of an account with a key.
    for code, is_contract in ((f"0xef0100{safe.address[2:]}", False), ("0x6000", True)):
        node.rpc("anvil_setCode", house.key.address, code)
        found = house.api.get(f"/accounts/{house.key.address}", house.account).json()
        assert found["is_contract"] is is_contract
