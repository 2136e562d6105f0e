"""The households open their accounts: money, a meter, a place in the grid."""

from __future__ import annotations

from collections.abc import Sequence

from energy_grid.chain.accounts import Account
from energy_grid.chain.contract import Call
from energy_grid.chain.rpc.node import DevNode
from energy_grid.chain.tx.multisig import Multisig
from energy_grid.client import EnergyGrid
from energy_grid.demo.residents import Resident
from energy_grid.demo.sender import GasCountingSender, Operation
from energy_grid.domain.enums import EnergyType
from energy_grid.market.signing import sign_registration

__all__ = ["REGION", "open_accounts", "operators_safe"]

# The name of the grid that all meters are in.
REGION = "LV2.101"
_ETHER = 10**18
_HOUR = 3600
# Anvil funds so many; some of them own the Safe of a local deployment.
_LOCAL_ACCOUNTS = 10
_METERS = 50


def open_accounts(
    node: DevNode,
    contracts: EnergyGrid,
    sender: GasCountingSender,
    people: Sequence[Resident],
    deposit: int,
) -> None:
    """Give each resident ``deposit`` of test money in the market, a meter, its registrations."""
    wallets = [person.wallet for person in people]
    node.rpc_batch([("anvil_setBalance", [wallet.address, hex(_ETHER)]) for wallet in wallets])
    sender.send(Operation.FAUCET, [(wallet, contracts.money.faucet(deposit)) for wallet in wallets])
    sender.send(
        Operation.DEPOSIT,
        [(wallet, contracts.prepare_deposit_with_permit(wallet, deposit)) for wallet in wallets],
    )
    registrar = operators_safe(contracts)
    groups = [people[first : first + _METERS] for first in range(0, len(people), _METERS)]
    sender.send(
        Operation.METER,
        [
            (registrar, registrar.batch(_meter(contracts, person) for person in group))
            for group in groups
        ],
        sizes=[len(group) for group in groups],
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


def operators_safe(contracts: EnergyGrid) -> Multisig:
    """The Safe that has the operators' roles, with the keys of its owners."""
    local = [Account.local(index) for index in range(_LOCAL_ACCOUNTS)]
    safe = contracts.deployment.safe
    return contracts.acting_safe([one for one in local if safe and one.address in safe.owners])


def _meter(contracts: EnergyGrid, person: Resident) -> Call:
    """Registers a resident's meter, with its proof."""
    meter, owner, power = person.meter, person.wallet.address, person.rated_power
    proof = sign_registration(meter, owner, REGION, power, contracts.meter_domain)
    return contracts.meters.register_meter(meter.address, owner, REGION, power, proof)


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
