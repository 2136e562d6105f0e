"""EnergyAssetNFT.tokenURI: the card of an asset, whatever its name and region are."""

from __future__ import annotations

import string
from typing import Any

import pytest
from eth_account.signers.local import LocalAccount
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_grid.chain.roles import Role
from energy_grid.domain.enums import EnergyType
from tests.support.examples import on_chain
from tests.support.market import MONDAY, Market
from tests.unit.contracts.assets.cards import Card, opened
from tests.unit.contracts.assets.operations import (
    TERMS,
    TODAY,
    as_registrar,
    assets_of,
    divide,
    link,
    maintain,
    mint,
    new_meter,
    produce,
    unlink,
    values_of,
)
from tests.unit.contracts.assets.test_mint_name import is_plain

DAY = 86_400
KINDS = ["Solar", "Wind", "Hydro", "Nuclear", "Geothermal", "Biomass", "Natural gas"]
DAYS = "Produced in the last 7 days (Wh)"
LEFT, BASELINE, BAR_WIDTH, PITCH, BAR_HEIGHT, ROOM = 24, 216, 40, 52, 64, 352
# Text to break out of a string, an element, an attribute, an entity, a comment or a script with.
BREAKOUTS = [
    '"',
    "'",
    "\\",
    '\\"},{"name":"',
    '","image":"https://evil.example/x.png',
    "</text><script>alert(1)</script>",
    "</title></svg>",
    "<!-- ",
    "]]>",
    "&lt;b&gt; &amp; &#60;i&#62;",
    '" onload="alert(1)',
    "<![CDATA[",
    "<?xml version='1.0'?>",
    "<!DOCTYPE a [<!ENTITY b 'c'>]>",
    "\\u0022 \\n \\",
    "{{name}} ${name} %s",
    "  two  spaces  ",
    "👩\u200d🔧 Älteste Mühle 風",
    "&" * 64,
    '"' * 64,
    "W" * 64,
    "風" * 21,
]
PLAIN_TEXT = st.text(
    alphabet=st.characters(codec="utf-8") | st.sampled_from(string.printable),
    min_size=1,
    max_size=64,
).filter(lambda name: is_plain(name.encode()))


def shown(market: Market, asset: int) -> Card:
    """The card now."""
    return opened(assets_of(market).token_uri(asset))


def drawn(market: Market, **changes: Any) -> Card:
    """A card by its contents, whatever asset they are of."""
    contents: dict[str, Any] = {
        "number": 12,
        "kind": EnergyType.SOLAR,
        "capacity": 12_500,
        "region": b"NORTH".ljust(32, b"\0"),
        "commissioned_at": MONDAY,
        "in_service": True,
        "divided": False,
        "meters": 1,
        "maintenance": 0,
        "production": [0] * 7,
        "name": "Roof of the school",
        **changes,
    }
    contract = market.contracts["AssetMetadata"]
    return opened(contract.call("tokenURI", tuple(contents.values())))


def assert_named(card: Card, name: str, plain: Card) -> None:
    """The name is text wherever it stands, and changes nothing else."""
    assert card.content["name"] == card.title == card.texts["name"] == name
    assert card.tags == plain.tags
    assert {**card.content, "name": 0, "image": 0} == {**plain.content, "name": 0, "image": 0}
    assert {**card.texts, "name": 0} == {**plain.texts, "name": 0}
    # A letter is 0.6 of its size wide, and one beyond ASCII twice that.
    columns = sum(1 if letter.isascii() else 2 for letter in name)
    assert 9 <= card.name_size <= 26
    assert card.name_size == 26 or (card.name_size * 6 * columns <= ROOM * 10)


