"""Tables as files."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from io import BytesIO, StringIO

import pytest
from pyarrow import parquet

from energy_grid.backend.api import exports
from energy_grid.backend.api.exports import safe_text
from energy_grid.backend.api.routes import batches
from tests.integration.backend.api.conftest import Api
from tests.integration.exchange import BUY, PRICE, SELL

SPAN = "from=2024-01-01T00:00:00Z&to=2024-01-03T00:00:00Z"


@pytest.fixture
def traded(api: Api) -> Api:
    api.place(api.exchange.order(0, BUY, 1000))
    api.place(api.exchange.order(1, SELL, 1000))
    api.live()
    return api


def test_prices__as_csv__are_rows_with_a_head(traded: Api) -> None:
    found = traded.get(f"/exports/prices?{SPAN}")
    assert found.headers["content-type"].startswith("text/csv")
    name = 'attachment; filename="prices-2024-01-01-2024-01-02.csv"'
    assert found.headers["content-disposition"] == name
    (row,) = csv.DictReader(StringIO(found.text))
    assert (row["batch"], row["energy_wh"], row["price_per_kwh"]) == ("1", "1000", str(PRICE))
    assert (row["period_kind"], row["period_start"]) == ("HOURLY", "2024-01-01T02:00:00Z")


def test_trades__as_parquet__have_types(traded: Api) -> None:
    found = traded.get(f"/exports/trades?{SPAN}&format=parquet")
    assert found.headers["content-type"] == "application/vnd.apache.parquet"
    (row,) = parquet.read_table(BytesIO(found.content)).to_pylist()
    assert (row["amount_wh"], row["price_per_kwh"]) == (1000, PRICE)
    assert row["period_start"] == datetime(2024, 1, 1, 2, tzinfo=UTC)
    shown = traded.get("/trades").json()["items"][0]
    assert str(row["id"]) == shown["id"]
    assert not {"buyer", "seller", "trader"} & {*row}


def test_orders__are_an_accounts_own(traded: Api) -> None:
    trader, other = traded.exchange.traders[0], traded.exchange.traders[1]
    path = f"/accounts/{trader.address}/exports/orders?{SPAN}"
    (row,) = csv.DictReader(StringIO(traded.get(path, trader).text))
    assert (row["side"], row["state"], row["filled_wh"]) == ("BUY", "MATCHED", "1000")
    assert traded.get(path, other).status_code == 404
    assert traded.get(path).status_code == 401
    later = f"/accounts/{trader.address}/exports/orders?from=2024-01-02T00:00:00Z"
    assert len(traded.get(later + "&to=2024-01-03T00:00:00Z", trader).text.splitlines()) == 1


def test_days_and_readings__of_nobody__are_heads_alone(traded: Api) -> None:
    trader = traded.exchange.traders[0]
    for table, first in (("days", "day,"), ("readings", "meter,")):
        for form in ("csv", "parquet"):
            path = f"/accounts/{trader.address}/exports/{table}?{SPAN}&format={form}"
            found = traded.get(path, trader)
            assert found.status_code == 200
            if form == "csv":
                assert found.text.startswith(first)
                assert len(found.text.splitlines()) == 1


def test_file__that_would_be_too_long__is_refused(
    traded: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "_MOST_ROWS", 0)
    refused = traded.get(f"/exports/trades?{SPAN}")
    assert refused.status_code == 422
    assert refused.json()["next"] == "ask for a shorter time, one after the other"
    long = traded.get("/exports/trades?from=2020-01-01T00:00:00Z&to=2024-01-03T00:00:00Z")
    assert long.json()["field"] == "to"


def test_file__while_others_are_made__has_to_wait(traded: Api) -> None:
    with exports._MAKING.place(), exports._MAKING.place():
        busy = traded.get(f"/exports/trades?{SPAN}")
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "2")
    assert busy.json()["detail"] == "other files are being made"
    assert traded.get(f"/exports/trades?{SPAN}").status_code == 200


def test_audit__while_others_are_made__has_to_wait(traded: Api) -> None:
    with batches._AUDITING.place(), batches._AUDITING.place():
        busy = traded.get("/batches/1/audit")
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "2")
    assert traded.get("/batches/1/audit").status_code == 200


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_text__that_is_a_formula__is_only_text(text: str) -> None:
    assert safe_text(text) == f"'{text}"


def test_text__that_is_none__stays_as_it_is() -> None:
    assert safe_text("HOURLY") == "HOURLY"
    assert safe_text("") == ""


def test_numbers__below_zero__are_numbers() -> None:
    assert exports._written(-5, "whole") == -5
    assert exports._written("=1", "text") == "'=1"


def test_answer__that_has_not_changed__is_not_sent_again(traded: Api) -> None:
    first = traded.get("/trades")
    tag = first.headers["etag"]
    again = traded.client.get("/api/v1/trades", headers={"If-None-Match": f'"x", W/{tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    other = traded.client.get("/api/v1/trades", headers={"If-None-Match": '"x"'})
    assert (other.status_code, other.content) == (200, first.content)
    assert "etag" not in traded.get("/orders").headers
