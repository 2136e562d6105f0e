"""Which names are text: EnergyAssetNFT.mint, and through it the library that all texts go by."""

from __future__ import annotations

import unicodedata

import pytest
from eth_account.signers.local import LocalAccount
from hypothesis import example, given
from hypothesis import strategies as st

from energy_grid.chain.contract import to_bytes32
from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.support.examples import on_chain
from tests.support.market import Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.assets.operations import assets_of, mint, terms, with_text

MAX_NAME = 64
# Bytes at which the rules of UTF-8 change.
EDGES = b"\x7f\x80\xbf\xc2\xe0\xa0\xed\x9f\xf0\x90\xf4\x8f"

PLAIN = {
    "one byte": b"A",
    "sixty-four bytes": b"N" * 64,
    "quotes and tags": b"\"a\" & 'b' <c> \\ </svg> ]]> --> {}",
    "first and last of one byte": b" ~",
    "first and last of two bytes": "\u00a0\u07ff".encode(),
    "first and last of three bytes": "\u0800\ufffd".encode(),
    "around the directions": "\u2027\u202f\u2065\u206a".encode(),
    "around the surrogates": "\ud7ff\ue000".encode(),
    "first and last of four bytes": "\U00010000\U0010fffd".encode(),
    "emoji of several characters": "👩\u200d🔧🏽".encode(),
    "Chinese": "风力发电站".encode(),
}
OTHER = {
    "nothing": b"",
    "sixty-five bytes": b"N" * 65,
    "sixty-six bytes, sixty-four characters": b"N" * 62 + "éé".encode(),
    "ten thousand bytes": b"N" * 10_000,
    **{f"control {code:#04x}": bytes([65, code]) for code in (*range(0x20), 0x7F)},
    **{f"control U+{code:04X}": chr(code).encode() for code in range(0x80, 0xA0)},
    **{f"direction U+{code:04X}": chr(code).encode() for code in range(0x2028, 0x202F)},
    **{f"isolate U+{code:04X}": chr(code).encode() for code in range(0x2066, 0x206A)},
    **{
        f"no character U+{code:04X}": chr(code).encode()
        for code in (0xFFFE, 0xFFFF, 0x1FFFE, 0x1FFFF, 0x10FFFE, 0x10FFFF)
    },
    "continuation first": b"\x80A",
    "highest continuation": b"\xbf",
    "no continuation": b"\xc3A",
    "no second continuation": b"\xe2\x82A",
    "a character cut off": b"A\xe2\x82",
    "one cut off after its first byte": b"A\xf0",
    "two bytes for one": b"\xc0\xaf",
    "two bytes for the last of one": b"\xc1\xbf",
    "three bytes for two": b"\xe0\x80\xaf",
    "three bytes for the last of two": b"\xe0\x9f\xbf",
    "four bytes for three": b"\xf0\x80\x80\xaf",
    "four bytes for the last of three": b"\xf0\x8f\xbf\xbd",
    "first surrogate": b"\xed\xa0\x80",
    "last surrogate": b"\xed\xbf\xbf",
    "beyond Unicode": b"\xf4\x90\x80\x80",
    "far beyond Unicode": b"\xf5\x80\x80\x80",
    "five bytes": b"\xf8\x88\x80\x80\x80",
    "no byte of UTF-8": b"\xff",
}


def ask(market: Market, name: bytes) -> None:
    """What became of a name, without a transaction."""
    call = assets_of(market).mint(actor("owner").address, terms(name="x" * len(name)))
    market.assets.simulate(with_text(call, name), market.roles[Role.REGISTRAR])


def is_plain(name: bytes) -> bool:
    """As Python sees it, whose UTF-8 is strict."""
    try:
        text = name.decode()
    except UnicodeDecodeError:
        return False
    return 1 <= len(name) <= MAX_NAME and all(
        unicodedata.category(one) not in ("Cc", "Zl", "Zp")
        and unicodedata.bidirectional(one)
        not in ("LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI")
        and ord(one) & 0xFFFE != 0xFFFE
        for one in text
    )


@pytest.mark.parametrize("name", PLAIN.values(), ids=PLAIN)
def test_mint__a_name_that_is_plain__is_kept_to_the_byte(
    market: Market, owner: LocalAccount, name: bytes
) -> None:
    assert is_plain(name)
    asset = mint(market, owner, name=name.decode())

    assert assets_of(market).get_asset(asset).terms.name.encode() == name


@pytest.mark.parametrize("name", OTHER.values(), ids=OTHER)
def test_mint__a_name_that_is_not__refused(market: Market, name: bytes) -> None:
    assert not is_plain(name)
    with refused(
        errors.EnergyAssetNFT_BadText,
        field=to_bytes32("name"),
        length=len(name),
        maximum=MAX_NAME,
    ):
        ask(market, name)


@on_chain
@given(
    st.binary(max_size=66)
    | st.text(max_size=20).map(str.encode)
    | st.lists(
        st.sampled_from(
            [bytes([byte]) for byte in b"\x7f\x80\xbf\xc2\xe0\xa0\xed\x9f\xf0\x90\xf4\x8f"]
        ),
        max_size=6,
    ).map(b"".join)
)
@example(b"\xf4\x8f\xbf\xbd")
def test_mint__any_bytes_for_a_name__taken_as_pythons_decoder_takes_them(
    market: Market, name: bytes
) -> None:
    try:
        ask(market, name)
    except errors.EnergyAssetNFT_BadText:
        assert not is_plain(name)
    else:
        assert is_plain(name)