def test_token_uri__new__says_what_the_asset_is(market: Market, asset: int) -> None:
    card = shown(market, asset)

    assert card.content.keys() == {"name", "description", "image", "attributes"}
    assert card.content["name"] == TERMS.name
    assert card.content["description"] == (
        "Solar plant of 12.5 kW in NORTH. Its production is what its meters have metered."
    )
    assert card.attributes == {
        "Kind": "Solar",
        "Capacity (W)": 12_500,
        "Region": "NORTH",
        "Commissioned": TERMS.commissioned_at,
        "In service": "Yes",
        "Divided": "No",
        "Meters": 0,
        "Maintenance records": 0,
        DAYS: 0,
    }
    assert {one["trait_type"]: one.get("display_type") for one in card.content["attributes"]} == {
        "Kind": None,
        "Capacity (W)": "number",
        "Region": None,
        "Commissioned": "date",
        "In service": None,
        "Divided": None,
        "Meters": "number",
        "Maintenance records": "number",
        DAYS: "number",
    }
    assert card.title == TERMS.name
    assert card.texts == {
        "head": "Solar #1",
        "status": "● in service",
        "name": TERMS.name,
        "capacity": "12.5 kW",
        "region": "NORTH",
        "days": "last 7 days",
        "energy": "0 kWh",
    }


def test_token_uri__changed__says_so(
    market: Market, owner: LocalAccount, asset: int, meter: LocalAccount
) -> None:
    """Meters, records, service and division."""
    link(market, asset, meter)
    link(market, asset, new_meter(market, "second"))
    unlink(market, asset, 1)
    for _ in range(3):
        maintain(market, owner, asset)
    market.send(owner, assets_of(market).set_in_service(asset, False))
    assert shown(market, asset).texts["status"] == "● out of service"
    shares = divide(market, owner, asset)

    card = shown(market, asset)
    changed = {"In service": "No", "Divided": "Yes", "Meters": 1, "Maintenance records": 3}
    assert {name: card.attributes[name] for name in changed} == changed
    assert card.texts["status"] == "● out of service, divided"

    market.do(owner, shares, "redeem")
    assert shown(market, asset).attributes["Divided"] == "No"


def test_token_uri__after_a_week__shows_the_last_seven_finished_days(
    market: Market, asset: int, meter: LocalAccount
) -> None:
    """Not today, and not the day before them."""
    link(market, asset, meter)
    wh = [500_000, 64_000, 32_000, 1, 0, 31_999, 63_999, 1000, 900_000]
    for day, produced in enumerate(wh):
        produce(market, meter, TODAY + day, produced)

    card = shown(market, asset)
    seven = wh[1:8]
    assert card.attributes[DAYS] == sum(seven)
    assert card.texts["energy"] == "192.999 kWh"
    assert card.bars == [
        (LEFT + PITCH * n, BASELINE - height, BAR_WIDTH, height)
        for n, height in enumerate([64, 32, 1, 1, 32, 64, 1])
    ]


def test_token_uri__at_midnight__the_day_is_finished(
    market: Market, asset: int, meter: LocalAccount
) -> None:
    link(market, asset, meter)
    produce(market, meter, TODAY, 7)

    market.go_to(MONDAY + DAY - 1)
    assert shown(market, asset).attributes[DAYS] == 0
    market.go_to(MONDAY + DAY)
    assert shown(market, asset).attributes[DAYS] == 7


@pytest.mark.parametrize("kind", list(EnergyType))
def test_token_uri__of_each_kind__its_word_and_colour(market: Market, kind: EnergyType) -> None:
    card = drawn(market, kind=kind)

    assert card.attributes["Kind"] == KINDS[kind]
    assert card.texts["head"] == f"{KINDS[kind]} #12"
    others = {drawn(market, kind=other).colour for other in EnergyType if other != kind}
    assert card.colour not in others


@pytest.mark.parametrize(
    ("capacity", "kw"),
    [
        (1, "0.001"),
        (10, "0.01"),
        (100, "0.1"),
        (999, "0.999"),
        (1000, "1"),
        (1010, "1.01"),
        (12_000, "12"),
        (1_000_007, "1000.007"),
        (2**48 - 1, "281474976710.655"),
    ],
)
def test_token_uri__of_any_capacity__exact_kilowatts(
    market: Market, capacity: int, kw: str
) -> None:
    card = drawn(market, capacity=capacity)

    assert card.texts["capacity"] == f"{kw} kW"
    assert f" of {kw} kW in " in card.content["description"]
    assert card.attributes["Capacity (W)"] == capacity


