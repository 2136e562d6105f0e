"""The commands of demand response on a deployed market, each as it is typed."""

from __future__ import annotations

import pytest

from energy_grid.chain.contract import to_bytes32
from energy_grid.cli.main import main
from tests.integration.terminal import AUTHORITY, OPERATOR, STRANGER, Terminal, address, wallet
from tests.support.brokers import free_port
from tests.support.market import MONDAY

CONSUMER, NEIGHBOUR = "local:11", "local:16"
HOUR, DAY = 3600, 86_400
START = "dr event start --target 2kW --reward 0.5 --duration 1h"


@pytest.fixture
def admitted(operated: Terminal) -> Terminal:
    """The operator is registered and has 100 tUSD, and so are two consumers."""
    market = operated.market
    market.do(address(OPERATOR), market.dollar, "faucet", 100_000_000)
    operated.does(AUTHORITY, f"dr register-operator {OPERATOR}")
    operated.does(OPERATOR, f"dr register-consumer {CONSUMER}")
    operated.does(NEIGHBOUR, "dr register-consumer")
    return operated


def money_of(terminal: Terminal, who: str) -> int:
    return int(terminal.market.dollar.call("balanceOf", address(who)))


def test_registration__of_operators_and_consumers(operated: Terminal) -> None:
    assert operated.refuses(f"{START} --account {OPERATOR}") == (
        "DemandResponse: this account is not a registered operator of demand response (grid"
        f" operator {address(OPERATOR)}): the grid authority does it with energy-grid operator"
        " verify, and then energy-grid dr register-operator"
    )
    assert operated.does(AUTHORITY, f"dr register-operator {OPERATOR}") == (
        f"Registered {address(OPERATOR)} as a demand-response operator"
    )
    assert operated.answers(f"operator show {OPERATOR}")["demand_response"] is True
    consumer = operated.does(CONSUMER, "dr register-consumer")
    assert consumer == f"Registered {address(CONSUMER)} as a consumer"
    again = operated.refuses(f"dr register-consumer {CONSUMER} --account {OPERATOR}")
    assert again.startswith("DemandResponse: already registered (account 0x71bE")


def test_event__from_announcement_to_rewards(admitted: Terminal) -> None:
    assert admitted.does(OPERATOR, START) == (
        "Announced event 1: 2 kW at 0.5 tUSD/kW from 2024-01-01 01:00:00 UTC for 1 h, budget 1 tUSD"
        "; approved exactly 1 tUSD for it"
    )
    dollar = admitted.market.dollar
    response = admitted.market.demand_response.address
    assert dollar.call("allowance", address(OPERATOR), response) == 0
    assert money_of(admitted, OPERATOR) == 99_000_000
    admitted.market.go_to(MONDAY + 2 * HOUR)
    verify = f"dr event verify 1 {CONSUMER} --baseline 1.5kW --actual 900 --meter-start 100"
    assert admitted.refuses(f"{verify} --meter-end 100.8 --account {OPERATOR}") == (
        "DemandResponse: the readings contradict the reported consumption (meter reading start"
        " 100 kWh, meter reading end 100.8 kWh, actual 900 W)"
    )
    assert admitted.does(OPERATOR, f"{verify} --meter-end 100.9") == (
        f"Verified {address(CONSUMER)} in event 1 by the operator: 900 of 1500 W drawn,"
        " 600 W reduced, at least 100 W count"
    )
    other = "--baseline 500W --actual 100W --meter-start 7.1 --meter-end 7.2"
    admitted.does(OPERATOR, f"dr event verify 1 {NEIGHBOUR} {other}")
    early = admitted.refuses(f"dr event complete 1 --account {STRANGER}")
    assert early == "DemandResponse: too early (event id 1, from 2024-01-01 04:00:01 UTC)"
    assert admitted.refuses(f"dr event distribute 1 --account {STRANGER}") == (
        "DemandResponse: the state of the event does not allow this (event id 1, status ACTIVE)"
    )
    admitted.market.go_to(admitted.answers("dr event show 1")["verifiable_until"] + 1)
    assert admitted.does(STRANGER, "dr event complete 1") == (
        "Completed event 1: 1000 W reduced, 0.5 tUSD to pay"
    )
    assert admitted.does(NEIGHBOUR, f"dr event claim 1 --to {STRANGER}") == (
        f"Claimed 0.2 tUSD of event 1 for {address(STRANGER)}"
    )
    assert admitted.does(STRANGER, "dr event distribute 1") == (
        "Paid 0.3 tUSD to 1 participant of event 1"
    )
    assert (money_of(admitted, STRANGER), money_of(admitted, CONSUMER)) == (200_000, 300_000)
    assert admitted.does(OPERATOR, "dr event reclaim 1") == (
        f"Reclaimed 0.5 tUSD of event 1 for {address(OPERATOR)}"
    )
    nothing = admitted.refuses(f"dr event claim 1 --account {CONSUMER}")
    assert nothing.startswith("DemandResponse: nothing to claim (account 0x71bE")
    event = admitted.answers("dr event show 1")
    assert (event["status"], event["region"], event["paid"]) == ("COMPLETED", "village", 500_000)
    assert [each["status"] for each in event["participations"]] == ["REWARDED", "REWARDED"]
    shown = admitted.shows("dr event show 1")
    assert (
        "reduced 1000 W by 2 consumers (0 W found by meters) budget 1 tUSD paid 0.5 tUSD" in shown
    )
    assert (
        f"{address(CONSUMER)} 1500 W 900 W 600 W 100 W 0.3 tUSD rewarded 2024-01-01 02:00" in shown
    )
    (part,) = admitted.answers(f"dr participations {CONSUMER}")
    assert (part["event_id"], part["reduction_w"], part["meter_reading_end"]) == (1, 600, 100_900)
    none = admitted.shows(f"dr participations {OPERATOR}")
    assert none == f"{address(OPERATOR)} has no participation."


