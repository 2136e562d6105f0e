"""Private keys: they sign as everybody else's do, and do not show."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from eth_account import Account as Reference
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.chain.accounts import (
    Account,
    Signature,
    recover,
    refuse_well_known,
)
from energy_grid.errors import InputError

# Of the order of the group: keys are from 1 to N - 1.
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
keys = st.integers(1, N - 1).map(lambda number: number.to_bytes(32, "big"))
digests = st.binary(min_size=32, max_size=32)
SECRET = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
ANVIL_0 = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
GANACHE_0 = "0x90F8bf6A479f320ead074411a4B0e7944Ea8c9C1"


@given(key=keys, digest=digests)
def test_sign__as_the_reference_does(key: bytes, digest: bytes) -> None:
    account, reference = Account(key), Reference.from_key(key)
    assert account.address == reference.address
    signature, expected = account.sign(digest), reference.unsafe_sign_hash(digest)
    assert (signature.r, signature.s, signature.v) == (expected.r, expected.s, expected.v)
    assert signature.s <= N // 2
    assert signature.long == bytes(expected.signature)
    assert Signature.from_compact(*signature.compact) == signature
    assert recover(digest, signature) == account.address


@given(key=keys, digest=digests, bit=st.integers(0, 511))
def test_recover__flipped_bit__is_somebody_else_or_nobody(
    key: bytes, digest: bytes, bit: int
) -> None:
    account = Account(key)
    r, vs = account.sign(digest).compact
    whole = int.from_bytes(r + vs, "big") ^ 1 << bit
    forged = whole.to_bytes(64, "big")
    signature = Signature.from_compact(forged[:32], forged[32:])
    try:
        signer = recover(digest, signature)
    except InputError:
        signer = ""
    assert signer != account.address


@pytest.mark.parametrize("key", [bytes(32), N.to_bytes(32, "big"), b"\1" * 31, b"\1" * 33, b""])
def test_key__out_of_range__is_refused(key: bytes) -> None:
    with pytest.raises(InputError):
        Account(key)


@pytest.mark.parametrize("text", ["", "0x", "xyz", SECRET[:-1], SECRET + "00"])
def test_from_key__no_key__is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(InputError) as refusal:
        Account.from_key(text)
    assert not text[:10].strip("0x") or text[:10] not in str(refusal.value)


def test_account__does_not_show_its_key() -> None:
    account = Account.from_key(f" 0x{SECRET}\n")
    assert account.address == ANVIL_0
    assert repr(account) == str(account) == f"Account({ANVIL_0})"
    assert not hasattr(account, "__dict__")


def test_local__are_the_accounts_that_anvil_funds() -> None:
    assert Account.local(0).address == ANVIL_0
    assert Account.local(9).address == "0xa0Ee7A142d267C1f36714E4a8F75612F20a79720"
    assert Account.create().address != Account.create().address


def test_keystore__with_the_address_of_somebody_else__is_refused(tmp_path: Path) -> None:
    """A user who gets the address without the password would send money there."""
    path, key = tmp_path / "keystore.json", b"\7" * 32
    encrypted = Reference.encrypt(key, "correct horse", kdf="pbkdf2", iterations=10)
    theirs, own = "11" * 20, Account(key).address
    for output in (own, own.lower()[2:], None):
        path.write_text(json.dumps({**encrypted, "address": output}))
        assert Account.from_keystore(path, "correct horse").address == own
    path.write_text(json.dumps({**encrypted, "address": theirs}))
    with pytest.raises(InputError, match=f"gives the address 0x{theirs}, and its key is that of"):
        Account.from_keystore(path, "correct horse")


def test_keystore__opens_with_its_password_alone(tmp_path: Path) -> None:
    path, key = tmp_path / "keystore.json", b"\7" * 32
    encrypted = Reference.encrypt(key, "correct horse", kdf="pbkdf2", iterations=10)
    path.write_text(json.dumps(encrypted))
    assert Account.from_keystore(path, "correct horse").address == Account(key).address
    with pytest.raises(InputError, match="no keystore, or the password is wrong"):
        Account.from_keystore(path, "battery staple")
    with pytest.raises(InputError, match="cannot read the keystore"):
        Account.from_keystore(tmp_path / "nothing", "")
    for content in ("", "[]", "{}", '{"version": 3}', "[" * 10**5):
        path.write_text(content)
        with pytest.raises(InputError, match="no keystore"):
            Account.from_keystore(path, "")


@pytest.mark.parametrize(
    "address", [ANVIL_0, ANVIL_0.lower(), GANACHE_0, Account.local(49).address]
)
def test_well_known_keys__are_for_local_chains_only(address: str) -> None:
    refuse_well_known([address], 31337)
    refuse_well_known([address], 1337)
    for chain in (1, 246, 73799, 84532):
        with pytest.raises(InputError, match=f"public knowledge: use another one on chain {chain}"):
            refuse_well_known([Account(b"\7" * 32).address, address], chain)


def test_own_keys__are_for_any_chain() -> None:
    refuse_well_known([Account(b"\7" * 32).address], 1)
    refuse_well_known([], 1)
