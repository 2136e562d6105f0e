"""Files of signed readings: read as they were written, and written where nobody else says."""

from __future__ import annotations

from pathlib import Path

import pytest

from energy_grid.chain.accounts import Account
from energy_grid.contracts.smart_meter import MeterReading
from energy_grid.errors import InputError
from energy_grid.market.reading_file import load_readings, save_readings
from energy_grid.market.signing import meter_domain, sign_reading

DOMAIN = meter_domain(31337, "0x5FbDB2315678afecb367f032d93F642f64180aa3")
READING = MeterReading(
    timestamp=1_704_070_800, consumption=0, production=1500, grid_frequency=5000, voltage=2300
)
SIGNED = sign_reading(Account(b"\7" * 32), READING, DOMAIN)


def test_save__links_that_others_have_laid__are_not_followed(tmp_path: Path) -> None:
    path, secret = tmp_path / "readings.json", tmp_path / "secret"
    secret.write_text("kept")
    for name in ("readings.json", "readings.json.new"):
        (tmp_path / name).symlink_to(secret)
    save_readings(path, [SIGNED], DOMAIN)
    assert (secret.read_text(), path.is_symlink()) == ("kept", False)
    assert load_readings(path, DOMAIN) == [SIGNED]


def test_save__no_such_folder__says_so(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "readings.json"
    with pytest.raises(InputError, match=f"cannot write {path}: No such file or directory"):
        save_readings(path, [SIGNED], DOMAIN)


def test_load__too_large__says_so_and_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "readings.json"
    with path.open("wb") as file:
        file.truncate(2**22 + 1)
    with pytest.raises(InputError, match="is larger than 4194304 bytes"):
        load_readings(path, DOMAIN)


def test_load__the_second_is_none__says_which(tmp_path: Path) -> None:
    path = tmp_path / "readings.json"
    save_readings(path, [SIGNED], DOMAIN)
    path.write_text(path.read_text().replace("\n]", ",\n1]"))
    with pytest.raises(InputError, match=r"readings\.json, reading 2: a signed reading is"):
        load_readings(path, DOMAIN)