def test_event__cancelled_before_it_starts__gives_its_budget_back(admitted: Terminal) -> None:
    assert admitted.shows("dr event list") == "There is no event yet."
    admitted.does(OPERATOR, START)
    refusal = admitted.refuses(f"{START} --account {OPERATOR}")
    assert refusal.startswith("DemandEnrolments: overlapping (start time 2024-01-01 01:00:00")
    later = admitted.does(OPERATOR, f"{START} --from 2024-01-01T02:00")
    assert "from 2024-01-01 02:00:00 UTC" in later
    assert [each["event_id"] for each in admitted.answers("dr event list")] == [2, 1]
    assert [each["event_id"] for each in admitted.answers("dr event list --limit 1")] == [2]
    row = "2 village 2 kW 0.5 tUSD/kW 2024-01-01 02:00:00 UTC 1 h active"
    assert row in admitted.shows("dr event list")
    assert admitted.does(OPERATOR, "dr event cancel 1") == "Cancelled event 1"
    reclaimed = admitted.does(OPERATOR, f"dr event reclaim 1 --to {STRANGER}")
    assert reclaimed == f"Reclaimed 1 tUSD of event 1 for {address(STRANGER)}"
    assert "status cancelled" in admitted.shows("dr event show 1")
    market = admitted.market
    market.do(
        address(OPERATOR), market.dollar, "approve", market.demand_response.address, 1_000_000
    )
    third = admitted.does(OPERATOR, f"{START} --from 2024-01-01T03:00")
    assert third.endswith("budget 1 tUSD")
    admitted.market.go_to(MONDAY + 2 * HOUR)
    assert admitted.refuses(f"dr event cancel 2 --account {OPERATOR}") == (
        "DemandResponse: already started (event id 2, start time 2024-01-01 02:00:00 UTC)"
    )


def test_event__refused_for_another_reason__approves_nothing(admitted: Terminal) -> None:
    uneven = "dr event start --target 2kW --reward 0.5 --duration 90min"
    assert admitted.refuses(f"{uneven} --account {OPERATOR}") == (
        "DemandResponse: bad parameter (name duration, value 90 min)"
    )
    poor = admitted.refuses(
        f"dr event start --target 1MW --reward 0.5 --duration 1h --account {OPERATOR}"
    )
    assert poor == f"{address(OPERATOR)} has 100 tUSD, and the call needs 500 tUSD"
    response = admitted.market.demand_response.address
    assert admitted.market.dollar.call("allowance", address(OPERATOR), response) == 0
    for rates in ("", "--reward 0.5 --program 1"):
        wrong = f"dr event start --target 2kW --duration 1h {rates} --account {OPERATOR}"
        assert admitted.refuses(wrong, code=2) == ("an event needs either --reward or --program")


