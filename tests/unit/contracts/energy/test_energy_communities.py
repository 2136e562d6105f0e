"""Communities: consent, managers, seats, and their refusals."""

from __future__ import annotations

from typing import Any

import pytest
from coincurve import PrivateKey
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from tests.model.market import Tariff
from tests.support.core.chain import refused
from tests.support.core.energy_suite import DAY, METER, EnergyWorld
from tests.support.core.tariff_suite import name as bytes32

TARIFF = Tariff(buy=300, feed_in=100, network_fee=20)
STRANGER = to_checksum_address("0x" + 40 * "5")
FORWARDER = "0x" + 40 * "6"
KEY = PrivateKey(b"\x07" * 32)
SIGNER = to_checksum_address(keccak(KEY.public_key.format(compressed=False)[1:])[12:])


@pytest.fixture
def world() -> EnergyWorld:
    world = EnergyWorld(TARIFF, 80, slot=3600)
    world.add_region("south", TARIFF)
    world.found("street", 5000)
    world.found("beach", 0, "south")
    world.metered("north")
    return world


def signature(world: EnergyWorld, account: str, community: int, deadline: int) -> bytes:
    digest = world.communities.hashJoin(account, community, deadline)
    signed = KEY.sign_recoverable(digest, hasher=None)
    return signed[:64] + bytes([27 + signed[64]])


def own(world: EnergyWorld, address: str, number: int) -> None:
    """An account of an address, with a meter."""
    first = world.rules.tomorrow(world.now) * world.rules.day_slots
    world.settlement.setNumber(address, number)
    world.settlement.setCursor(number, world.today)
    world.energy.attach(number, 1, first, 5000, by=METER)


def test_create__anybody__names_a_manager(world: EnergyWorld) -> None:
    communities = world.communities
    assert communities.create(bytes32("south"), 10_000, STRANGER, by=STRANGER) == 3
    (log,) = world.chain.logs
    assert log[1:] == (
        "CommunityCreated",
        {"id": 3, "region": bytes32("south"), "manager": STRANGER, "theta": 10_000},
    )
    assert tuple(communities.communityOf(3)) == (bytes32("south"), STRANGER, 0, 10_000)
    assert communities.communityCount() == 3
    with refused("Communities_ThetaAbove", 10_001, 10_000):
        communities.create(bytes32("south"), 10_001, STRANGER)
    with refused("Tariffs_UnknownRegion", bytes32("nowhere")):
        communities.create(bytes32("nowhere"), 1, STRANGER)
    with refused("Communities_Unknown", 4):
        communities.communityOf(4)
    assert communities.thetaAt(4, world.today) == 0


def test_join__what_cannot_be__is_refused(world: EnergyWorld) -> None:
    join, north = world.communities.join, world.address("north")
    with refused("Communities_Unknown", 9):
        join(9, by=north)
    with refused("Communities_UnknownAccount", STRANGER):
        join(1, by=STRANGER)
    with refused("Communities_OtherRegion", to_checksum_address(north), 1):
        join(2, by=north)
    join(1, by=north)
    day = world.today + 1
    assert world.chain.logs[0][1:] == (
        "Joined",
        {"id": 1, "account": to_checksum_address(north), "day": day},
    )
    assert world.energy.membershipOf(1) == (0, 1, day)
    assert world.communities.communityOf(1)[2] == 1
    with refused("Communities_IsMember", to_checksum_address(north), 1):
        join(1, by=north)
    world.metered("large", rated=2**24)
    with refused("Communities_PowerTooHigh", to_checksum_address(world.address("large"))):
        join(1, by=world.address("large"))
    world.open("trader", 5)
    with refused("Communities_OtherRegion", to_checksum_address(world.address("trader")), 0):
        join(1, by=world.address("trader"))


def test_join__needs_a_meter_and_no_debt(world: EnergyWorld) -> None:
    join = world.communities.join
    world.metered("debtor")
    debtor = to_checksum_address(world.address("debtor"))
    world.settlement.setDebt(debtor, 7)
    with refused("Communities_InDebt", debtor, 7):
        join(1, by=debtor)
    world.settlement.setDebt(debtor, 0)
    join(1, by=debtor)
    north = to_checksum_address(world.address("north"))
    world.chain.set_time((world.today + 1) * DAY)
    world.detach("north")
    with refused("Communities_NoMeter", north):
        join(1, by=north)
    # Both refusals are the model's.
    assert world.join("north", "street") == "NoMeter"
    world.account("debtor").debt = 7
    world.market.accounts["debtor"].community.set(0, None)
    world.found("other", 0)
    world.metered("third")
    world.account("third").debt = 7
    assert world.join("third", "other") == "InDebt"


