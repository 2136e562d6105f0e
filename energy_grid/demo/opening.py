"""The households open their accounts: money, meters, a community, a place in the grid."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from energy_grid.chain.accounts import Account
from energy_grid.chain.contract import Call, from_bytes32
from energy_grid.chain.rpc.node import DevNode
from energy_grid.chain.tx.multisig import Multisig
from energy_grid.client import EnergyGrid
from energy_grid.demo.residents import Resident
from energy_grid.demo.seeded_random import draw_bytes
from energy_grid.demo.sender import GasCountingSender, Operation
from energy_grid.domain.enums import EnergyType

__all__ = [
    "HOME",
    "THETA",
    "found_community",
    "fund_grid",
    "home_region",
    "join_community",
    "keep_credits",
    "open_accounts",
    "operators_safe",
]

# The home region is there from the deployment on.
HOME = 1
# The shared price lies halfway between feed-in and purchase.
THETA = 5000
_ETHER = 10**18
_HOUR, _DAY = 3600, 86_400
# Anvil funds so many; some of them own the Safes of a local deployment.
_LOCAL_ACCOUNTS = 30
_AT_ONCE = 30
_METER_GAS, _CALL_GAS = 400_000, 150_000


def home_region(contracts: EnergyGrid) -> str:
    """The name of the region that all meters are in."""
    return from_bytes32(contracts.tariffs.region_at(HOME))


def fund_grid(
    node: DevNode, contracts: EnergyGrid, sender: GasCountingSender, seed: int, amount: int
) -> None:
    """Have the supplier give the grid account money, from which it pays for what is fed in."""
    supplier = Account(draw_bytes(seed, "supplier"))
    node.set_balance(supplier.address, _ETHER)
    calls = (
        contracts.money.faucet(amount),
        contracts.money.approve(contracts.settlement.address, amount),
        contracts.settlement.fund_grid(amount),
    )
    sender.send(Operation.FUND, [(supplier, call) for call in calls])


def open_accounts(
    node: DevNode,
    contracts: EnergyGrid,
    sender: GasCountingSender,
    people: Sequence[Resident],
    deposit: int,
    owners: Collection[int],
    registers: Mapping[str, tuple[int, int]] | None = None,
) -> None:
    """Give each resident ``deposit`` of test money in the market, meters, its registrations.

    The registrar needs the consent of each to its meters; it registers many at once.

    Args:
        owners: the numbers of the households whose plants have meters.
        registers: import and export in Wh that meters show now, by their addresses; others show 0.
    """
    wallets = [person.wallet for person in people]
    node.rpc_batch([("anvil_setBalance", [wallet.address, hex(_ETHER)]) for wallet in wallets])
    sender.send(Operation.FAUCET, [(wallet, contracts.money.faucet(deposit)) for wallet in wallets])
    sender.send(
        Operation.DEPOSIT,
        [(wallet, contracts.prepare_deposit_with_permit(wallet, deposit)) for wallet in wallets],
    )
    registrar, region = operators_safe(contracts, "registrar"), home_region(contracts)
    deadline = node.time + _DAY
    sender.send_batches(
        Operation.METER,
        registrar,
        [
            call
            for person in people
            for call in _meters(
                *(contracts, person, region, deadline),
                has_plant=person.household.number in owners,
                registers=registers or {},
            )
        ],
        at_once=_AT_ONCE,
        each=_METER_GAS,
    )
    slot_length = contracts.settlement.slot_length()
    sender.send(
        Operation.PARTICIPANT,
        [
            (person.wallet, call)
            for person in people
            for call in _registrations(contracts, person, slot_length)
        ],
    )
    sender.send_batches(
        Operation.CONFIRM,
        operators_safe(contracts, "authority"),
        [
            contracts.grid.confirm_by_meter(person.meter.address, is_producer)
            for person in people
            for is_producer in (False, True)[: 1 + (person.household.pv_peak_w > 0)]
        ],
        at_once=_AT_ONCE,
        each=_CALL_GAS,
    )


def found_community(contracts: EnergyGrid, sender: GasCountingSender, gateway: Account) -> int:
    """Have the gateway found a community whose meters it reads; gives its number."""
    plan = contracts.create_community_with_gateway(
        gateway, home_region(contracts), THETA, gateway.address
    )
    return sender.carry_out(Operation.FOUND, plan)


def join_community(
    node: DevNode,
    contracts: EnergyGrid,
    sender: GasCountingSender,
    people: Sequence[Resident],
    community: int,
) -> None:
    """Let residents join the community with the next day, by their signatures."""
    deadline = node.time + _DAY
    sender.send_batches(
        Operation.JOIN,
        operators_safe(contracts, "authority"),
        [
            contracts.communities.join_for(
                person.wallet.address,
                community,
                deadline,
                contracts.sign_join(person.wallet, community, deadline),
            )
            for person in people
        ],
        at_once=_AT_ONCE,
        each=_CALL_GAS,
    )


def keep_credits(
    contracts: EnergyGrid, sender: GasCountingSender, people: Sequence[Resident]
) -> None:
    """Let residents say that they keep their surplus as credits from the next day on."""
    call = contracts.settlement.set_keeps(True)
    sender.send(Operation.KEEP, [(person.wallet, call) for person in people])


def operators_safe(contracts: EnergyGrid, name: str) -> Multisig:
    """A Safe of the operators, with the keys of its owners."""
    local = [Account.local(index) for index in range(_LOCAL_ACCOUNTS)]
    owners = contracts.require_safe(name).get_owners()
    return contracts.acting_safe([one for one in local if one.address in owners], name)


def _meters(
    contracts: EnergyGrid,
    person: Resident,
    region: str,
    deadline: int,
    *,
    has_plant: bool,
    registers: Mapping[str, tuple[int, int]],
) -> list[Call]:
    """Register a resident's meters: at the grid connection, and of the plant behind it."""
    meters = [(person.meter, person.rated_power, True)]
    if has_plant:
        meters.append((person.plant_meter, person.household.pv_peak_w, False))
    calls = []
    for meter, power, is_settlement in meters:
        imported, exported = registers.get(meter.address, (0, 0))
        draft = contracts.draft_registration(
            meter,
            person.wallet.address,
            region=region,
            rated_power=power,
            settlement=is_settlement,
            consumption=imported,
            production=exported,
            deadline=deadline,
        )
        calls.append(contracts.prepare_draft(contracts.sign_consent(person.wallet, draft)))
    return calls


def _registrations(contracts: EnergyGrid, person: Resident, slot_length: int) -> list[Call]:
    """As a consumer, and as a producer and owner of a storage where it is one; Wh per slot."""
    grid, household = contracts.grid, person.household
    calls = [grid.register_consumer(person.rated_power * slot_length // _HOUR)]
    if household.pv_peak_w:
        capacity = household.pv_peak_w * slot_length // _HOUR
        calls.append(grid.register_producer(capacity, EnergyType.SOLAR))
    if household.battery is not None:
        rate = household.battery.power_w * slot_length // _HOUR
        calls.append(grid.register_storage(household.battery.capacity_wh, rate, rate))
    return calls
