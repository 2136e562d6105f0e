"""Refusals of contracts as exceptions."""

from __future__ import annotations

import copy
import pickle

import pytest
from eth_abi.abi import encode

from energy_grid.chain.abi import contract_names, load
from energy_grid.chain.reverts import from_rpc
from energy_grid.chain.rpc.node import RpcError
from energy_grid.contracts import errors
from energy_grid.domain.batch import Refusal
from energy_grid.domain.enums import LegReason
from energy_grid.domain.orders import OrderStatus
from energy_grid.errors import ContractError

TRADER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"


def _revert(contract: str, name: str, *values: object) -> bytes:
    for selector, refusal in load(contract).errors.items():
        if refusal.name == name:
            return selector + refusal.inputs.encode(values)
    raise AssertionError(f"{contract} has no {name}")


def test_decode__custom_error__is_a_class_with_its_values() -> None:
    data = _revert("EnergyTrading", "EnergyTrading_RateLimited", TRADER, 1_700_000_000)
    error = errors.decode_revert(data, "EnergyTrading")
    assert type(error) is errors.EnergyTrading_RateLimited
    assert isinstance(error, ContractError)
    assert (error.contract, error.name) == ("EnergyTrading", "EnergyTrading_RateLimited")
    assert (error.trader, error.next_order_at) == (TRADER, 1_700_000_000)
    assert error.arguments == {"trader": TRADER, "next_order_at": 1_700_000_000}
    assert error.selector == data[:4]
    assert str(error) == (
        f"EnergyTrading: rate limited (trader {TRADER}, next order at 2023-11-14 22:13:20 UTC)"
    )
    with pytest.raises(AttributeError):
        _ = error.nothing_like_that


def test_decode__values__are_shown_for_people() -> None:
    enum = _revert("EnergyTrading", "EnergyTrading_NotActive", 5, 2)
    refusal = errors.decode_revert(enum, "EnergyTrading")
    assert refusal.status is OrderStatus.CANCELLED
    assert str(refusal) == "EnergyTrading: not active (order id 5, status CANCELLED)"
    text = _revert("SmartMeter", "SmartMeter_BadParameter", b"minInterval".ljust(32, b"\0"), 7)
    assert str(errors.decode_revert(text, "SmartMeter")) == (
        "SmartMeter: bad parameter (name minInterval, value 7)"
    )
    word = _revert("SmartMeter", "SmartMeter_BadParameter", b"\1" * 32, 7)
    assert f"name 0x{'01' * 32}" in str(errors.decode_revert(word, "SmartMeter"))
    none = _revert("Settlement", "Settlement_NothingToServe")
    assert str(errors.decode_revert(none, "Settlement")) == "Settlement: nothing to serve"


@pytest.mark.parametrize(
    ("order_id", "reason", "text"),
    [
        (12, Refusal.NOT_ACTIVE, "order 12: it is filled or cancelled (NOT_ACTIVE)"),
        (
            0x1234_5678_9ABC << 208,
            Refusal.INSUFFICIENT_BALANCE,
            f"order 0x123456789abc{'0' * 52}: the balance of its trader, less what its open days"
            " may cost, is too small (INSUFFICIENT_BALANCE)",
        ),
    ],
)
def test_decode__order_refused_in_a_batch__says_which_and_why(
    order_id: int, reason: Refusal, text: str
) -> None:
    data = _revert("EnergyTrading", "EnergyTrading_Refused", order_id, reason)
    refusal = errors.decode_revert(data, "EnergyTrading")
    assert type(refusal) is errors.EnergyTrading_Refused
    assert isinstance(refusal, errors.OrderRefusal)
    assert (refusal.order_id, refusal.reason) == (order_id, reason)
    assert refusal.reason is reason
    assert str(refusal) == f"EnergyTrading: {text}"
    assert str(copy.deepcopy(refusal)) == str(refusal)


@pytest.mark.parametrize("reason", Refusal)
def test_decode__order_refused__every_reason_is_reported(reason: Refusal) -> None:
    data = _revert("EnergyTrading", "EnergyTrading_Refused", 1, reason)
    assert str(errors.decode_revert(data, "EnergyTrading")).endswith(f" ({reason.name})")


def test_decode__order_refused_for_a_reason_to_come__keeps_the_data() -> None:
    data = _revert("EnergyTrading", "EnergyTrading_Refused", 1, len(Refusal))
    assert type(errors.decode_revert(data, "EnergyTrading")) is errors.UnknownRevert


