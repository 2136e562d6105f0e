"""A preference counts if the account's key has signed just that, for this market."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from energy_grid.chain.accounts import Account
from energy_grid.domain.preferences import Preference
from energy_grid.domain.signed_orders import trading_domain
from energy_grid.errors import InputError
from energy_grid.market.preference_file import load_preference, save_preference

PROSUMER, STRANGER = Account.local(11), Account.local(12)
DOMAIN = trading_domain(31337, "0x00000000000000000000000000000000000000A1")
ALLOWED = Preference(
    account=PROSUMER.address,
    sold_wh=5_000,
    lowest_price=100_000,
    bought_wh=2_000,
    highest_price=280_000,
    until=1_800_000_000,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A signed preference."""
    path = tmp_path / "house.json"
    save_preference(path, PROSUMER, ALLOWED, DOMAIN)
    return path


def _changed(file: Path, **fields: Any) -> Path:
    file.write_text(json.dumps(json.loads(file.read_text()) | fields))
    return file


def test_load_preference__signed_file__is_what_was_signed(file: Path) -> None:
    assert load_preference(file, DOMAIN) == ALLOWED


@pytest.mark.parametrize("field", ["mostSoldWh", "highestPricePerKwh", "validUntil"])
def test_load_preference__number_raised_afterwards__is_refused(file: Path, field: str) -> None:
    _changed(file, **{field: json.loads(file.read_text())[field] + 1})
    with pytest.raises(InputError, match="signed by 0x"):
        load_preference(file, DOMAIN)


def test_load_preference__of_another_market__is_refused(file: Path) -> None:
    with pytest.raises(InputError, match="is for another market"):
        load_preference(file, replace(DOMAIN, chain_id=1))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"mostSoldWh": "5000"}, "must be whole numbers"),
        ({"mostSoldWh": True}, "must be whole numbers"),
        ({"mostSoldWh": -1}, "the most to sell"),
        ({"signature": "0x12"}, "64 or 65 bytes, not 1"),
        ({"signature": 12}, "is no signed preference"),
        ({"account": "0x12"}, "is no signed preference"),
        ({"contract": None}, "is no signed preference"),
    ],
)
def test_load_preference__malformed__is_refused(
    file: Path, fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        load_preference(_changed(file, **fields), DOMAIN)


def test_load_preference__other_json__is_refused(tmp_path: Path) -> None:
    (tmp_path / "house.json").write_text("[]")
    with pytest.raises(InputError, match="is no signed preference"):
        load_preference(tmp_path / "house.json", DOMAIN)


def test_save_preference__key_of_somebody_else__is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not of 0x"):
        save_preference(tmp_path / "house.json", STRANGER, ALLOWED, DOMAIN)


def test_save_preference__folder_is_missing__is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot write"):
        save_preference(tmp_path / "none" / "house.json", PROSUMER, ALLOWED, DOMAIN)