def test_join_for__a_key__signs_once_and_in_time(world: EnergyWorld) -> None:
    own(world, SIGNER, 9)
    join, now = world.communities.joinFor, world.now
    signed = signature(world, SIGNER, 1, now)
    with refused("Communities_Expired", now - 1):
        join(SIGNER, 1, now - 1, signed)
    for account, community, deadline in (
        (STRANGER, 1, now),
        (SIGNER, 2, now),
        (SIGNER, 1, now + 1),
    ):
        with refused("Communities_WrongSignature", account, 0):
            join(account, community, deadline, signed)
    join(SIGNER, 1, now, signed)
    assert world.energy.membershipOf(9) == (0, 1, world.today + 1)
    assert world.communities.nonces(SIGNER) == 1
    with refused("Communities_WrongSignature", SIGNER, 1):
        join(SIGNER, 1, now, signed)


def test_join_for__a_contract_wallet__confirms_its_owners_signature(world: EnergyWorld) -> None:
    wallet = world.chain.deploy("WalletDouble", SIGNER).address
    own(world, wallet, 9)
    signed = signature(world, wallet, 1, world.now)
    with refused("Communities_WrongSignature", wallet, 0):
        world.communities.joinFor(wallet, 1, world.now, signed[::-1])
    world.communities.joinFor(wallet, 1, world.now, signed)
    assert world.energy.membershipOf(9)[1] == 1


def test_leave__takes_back_signatures(world: EnergyWorld) -> None:
    own(world, SIGNER, 9)
    first = signature(world, SIGNER, 1, world.now + 40 * DAY)
    world.communities.joinFor(SIGNER, 1, world.now + 40 * DAY, first)
    later = signature(world, SIGNER, 1, world.now + 40 * DAY)
    world.settlement.setCursor(9, world.today + 1)
    world.communities.leave(by=SIGNER)
    world.chain.set_time(world.now + 17 * DAY)
    with refused("Communities_WrongSignature", SIGNER, 2):
        world.communities.joinFor(SIGNER, 1, world.now + 40 * DAY, later)


def test_leave__ends_beyond_the_horizon(world: EnergyWorld) -> None:
    north = world.address("north")
    with refused("Communities_NotMember", to_checksum_address(north), 0):
        world.communities.leave(by=north)
    world.communities.join(1, by=north)
    begin = world.today + 1
    # Until its beginning is closed, a membership cannot end.
    with refused("EnergyAccounts_MembershipPending", 1, world.account("north").day, begin):
        world.communities.leave(by=north)
    world.settlement.setCursor(1, begin)
    world.communities.leave(by=north)
    end = world.rules.beyond_horizon(world.now)
    assert world.chain.logs[0][1:] == (
        "Left",
        {
            "id": 1,
            "account": to_checksum_address(north),
            "day": end,
            "by": to_checksum_address(north),
        },
    )
    assert world.energy.membershipOf(1) == (1, 0, end)
    assert world.communities.beyondHorizon() == end
    with refused("Communities_NotMember", to_checksum_address(north), 0):
        world.communities.leave(by=north)
    with refused("Communities_IsMember", to_checksum_address(north), 1):
        world.communities.join(1, by=north)
    assert world.communities.communityOf(1)[2] == 1
    world.chain.set_time(end * DAY)
    assert world.communities.communityOf(1)[2] == 0


def test_expel__by_the_manager_alone(world: EnergyWorld) -> None:
    communities, north = world.communities, world.address("north")
    communities.join(1, by=north)
    world.settlement.setCursor(1, world.today + 1)
    with refused("Communities_NotManager", 1, STRANGER):
        communities.expel(1, north, by=STRANGER)
    with refused("Communities_NotMember", to_checksum_address(north), 2):
        communities.expel(2, north, by=world.authority)
    communities.setManager(1, STRANGER, by=world.authority)
    with refused("Communities_NotManager", 1, to_checksum_address(world.authority)):
        communities.expel(1, north, by=world.authority)
    communities.expel(1, north, by=STRANGER)
    assert world.chain.logs[0][2]["by"] == STRANGER
    end = world.energy.membershipOf(1)[2]
    assert world.energy.membershipOf(1) == (1, 0, end)

    # Nor does it come back by its own will alone.
    world.found("other", 0)
    world.chain.set_time((end - 1) * DAY)
    world.settlement.setCursor(1, end)
    assert communities.isExpelled(1, north)
    with refused("Communities_Expelled", to_checksum_address(north), 1):
        communities.join(1, by=north)
    mark = world.chain.snapshot()
    communities.join(3, by=north)
    world.chain.revert(mark)
    with refused("Communities_NotManager", 1, to_checksum_address(north)):
        communities.readmit(1, north, by=north)
    communities.readmit(1, north, by=STRANGER)
    assert world.chain.logs[0][1:] == (
        "Readmitted",
        {"id": 1, "account": to_checksum_address(north)},
    )
    communities.join(1, by=north)
    assert world.energy.membershipOf(1) == (1, 1, end)


