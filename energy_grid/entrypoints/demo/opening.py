"""Everybody opens an account: money, a meter, a place in the grid."""

from __future__ import annotations

from collections.abc import Sequence

from energy_grid.adapters.chain.accounts import Account
from energy_grid.adapters.chain.connection import DevNode
from energy_grid.adapters.chain.contract import Call
from energy_grid.adapters.chain.signing import sign_permit, sign_registration
from energy_grid.client import EnergyGrid
from energy_grid.entrypoints.demo.desk import Desk, Operation
from energy_grid.entrypoints.demo.people import Resident
from energy_grid.services.ports import EnergyType

__all__ = ["METER_REGISTRAR", "open_accounts"]

METER_REGISTRAR = Account.local(5)

_ETHER = 10**18
_REGION = "LV2.101"
_HOUR = 3600
_WORD = 32


def open_accounts(
    node: DevNode, contracts: EnergyGrid, desk: Desk, people: Sequence[Resident], deposit: int
) -> None:
    """Give everybody ``deposit`` of test money in the market, a meter, and its registrations."""
    wallets = [person.wallet for person in people]
    node.rpc_batch([("anvil_setBalance", [wallet.address, hex(_ETHER)]) for wallet in wallets])
    desk.send(Operation.FAUCET, [(wallet, contracts.money.faucet(deposit)) for wallet in wallets])
    _pay_in(node, contracts, desk, wallets, deposit)
    desk.send(
        Operation.METER,
        [
            (
                METER_REGISTRAR,
                contracts.meters.register_meter(
                    person.meter.address,
                    person.wallet.address,
                    _REGION,
                    person.rated_power,
                    sign_registration(
                        person.meter,
                        person.wallet.address,
                        _REGION,
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


def _pay_in(
    node: DevNode, contracts: EnergyGrid, desk: Desk, wallets: Sequence[Account], deposit: int
) -> None:
    vault, domain = contracts.settlement, contracts.money.domain()
    deadline = node.time + _HOUR
    work = []
    for wallet in wallets:
        # Each wallet is new: its first permit carries the number 0.
        permit = sign_permit(wallet, vault.address, deposit, 0, deadline, domain)
        r, s = permit.long[:_WORD], permit.long[_WORD : 2 * _WORD]
        call = vault.deposit_with_permit(deposit, deadline, permit.v, r, s)
        work.append((wallet, call))
    desk.send(Operation.DEPOSIT, work)


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
