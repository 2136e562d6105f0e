"""The certificates as an ERC-1155: in part, by others, and to contracts."""

from __future__ import annotations

import pytest

from tests.support.core.chain import Reverted, refused
from tests.unit.contracts.certificates.world import FIRST, CertificateWorld, key


def test_transfer__a_part__moves_only_that(world: CertificateWorld) -> None:
    world.produce(1_000, 800)
    world.give(world.consumer, FIRST, 250)
    assert world.chain.logs[0][1] == "TransferSingle"
    slots = (FIRST, FIRST + 1)
    assert [world.held(world.producer, slot) for slot in slots] == [750, 800]
    assert [world.held(world.consumer, slot) for slot in slots] == [250, 0]
    both = [world.id_of(slot) for slot in slots]
    holders = [world.producer.address, world.consumer.address]
    assert world.certificates.balanceOfBatch(holders, both) == (750, 0)
    world.give(world.producer, FIRST, 750)
    assert world.held(world.producer, FIRST) == 750


def test_transfer__more_than_is_held__refused(world: CertificateWorld) -> None:
    world.produce(10)
    account, number = world.device()["account"], world.id_of(FIRST)
    with refused("ERC1155InsufficientBalance", account, 10, 11, number):
        world.give(world.consumer, FIRST, 11)
    false = number | 1 << 150
    with refused("ERC1155InsufficientBalance", account, 0, 1, false):
        world.certificates.safeTransferFrom(
            world.producer.address, world.consumer.address, false, 1, b"", by=account
        )


def test_transfer__by_another__needs_approval(world: CertificateWorld) -> None:
    world.produce(10)
    agent, holder = key("agent").address, world.producer.address
    move = world.certificates.safeBatchTransferFrom
    arguments = holder, world.consumer.address, [world.id_of(FIRST)], [4], b""
    with refused("ERC1155MissingApprovalForAll", agent, world.device()["account"]):
        move(*arguments, by=agent)
    world.certificates.setApprovalForAll(agent, True, by=holder)
    move(*arguments, by=agent)
    assert world.held(world.consumer, FIRST) == 4


def test_transfer__malformed__refused(world: CertificateWorld) -> None:
    world.produce(10)
    holder, account = world.producer.address, world.device()["account"]
    move, number = world.certificates.safeBatchTransferFrom, world.id_of(FIRST)
    with refused("ERC1155InvalidArrayLength", 1, 2):
        move(holder, world.consumer.address, [number], [1, 1], b"", by=holder)
    with refused("ERC1155InvalidSender", "0x" + 40 * "0"):
        move("0x" + 40 * "0", holder, [number], [1], b"", by="0x" + 40 * "0")
    with refused("ERC1155InvalidReceiver", "0x" + 40 * "0"):
        move(holder, "0x" + 40 * "0", [number], [1], b"", by=holder)
    with pytest.raises(Reverted, match=r"ERC1155InvalidReceiver"):
        move(holder, world.full["Tariffs"].address, [number], [1], b"", by=account)


def test_interfaces__of_tokens__are_known(world: CertificateWorld) -> None:
    for interface, known in (("d9b67a26", True), ("01ffc9a7", True), ("ffffffff", False)):
        assert world.certificates.supportsInterface(bytes.fromhex(interface)) is known
    assert world.certificates.uri(world.id_of(FIRST)) == ""


def test_modules__of_the_market__are_named(world: CertificateWorld) -> None:
    named = {
        "SETTLEMENT": "Settlement",
        "ENERGY": "EnergyAccounts",
        "METER": "SmartMeter",
        "GRID": "GridManagement",
    }
    for view, name in named.items():
        assert world.certificates.call(view).lower() == world.full[name].address.lower()
