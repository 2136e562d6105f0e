"""The base of the wrappers, on a node whose answers are made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.chain.contract import Contract, from_bytes32, structure, to_bytes32
from energy_grid.contracts.energy_accounts import SlotEnergy
from energy_grid.contracts.errors import Settlement_UnknownAccount
from energy_grid.errors import ChainError, InputError
from tests.support.fake_node import FakeNode

ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
WORD = "0x" + "00" * 31 + "07"


def _log(contract: Contract, event: str, *indexed: int, data: int = 0) -> dict[str, object]:
    topics = [contract.abi.event(event).topic, *(each.to_bytes(32, "big") for each in indexed)]
    return {
        "address": contract.address.lower(),
        "topics": ["0x" + topic.hex() for topic in topics],
        "data": "0x" + data.to_bytes(32, "big").hex(),
        "blockNumber": "0x10",
        "blockHash": "0xb10c",
        "transactionHash": "0xabc",
        "logIndex": "0x2",
    }


def test_call__one_value__is_not_wrapped() -> None:
    node = FakeNode(WORD)
    settlement = Contract(node, ADDRESS.lower(), "Settlement")
    assert settlement.call("balanceOf", ADDRESS, block_identifier=5) == 7
    assert settlement.address == ADDRESS
    assert repr(settlement) == f"Settlement({ADDRESS})"
    method, (request, block) = node.asked[0]
    assert (method, request["to"], block) == ("eth_call", ADDRESS, "0x5")


def test_call__no_contract_there__says_so() -> None:
    settlement = Contract(FakeNode("0x"), ADDRESS, "Settlement")
    with pytest.raises(ChainError, match=f"there is no Settlement at {ADDRESS} on this chain"):
        settlement.call("balanceOf", ADDRESS)


def test_call__refused__is_decoded() -> None:
    settlement = Contract(FakeNode(WORD), ADDRESS, "Settlement")
    (refusal_of,) = (
        each for each in settlement.abi.errors.values() if each.name == "Settlement_UnknownAccount"
    )
    data = refusal_of.selector + refusal_of.inputs.encode([ADDRESS])
    refusing = Contract(FakeNode(revert=data), ADDRESS, "Settlement")
    with pytest.raises(Settlement_UnknownAccount) as refusal:
        refusing.call("balanceOf", ADDRESS)
    assert refusal.value.account == ADDRESS
    with pytest.raises(Settlement_UnknownAccount):
        refusing.call_many("balanceOf", [[ADDRESS]])
    with pytest.raises(Settlement_UnknownAccount):
        refusing.simulate(settlement.prepare("deposit", 5), ADDRESS)


def test_call_many__more_than_a_batch__keeps_the_order() -> None:
    node = FakeNode(WORD)
    answers = Contract(node, ADDRESS, "Settlement").call_many(
        "accountAt", ([number] for number in range(1201))
    )
    assert answers == ["0x0000000000000000000000000000000000000007"] * 1201
    assert [len(batch) for batch in node.batches] == [500, 500, 201]
    numbers = [int(params[0]["data"][10:], 16) for _, params in node.asked]
    assert numbers == list(range(1201))


def test_events__of_others_and_of_unknown_kinds__are_passed_over() -> None:
    settlement = Contract(FakeNode(), ADDRESS, "Settlement")
    deposited = _log(settlement, "Deposited", 1, 2, data=500)
    logs = [
        deposited,
        {**deposited, "address": "0x" + "11" * 20},
        {**deposited, "topics": ["0x" + "22" * 32]},
        {**deposited, "topics": []},
    ]
    (event,) = settlement.events(logs)
    assert (event.contract, event.event, event["amount"]) == ("Settlement", "Deposited", 500)
    assert (event.block, event.transaction, event.index) == (16, "0xabc", 2)
    assert settlement.events(logs, "DayClosed") == []
    assert settlement.events(logs, "Deposited") == [event]


def test_structure__too_few_values__is_an_error() -> None:
    assert structure(SlotEnergy, (True, 2, 3, 4, 5)).taken == 4
    with pytest.raises(ValueError, match="zip"):
        structure(SlotEnergy, (True, 2))


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=32))
def test_bytes32__plain_names__come_back(text: str) -> None:
    assert from_bytes32(to_bytes32(text)) == text
    assert len(to_bytes32(text)) == 32


@pytest.mark.parametrize("text", ["x" * 33, "Köln"])
def test_bytes32__anything_else__is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is not a name of at most 32 ASCII characters"):
        to_bytes32(text)


def test_bytes32__no_text__shows_as_escapes() -> None:
    assert from_bytes32(b"\xff\xfe" + bytes(30)) == "\\xff\\xfe"
