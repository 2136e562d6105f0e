"""What an account is told of its certificates, and everybody of those for sale."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.backend.api.archive import write_archive
from energy_grid.backend.api.certifying import Certifying
from energy_grid.chain.accounts import Account
from tests.integration.backend.api.analysing import summed
from tests.integration.backend.api.conftest import Api
from tests.integration.backend.api.test_analytics import close
from tests.support.archives import same_rows
from tests.support.certifying import CertifiedStreet
from tests.support.market import DAY, actor

_DAY = "2024-01-02"
_PRICE = 20_000


@pytest.fixture
def street(api: Api) -> CertifiedStreet:
    street = CertifiedStreet(api.exchange.market, actor("producer"), actor("consumer"))
    street.live((2_000, 500, 900), (3_000, 800, 700))
    return street


def own(api: Api, who: LocalAccount, path: str = "") -> Any:
    found = api.get(f"/accounts/{who.address}/certificates{path}", Account(bytes(who.key)))
    assert found.status_code == 200, found.text
    return found.json()


def offers(api: Api) -> Any:
    return api.get("/certificates/offers").json()["items"]


def time(street: CertifiedStreet, hour: int) -> str:
    moment = datetime.fromtimestamp(street.day * DAY + hour * 3600, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_own__of_nobody__is_nothing(api: Api) -> None:
    found = own(api, actor("stranger"))
    lists = {"devices": [], "days": [], "offers": []}
    assert found == {**lists, "held_wh": 0, "retired_wh": 0, "may_sell": False}


def test_own__of_a_producer__has_its_device_and_its_days(api: Api, street: CertifiedStreet) -> None:
    street.give({0: 600})
    street.retire(street.producer, {0: 500})
    street.correct(1, 1_000)
    api.live()
    found = own(api, street.producer)
    (device,) = found["devices"]
    earns_from = device.pop("earns_from")
    assert earns_from < time(street, 0)
    assert device == {
        "device": street.device,
        "technology": "SOLAR",
        "region": "home",
        "earns_until": None,
        "issued_wh": 5_000,
        "owed_wh": 0,
    }
    (day,) = found["days"]
    assert day == {
        "day": _DAY,
        "device": street.device,
        "technology": "SOLAR",
        "issued_wh": 4_000,
        "held_wh": 2_900,
        "retired_wh": 500,
    }
    assert (found["held_wh"], found["retired_wh"]) == (2_900, 500)


def test_own__of_who_has_sold_all__keeps_the_days(api: Api, street: CertifiedStreet) -> None:
    street.give({0: 900})
    street.retire(street.consumer, {0: 900})
    api.live()
    found = own(api, street.consumer)
    assert found["devices"] == []
    (day,) = found["days"]
    assert (day["issued_wh"], day["held_wh"], day["retired_wh"]) == (0, 0, 900)


def test_own__of_other_days__has_none_but_tells_what_is_held(
    api: Api, street: CertifiedStreet
) -> None:
    api.live()
    found = own(api, street.producer, "?from=2024-01-03&to=2024-01-09")
    assert (found["days"], found["held_wh"]) == ([], 5_000)


def test_own__of_too_many_days__is_refused(api: Api, street: CertifiedStreet) -> None:
    account = Account(bytes(street.producer.key))
    path = f"/accounts/{account.address}/certificates?from=2022-01-01&to=2024-01-01"
    assert api.get(path, account).status_code == 422


def test_held__slot_by_slot__is_what_the_chain_says(api: Api, street: CertifiedStreet) -> None:
    street.retire(street.producer, {1: 300})
    found = own(api, street.producer, f"/{street.device}/{_DAY}")
    contract = street.market.certificates
    assert [int(each["id"]) for each in found] == [street.id_of(0), street.id_of(1)]
    assert [each["start"] for each in found] == [time(street, 0), time(street, 1)]
    for each in found:
        held = contract.call("balanceOf", street.producer.address, int(each["id"]))
        assert each["held_wh"] == held
    assert [each["matchable_wh"] for each in found] == [500, 500]


def test_held__of_an_unknown_device__is_nothing(api: Api, street: CertifiedStreet) -> None:
    assert own(api, street.producer, f"/{street.device + 1}/{_DAY}") == []


def test_offers__in_part_sold__tell_what_is_left_as_the_chain_does(
    api: Api, street: CertifiedStreet
) -> None:
    offer = street.offer(4_000, _PRICE)
    street.buy(offer, {0: 700})
    api.live()
    (found,) = offers(api)
    known = street.market.contracts["CertificateMarket"].call("offerOf", offer)
    assert (found["seller"], found["device"]) == (known[0], known[1])
    assert found["amount_wh"] - found["sold_wh"] == known[4] == found["available_wh"]
    assert (found["sold_wh"], int(found["price_per_kwh"])) == (700, _PRICE)
    assert (found["technology"], found["region"]) == ("SOLAR", "home")
    assert (found["begins_at"], found["ends_at"]) == (time(street, 0), time(street, 24))
    assert own(api, street.producer)["offers"] == [found]
    assert own(api, street.producer)["may_sell"] is True


def test_offers__beyond_what_the_seller_has__tell_what_there_is(
    api: Api, street: CertifiedStreet
) -> None:
    offer = street.offer(2**64 - 1, _PRICE)
    street.give({0: 1_500})
    api.live()
    (found,) = offers(api)
    assert (found["amount_wh"], found["available_wh"]) == (2**53, 3_500)
    slots = api.get(f"/certificates/offers/{offer}/slots").json()
    assert [(int(each["id"]), each["held_wh"]) for each in slots] == [
        (street.id_of(0), 500),
        (street.id_of(1), 3_000),
    ]


def test_for_sale__of_all_offers__are_those_that_an_account_can_buy(
    api: Api, street: CertifiedStreet
) -> None:
    market, stranger = street.market, actor("stranger")
    shop, mine = market.contracts["CertificateMarket"], street.offer(4_000, _PRICE)
    terms = (street.device, street.first, street.first + 23, 1, 1)
    # Of nothing, for the coin; and of something, for what is no money here.
    market.do(stranger, shop, "offerCertificates", *terms, market.dollar.address)
    market.do(street.producer, shop, "offerCertificates", *terms, stranger.address)
    api.live()
    backend = api.client.app.state.backend()  # type: ignore[attr-defined]
    coin, found = market.dollar.address, Certifying(backend)
    assert [each.id for each in found.for_sale(street.consumer.address, coin, 9)] == [mine]
    assert found.for_sale(street.producer.address, coin, 9) == []


def test_offers__of_a_part_of_the_day__have_no_other_slots(
    api: Api, street: CertifiedStreet
) -> None:
    offer = street.offer(4_000, _PRICE, hours=1)
    api.live()
    (found,) = offers(api)
    assert found["available_wh"] == 2_000
    slots = api.get(f"/certificates/offers/{offer}/slots").json()
    assert [int(each["id"]) for each in slots] == [street.id_of(0)]


def test_offers__that_are_cancelled__are_told_to_their_seller_alone(
    api: Api, street: CertifiedStreet
) -> None:
    offer = street.offer(4_000, _PRICE)
    shop = street.market.contracts["CertificateMarket"]
    street.market.do(street.producer, shop, "cancelOffer", offer)
    api.live()
    assert offers(api) == []
    assert api.get(f"/certificates/offers/{offer}/slots").json() == []
    (found,) = own(api, street.producer)["offers"]
    assert found["available_wh"] == 0
    assert found["cancelled_at"] is not None


def test_permit__for_certificates__lets_their_market_take_the_price(
    api: Api, street: CertifiedStreet
) -> None:
    account = Account(bytes(street.consumer.key))
    wanted = {"account": account.address, "amount": "700", "spender": "CertificateMarket"}
    permit = api.post("/permits", wanted).json()["typed_data"]
    assert permit["message"]["spender"] == street.market.contracts["CertificateMarket"].address


@pytest.fixture
def closed(api: Api, street: CertifiedStreet) -> CertifiedStreet:
    """Tuesday is closed of the street, and of six who have no meters."""
    street.live(*[(0, 0, 0)] * 22)
    street.give({0: 700})
    street.retire(street.consumer, {0: 700})
    street.retire(street.producer, {0: 400, 1: 100})
    others = [each.address for each in api.exchange.traders]
    api.exchange.market.go_to((street.day + 1) * DAY + 8 * 3600)
    close(api, street.day, [street.producer.address, street.consumer.address, *others])
    return street


def certified(api: Api, query: str = "", who: LocalAccount | None = None) -> Any:
    """Of Tuesday: what was taken, what of one's own was used, and what was retired."""
    account = None if who is None else Account(bytes(who.key))
    found = api.get(f"/analytics/certified?from={_DAY}&to={_DAY}{query}", account)
    assert found.status_code == 200, found.text
    names = ("accounts", "taken_wh", "own_wh", "retired_wh")
    return [tuple(each[name] for name in names) for each in found.json()]


