"""Reporters in front of the oracles: one that lies and one that is silent change nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from eth_account.signers.local import LocalAccount
from sqlalchemy import func, insert, select

from energy_grid.backend.grid_service.operator import (
    DayMetrics,
    MetricsReporter,
    OperatorReporter,
    metered_day,
)
from energy_grid.backend.grid_service.places import SourceError
from energy_grid.backend.grid_service.reporter import Reporter, oracle_reporter
from energy_grid.backend.grid_service.responses import ResponseKeeper
from energy_grid.backend.grid_service.sources import metered_grid, prices_in
from energy_grid.backend.indexer.indexer import Indexer
from energy_grid.backend.meter_gateway.intake import Intake, Received
from energy_grid.backend.meter_gateway.judging import Limits
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.details import READINGS
from energy_grid.backend.store.feeder_flows import FEEDER_FLOWS
from energy_grid.chain.accounts import Account
from energy_grid.chain.roles import Role
from energy_grid.client import EnergyGrid
from energy_grid.contracts import errors
from energy_grid.contracts.grid_oracle import GridState
from energy_grid.contracts.smart_meter import MeterReading
from energy_grid.contracts.weather_oracle import Weather
from energy_grid.domain.enums import ActionType, RoundStatus, Trigger
from energy_grid.market.day_store import DayStore, publish
from tests.integration.backend.api.openadr_world import schedule
from tests.integration.conftest import BUYER, OWNERS, SELLER
from tests.support.killing import KilledError, dying
from tests.support.market import DAY, MONDAY, Market, actor
from tests.support.stacks import deploy_stack
from tests.unit.contracts.demand_response.scheme import open_scheme

KEYS = [Account.local(number) for number in (4, 12, 13, 14)]
HOUR = 3600
TUESDAY = MONDAY + DAY


@pytest.fixture
def connect(market: Market, grid: EnergyGrid) -> Iterator[Callable[[], EnergyGrid]]:
    """Connections of reporters, who have gas."""
    for each in KEYS:
        market.node.set_balance(each.address, 10**21)
    with ExitStack() as ends:
        yield lambda: ends.enter_context(EnergyGrid.connect(grid.node.url, grid.deployment))


def silent(_: int) -> int:
    raise SourceError("the exchange is closed")


def test_price__a_liar_and_a_silent_one__the_answer_is_an_honest_one(
    market: Market,
    grid: EnergyGrid,
    database: Database,
    connect: Callable[[], EnergyGrid],
    tmp_path: Path,
) -> None:
    file, oracle = tmp_path / "prices.csv", grid.price_oracle
    honest = [prices_in(str(file), oracle.decimals()) for _ in range(2)]
    assert oracle.quorum() == 3
    file.write_text("".join(f"2024-01-01T{hour:02}:00,0.2{hour}\n" for hour in range(10)))
    # The liar comes first, in the middle or last.
    for hour, order in enumerate([(2, 0, 1), (0, 2, 1), (0, 1, 2), (1, 2, 0)], start=1):
        sources = [*honest, lambda _: 10**9, silent]
        reporters: list[Reporter[int]] = [
            oracle_reporter(
                "price", connect(), database, key, source, name=f"price_reporter_{place}"
            )
            for place, (key, source) in enumerate(zip(KEYS, sources, strict=True))
        ]
        market.go_to(MONDAY + hour * HOUR + hour)
        for each in (3, *order, 3, *order):
            reporters[each].step()
        assert oracle.is_fresh("")
        assert oracle.latest_round_of("").id == hour
        assert oracle.latest_round_of("").values == (200_000 + hour * 10_000,)
        found = [each.metrics()["reports_total"] for each in reporters]
        assert found == [1, 1, 1, 0]
        # Once there is an answer, it is not asked any more.
        assert reporters[3].metrics()["failures_total"] == 1
        assert "silent: the exchange is closed" in reporters[3].describe()
        assert reporters[0].describe().startswith("reported ")


def test_weather__one_after_the_quorum__is_a_spare_until_it_is_needed(
    market: Market, grid: EnergyGrid, database: Database, connect: Callable[[], EnergyGrid]
) -> None:
    weather = Weather(irradiance=300, temperature=-250, wind_speed=420, cloud_cover=7500)
    reporters = [
        oracle_reporter(
            "weather",
            connect(),
            database,
            key,
            lambda _: weather,
            region="home",
            name=f"weather_reporter_{place}",
        )
        for place, key in enumerate(KEYS)
    ]
    oracle = grid.weather_oracle
    market.go_to(MONDAY + HOUR)
    for each in reporters:
        each.step()
    assert oracle.get_weather("home") == weather
    assert oracle.open_round_of("home") == 2
    assert reporters[3].metrics()["reports_total"] == 0
    # The first one is gone: the spare one closes the next round.
    market.go_to(MONDAY + 2 * HOUR + 60)
    for each in reporters[1:]:
        each.step()
    assert oracle.latest_round_of("home").id == 2
    assert [each.metrics()["reports_total"] for each in reporters] == [1, 2, 2, 1]


def test_price__others_are_missing__each_report_replaces_the_former_one(
    market: Market, grid: EnergyGrid, database: Database, connect: Callable[[], EnergyGrid]
) -> None:
    """So the answer, when there is one, is of prices of its time."""
    oracle, price = grid.price_oracle, 250_000
    reporters = [
        oracle_reporter(
            "price",
            connect(),
            database,
            key,
            lambda _: price,
            name=f"price_reporter_{place}",
            every=HOUR // 2,
        )
        for place, key in enumerate(KEYS[:3])
    ]
    for half in range(4):
        market.go_to(MONDAY + half * HOUR // 2 + 60)
        price = 250_000 + half
        for each in reporters[:2]:
            each.step()
            each.step()
        found = oracle.get_round("", 1)
        assert (found.status, found.submissions) == (RoundStatus.OPEN, 2)
        assert oracle.submission_of("", KEYS[0].address).values == (price,)
    assert [each.metrics()["reports_total"] for each in reporters] == [4, 4, 0]
    reporters[2].step()
    assert oracle.latest_round_of("").values == (250_003,)
    assert oracle.is_fresh("")


def test_killed_at_any_moment__one_report(
    market: Market, grid: EnergyGrid, database: Database, connect: Callable[[], EnergyGrid]
) -> None:
    moment, times = 1, 0
    while True:
        mine = connect()
        name, before = f"price_reporter_{moment}", grid.node.nonce(KEYS[0].address)
        market.go_to(market.now + 3 * HOUR)
        try:
            with dying(database, mine.node, moment):
                oracle_reporter(
                    "price", mine, database, KEYS[0], lambda _: 250_000, name=name
                ).step()
        except KilledError:
            times += 1
        else:
            break
        oracle_reporter("price", mine, database, KEYS[0], lambda _: 250_000, name=name).step()
        assert grid.node.nonce(KEYS[0].address) - before == 1, f"killed at {moment}"
        moment += 3
    assert times > 5


def live(market: Market, grid: EnergyGrid, database: Database) -> dict[str, LocalAccount]:
    """Two hours of Tuesday at three meters, of which one reads the first alone, at one far away and
    at one that bills nobody, in the store. Gives the three."""
    market.add_region(b"hill".ljust(32, b"\0"))
    homes = {"a": (1_500, 0), "b": (0, 4_000), "c": (2_100, 0)}
    meters = {name: market.register_meter(actor(name)) for name in homes}
    far = market.register_meter(actor("far"), region=b"hill".ljust(32, b"\0"))
    boiler = market.register_meter(actor("a"), actor("boiler"), settlement=False)
    market.go_to(TUESDAY + 2 * HOUR)
    for name, flow in homes.items():
        market.measure(meters[name], flow, *[flow] * (name != "c"))
    market.measure(far, (9_000, 0))
    for hour in range(3):
        market.read_meter(boiler, timestamp=TUESDAY + hour * HOUR, consumed=hour * 700)
    index(grid, database)
    return meters


def index(grid: EnergyGrid, database: Database) -> None:
    """The store has all of the chain."""
    indexer = Indexer(grid, database, finality=64)
    while indexer.step() == 0.0:
        pass


def test_grid__what_the_meters_of_a_region_have_read(
    market: Market, grid: EnergyGrid, database: Database, connect: Callable[[], EnergyGrid]
) -> None:
    meters = live(market, grid, database)
    source = metered_grid(database, "home", HOUR, 2300, 600)
    # Two of three have read the newest slot: that of the third one is not known yet.
    state = source(market.now)
    assert state == GridState(demand=2, supply=604, frequency=5000, voltage=100)
    assert source(TUESDAY + HOUR).demand == 4
    # What the cables carry is not known: so neither is what the region can draw.
    unknown = metered_grid(database, "home", HOUR, 2300, None)
    assert unknown(market.now).supply == 0
    # One of three says nothing of the next slot yet.
    market.go_to(TUESDAY + 3 * HOUR)
    market.measure(meters["a"], (9_000, 0))
    index(grid, database)
    assert source(market.now) == state
    with pytest.raises(SourceError, match="have not read a slot since 2024-01-02 04:00:00 UTC"):
        source(TUESDAY + 10 * HOUR)
    for place, key in enumerate(KEYS[:3]):
        name = f"grid_reporter_{place}"
        oracle_reporter("grid", connect(), database, key, source, region="home", name=name).step()
    assert grid.grid_oracle.get_grid_state("home") == state


def test_grid__each_report_could_close_the_round(
    market: Market, grid: EnergyGrid, database: Database, connect: Callable[[], EnergyGrid]
) -> None:
    """Others may come between its making and its block."""
    node, before = market.node, market.node.block_number
    state = GridState(demand=200, supply=100, frequency=5000, voltage=100)
    for place, key in enumerate(KEYS[:3]):
        name = f"grid_reporter_{place}"
        oracle_reporter(
            "grid", connect(), database, key, lambda _: state, region="home", name=name
        ).step()
    # The last one has closed it.
    assert grid.grid_oracle.get_grid_state("home") == state
    blocks = [node.block(number) for number in range(before + 1, node.block_number + 1)]
    sent = [each for block in blocks for each in block["transactions"]]
    limits = {node.rpc("eth_getTransactionByHash", each)["gas"] for each in sent}
    assert (len(sent), len(limits)) == (3, 1)


def test_grid__what_a_gateway_has_stored_counts_before_its_day_is_anchored(
    market: Market, grid: EnergyGrid, database: Database
) -> None:
    meters = live(market, grid, database)
    nominal = 2300
    source = metered_grid(database, "home", HOUR, nominal, 600)
    later = TUESDAY + 3 * HOUR
    received = []
    for name in "ab":
        key = Account(bytes(meters[name].key))
        begin = grid.meters.get_latest_reading(key.address)
        taken = replace(
            begin,
            timestamp=later,
            consumption=begin.consumption + 4_000,
            grid_frequency=4990,
            voltage=2254,
        )
        received.append(Received(key.address, grid.sign_reading(key, taken), later))
    limits = Limits(domain=grid.meter_domain, frequency=5000, voltage=nominal)
    assert not Intake(database, limits).take(received).refused
    assert source(later) == GridState(demand=8, supply=600, frequency=4990, voltage=98)


def test_operator__reports_load_and_stability_once_an_hour(
    market: Market, grid: EnergyGrid, database: Database, connect: Callable[[], EnergyGrid]
) -> None:
    live(market, grid, database)
    operator, authority = KEYS[0], market.roles[Role.GRID_AUTHORITY]
    region = b"home".ljust(32, b"\0")
    market.do(operator.address, market.operators, "registerOperator", "Village", region, 2_000)
    source = metered_grid(database, "home", HOUR, 2300, 600)
    service = OperatorReporter(connect(), database, operator, source)
    # Before it is verified the chain takes nothing, which is said.
    assert service.step() > 0
    assert service.metrics() == {"reports_total": 0, "failures_total": 2}
    assert "silent: GridOperatorVerification" in service.describe()
    market.do(authority, market.operators, "verifyOperator", operator.address)
    for _ in range(2):
        service.step()
    assert service.metrics()["reports_total"] == 2
    load, stability = grid.load, grid.stability
    assert (load.get_current_load("home").capacity, load.get_current_load("home").demand) == (
        *(2_000, 2),
    )
    found = stability.get_current_stability("home")
    assert (found.frequency, found.voltage, found.phase_angle) == (5000, 100, 0)
    assert (load.report_count("home"), stability.report_count("home")) == (1, 1)
    market.go_to(market.now + HOUR)
    # Another instance goes on.
    OperatorReporter(connect(), database, operator, source).step()
    assert (load.report_count("home"), stability.report_count("home")) == (2, 2)


def test_operator__a_limit_that_breaks_in_the_twin__is_reported_at_once_and_once(
    market: Market, grid: EnergyGrid, database: Database, connect: Callable[[], EnergyGrid]
) -> None:
    live(market, grid, database)
    operator, authority = KEYS[0], market.roles[Role.GRID_AUTHORITY]
    region = b"home".ljust(32, b"\0")
    market.do(operator.address, market.operators, "registerOperator", "Village", region, 2_000)
    market.do(authority, market.operators, "verifyOperator", operator.address)
    source = metered_grid(database, "home", HOUR, 2300, 600)
    service = OperatorReporter(connect(), database, operator, source)
    service.step()
    load, stability = grid.load, grid.stability

    def flow(end: int, *, measured: int, cable: int, highest: int) -> None:
        values = {"region": "home", "end": end, "readings": 9, "meters": 5, "measured": measured}
        values |= {"supply_w": -900, "losses_w": 20, "transformer_bps": 4000, "cable": "A-B"}
        values |= {"cable_bps": cable, "lowest_bus": "A", "lowest_bps": 10_000}
        values |= {"highest_bus": "B", "highest_bps": highest, "is_broken": True}
        with database.writing() as connection:
            connection.execute(insert(FEEDER_FLOWS).values(values))

    # Two of five meters say nothing of a feeder.
    flow(market.now + 60, measured=2, cable=20_000, highest=12_000)
    market.go_to(market.now + 120)
    service.step()
    assert load.report_count("home") == 1
    flow(market.now + 60, measured=3, cable=10_401, highest=11_150)
    market.go_to(market.now + 120)
    for _ in range(2):
        service.step()
    assert (load.report_count("home"), stability.report_count("home")) == (2, 2)
    # 104.01 % of 2,000 kW, rounded up.
    assert load.get_current_load("home").demand == 2081
    assert stability.get_current_stability("home").voltage == 112
    # What no grid can have is not reported, and does not keep what can be from it.
    flow(market.now + 60, measured=3, cable=10_401, highest=15_100)
    market.go_to(market.now + 120)
    service.step()
    assert (stability.report_count("home"), service.metrics()["failures_total"]) == (3, 0)
    assert stability.get_current_stability("home").voltage == 100


def test_operator__critical_load_that_a_quorum_reports__executes_the_responses_once(
    market: Market, grid: EnergyGrid, database: Database, connect: Callable[[], EnergyGrid]
) -> None:
    live(market, grid, database)
    operator, authority = KEYS[0], market.roles[Role.GRID_AUTHORITY]
    region = b"home".ljust(32, b"\0")
    market.do(operator.address, market.operators, "registerOperator", "Village", region, 2_000)
    market.do(authority, market.operators, "verifyOperator", operator.address)
    market.do(authority, market.operators, "setOperatorScore", operator.address, 100)
    market.do(operator.address, market.balancing, "setRegionCapacity", region, 100, 50, 0)
    source = metered_grid(database, "home", HOUR, 2300, 600)
    service = OperatorReporter(connect(), database, operator, source)
    for key in KEYS[:3]:
        state = 97, 100, 5000, 100
        market.do(key.address, market.grid_oracle, "submitGridState", region, 1, state)
    service.step()
    assert grid.balancing.get_open_actions("home") == []
    response = Trigger.CRITICAL_LOAD, ActionType.INCREASE_GENERATION, 10, 1
    market.do(operator.address, market.stability, "configureAutomatedResponse", *response)
    for _ in range(2):
        service.step()
    (action,) = grid.balancing.get_open_actions("home")
    assert (action.target, action.automated) == (10, True)
    assert grid.stability.is_in_emergency("home")
    assert service.metrics()["failures_total"] == 0


def test_metrics__each_final_day_once(
    market: Market,
    grid: EnergyGrid,
    database: Database,
    connect: Callable[[], EnergyGrid],
    tmp_path: Path,
) -> None:
    meters = live(market, grid, database)
    admin, day = market.roles[Role.ADMIN], TUESDAY // DAY
    market.do(admin, market.access, "grantRole", Role.GRID_AUTHORITY, KEYS[0].address, 0)
    service = MetricsReporter(connect(), database, KEYS[0], tmp_path)
    # Nothing was read on Monday.
    service.step()
    assert "no meter has read a slot of 2024-01-01" in service.describe()
    market.go_to((day + 1) * DAY + HOUR)
    service.step()
    assert service.describe() == "reported 1 time"
    wanted = metered_day(database, tmp_path, day, HOUR)
    # What comes later changes nothing that was recorded.
    market.measure(meters["c"], (2_100, 0))
    index(grid, database)
    for _ in range(2):
        service.step()
        service = MetricsReporter(connect(), database, KEYS[0], tmp_path)
    assert metered_day(database, tmp_path, day, HOUR) != wanted
    with pytest.raises(errors.GridManagement_NoSuchMetrics):
        grid.grid.get_metrics(2)
    metrics = grid.grid.get_metrics(1)
    # 12.6 kWh in the first hour, of which 4 are produced, and 1.5 in the second one.
    assert wanted == DayMetrics(
        production=8_000, consumption=14_100, peak_load=12_600, efficiency=5_500 * 10_000 // 14_100
    )
    assert (
        DayMetrics(
            production=metrics.production,
            consumption=metrics.consumption,
            peak_load=metrics.peak_load,
            efficiency=metrics.efficiency,
        )
        == wanted
    )


def test_metrics__of_a_gateways_members__from_published_leaves(
    market: Market, grid: EnergyGrid, database: Database, tmp_path: Path
) -> None:
    gateway, registrar, day = Account.local(6), grid.acting_safe(OWNERS), TUESDAY // DAY
    market.node.set_balance(gateway.address, 10**21)
    # Wh of import and export an hour: the seller uses some of its own production.
    devices = {BUYER: (Account.local(16), 300, 0), SELLER: (Account.local(17), 100, 500)}
    for account, (device, *_) in devices.items():
        grid.deposit(account, grid.coins("90")).execute()
        grid.register_meter(registrar, device, account, region="home", rated_power=5000).execute()
    number = grid.create_community_with_gateway(SELLER, "home", 5000, gateway.address).execute()
    for account in devices:
        grid.join_community(account, number).execute()
    readings = [
        grid.sign_reading(
            device,
            MeterReading(
                timestamp=TUESDAY + hour * HOUR,
                consumption=hour * used,
                production=hour * made,
                grid_frequency=5000,
                voltage=2300,
            ),
        )
        for device, used, made in devices.values()
        for hour in range(25)
    ]
    market.go_to(TUESDAY + 2 * HOUR)
    grid.submit_readings(BUYER, [readings[0], readings[25]]).execute()
    grid.close_days(BUYER, [each.address for each in devices]).execute()
    market.go_to((day + 1) * DAY + HOUR)
    store = DayStore(tmp_path / "days")
    stored = grid.build_day(store, number, day, readings)[0]
    grid.anchor_day(gateway, store, number, day).execute()
    index(grid, database)
    # Leaves that nobody has count for nothing.
    with pytest.raises(SourceError, match="no meter has read a slot of 2024-01-02"):
        metered_day(database, tmp_path, day, HOUR)
    publish(stored, tmp_path)
    # The seller's 100 Wh an hour show in its registers alone: they are no part of the peak.
    wanted = DayMetrics(production=24 * 500, consumption=24 * 400, peak_load=300, efficiency=10_000)
    assert metered_day(database, tmp_path, day, HOUR) == wanted
    with pytest.raises(SourceError, match="a day's leaves come too late"):
        metered_grid(database, "home", HOUR, 2300, 600)(market.now)
    # Nobody has settled the day in time: it is closed alone, and read late. It counts once.
    market.go_to((day + 5) * DAY)
    grid.close_days(BUYER, [BUYER.address]).execute()
    grid.submit_readings(BUYER, readings[1:25]).execute()
    index(grid, database)
    with database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(READINGS)) == 2 + 24
    assert metered_day(database, tmp_path, day, HOUR) == wanted


def test_demand__of_a_household_that_a_gateway_reads__all_its_days_are_proven_first(
    market: Market, grid: EnergyGrid, database: Database, tmp_path: Path
) -> None:
    """A weekday's event, after ten weekdays of which the gateway alone knows the slots. A local
    chain verifies for an hour, too short for a gateway's day: this market does for five days."""
    market = deploy_stack(market, market.dollar, verificationTime=5 * DAY)
    known = grid.deployment
    own = {
        name: replace(each, address=market.contracts[name].address)
        for name, each in known.contracts.items()
    }
    with EnergyGrid.connect(grid.node.url, replace(known, contracts=own)) as other:
        proves_all_days(market, other, database, tmp_path)


