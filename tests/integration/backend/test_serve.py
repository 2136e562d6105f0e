"""The backend lives: in one process step by step, and as a newcomer starts it."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from socket import create_server
from urllib.request import Request, urlopen

import pytest
from sqlalchemy import func, select

from energy_grid.backend.grid_service.operator import DayMetrics, metered_day
from energy_grid.backend.indexer.indexer import Indexer
from energy_grid.backend.meter_gateway.broker import HOST, EmbeddedBroker
from energy_grid.backend.meter_gateway.days import MeterDays
from energy_grid.backend.meter_gateway.gateway import MeterGateway, limits_of
from energy_grid.backend.meter_gateway.intake import signed_of
from energy_grid.backend.meter_gateway.mqtt import BrokerGoneError, BrokerPlace
from energy_grid.backend.neighbourhood.chain import LivingChain, living_chain
from energy_grid.backend.neighbourhood.service import Neighbourhood
from energy_grid.backend.neighbourhood.simulator import simulate
from energy_grid.backend.settlement_service.service import SettlementService
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.details import CLOSED_DAYS
from energy_grid.backend.store.registers import REGISTERS
from energy_grid.backend.store.views import VIEWS
from energy_grid.chain.accounts import Account
from energy_grid.client import EnergyGrid, events
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.errors import ChainError
from tests.support.deploying import wait_until
from tests.support.forks import Fork
from tests.support.relaying import document_of
from tests.support.serving import address_of, metric, says, serving, unexplained

# A Monday.
FIRST_DAY = 19_723
HOUR, HOMES, DAYS = 3600, 5, 7
GATEWAY, KEEPER = Account.local(6), Account.local(7)
_RETIRED = VIEWS["certificate_retirements"].c


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivingChain]:
    folder = tmp_path_factory.mktemp("chain")
    with living_chain(folder, FIRST_DAY, lambda _: None, HOMES) as opened:
        yield opened


@pytest.fixture
def chain(lasting: LivingChain) -> Iterator[LivingChain]:
    """A chain on which five households have opened their accounts, and nothing else has been."""
    snapshot = lasting.node.snapshot()
    yield lasting
    lasting.node.revert(snapshot)


def test_week__of_all_services__closes_every_day_and_passes_each_audit(
    chain: LivingChain, database: Database, tmp_path: Path
) -> None:
    market = EnergyGrid.connect(chain.node.url, chain.file)
    published, broker = tmp_path / "published", EmbeddedBroker(tmp_path)
    place = BrokerPlace(host=HOST, port=broker.port, is_embedded=True)
    limits = limits_of(market)

    def village() -> Neighbourhood:
        return Neighbourhood(
            *(market, database, chain.node, chain.village),
            broker=lambda: place,
            leaves=tmp_path / "gateway",
            speed=1,
        )

    def gateway() -> tuple[MeterGateway, MeterDays]:
        own = EnergyGrid.connect(chain.node.url, chain.file)
        folders = {"folder": tmp_path / "gateway", "backup": tmp_path / "backup"}
        return (
            MeterGateway(database, limits, place, clock=lambda: chain.node.time),
            MeterDays(own, database, GATEWAY, published=published, **folders),
        )

    def take(meters: MeterGateway) -> None:
        # As who runs a gateway does: this broker may take a session that comes again at once for
        # the one that has just gone, and end both.
        with suppress(BrokerGoneError):
            meters.step()

    homes, (meters, days) = village(), gateway()
    indexer = Indexer(market, database, finality=64)
    settling = SettlementService(market, database, KEEPER, published=published)
    meters.step()
    for hour in range((DAYS + 1) * 24):
        homes.advance(HOUR)
        while not indexer.step():
            pass
        while not homes.live():
            take(meters)
        days.step()
        while not indexer.step():
            pass
        settling.step()
        if hour % 30 == 0:
            # What they remember they can do without.
            meters.close()
            homes, (meters, days) = village(), gateway()
            take(meters)
            settling = SettlementService(market, database, KEEPER, published=published)
    while not indexer.step():
        pass
    for day in range(FIRST_DAY, FIRST_DAY + DAYS):
        audit = market.audit_day(chain.community, day)
        assert audit.agrees
        assert not audit.left_out
        slot = market.settlement.slot_length()
        # The day's metrics come from the gateway's leaves.
        nets = [profile.nets_wh for profile in chain.village.profiles(day)]
        used = [sum(max(-net, 0) for net in slot) for slot in zip(*nets, strict=True)]
        made = [sum(max(net, 0) for net in slot) for slot in zip(*nets, strict=True)]
        covered = sum(map(min, made, used))
        metrics = metered_day(database, published, day, slot)
        assert metrics == DayMetrics(
            production=sum(made),
            consumption=sum(used),
            peak_load=max(used),
            efficiency=covered * 10_000 // sum(used),
        )
    with database.reading() as connection:
        counts = connection.execute(
            select(CLOSED_DAYS.c.day, func.count(), func.sum(CLOSED_DAYS.c.given))
            .where(CLOSED_DAYS.c.day >= FIRST_DAY)
            .group_by(CLOSED_DAYS.c.day)
            .order_by(CLOSED_DAYS.c.day)
        ).all()
    assert [(day, count) for day, count, _ in counts[:DAYS]] == [
        (FIRST_DAY + day, HOMES) for day in range(DAYS)
    ]
    assert all(given > 0 for _, _, given in counts[:DAYS])
    with database.reading() as connection:
        retired = {*map(tuple, connection.execute(select(_RETIRED.account, _RETIRED.day)))}
        (offer,) = connection.execute(select(VIEWS["certificate_offers"])).all()
    owners = {each.wallet.address for each in chain.village.plants}
    assert retired == {*product(owners, range(FIRST_DAY, FIRST_DAY + DAYS))}
    assert offer.seller in owners
    assert settling.metrics()["aside"] == 0
    meters.close()
    broker.stop()


def test_simulated_devices__are_registered_and_each_of_their_registers_counts(
    chain: LivingChain, tmp_path: Path
) -> None:
    market, broker = EnergyGrid.connect(chain.node.url, chain.file), EmbeddedBroker(tmp_path)
    place = BrokerPlace(host=HOST, port=broker.port, is_embedded=True)
    limits = limits_of(market)
    with closing(Database.open(f"sqlite:///{tmp_path}/store.db")) as database:
        gateway = MeterGateway(database, limits, place, clock=lambda: chain.node.time)
        gateway.step()
        done = simulate(market, place, devices=4, hours=3)
        assert (done.registered, done.unknown, done.messages) == (4, 0, 16)
        indexer = Indexer(market, database, finality=64)
        while not indexer.step():
            pass
        # The same again: another process finds them registered.
        again = simulate(market, place, devices=4, hours=3)
        assert (again.registered, again.messages) == (0, 16)

        def taken(count: int) -> bool:
            gateway.step()
            return gateway.metrics()["counted_total"] == count

        wait_until(lambda: taken(16))
        # Days later they go on, and the chain finds their registers plausible.
        chain.node.set_time(chain.node.time + 2 * DAY_SECONDS)
        assert simulate(market, place, devices=4, hours=30).messages == 4 * 31
        wait_until(lambda: taken(16 + 4 * 31))
        shown = gateway.describe()
        assert "quarantined" not in shown
        begin = (chain.node.time // DAY_SECONDS - 1) * DAY_SECONDS
        with database.reading() as connection:
            first = select(REGISTERS).where(REGISTERS.c.time == begin).limit(1)
            reading = signed_of(connection.execute(first).one())
        market.submit_readings(KEEPER, [reading]).execute()
        assert market.meters.get_latest_reading(reading.meter) == reading.reading
        gateway.close()
    broker.stop()


def test_serve__killed_and_started_again__goes_on(tmp_path: Path) -> None:
    folder, fast = tmp_path / "data", ("--speed", "max", "--days", "1")
    with serving(folder, *fast) as running:
        wait_until(says(running, "settlement: running"))
        wait_until(lambda: metric(running, "neighbourhood_orders_total") > 0)
    # It was killed. Its chain went on for a moment, and was kept.
    with serving(folder, *fast) as running:
        wait_until(says(running, "settlement: running"))
        wait_until(lambda: metric(running, "neighbourhood_over") == 1)
        (reach,) = re.findall(r"reach the chain with (.+)", running.printed("stdout"))
        command = Fork(["energy-grid", "market", "show", *reach.split()], {}, tmp_path)
        shown = command.wait()
        command.end()
        assert (shown.returncode, "EnergyTrading" in shown.stdout) == (0, True), shown
        assert "opening the households' accounts" not in running.printed("stdout")
        assert metric(running, "engine_orders_settled") > 0
        assert metric(running, "settlement_settle_total") == 1
        _, url, _, file = reach.split()
        market = EnergyGrid.connect(url, file)
        # A round needs three reporters; what the street can draw is more than its transformer.
        rounds = market.events(events.GridOracle_RoundAnswered)
        assert len(rounds) > 20
        load, stability = market.load, market.stability
        assert load.get_current_load("home").capacity == 250
        assert load.report_count("home") > 20
        assert stability.get_current_stability("home").frequency == 5000
        assert unexplained(running) == []
        over = "1 day lived and settled; time stands still until Ctrl-C"
        wait_until(says(running, over))
        os.kill(running.pid, signal.SIGINT)
        done = running.wait(30)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count(over) == 1
    assert done.stdout.splitlines()[-1].endswith("Stopped")


def test_serve__beside_another__stands_by_and_takes_over(
    chain: LivingChain, database: Database, tmp_path: Path
) -> None:
    options = (
        *("--rpc", chain.node.url, "--deployment", str(chain.file), "--role", "indexer"),
        *("--database", database.url.render_as_string(hide_password=False)),
    )
    with serving(tmp_path / "one", *options) as first:
        wait_until(says(first, "indexer: running"))
        with serving(tmp_path / "two", *options) as second:
            wait_until(says(second, "indexer: standby"))
            first.end()
            wait_until(says(second, "indexer: running"))
            assert "indexer: running" in second.printed("stdout")


def test_serve__with_reporters__they_report(chain: LivingChain, tmp_path: Path) -> None:
    market = EnergyGrid.connect(chain.node.url, chain.file)
    hours = range(chain.node.time - chain.node.time % HOUR, chain.node.time + 5 * HOUR, HOUR)
    lines = [f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M},0.0{at % 89 + 10}" for at in hours]
    (tmp_path / "prices.csv").write_text("\n".join(lines))
    keys = (4, 12, 13)
    for key in keys:
        chain.node.set_balance(Account.local(key).address, 10**19)
    reporters = [
        f'[[reporters]]\nreports = "price"\nsource = "prices.csv"\naccount = "local:{key}"'
        for key in keys
    ]
    (tmp_path / "serve.toml").write_text("\n".join(reporters))
    options = ("--rpc", chain.node.url, "--deployment", str(chain.file), "--role", "reporters")
    with serving(tmp_path / "data", *options, "--config", "serve.toml") as running:
        wait_until(says(running, "price_reporter_3: running"))
        wait_until(lambda: bool(market.events(events.PriceOracle_RoundAnswered)))
        assert unexplained(running) == []


def test_serve__without_an_account_or_role__says_so(chain: LivingChain, tmp_path: Path) -> None:
    rpc = ("--rpc", chain.node.url, "--deployment", str(chain.file))
    reporter = '[[reporters]]\nreports = "weather"\naccount = "local:4"'
    (tmp_path / "nowhere.toml").write_text(reporter)
    keyless = '[[reporters]]\nreports = "price"\nsource = "here"\naccount = "none.json"'
    (tmp_path / "keyless.toml").write_text(keyless)
    (tmp_path / "fees.toml").write_text('collect_to = "0x12"')
    twice = 'settlement_account = "local:16"\nrelay_account = "local:16"'
    (tmp_path / "twice.toml").write_text(twice)
    for options, message in (
        (("--role", "cook"), "there is no role 'cook': the roles are neighbourhood, indexer"),
        (("--role", "neighbourhood"), "the neighbourhood lives on a chain of its own"),
        (("--port", "70000"), "the configuration's port: input should be less than"),
        (
            ("--config", "nowhere.toml"),
            "weather_reporter_1 needs a region",
        ),
        (("--config", "keyless.toml"), "price_reporter_1.account: none.json: no such keystore"),
        (("--config", "none.toml"), "cannot read the configuration none.toml"),
        (
            ("--config", "twice.toml"),
            f"relay_account and settlement_account are both {Account.local(16).address}: give each",
        ),
        (("--config", "fees.toml"), "collect_from: '0x12' is not an address"),
        (("--rpc", "moon"), "'moon' is no network: name one of local"),
        (("--deployment", "none.json"), "there is no deployment file none.json"),
        (("--folder", "fees.toml/data"), "cannot make the folder fees.toml/data: Not a directory"),
        (("--database", "sqlite:///fees.toml/a/b"), "cannot make the folder fees.toml/a: Not a"),
    ):
        with serving(tmp_path / "data", *rpc, *options) as running:
            done = running.wait(30)
        assert (done.returncode, message in done.stdout) == (2, True), done.stdout


def test_serve__whose_settings_are_wrong__says_so_before_a_chain_is_begun(tmp_path: Path) -> None:
    (tmp_path / "keyless.toml").write_text('settlement_account = "none.json"')
    with create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for options, message in (
            (("--role", "cook"), "there is no role 'cook'"),
            (
                ("--config", "keyless.toml"),
                "the configuration's settlement_account: none.json: no such keystore file",
            ),
            (("--port", str(port)), "name another --port, or ENERGY_GRID_PORT"),
            (("--rpc", "http://127.0.0.1:1"), "name --deployment beside --rpc"),
        ):
            with serving(tmp_path / "data", *options) as running:
                done = running.wait(30)
            assert (done.returncode, message in done.stdout) == (2, True), done.stdout
            assert not (tmp_path / "data" / "chain").exists()


def test_serve__in_a_terminal_that_names_another_node__says_which_one_it_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENERGY_GRID_RPC", "http://127.0.0.1:1/SECRET")
    monkeypatch.setenv("ENERGY_GRID_DEPLOYMENT", "none.json")
    with serving(tmp_path / "data") as running:
        done = running.wait(30)
    assert "The node is that of ENERGY_GRID_RPC: unset it for a chain of serve's own" in done.stdout
    assert "there is no deployment file none.json" in done.stdout
    assert "SECRET" not in done.stdout


def test_living_chain__begun_again__goes_on_where_its_clock_stood(tmp_path: Path) -> None:
    # Long before this machine's clock.
    with living_chain(tmp_path, FIRST_DAY, lambda _: None, 2) as first:
        stood, community, place = first.node.time, first.community, first.node.url
    with living_chain(tmp_path, 0, lambda _: None, 2) as again:
        assert (again.node.time, again.community) == (stood, community)
        # Whoever was told where it is finds it there.
        assert again.node.url == place
        assert again.village.first_day == FIRST_DAY
        again.node.set_time(stood + 5)
        assert again.node.time == stood + 5


def test_living_chain__that_another_is_opening__is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("energy_grid.chain.rpc.anvil._STOP_SECONDS", 0.1)

    def second(_: str) -> None:
        with (
            pytest.raises(ChainError, match="another node has"),
            living_chain(tmp_path, FIRST_DAY, lambda _: None, 2),
        ):
            pass

    with living_chain(tmp_path, FIRST_DAY, second, 2) as opened:
        assert opened.community == 2


def test_living_chain__whose_opening_was_interrupted__begins_anew(tmp_path: Path) -> None:
    class Killed(BaseException):
        """The process ends here."""

    def die(_: str) -> None:
        raise Killed

    with pytest.raises(Killed), living_chain(tmp_path, FIRST_DAY, die, 2):
        pass
    with living_chain(tmp_path, FIRST_DAY, lambda _: None, 2) as opened:
        assert opened.community == 2


def test_serve__relays_what_a_household_without_coin_signs(
    chain: LivingChain, tmp_path: Path
) -> None:
    options = ("--rpc", chain.node.url, "--deployment", str(chain.file), "--role", "relay")
    house, dollars = Account.local(45), 20_000_000
    with EnergyGrid.connect(chain.node.url, chain.file) as market:
        payer = Account.local(15)
        market.plan(payer, market.money.faucet(dollars)).execute()
        market.plan(payer, market.money.transfer(house.address, dollars)).execute()
        deposit = market.prepare_deposit_with_permit(house, dollars)
        (signed,) = market.sign_calls(house, [deposit])
        with serving(tmp_path / "data", *options, "--role", "api") as running:
            wait_until(says(running, "relay: running"))
            body = json.dumps(document_of(signed)).encode()
            place, kind = (
                f"{address_of(running)}/api/v1/relay",
                {"Content-Type": "application/json"},
            )
            with urlopen(Request(place, body, kind), timeout=10) as answer:
                path = f"{place}/{json.load(answer)['id']}"

            def is_done() -> bool:
                with urlopen(path, timeout=10) as answer:
                    return bool(json.load(answer)["state"] == "DONE")

            wait_until(is_done)
            # The figures follow at the end of the step, after the call's own state.
            wait_until(lambda: metric(running, "relay_gas_today") > 21_000)
            assert metric(running, "relay_done_total") == 1
            assert unexplained(running) == []
        assert market.settlement.balance_of(house.address) == dollars
        assert market.node.balance(house.address) == 0