def test_certified__of_all__is_what_was_retired_of_what_was_used(
    api: Api, closed: CertifiedStreet
) -> None:
    contract = api.exchange.grid.certificates
    assert certified(api) == [(8, 1_600, 1_300, contract.total_retired())]


def test_certified__in_an_archive__is_the_same(
    api: Api, closed: CertifiedStreet, tmp_path: Path
) -> None:
    write_archive(api.database, tmp_path / "archive")
    counts = same_rows(api.database, tmp_path / "archive")
    assert counts["certified_closings"] == 2
    assert counts["kpi_certified"] > 2


def test_certified__of_one_account__is_its_own(api: Api, closed: CertifiedStreet) -> None:
    mine = [
        certified(api, f"&account={each.address}", each)
        for each in (closed.producer, closed.consumer)
    ]
    assert mine == [[(1, 0, 1_300, 500)], [(1, 1_600, 0, 700)]]


def test_certified__of_a_group_with_few_accounts__is_not_told(
    api: Api, closed: CertifiedStreet
) -> None:
    assert certified(api, "&region=home") == []


def test_certified__retired_after_days_were_summed__counts(
    api: Api, closed: CertifiedStreet
) -> None:
    summed(api)
    closed.retire(closed.producer, {1: 700})
    api.live()
    assert certified(api) == [(8, 1_600, 1_300, 1_900)]