def test_suspend__by_anybody_who_shows_a_debt(world: EnergyWorld) -> None:
    communities, north = world.communities, world.address("north")
    communities.join(1, by=north)
    world.settlement.setCursor(1, world.today + 1)
    with refused("Communities_NoDebt", to_checksum_address(north)):
        communities.suspend(north, by=STRANGER)
    world.settlement.setDebt(north, 1)
    communities.suspend(north, by=STRANGER)
    assert world.energy.membershipOf(1)[1] == 0


def test_set_theta__beyond_the_horizon_alone(world: EnergyWorld) -> None:
    communities, manager = world.communities, world.authority
    first = world.rules.beyond_horizon(world.now)
    with refused("Communities_NotManager", 1, STRANGER):
        communities.setTheta(1, 1, first, by=STRANGER)
    with refused("Communities_ThetaAbove", 10_001, 10_000):
        communities.setTheta(1, 10_001, first, by=manager)
    with refused("Communities_WithinHorizon", first - 1, first):
        communities.setTheta(1, 1, first - 1, by=manager)
    communities.setTheta(1, 7, first + 5, by=manager)
    communities.setTheta(1, 0, first, by=manager)
    communities.setTheta(1, 9, first + 9, by=manager)
    days = (first - 1, first, first + 8, first + 9, 2**16 - 1)
    assert [communities.thetaAt(1, day) for day in days] == [5000, 0, 0, 9, 9]


def test_holders__can_call_through_the_forwarder(world: EnergyWorld) -> None:
    modules = (world.settlement.address, world.energy.address, world.tariffs.address, FORWARDER)
    communities = world.chain.deploy("Communities", modules)
    north = world.address("north")
    communities.create(bytes32("home"), 1, north)
    data = communities.abi.function("setManager").encode([1, STRANGER])
    with refused("Communities_NotManager", 1, STRANGER):
        _append(world, communities, data, STRANGER, FORWARDER)
    with refused("Communities_NotManager", 1, STRANGER):
        _append(world, communities, data, north, STRANGER)
    _append(world, communities, data, north, FORWARDER)
    assert communities.communityOf(1)[1] == STRANGER


def _append(world: EnergyWorld, to: Any, data: bytes, account: str, sender: str) -> None:
    world.chain.send(sender, to.address, data + bytes.fromhex(account[2:]))


def test_seats__are_free_when_members_have_left(world: EnergyWorld) -> None:
    communities, energy = world.communities, world.energy
    for number in range(2, 162):
        own(world, f"0x{0xACC000 + number:040x}", number)
        communities.join(1, by=f"0x{0xACC000 + number:040x}")
    north, tomorrow = world.address("north"), world.today + 1
    assert communities.communityOf(1)[2] == communities.MAX_MEMBERS() == 160
    with refused("Communities_Full", 1, tomorrow):
        communities.join(1, by=north)
    world.chain.set_time((tomorrow + 1) * DAY + 5)
    leaving = [f"0x{0xACC000 + number:040x}" for number in (2, 3)]
    for number, address in enumerate(leaving, 2):
        world.settlement.setCursor(number, tomorrow)
        communities.leave(by=address)
        world.chain.set_time(world.now + DAY)
    end = energy.membershipOf(2)[2]
    assert end == tomorrow + 1 + 16
    # The seat is free on the last day before the new membership begins, not earlier.
    world.chain.set_time((end - 1) * DAY - 1)
    with refused("Communities_Full", 1, end - 1):
        communities.join(1, by=north)
    world.chain.set_time((end - 1) * DAY)
    communities.join(1, by=north)
    world.settlement.setCursor(2, end)
    with refused("Communities_Full", 1, end):
        communities.join(1, by=leaving[0])
    world.chain.set_time((end + 400) * DAY)
    assert communities.communityOf(1)[2] == 159
    communities.join(1, by=leaving[0])
    assert communities.communityOf(1)[2] == 160