@pytest.mark.parametrize("reason", LegReason)
def test_decode__refusals_of_settlement__have_their_own_reasons(reason: LegReason) -> None:
    data = _revert("Settlement", "Settlement_LegsRefused", [(3, reason)])
    ((leg, found),) = errors.decode_revert(data, "EnergyTrading").arguments["refusals"]
    assert (leg, found) == (3, reason)
    assert found is reason
    # Those of batches are the last of EnergyTrading's, in the same order.
    assert reason.name == Refusal(Refusal.INVALID_AMOUNT + reason).name or not reason


def test_decode__parameter_called_name__stays_reachable() -> None:
    data = _revert("SmartMeter", "SmartMeter_BadParameter", b"x".ljust(32, b"\0"), 7)
    error = errors.decode_revert(data, "SmartMeter")
    assert error.name == "SmartMeter_BadParameter"
    assert error.arguments["name"] == b"x".ljust(32, b"\0")


def test_decode__error_of_a_contract_further_in__names_that_one() -> None:
    data = _revert("Settlement", "Settlement_InDebt", TRADER, 5)
    assert errors.decode_revert(data, "EnergyTrading").contract == "Settlement"
    standard = _revert("TestDollar", "ERC20InsufficientBalance", TRADER, 1, 2)
    assert errors.decode_revert(standard, "Settlement").contract == "Settlement"


def test_decode__solidity_s_own__panic_and_text() -> None:
    overflow = errors.decode_revert(
        bytes.fromhex("4e487b71") + (0x11).to_bytes(32, "big"), "Settlement"
    )
    assert isinstance(overflow, errors.Panic)
    assert str(overflow) == "Settlement: a number overflowed (code 0x11)"
    strange = bytes.fromhex("4e487b71") + (0x99).to_bytes(32, "big")
    assert str(errors.decode_revert(strange, "Settlement")) == "Settlement: panic (code 0x99)"
    text = errors.decode_revert(bytes.fromhex("08c379a0") + encode(["string"], ["no"]), "Token")
    assert isinstance(text, errors.RevertedWithText)
    assert (text.text, str(text)) == ("no", "Token: no")
    data = bytes.fromhex("08c379a0") + encode(["bytes"], [b"no\xff"])
    assert str(errors.decode_revert(data, "Token")) == r"Token: no\xff"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\1",
        b"\1\2\3\4",
        b"\1\2\3\4" + b"\5" * 100,
        bytes.fromhex("08c379a0") + b"\xff" * 64,
        bytes.fromhex("4e487b71"),
        _revert("EnergyTrading", "EnergyTrading_RateLimited", TRADER, 1)[:-1],
        _revert("EnergyTrading", "EnergyTrading_NotActive", 5, 2)[:-1] + b"\x09",
    ],
)
def test_decode__unknown__keeps_the_data(data: bytes) -> None:
    error = errors.decode_revert(data, "Settlement")
    assert type(error) is errors.UnknownRevert
    assert error.data == data
    assert str(error).startswith("Settlement: reverted with ")
    assert len(str(error)) < 80


def test_every_error_of_every_contract__has_a_class_of_its_own() -> None:
    declared = {
        selector: refusal.name
        for contract in contract_names()
        for selector, refusal in load(contract).errors.items()
    }
    classes = errors.error_classes()
    assert {selector: kind.__name__ for selector, kind in classes.items()} == declared
    assert len({*classes.values()}) == len(declared) > 80
    for name in declared.values():
        assert getattr(errors, name).__name__ == name


def test_unknown_class__is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Settlement_Tired'"):
        _ = errors.Settlement_Tired
    assert not hasattr(errors, "lower_case")


def test_exceptions__survive_pickling_and_copying() -> None:
    data = _revert("EnergyTrading", "EnergyTrading_RateLimited", TRADER, 7)
    error = errors.decode_revert(data, "EnergyTrading")
    for copied in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(copied) is type(error)
        assert str(copied) == str(error)


def test_from_rpc__no_revert__is_the_node_s_own_error() -> None:
    failure = RpcError("eth_call", -32000, "header not found")
    assert from_rpc(failure, "Settlement") is failure
    refusal = RpcError("eth_call", 3, "execution reverted", "0x")
    assert isinstance(from_rpc(refusal, "Settlement"), errors.UnknownRevert)