def announce_to_a_metered_one(admitted: Terminal, start: str = START) -> int:
    """A neighbour that takes 1500 W in the evenings takes 700 W in an event of an hour; gives its
    beginning."""
    market = admitted.market
    admitted.does(AUTHORITY, "tariff add-region village")
    meter = market.register_meter(wallet("local:16"), region=to_bytes32("village"))
    evening = MONDAY + 18 * HOUR
    begin = evening + 14 * DAY
    # The meter bills from Tuesday on. What is read late is unknown: from 14:00 on nothing is.
    for day in range(1, 15):
        market.go_to(evening + day * DAY - 4 * HOUR)
        market.measure(meter, *[(4000, 0)] * (14 if day == 1 else 19))
        for hour in (3, 2, 1, 0):
            market.go_to(evening + day * DAY - hour * HOUR - 60 * (hour == 0))
            if hour:
                market.measure(meter, (4000, 0))
        if day == 14:
            admitted.does(OPERATOR, start)
        market.go_to(evening + day * DAY)
        market.measure(meter, (4000, 0))
        market.go_to(evening + day * DAY + HOUR)
        market.measure(meter, (700 if day == 14 else 1500, 0))
    return begin


def test_event__verified_by_meter(admitted: Terminal) -> None:
    market, begin = admitted.market, announce_to_a_metered_one(admitted)
    verify = f"dr event verify-from-meter 1 {NEIGHBOUR}"
    assert admitted.refuses(f"{verify} --account {STRANGER}") == (
        "DemandResponse: too early (event id 1, from 2024-01-15 20:00:00 UTC)"
    )
    assert admitted.refuses(f"dr event verify-from-meter 1 {CONSUMER} --account {STRANGER}") == (
        "DemandResponse: too early (event id 1, from 2024-01-15 20:00:00 UTC)"
    )
    times = "--from 2024-01-15T18:00 --to '2024-01-15 19:00'"
    shown = admitted.shows(f"dr baseline {NEIGHBOUR} {times}")
    assert "baseline 1500 W on average minimum 100 W less is the least that counts" in shown
    market.go_to(begin + 2 * HOUR)
    assert admitted.answers(f"dr baseline {NEIGHBOUR} --event 1") == {
        "consumer": address(NEIGHBOUR),
        "start": begin,
        "end": begin + HOUR,
        "baseline_w": 1500,
        "minimum_w": 100,
    }
    assert admitted.refuses(f"dr baseline {CONSUMER} --event 1").startswith(
        "DemandBaselines: not metered (consumer 0x71bE"
    )
    assert admitted.refuses(f"dr baseline {CONSUMER}", code=2) == (
        "choose the slots of the baseline with --event, or with --from and --to"
    )
    assert admitted.does(STRANGER, verify) == (
        f"Verified {address(NEIGHBOUR)} in event 1 by meters: 700 of 1500 W drawn, 800 W reduced,"
        " at least 100 W count"
    )
    assert admitted.answers("dr event show 1")["metered_reduction_w"] == 800