@pytest.mark.parametrize("name", BREAKOUTS)
def test_token_uri__a_name_to_break_out_with__is_text(
    market: Market, owner: LocalAccount, asset: int, name: str
) -> None:
    other = mint(market, owner, name=name)
    card = shown(market, other)

    assert card.texts["head"] == "Solar #2"
    assert_named(drawn(market, name=name), name, drawn(market))
    assert card.content["name"] == card.title == card.texts["name"] == name
    assert card.tags == shown(market, asset).tags


@settings(on_chain, max_examples=100)
@given(PLAIN_TEXT)
def test_token_uri__any_plain_name__is_text(market: Market, name: str) -> None:
    assert_named(drawn(market, name=name), name, drawn(market))


@pytest.mark.parametrize(
    "region",
    [b"N", b"NORTH", b"\"<&'>\\", "Süd 風".encode(), b"R" * 32, b"a b", b"&" * 32],
)
def test_token_uri__a_region_that_is_text__is_shown(
    market: Market, owner: LocalAccount, region: bytes
) -> None:
    card = registered_in(market, owner, region)

    assert card.attributes["Region"] == card.texts["region"] == region.decode()
    assert f" in {region.decode()}." in card.content["description"]
    assert card.tags == drawn(market).tags


@pytest.mark.parametrize(
    "region",
    [b"\1", b"\xff" * 32, b"NO\0RTH", b"\0NORTH", b"A\nB", b"\xe2\x80\xae", b"R" * 31 + b"\xe2"],
)
def test_token_uri__a_region_that_is_none__is_shown_in_digits(
    market: Market, owner: LocalAccount, region: bytes
) -> None:
    card = registered_in(market, owner, region)

    digits = region.ljust(32, b"\0").hex()
    assert card.attributes["Region"] == f"0x{digits}"
    assert card.texts["region"] == f"0x{digits[:16]}..."
    assert f" in 0x{digits}." in card.content["description"]


@settings(on_chain, max_examples=50)
@given(st.binary(min_size=32, max_size=32) | st.binary(min_size=1, max_size=8))
def test_token_uri__any_region__is_text(market: Market, region: bytes) -> None:
    padded = region.ljust(32, b"\0")
    text = padded.rstrip(b"\0")
    card = drawn(market, region=padded)

    expected = text.decode() if is_plain(text) else f"0x{padded.hex()}"
    assert card.attributes["Region"] == expected
    assert card.tags == drawn(market).tags


@settings(on_chain, max_examples=50)
@given(st.lists(st.integers(0, 2**41) | st.integers(0, 100), min_size=7, max_size=7))
def test_token_uri__any_production__in_scale(market: Market, production: list[int]) -> None:
    """The highest bar is as high as there is room for; a day with any production is seen."""
    card = drawn(market, production=production)

    most = max(*production, 1)
    heights = [max(1, -(-wh * BAR_HEIGHT // most)) for wh in production]
    assert [bar[3] for bar in card.bars] == heights
    assert all(y + height == BASELINE for _, y, _, height in card.bars)
    assert card.attributes[DAYS] == sum(production)


def registered_in(market: Market, owner: LocalAccount, region: bytes) -> Card:
    """The card of an asset in a region of these bytes."""
    kind, capacity, _, *rest = values_of(TERMS)
    values = (kind, capacity, region.ljust(32, b"\0"), *rest)
    as_registrar(market, market.assets.prepare("mint", owner.address, values))
    return shown(market, 1)


@pytest.mark.anvil
def test_token_uri__of_an_asset_with_all_links_there_can_be__within_a_calls_gas(
    market: Market, asset: int
) -> None:
    """24 that ended, 8 that did not, and seven days of all of them."""
    registrar = market.roles[Role.REGISTRAR]
    for n in range(32):
        link(market, asset, new_meter(market, f"meter {n}"))
        if n < 24:
            unlink(market, asset, n + 1)
    market.go_to(MONDAY + 8 * DAY)

    call = assets_of(market).prepare("tokenURI", asset)
    gas = market.node.rpc(
        "eth_estimateGas", {"from": registrar, "to": call.to, "data": "0x" + call.data.hex()}
    )
    assert int(gas, 16) < 10_000_000
