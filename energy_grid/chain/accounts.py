"""Private keys that sign, and the well-known keys.

eth_account takes half a second to import, so only keystores and mnemonics load it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from coincurve import PrivateKey, PublicKey

from energy_grid.chain.abi import checksum
from energy_grid.domain.hashing import keccak
from energy_grid.errors import InputError

__all__ = [
    "LOCAL_CHAINS",
    "MNEMONIC",
    "Account",
    "Signature",
    "message_digest",
    "recover",
    "refuse_well_known",
]

# It is public, and so are the keys derived from it: unsafe outside a local chain.
MNEMONIC = "test test test test test test test test test test test junk"
LOCAL_CHAINS = frozenset({1337, 31337})

# The same of Ganache.
_OTHERS = ("myth like bonus scare over problem client lizard pioneer submit female collect",)
_PATH = "m/44'/60'/0'/0/{}"
_WELL_KNOWN = 50
_KEY_BYTES = 32
_PARITY_BIT = 255
_S_MASK = (1 << _PARITY_BIT) - 1


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature of secp256k1 with the lower of the two possible ``s``."""

    r: int
    s: int
    parity: int

    @property
    def v(self) -> int:
        """27 or 28, as ``ecrecover`` takes it."""
        return 27 + self.parity

    @property
    def compact(self) -> tuple[bytes, bytes]:
        """``(r, vs)`` of ERC-2098."""
        return _word(self.r), _word(self.parity << _PARITY_BIT | self.s)

    @property
    def long(self) -> bytes:
        """The 65 bytes ``r || s || v``."""
        return _word(self.r) + _word(self.s) + bytes([self.v])

    @classmethod
    def from_compact(cls, r: bytes, vs: bytes) -> Signature:
        """The signature in ``(r, vs)`` of ERC-2098."""
        word = int.from_bytes(vs, "big")
        return cls(int.from_bytes(r, "big"), word & _S_MASK, word >> _PARITY_BIT)


class Account:
    """A private key and its address. Its text shows the address alone."""

    __slots__ = ("_key", "address")

    def __init__(self, key: bytes) -> None:
        if len(key) != _KEY_BYTES:
            raise InputError(f"a private key has {_KEY_BYTES} bytes, not {len(key)}")
        try:
            self._key = PrivateKey(key)
        except ValueError:
            raise InputError("this number is no private key") from None
        self.address = _address(self._key.public_key)

    def __repr__(self) -> str:
        return f"Account({self.address})"

    @classmethod
    def create(cls) -> Account:
        """A new random key."""
        return cls(secrets.token_bytes(_KEY_BYTES))

    @classmethod
    def from_key(cls, text: str) -> Account:
        """A key in hexadecimal, with or without ``0x``.

        Raises:
            InputError: it is none; the message does not repeat it.
        """
        try:
            return cls(bytes.fromhex(text.strip().removeprefix("0x")))
        except ValueError:
            raise InputError("a private key is 64 hexadecimal digits") from None

    @classmethod
    def from_keystore(cls, path: Path, password: str) -> Account:
        """The key of an encrypted keystore file.

        Raises:
            InputError: no such file, another format, the wrong password, or the address beside the
                key, which the password does not protect, is another key's.
        """
        from eth_account import Account as Keystore

        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            found = cls(bytes(Keystore.decrypt(content, password)))
            stated = str(content.get("address") or found.address).removeprefix("0x")
        except OSError:
            raise InputError(f"cannot read the keystore {path}") from None
        except (
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            NotImplementedError,
            RecursionError,
        ):
            raise InputError(f"{path} is no keystore, or the password is wrong") from None
        if stated.lower() != found.address[2:].lower():
            raise InputError(
                f"{path} gives the address 0x{stated[:40]}, and its key is that of {found.address}:"
                " the file was changed"
            )
        return found

    def encrypted(self, password: str) -> str:
        """The content of a keystore file, which only the password opens."""
        from eth_account import Account as Keystore

        return json.dumps(Keystore.encrypt(self._key.secret, password))

    @classmethod
    def local(cls, index: int) -> Account:
        """One of the accounts that a local chain funds, counted from 0."""
        return cls(_derived(MNEMONIC, index))

    def sign(self, digest: bytes) -> Signature:
        """Sign 32 bytes that are a hash already."""
        signed = self._key.sign_recoverable(digest, hasher=None)
        return Signature(
            int.from_bytes(signed[:32], "big"), int.from_bytes(signed[32:64], "big"), signed[64]
        )


def message_digest(message: str) -> bytes:
    """The 32 bytes that wallets sign of a text (``personal_sign``, ERC-191)."""
    content = message.encode()
    return keccak(b"\x19Ethereum Signed Message:\n%d" % len(content) + content)


def recover(digest: bytes, signature: Signature) -> str:
    """Whose signature of a hash this is.

    Raises:
        InputError: no key can have made it.
    """
    raw = _word(signature.r) + _word(signature.s) + bytes([signature.parity])
    try:
        return _address(PublicKey.from_signature_and_message(raw, digest, hasher=None))
    except Exception as error:  # coincurve raises a plain Exception for numbers out of range.
        raise InputError(f"no key can have signed this ({error})") from None


def refuse_well_known(addresses: Sequence[str], chain_id: int) -> None:
    """Pass on a local chain, and anywhere with keys that are not public knowledge.

    Raises:
        InputError: the key of this address is public.
    """
    if chain_id in LOCAL_CHAINS:
        return
    for address in addresses:
        if checksum(address) in _well_known():
            raise InputError(
                f"the key of {address} is public knowledge: use another one on chain {chain_id}"
            )


@cache
def _well_known() -> frozenset[str]:
    return frozenset(
        Account(_derived(mnemonic, index)).address
        for mnemonic in (MNEMONIC, *_OTHERS)
        for index in range(_WELL_KNOWN)
    )


@cache
def _seed(mnemonic: str) -> bytes:
    from eth_account.hdaccount import seed_from_mnemonic

    return bytes(seed_from_mnemonic(mnemonic, ""))


@cache
def _derived(mnemonic: str, index: int) -> bytes:
    from eth_account.hdaccount import key_from_seed

    return bytes(key_from_seed(_seed(mnemonic), _PATH.format(index)))


def _address(key: PublicKey) -> str:
    return checksum("0x" + keccak(key.format(compressed=False)[1:])[-20:].hex())


def _word(number: int) -> bytes:
    return number.to_bytes(_KEY_BYTES, "big")
