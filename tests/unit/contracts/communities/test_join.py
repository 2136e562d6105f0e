"""Communities.join."""

from __future__ import annotations

from eth_utils.address import to_checksum_address

from energy_grid.chain.accounts import Account
from tests.support.core.chain import Chain, refused
from tests.support.core.energy_suite import DAY, EnergyWorld
from tests.support.core.full_market import FullMarket
from tests.support.core.meter_suite import START
from tests.unit.contracts.communities.suite import GATEWAY, STRANGER, TARIFF, found, own


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


def test_join__of_a_full_community__waits_for_a_seat(world: EnergyWorld) -> None:
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


def test_join__a_community_with_a_gateway__its_meter_is_told(world: EnergyWorld) -> None:
    north, community = world.address("north"), found(world)
    world.communities.join(community, by=north)
    assert [log[1:] for log in world.chain.logs] == [
        (
            "Joined",
            {"id": community, "account": to_checksum_address(north), "day": world.today + 1},
        ),
        ("ReadByGatewaySet", {"number": 1}),
    ]
    assert world.energy.isByGateway(1)
    assert world.energy.membershipOf(1) == (0, community, world.today + 1)
    world.metered("third")
    world.communities.join(1, by=world.address("third"))
    assert [log[1] for log in world.chain.logs] == ["Joined"]
    assert not world.energy.isByGateway(2)


def test_join__a_community_with_a_gateway__own_readings_of_its_days_wait() -> None:
    """With the contracts that a household meets."""
    market = FullMarket(Chain(START), TARIFF)
    device, holder = (Account.local(number) for number in range(2))
    market.household(holder, device, money=10**8, rated=10_000)
    create = market["Communities"].createWithGateway
    community = create(market.meters_home, 5000, STRANGER, GATEWAY, False)
    market["Communities"].join(community, by=holder.address)
    midnight = (START // DAY + 1) * DAY
    market.chain.set_time(midnight + 900)
    market.meters.read(device, midnight, (10, 0))
    with refused("SmartMeter_ReadByGateway", device.address, midnight + 900):
        market.meters.read(device, midnight + 900, (11, 0))