def proves_all_days(market: Market, grid: EnergyGrid, database: Database, tmp_path: Path) -> None:
    gateway, device, home = Account.local(6), Account.local(16), b"home".ljust(32, b"\0")
    for each in (gateway, KEYS[0]):
        market.node.set_balance(each.address, 10**21)
    grid.deposit(BUYER, grid.coins("90")).execute()
    registrar = grid.acting_safe(OWNERS)
    grid.register_meter(registrar, device, BUYER, region="home", rated_power=5000).execute()
    number = grid.create_community_with_gateway(SELLER, "home", 5000, gateway.address).execute()
    grid.join_community(BUYER, number).execute()
    scheme = open_scheme(market)
    scheme.operator = scheme.registered("operator of the home region", home)
    program = scheme.create(region=home)
    market.do(BUYER.address, scheme.contract, "joinProgram", program, 1000)
    begin, event_day, store = TUESDAY // DAY, MONDAY // DAY + 15, DayStore(tmp_path)
    used, shown, event = 0, {}, 0
    for hour in range((event_day + 1 - begin) * 24 + 1):
        time = TUESDAY + hour * HOUR
        shown[time] = grid.sign_reading(
            device,
            MeterReading(
                timestamp=time, consumption=used, production=0, grid_frequency=5000, voltage=2300
            ),
        )
        used += 500 if time // DAY == event_day and time // HOUR % 24 in (12, 13) else 2000
    market.go_to(TUESDAY + 2 * HOUR)
    grid.submit_readings(BUYER, [shown[TUESDAY]]).execute()
    grid.close_days(BUYER, [BUYER.address]).execute()
    for day in range(begin, event_day + 1):
        if day == event_day:
            event = schedule(scheme, program, hours=2, ahead=12 - market.now // HOUR % 24)
        market.go_to((day + 1) * DAY + 1)
        readings = [shown[time] for time in range(day * DAY, (day + 1) * DAY + 1, HOUR)]
        stored = grid.build_day(store, number, day, readings)[0]
        grid.anchor_day(gateway, store, number, day).execute()
        market.go_to((day + 1) * DAY + 7 * HOUR)
        grid.settle_day(gateway, stored).execute()
    index(grid, database)
    # Without the leaves of the event's day the others help nobody.
    elsewhere = ResponseKeeper(grid, database, KEYS[0], tmp_path / "elsewhere")
    elsewhere.step()
    assert elsewhere.describe() == "reported 0 times"

    service = ResponseKeeper(grid, database, KEYS[0], tmp_path)
    service.step()

    found = grid.demand_response.get_participation(event, BUYER.address)
    assert (found.baseline_usage_w, found.actual_usage_w) == (2_000, 500)
    assert service.describe() == "reported 12 times"
    index(grid, database)
    service.step()
    assert service.describe() == "reported 12 times"
