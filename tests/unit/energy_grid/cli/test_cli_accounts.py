"""Accounts by the words of the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from eth_account import Account as Keystore

from energy_grid.chain.accounts import Account
from energy_grid.cli.accounts import Owners, account_of, actor_of, address_of
from energy_grid.errors import InputError

LOCAL, SEPOLIA = 31337, 11_155_111
KEY = "0x" + "7" * 64
ADDRESS = Account.from_key(KEY).address


def test_account__of_a_local_chain() -> None:
    assert account_of("local:2").address == Account.local(2).address
    for wrong in ("local:", "local:x", "local:-1", "local:99999"):
        with pytest.raises(InputError, match="is not an account: write local:0, local:1"):
            account_of(wrong)


def test_account__of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VILLAGE_KEY", KEY)
    assert account_of("env:VILLAGE_KEY").address == ADDRESS
    with pytest.raises(InputError, match="set the variable OTHER_KEY in the environment"):
        account_of("env:OTHER_KEY")
    monkeypatch.setenv("VILLAGE_KEY", KEY[:-1])
    with pytest.raises(InputError, match="env:VILLAGE_KEY: a private key") as refusal:
        account_of("env:VILLAGE_KEY")
    assert "777" not in str(refusal.value)


def test_actor__an_account_or_owners_of_the_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VILLAGE_KEY", KEY)
    alone = actor_of("env:VILLAGE_KEY")
    assert isinstance(alone, Account)
    assert alone.address == ADDRESS
    owners = actor_of("safe:local:2, env:VILLAGE_KEY")
    assert isinstance(owners, Owners)
    assert [one.address for one in owners.accounts] == [Account.local(2).address, ADDRESS]
    with pytest.raises(InputError, match="do not type a key on a command line"):
        actor_of(f"safe:local:2,{KEY}")


@pytest.mark.parametrize("key", [KEY, KEY[2:]])
def test_account__written_out_as_a_key__is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(InputError, match="do not type a key on a command line") as refusal:
        account_of(key)
    assert "777" not in str(refusal.value)


def test_account__of_a_keystore(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "operator.json"
    file.write_text(json.dumps(Keystore.encrypt(KEY, "secret", kdf="pbkdf2", iterations=2)))
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    with pytest.raises(InputError, match="is missing: set ENERGY_GRID_PASSWORD"):
        account_of(str(file))
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda _: "secret")
    assert account_of(str(file)).address == ADDRESS
    monkeypatch.setenv("ENERGY_GRID_PASSWORD", "wrong")
    with pytest.raises(InputError, match="is no keystore, or the password is wrong"):
        account_of(str(file))


def test_account__of_nothing__is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="--account nobody: no such keystore file"):
        account_of("nobody")
    monkeypatch.setenv("ENERGY_GRID_PASSWORD", "secret")
    with pytest.raises(InputError, match="--account nobody: no such keystore file"):
        account_of("nobody")


def test_address__written_out_or_local() -> None:
    assert address_of(ADDRESS, SEPOLIA) == ADDRESS
    assert address_of(ADDRESS.lower(), SEPOLIA) == ADDRESS
    assert address_of("local:3", LOCAL) == Account.local(3).address
    with pytest.raises(InputError, match="is public knowledge"):
        address_of("local:3", SEPOLIA)


@pytest.mark.parametrize("word", ["", "0x", ADDRESS[:-1], ADDRESS + "0", "env:NAME", "x" * 10_000])
def test_address__anything_else__is_refused(word: str) -> None:
    with pytest.raises(
        InputError, match="is not an address: write 0x and 40 digits, or local:N"
    ) as refusal:
        address_of(word, LOCAL)
    assert len(str(refusal.value)) < 150


def test_address__with_a_wrong_letter__is_refused() -> None:
    swapped = ADDRESS.swapcase().replace("0X", "0x")
    with pytest.raises(InputError, match="has a wrong checksum"):
        address_of(swapped, LOCAL)
