"""Analytics of a street: each figure is what its accounts, the store or the chain say."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from typing import Any

import pytest
from pyarrow import parquet
from sqlalchemy import delete, func, select, text

from energy_grid.backend.api.summing import sum_up
from energy_grid.backend.indexer.indexer import forget
from energy_grid.backend.store.analytics import CLEARING_SUMS, DAY_SUMS, HOUR_SUMS
from energy_grid.backend.store.details import CLOSED_DAYS, READINGS
from energy_grid.backend.store.kpis import KPIS
from energy_grid.backend.store.registers import REGISTERS
from energy_grid.backend.store.transactions import JOURNALS, SENT
from energy_grid.chain.roles import Role
from tests.integration.backend.api.analysing import SPAN, Street, summed, traded_street
from tests.integration.backend.api.conftest import Api
from tests.integration.backend.api.test_analytics import close
from tests.integration.exchange import BUY, SELL
from tests.support.market import DAY, HOME, MONDAY, actor

_TABLES = (
    *("days", "matching", "hours", "imbalance", "emissions", "certified"),
    *("welfare", "prices", "gas"),
)


@pytest.fixture
def street(api: Api) -> Street:
    return traded_street(api)


def test_totals__of_groups__are_the_sums_of_their_days(street: Street) -> None:
    """Also from a store that is filled anew."""
    of = {
        "": [*street.traders, *street.members],
        "&region=home": [*street.traders, *street.members],
        "&community=1": street.members,
        f"&account={street.traders[0].address}": street.traders[:1],
    }
    for _ in range(2):
        summed(street.api)
        for query, whose in of.items():
            (found,) = street.get("days", query, whose[0] if "account" in query else None)[-1:]
            assert (found["day"], found["accounts"]) == ("2024-01-02", len(whose)), query
            for name in ("from_grid_wh", "fed_in_wh", "shared_taken_wh", "money_thousandths"):
                assert int(found[name]) == street.sum(name, whose), (query, name)
        forget(street.api.database)
        assert _count(street, DAY_SUMS) == 0
        while not street.api.indexer.step():
            pass


def test_totals__of_a_day_that_is_closed_later__are_brought_up_to_date(street: Street) -> None:
    summed(street.api)
    api, market = street.api, street.api.exchange.market
    market.go_to(MONDAY + 3 * DAY + 8 * 3600)
    late = [each.address for each in street.traders]
    close(api, MONDAY // DAY + 2, late[:5])
    assert street.get("days")[-1]["accounts"] == 5
    close(api, MONDAY // DAY + 2, late[5:])
    assert street.get("days")[-1]["accounts"] == 6


def test_totals__of_a_closing_whose_block_is_abandoned__are_without_it(street: Street) -> None:
    """It was summed before it was final."""
    database = street.api.database
    sum_up(database, 10**9, 3600)
    assert street.get("days")[-1]["accounts"] == 11
    with database.writing() as connection:
        connection.execute(delete(CLOSED_DAYS))
    sum_up(database, 10**9, 3600)
    assert street.get("days") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("&community=1&region=home", "community"),
        ("&region=nowhere", "region"),
        ("&community=0", "community"),
    ],
)
def test_group__that_is_none__is_refused(api: Api, query: str, field: str) -> None:
    found = api.get(f"/analytics/days?{SPAN}{query}")
    assert (found.status_code, found.json()["field"]) == (422, field)


@pytest.mark.parametrize(
    "name", ["days", "matching", "imbalance", "emissions", "certified", "exports/days"]
)
def test_account__of_somebody_else__is_not_told(api: Api, name: str) -> None:
    mine, other = api.exchange.traders[:2]
    path = f"/analytics/{name}?{SPAN}&account={mine.address}"
    assert [api.get(path, who).status_code for who in (None, other, mine)] == [401, 404, 200]


def test_matching__is_what_others_gave_in_the_same_hour(street: Street) -> None:
    assert street.get("matching") == {"days": [], "hours": []}
    summed(street.api)
    found = street.get("matching")
    (day,) = found["days"]
    taken = {hour: 303 + (0 if hour == 12 else 240) for hour in range(24)}
    given = {hour: 3 * (90 + hour) + (1500 if hour == 12 else 0) for hour in range(24)}
    assert [(each["hour"], each["import_wh"], each["export_wh"]) for each in found["hours"]] == [
        (hour, taken[hour], given[hour]) for hour in range(24)
    ]
    assert [each["matched_wh"] for each in found["hours"]] == [
        min(taken[hour], given[hour]) for hour in range(24)
    ]
    assert day["accounts"] == 11
    for name in ("import_wh", "export_wh", "matched_wh"):
        assert day[name] == sum(each[name] for each in found["hours"]), name
    (community,) = street.get("matching", "&community=1")["days"]
    # What they give is at noon, when they take nothing.
    assert (community["import_wh"], community["export_wh"], community["matched_wh"]) == (
        *(23 * 240, 1500, 0),
    )


def test_matching__of_an_account__is_covered_as_everybodys_is(street: Street) -> None:
    summed(street.api)
    mine = street.traders[0]
    found = street.get("matching", f"&account={mine.address}", mine)
    everybody = street.get("matching")["hours"]
    assert [(each["import_wh"], each["matched_wh"]) for each in found["hours"]] == [
        (100, 100 * each["matched_wh"] // each["import_wh"]) for each in everybody
    ]


def test_matching__of_few_meters__is_not_told(street: Street) -> None:
    """Where one meter lacks an hour, its account could be found by the difference."""
    device = actor(f"meter of {street.members[0].address}").address
    with street.api.database.writing() as connection:
        connection.execute(
            delete(READINGS).where(
                READINGS.c.meter == device, READINGS.c.timestamp == MONDAY + DAY + 7 * 3600
            )
        )
    summed(street.api)
    assert street.get("matching", "&community=1")["days"] == []
    assert street.get("matching", "&region=home")["days"] == []
    (day,) = street.get("matching")["days"]
    assert day["accounts"] == 10


def test_matching__once_told__stays(street: Street) -> None:
    summed(street.api)
    before = street.get("matching")
    with street.api.database.writing() as connection:
        connection.execute(delete(READINGS))
        connection.execute(delete(REGISTERS))
    summed(street.api)
    assert street.get("matching") == before


def test_imbalance__is_what_meters_counted_beside_trades(street: Street) -> None:
    summed(street.api)
    (found,) = street.get("imbalance")
    own = [street.days[each.address] for each in street.traders]
    assert found["accounts"] == 6
    traded = [each["traded_wh"] for each in own]
    assert found["bought_wh"] == sum(each for each in traded if each > 0) > 0
    assert found["sold_wh"] == -sum(each for each in traded if each < 0) > 0
    # All that was metered is traded, missing, or left over.
    net = sum(each["net_wh"] for each in own)
    assert net + sum(traded) == found["long_wh"] - found["short_wh"]
    assert int(found["money_thousandths"]) == street.sum("money_thousandths", street.traders)
    trades = street.api.get("/trades?from=2024-01-01T00:00:00Z").json()["items"]
    cost = sum(each["amount_wh"] * each["price_per_kwh"] for each in trades)
    assert int(found["spent_thousandths"]) == int(found["earned_thousandths"]) == cost > 0
    # The members have not traded: their sum would be that of the traders of a group of none.
    assert street.get("imbalance", "&community=1") == []


def test_imbalance__of_fewer_than_five_that_traded__is_not_told(api: Api) -> None:
    exchange = api.exchange
    for trader, side in ((0, BUY), (1, SELL)):
        assert api.place(exchange.order(trader, side, 700)).status_code == 201
    api.live()
    exchange.market.go_to(MONDAY + DAY + 8 * 3600)
    close(api, MONDAY // DAY, [each.address for each in exchange.traders])
    assert api.get(f"/analytics/days?{SPAN}").json() != []
    assert api.get(f"/analytics/imbalance?{SPAN}").json() == []
    mine = exchange.traders[0]
    (own,) = api.get(f"/analytics/imbalance?{SPAN}&account={mine.address}", mine).json()
    assert (own["accounts"], own["bought_wh"], own["long_wh"]) == (1, 700, 700)
    assert int(own["spent_thousandths"]) > int(own["earned_thousandths"]) == 0


def test_emissions__are_at_the_factor_of_the_day(street: Street) -> None:
    summed(street.api)
    market = street.api.exchange.market
    (found,) = street.get("emissions")[-1:]
    factor = market.carbon.call("emissionFactorOf", MONDAY // DAY + 1)
    assert found["grams_per_kwh"] == factor > 0
    assert int(found["milligrams"]) == found["from_grid_wh"] * factor
    assert found["from_grid_wh"] == street.get("days")[-1]["from_grid_wh"]
    market.do(market.roles[Role.ADMIN], market.carbon, "setEmissionFactor", factor + 7)
    market.go_to(MONDAY + 4 * DAY + 8 * 3600)
    close(street.api, MONDAY // DAY + 3, [each.address for each in street.traders])
    factors = {each["day"]: each["grams_per_kwh"] for each in street.get("emissions")}
    assert (factors["2024-01-03"], factors["2024-01-04"]) == (factor, factor + 7)


def test_welfare__is_that_of_the_audits(street: Street) -> None:
    batches = street.api.get("/batches").json()["items"]
    for _ in range(2):
        (found,) = street.get("welfare")
        assert found["day"] == "2024-01-02"
        assert found["energy_wh"] == sum(each["energy_wh"] for each in batches) > 0
        assert int(found["welfare_thousandths"]) == int(found["optimum_thousandths"]) > 0
        assert street.get("welfare", "&region=home") == [found]
        summed(street.api)
    assert _count(street, CLEARING_SUMS) == 0
    street.api.exchange.market.go_to(MONDAY + 3 * DAY)
    street.api.live()
    summed(street.api)
    assert _count(street, CLEARING_SUMS) == found["clearings"]
    assert street.get("welfare") == [found]


def test_welfare__is_the_audits_while_the_chain_knows_it(api: Api) -> None:
    for trader, side, price in ((0, BUY, 260_000), (1, SELL, 240_000), (2, BUY, 250_000)):
        assert api.place(api.exchange.order(trader, side, 700, price)).status_code == 201
    api.live()
    audit = api.get("/batches/1/audit").json()
    (found,) = api.get(f"/analytics/welfare?{SPAN}").json()
    assert found["welfare_thousandths"] == audit["welfare"] == str(700 * 20_000)
    assert found["optimum_thousandths"] == audit["optimum"]
    assert found["energy_wh"] == audit["volume_wh"]


def test_prices__are_the_chains(api: Api) -> None:
    market = api.exchange.market
    market.go_to(MONDAY + 5 * 3600)
    # What GridManagement calls.
    writer = market.grid.address
    first = market.now // 3600 + 1
    for at, factor in ((first, 15_000), (first + 1, 12_345)):
        market.do(writer, market.tariffs, "writeFactors", 1, at, first + 2, factor)
    market.go_to(MONDAY + DAY + 3600)
    api.live()
    span = "from=2024-01-01&to=2024-01-01"
    found = api.get(f"/analytics/prices?{span}").json()
    slots = range(MONDAY // 3600, MONDAY // 3600 + 24)
    asked = sorted((market.tariffs.call("deficitPrice", 1, slot) for slot in slots), reverse=True)
    assert [each["buy_per_kwh"] for each in found for _ in range(each["slots"])] == asked
    assert len(found) == 3
    # Of today only the slots that have begun.
    today = api.get("/analytics/prices?from=2024-01-02&to=2024-01-02").json()
    assert sum(each["slots"] for each in today) == market.now // 3600 - slots[-1]


def test_gas__is_what_the_blocks_say(street: Street) -> None:
    batches = street.api.get("/batches").json()["items"]
    sent = {each["transaction"] for each in batches}
    node = street.api.exchange.market.node
    used = [int(node.rpc("eth_getTransactionReceipt", each)["gasUsed"], 16) for each in sent]
    (found,) = street.get("gas")
    assert (found["day"], found["households"]) == ("2024-01-01", 11)
    assert found["batches"] == sum(used) > 0


def test_gas__of_each_service__has_its_purpose(api: Api) -> None:
    rows = (
        *(("engine", MONDAY, 100), ("engine", MONDAY + 5, 50), ("relay", MONDAY + DAY, 7)),
        *(("price_reporter_1", MONDAY, 9), ("settlement", MONDAY, 11), ("meter_days", MONDAY, 3)),
        # This one is in no block yet.
        ("settlement", MONDAY, None),
    )
    with api.database.writing() as connection:
        connection.execute(delete(JOURNALS))
        for name in sorted({name for name, *_ in rows}):
            values = {"name": name, "chain_id": 1, "genesis": "0x", "signed": 0}
            connection.execute(JOURNALS.insert().values(values))
        for nonce, (name, time, gas) in enumerate(rows):
            values = {
                "journal": name,
                "sender": "0x",
                "nonce": nonce,
                "contract": "",
                "function": "",
                "cancellation": False,
                "time": time,
                "gas_limit": 10**6,
                "gas_used": gas,
            }
            connection.execute(SENT.insert().values(values))
    first, second = api.get(f"/analytics/gas?{SPAN}").json()
    assert first == {
        "day": "2024-01-01",
        "households": 0,
        "batches": 150,
        "settlement": 11,
        "readings": 3,
        "relay": 0,
        "grid": 9,
        "gas": 173,
    }
    assert (second["day"], second["relay"], second["batches"]) == ("2024-01-02", 7, 0)


_PATHS = {
    "kpi_energy": "days",
    "kpi_imbalance": "imbalance",
    "kpi_emissions": "emissions",
    "kpi_certified": "certified",
    "kpi_matching": "matching",
    "kpi_welfare": "welfare",
    "kpi_gas": "gas",
}


def test_kpis__read_with_any_client__are_the_interfaces(street: Street) -> None:
    """In plain SQL, as the documentation has it."""
    street.api.exchange.market.go_to(MONDAY + 3 * DAY)
    street.api.live()
    summed(street.api)
    mine = street.traders[0]
    scopes = {
        ("all", ""): ("", None),
        ("community", "1"): ("&community=1", None),
        ("region", f"0x{HOME.hex()}"): ("&region=home", None),
        ("account", mine.address): (f"&account={mine.address}", mine),
    }
    compared = 0
    for kpi in (each for each in KPIS if each.view in _PATHS):
        names = [kpi.value, *filter(None, [kpi.of])]
        wanted = ", ".join(f"sum({name})" for name in names)
        statement = f"SELECT {wanted} FROM {kpi.view} WHERE day BETWEEN 19723 AND 19753"
        is_of_all = kpi.view in ("kpi_welfare", "kpi_gas")
        for (scope, whose), (query, who) in scopes.items():
            # Of one's own home hours are made of its meters' registers.
            if (who and kpi.view == "kpi_matching") or (query and is_of_all):
                continue
            of = "" if is_of_all else f" AND scope = '{scope}' AND whose = '{whose}'"
            with street.api.database.reading() as connection:
                found = connection.execute(text(statement + of)).one()
            told: Any = street.get(_PATHS[kpi.view], query, who)
            rows = told["days"] if kpi.view == "kpi_matching" else told
            sums = [sum(int(each[name]) for each in rows) for name in names]
            assert [int(each or 0) for each in found] == sums, (kpi.title, scope)
            compared += any(sums)
    assert compared > 40


@pytest.mark.parametrize("table", _TABLES)
def test_export__has_what_the_path_tells(street: Street, table: str) -> None:
    summed(street.api)
    path = {"hours": "matching"}.get(table, table)
    told: Any = street.get(path)
    rows = told[{"matching": "days"}.get(table, table)] if path == "matching" else told
    answers = {
        kind: street.api.get(f"/analytics/exports/{table}?{SPAN}&format={kind}")
        for kind in ("csv", "parquet")
    }
    assert {each.status_code for each in answers.values()} == {200}
    written = [*csv.DictReader(StringIO(answers["csv"].text))]
    assert written == [{name: str(value) for name, value in each.items()} for each in rows]
    stored = parquet.read_table(BytesIO(answers["parquet"].content)).to_pylist()
    assert [{name: str(value) for name, value in each.items()} for each in stored] == written
    assert rows != []
    name = f'filename="{table}-2024-01-01-2024-01-31.csv"'
    assert name in answers["csv"].headers["content-disposition"]


def _count(street: Street, table: Any) -> int:
    with street.api.database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def test_hours__are_kept_small(street: Street) -> None:
    """A day has a row for each hour and group, however many accounts there are."""
    summed(street.api)
    assert _count(street, HOUR_SUMS) == 2 * 24