def test_program__from_offer_to_end(admitted: Terminal) -> None:
    assert admitted.shows("dr program list") == "There is no program yet."
    create = "dr program create 'Evening peak' village --target 5kW --rate 2.5 --duration 30d"
    assert admitted.does(OPERATOR, f"{create} --type load-shifting") == (
        "Opened program 1 in village: 5 kW at 2.5 tUSD/kW for 30 d, budget 12.5 tUSD"
        "; approved exactly 12.5 tUSD for it"
    )
    assert admitted.does(CONSUMER, "dr program join 1 --commit 0.6kW").startswith(
        "Joined program 1 with 600 W until 2024-01-31 00:"
    )
    assert admitted.refuses(f"dr program join 1 --commit 5001W --account {NEIGHBOUR}") == (
        "DemandResponse: bad parameter (name committed, value 5001)"
    )
    assert admitted.does(OPERATOR, f"dr program report 1 {CONSUMER} --reduced 400W") == (
        f"Reported 400 W of {address(CONSUMER)}: it earned 1 tUSD"
    )
    wrong = admitted.refuses(f"dr program close 1 --account {OPERATOR}")
    assert wrong.startswith("DemandResponse: committed (program id 1, participants 1")
    in_it = f"dr program group 1 LIFTS {CONSUMER}"
    assert admitted.does(OPERATOR, in_it) == "Put 1 consumer in group LIFTS of program 1"
    price = "dr event price --price 0.25 --duration 1h --program 1 --group LIFTS"
    assert admitted.does(OPERATOR, price) == (
        "Announced price 1: 0.25 tUSD per kWh from 2024-01-01 01:00:00 UTC for 1 h"
    )
    event = admitted.does(OPERATOR, "dr event start --program 1 --target 2 --duration 2h")
    assert event == (
        "Announced event 2: 2 kW at 2.5 tUSD/kW from 2024-01-01 01:00:00 UTC for 2 h, budget 5 tUSD"
    )
    program = admitted.answers(f"dr program show 1 --participant {CONSUMER}")
    assert (program["program_type"], program["committed"]) == ("LOAD_SHIFTING", 600)
    assert (program["budget"], program["spent"]) == (12_500_000, 6_000_000)
    assert program["participant"] == {
        "address": address(CONSUMER),
        "committed": 600,
        "reduction": 400,
        "earned": 1_000_000,
        "claimed": 0,
    }
    assert admitted.does(CONSUMER, "dr event opt-out 2") == "Opted out of event 2"
    assert admitted.does(CONSUMER, "dr event opt-in 2") == "Opted in to event 2"
    shown = admitted.shows(f"dr program show 1 --participant {CONSUMER}")
    assert "program 1: Evening peak type load-shifting status active region village" in shown
    assert "earned 1 tUSD, 0 tUSD of it claimed" in shown
    assert admitted.does(CONSUMER, "dr program claim 1") == (
        f"Claimed 1 tUSD of program 1 for {address(CONSUMER)}"
    )
    assert admitted.does(CONSUMER, "dr program leave 1") == "Left program 1"
    assert "not participating" in admitted.shows(f"dr program show 1 --participant {CONSUMER}")
    assert admitted.does(OPERATOR, "dr program close 1") == (
        f"Closed program 1: 6.5 tUSD went back to {address(OPERATOR)}"
    )
    assert admitted.shows("dr program show 1").startswith(
        "program 1: Evening peak type load-shifting status closed"
    )
    (listed,) = admitted.answers("dr program list")
    assert (listed["program_id"], listed["status"]) == (1, "CLOSED")
    assert "1 Evening peak village 5 kW 2.5 tUSD/kW" in admitted.shows("dr program list")


def test_portfolio__its_aggregator_claims_a_fee_and_releases_a_member(admitted: Terminal) -> None:
    create = "dr program create Evenings village --target 2kW --rate 2.5 --duration 30d"
    admitted.does(OPERATOR, f"{create} --type peak-shaving")
    join = "dr program join 1 --commit 0.8kW"
    through = f"{join} --through {STRANGER} --fee 1000"
    assert admitted.refuses(f"{through} --account {NEIGHBOUR}") == (
        "DemandEnrolments: not accepted (committed 800 W, max committed 0 W, fee bps 10 %, min fee"
        " bps 0 %)"
    )
    assert admitted.does(STRANGER, f"dr program accept 1 {NEIGHBOUR} --commit 1kW --fee 1000") == (
        f"Accepted {address(NEIGHBOUR)} in program 1 with at most 1000 W, for 10 % of its rewards"
        " or more"
    )
    assert admitted.does(NEIGHBOUR, through).startswith("Joined program 1 with 800 W")
    start = "dr event start --program 1 --target 1 --duration 1h"
    begin = announce_to_a_metered_one(admitted, start)
    admitted.market.go_to(begin + 2 * HOUR)
    admitted.does(STRANGER, f"dr event verify-from-meter 1 {NEIGHBOUR}")
    admitted.market.go_to(begin + 4 * HOUR)
    admitted.does(STRANGER, "dr event complete 1")
    before = money_of(admitted, NEIGHBOUR)
    admitted.does(STRANGER, "dr event distribute 1")
    # 800 W at 2.5 tUSD/kW, less a tenth.
    assert money_of(admitted, NEIGHBOUR) - before == 1_800_000
    assert admitted.does(STRANGER, "dr claim-fees") == (
        f"Claimed fees of 0.2 tUSD for {address(STRANGER)}"
    )
    assert admitted.does(STRANGER, f"dr program release 1 {NEIGHBOUR}") == (
        f"Released {address(NEIGHBOUR)} from program 1"
    )
    shown = admitted.shows(f"dr program show 1 --participant {NEIGHBOUR}")
    assert "not participating" in shown


def test_ven__of_a_backend_that_is_not_there__says_so(capsys: pytest.CaptureFixture[str]) -> None:
    # What they do at one is tested in front of the pages (test_vens.py).
    closed = f"http://127.0.0.1:{free_port()}"
    for command in ("dr ven create {} Pump", "dr ven list {}", f"dr ven revoke {{}} {'0' * 32}"):
        assert main([*command.format(closed).split(), "--key", CONSUMER]) != 0
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        assert "does not answer" in err
