"""The ABI encoding, compared with eth_abi: both write the same and read the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_abi.codec import ABICodec
from eth_abi.decoding import StringDecoder
from eth_abi.exceptions import DecodingError
from eth_abi.registry import BaseEquals, registry
from eth_utils.address import to_checksum_address
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from energy_grid.chain.codec import Coder, array_coder, checksum, tuple_coder, value_coder


class TextDecoder(StringDecoder):
    """Bytes that are no text are written with backslashes, as our own reader does."""

    def __init__(self) -> None:
        super().__init__("backslashreplace")


LENIENT = registry.copy()
LENIENT.unregister_decoder("string")
LENIENT.register_decoder(BaseEquals("string"), TextDecoder, label="string")
decode = ABICodec(LENIENT).decode

ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
Case = tuple[Coder, st.SearchStrategy[Any]]


def _number(signed: bool, bits: int) -> Case:
    low = -(2 ** (bits - 1)) if signed else 0
    high = 2 ** (bits - signed) - 1
    values = st.integers(low, high) | st.sampled_from([low, high])
    return value_coder(f"{'' if signed else 'u'}int{bits}"), values


def _array(element: Case, length: int | None) -> Case:
    size = (0, 3) if length is None else (length, length)
    values = st.lists(element[1], min_size=size[0], max_size=size[1]).map(tuple)
    return array_coder(element[0], length), values


def _tuple(parts: list[Case]) -> Case:
    return tuple_coder([coder for coder, _ in parts]), st.tuples(*(values for _, values in parts))


ADDRESSES = st.binary(min_size=20, max_size=20).map(lambda raw: to_checksum_address(raw))
VALUES: st.SearchStrategy[Case] = (
    st.builds(_number, st.booleans(), st.sampled_from([8, 16, 32, 64, 128, 160, 256]))
    | st.integers(1, 32).map(
        lambda width: (value_coder(f"bytes{width}"), st.binary(min_size=width, max_size=width))
    )
    | st.sampled_from(
        [
            (value_coder("bool"), st.booleans()),
            (value_coder("address"), ADDRESSES),
            (value_coder("bytes"), st.binary(max_size=70)),
            (value_coder("string"), st.text(max_size=40)),
        ]
    )
)
TYPES = st.recursive(
    VALUES,
    lambda inner: (
        st.builds(_array, inner, st.none() | st.integers(1, 3))
        | st.lists(inner, min_size=1, max_size=3).map(_tuple)
    ),
    max_leaves=6,
)
PARAMETERS = st.lists(TYPES, min_size=1, max_size=4).map(_tuple)


@given(st.data())
def test_values__written_and_read_as_by_eth_abi(data: st.DataObject) -> None:
    coder, values = data.draw(PARAMETERS)
    given_values = data.draw(values)
    encoded = coder.encode(given_values)
    assert encoded == encode([coder.kind], [given_values])[0 if coder.size is not None else 32 :]
    assert coder.decode(encoded, 0) == given_values


@given(st.data())
@settings(phases=[Phase.generate])
def test_bytes_of_anybody__read_as_by_eth_abi(data: st.DataObject) -> None:
    """What one of them rejects, the other rejects; what they accept, they read alike."""
    coder, values = data.draw(PARAMETERS)
    words = bytearray(coder.encode(data.draw(values)))
    for _ in range(data.draw(st.integers(0, 3))):
        if words:
            at = data.draw(st.integers(0, len(words) - 1))
            words[at] = data.draw(st.sampled_from([0, 1, 31, 32, 64, 128, 255]))
    end = data.draw(st.integers(0, len(words)) | st.just(len(words)))
    raw = bytes(words[:end])
    head = b"" if coder.size is not None else (32).to_bytes(32, "big")
    theirs = _read(lambda: decode([coder.kind], head + raw)[0])
    assert _read(lambda: coder.decode(raw, 0)) == theirs


def _read(work: Callable[[], Any]) -> Any:
    """What is read, or that it is rejected."""
    try:
        return _lower(work())
    except (DecodingError, OverflowError, ValueError):
        return "rejected"


def _lower(value: Any) -> Any:
    """Addresses in small letters, which is how eth_abi gives them."""
    if isinstance(value, tuple):
        return tuple(map(_lower, value))
    is_address = isinstance(value, str) and re.fullmatch("0x[0-9a-fA-F]{40}", value)
    return value.lower() if is_address else value


@given(st.binary(min_size=20, max_size=20))
def test_checksum__is_that_of_eip_55(raw: bytes) -> None:
    assert (
        checksum("0x" + raw.hex()) == checksum("0x" + raw.hex().upper()) == to_checksum_address(raw)
    )


@pytest.mark.parametrize(
    "address", ["", "0x", ADDRESS[2:], ADDRESS + "0", "0x" + "g" * 40, b"1" * 20]
)
def test_checksum__of_no_address__is_rejected(address: Any) -> None:
    with pytest.raises(ValueError, match="is no address"):
        checksum(address)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("uint8", 256),
        ("uint8", -1),
        ("uint8", True),
        ("uint8", 1.0),
        ("uint8", "1"),
        ("int8", 128),
        ("int8", -129),
        ("bool", 1),
        ("bytes4", b"12345"),
        ("bytes4", "1234"),
        ("bytes", "0x12"),
        ("string", b"text"),
        ("address", "0xF39Fd6e51aad88F6F4ce6aB8827279cffFb92266"),
        ("address", 1),
    ],
)
def test_encode__value_of_another_type__is_rejected(kind: str, value: Any) -> None:
    with pytest.raises(ValueError, match=r"is no|wrong checksum"):
        value_coder(kind).encode(value)


def test_decode__bytes_that_are_no_text__are_written_out() -> None:
    data = value_coder("bytes").encode(b"why\xff\0")
    assert value_coder("string").decode(data, 0) == "why\\xff\0"


def test_encode__short_bytes__are_filled_from_the_right() -> None:
    assert value_coder("bytes4").encode(b"ab") == b"ab".ljust(32, b"\0")


@pytest.mark.parametrize("values", [(1,), (1, 2, 3), "ab", b"ab", None])
def test_encode__other_number_of_values__is_rejected(values: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        tuple_coder([value_coder("uint8")] * 2).encode(values)


@pytest.mark.parametrize("kind", ["", "uint", "uint8[]", "fixed128x18", "function"])
def test_value_coder__unknown_type__is_rejected(kind: str) -> None:
    with pytest.raises(ValueError, match="is no type of values"):
        value_coder(kind)


def test_decode__array_that_claims_to_be_huge__is_rejected_at_once() -> None:
    coder = array_coder(value_coder("uint256"), None)
    with pytest.raises(ValueError, match="cannot hold"):
        coder.decode((2**200).to_bytes(32, "big"), 0)
