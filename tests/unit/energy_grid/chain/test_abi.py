"""Encoding and decoding with the shipped ABIs."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.chain.abi import Abi, checksum, contract_names, load, snake_case
from energy_grid.domain.orders import OrderType
from energy_grid.domain.periods import PeriodKind
from energy_grid.errors import ChainError, InputError

TRADER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
CREATE = "createOrder(uint256,uint256,uint256,uint8,uint8,uint256)"
uint256 = st.integers(0, 2**256 - 1)


@pytest.mark.parametrize(
    ("name", "snake"),
    [
        ("orderId", "order_id"),
        ("protocolFeeBps_", "protocol_fee_bps"),
        ("seconds_", "seconds"),
        ("gridFeePerKwh", "grid_fee_per_kwh"),
        ("ERC20InsufficientBalance", "erc20_insufficient_balance"),
        ("SLOT_LENGTH", "slot_length"),
        ("v", "v"),
        ("", ""),
    ],
)
def test_snake_case(name: str, snake: str) -> None:
    assert snake_case(name) == snake


def test_load__ships_the_market() -> None:
    assert {"AccessManager", "EnergyTrading", "Settlement", "SmartMeter"} <= set(contract_names())
    assert load("Settlement") is load("Settlement")


def test_load__unknown_contract__says_so() -> None:
    with pytest.raises(ChainError, match="no ABI of a contract named Nuclear is shipped"):
        load("Nuclear")


def test_function__shared_name__needs_the_signature() -> None:
    abi = load("EnergyTrading")
    assert abi.function(CREATE).signature == CREATE
    assert abi.function("cancelOrder").selector.hex() == "514fcac7"
    with pytest.raises(ChainError, match=r"no single createOrder, but createOrder\(.*: name one"):
        abi.function("createOrder")
    with pytest.raises(ChainError, match="has no function destroy"):
        abi.function("destroy")
    with pytest.raises(ChainError, match="no event Destroyed"):
        abi.event("Destroyed")


@given(amount=uint256, price=uint256, kind=st.sampled_from(PeriodKind))
def test_function__arguments__come_back(amount: int, price: int, kind: PeriodKind) -> None:
    function = load("EnergyTrading").function(CREATE)
    values = (amount, price, 2**256 - 1, OrderType.SELL, kind, 3600)
    data = function.encode(values)
    assert data[:4] == function.selector
    assert function.inputs.decode(data[4:]) == values


@pytest.mark.parametrize("amount", [-1, 2**256, 1.5, "1", None])
def test_function__value_that_does_not_fit__is_refused(amount: object) -> None:
    with pytest.raises(InputError, match=r"cannot hold"):
        load("EnergyTrading").function("cancelOrder").encode([amount])


@pytest.mark.parametrize("address", ["0x12", "nobody", TRADER[:-1] + "5"])
def test_function__no_address__is_refused(address: str) -> None:
    with pytest.raises(InputError):
        load("Settlement").function("balanceOf").encode([address])


def test_function__wrong_number_of_arguments__is_refused() -> None:
    with pytest.raises(InputError):
        load("EnergyTrading").function("cancelOrder").encode([1, 2])


def test_decode__struct__has_checksums_and_enums() -> None:
    function = load("EnergyTrading").function("getOrder")
    words = [int(TRADER, 16), 1500, 250_000, 99, 1, 2]
    order = function.decode(b"".join(word.to_bytes(32, "big") for word in words))
    assert order == (TRADER, 1500, 250_000, 99, OrderType.SELL, 2)
    assert type(order[4]) is OrderType


@pytest.mark.parametrize("data", [b"", b"\1" * 31, b"\xff" * 192])
def test_decode__something_else__is_refused(data: bytes) -> None:
    with pytest.raises(ChainError):
        load("EnergyTrading").function("getOrder").decode(data)


def test_decode__enum_that_nobody_knows__is_refused() -> None:
    words = [1, 1500, 250_000, 99, 7, 0]
    with pytest.raises(ChainError):
        load("EnergyTrading").function("getOrder").decode(
            b"".join(word.to_bytes(32, "big") for word in words)
        )


def test_event__indexed_and_plain__in_the_order_of_the_source() -> None:
    event = load("GridManagement").event("ProductionReported")
    topics = [event.topic, *(number.to_bytes(32, "big") for number in (1, 2))]
    producer = "0x0000000000000000000000000000000000000001"
    values = event.decode(topics, (500).to_bytes(32, "big"))
    assert list(values.items()) == [("producer", producer), ("slot", 2), ("amount", 500)]


def test_digest__depends_on_content_not_on_layout() -> None:
    entries = load("EnergyToken").entries
    shuffled = [dict(reversed(list(entry.items()))) for entry in entries]
    assert Abi("x", shuffled).digest == load("EnergyToken").digest
    assert Abi("x", entries[1:]).digest != load("EnergyToken").digest
    assert len(json.loads(json.dumps(load("EnergyToken").digest))) == 64


def test_checksum__is_eip_55() -> None:
    assert checksum(TRADER.lower()) == TRADER
