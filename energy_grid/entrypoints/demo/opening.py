"""Everybody opens an account: money, a meter, a place in the grid."""

from __future__ import annotations

from collections.abc import Sequence

from energy_grid.adapters.chain.accounts import Account
from energy_grid.adapters.chain.connection import DevNode
from energy_grid.adapters.chain.contract import Call
from energy_grid.adapters.chain.roles import Role
from energy_grid.adapters.chain.signing import sign_registration
from energy_grid.client import EnergyGrid
from energy_grid.entrypoints.demo.desk import Desk, Operation
from energy_grid.entrypoints.demo.people import Resident
from energy_grid.services.ports import EnergyType

__all__ = ["REGION", "holder_of", "open_accounts"]

# The name of the grid that all meters are in.
REGION = "LV2.101"
_ETHER = 10**18
_HOUR = 3600
# Anvil funds so many; a local deployment gives its roles to them.
_LOCAL_ACCOUNTS = 10


def open_accounts(
    node: DevNode, contracts: EnergyGrid, desk: Desk, people: Sequence[Resident], deposit: int
) -> None:
    """Give everybody ``deposit`` of test money in the market, a meter, and its registrations."""
    wallets = [person.wallet for person in people]
    node.rpc_batch([("anvil_setBalance", [wallet.address, hex(_ETHER)]) for wallet in wallets])
    desk.send(Operation.FAUCET, [(wallet, contracts.money.faucet(deposit)) for wallet in wallets])
    desk.send(
        Operation.DEPOSIT,
        [(wallet, contracts.prepare_deposit_with_permit(wallet, deposit)) for wallet in wallets],
    )
    registrar = holder_of(contracts, Role.METER_REGISTRAR)
    desk.send(
        Operation.METER,
        [
            (
                registrar,
                contracts.meters.register_meter(
                    person.meter.address,
                    person.wallet.address,
                    REGION,
                    person.rated_power,
                    sign_registration(
                        person.meter,
                        person.wallet.address,
                        REGION,
                        person.rated_power,
                        contracts.meter_domain,
                    ),
                ),
            )
            for person in people
        ],
    )
    slot_length = contracts.settlement.slot_length()
    desk.send(
        Operation.PARTICIPANT,
        [
            (person.wallet, call)
            for person in people
            for call in _registrations(contracts, person, slot_length)
        ],
    )


def holder_of(contracts: EnergyGrid, role: Role) -> Account:
    """Who has a role, as the deployment says."""
    local = [Account.local(index) for index in range(_LOCAL_ACCOUNTS)]
    (address, *_) = contracts.deployment.roles[role]
    return next(account for account in local if account.address == address)


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
