"""The local chain of a neighbourhood: begun once, kept in a folder, gone on with at every start."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from energy_grid.backend.local_market import deploy_local
from energy_grid.backend.neighbourhood.village import SEED, Village
from energy_grid.chain.accounts import Account
from energy_grid.chain.deployments import Deployment
from energy_grid.chain.files import rewritten
from energy_grid.chain.rpc.anvil import Anvil, has_node
from energy_grid.chain.rpc.node import DevNode
from energy_grid.client import EnergyGrid
from energy_grid.demo.gateway import GATEWAY, KEEPER
from energy_grid.demo.opening import (
    found_community,
    fund_grid,
    join_community,
    open_accounts,
    operators_safe,
)
from energy_grid.demo.region import begin_operating
from energy_grid.demo.sender import GasCountingSender, Operation
from energy_grid.domain.enums import EnergyType, Trigger
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.errors import InputError

__all__ = ["GRID_OPERATOR", "LivingChain", "living_chain"]

GRID_OPERATOR = Account.local(29)

_GAS_LIMIT, _LOCAL_ACCOUNTS = 60_000_000, 30
# What a household has in the market at first, and the supplier's money, in base units.
_DEPOSIT, _GRID_FUNDS = 500_000_000, 2_000_000_000
# So many plants have a meter, and earn certificates.
_PLANTS, _DEVICE_GAS = 3, 250_000
# Opening takes some hundred seconds of the chain, before the first midnight.
_BEFORE = 3600
_READINGS, _READING_GAS = 100, 100_000
_ACCOUNTS, _CLOSING_GAS = 40, 380_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LivingChain:
    """A running chain with the market and the neighbourhood's open accounts.

    Attributes:
        file: of the deployment.
        community: the number of the gateway's community.
        anvil: which runs its node, if this process does.
    """

    node: DevNode
    file: Path
    village: Village
    community: int
    anvil: Anvil | None = None


@contextmanager
def living_chain(
    folder: Path,
    first_day: int,
    log: Callable[[str], object],
    households: int | None = None,
    *,
    remedy: str = "remove it, and start again",
) -> Iterator[LivingChain]:
    """The chain of a folder, made anew where it was not opened to the end.

    Args:
        first_day: of a new chain, counted from 1970.
        households: of a new chain, by default all 92.
        remedy: what a person does when the chain is lost.

    Raises:
        InputError: the chain is lost: its node was killed before it could write it down.
    """
    note, state = folder / "neighbourhood.json", folder / "chain.json"
    if not note.exists() and not has_node(state):
        # What an interrupted opening left.
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "deployment.json"
    known = json.loads(note.read_text()) if note.exists() else None
    begin = None if known else first_day * DAY_SECONDS - _BEFORE
    port = _free_port(known["port"]) if known and known.get("port") else 0
    anvil = Anvil(
        timestamp=begin, gas_limit=_GAS_LIMIT, state=state, port=port, accounts=_LOCAL_ACCOUNTS
    )
    with anvil as node:
        if known is not None and not state.exists():
            raise InputError(f"the chain in {folder} is lost, since its node was killed: {remedy}")
        # Whatever was written down is older than all that comes now.
        state.unlink(missing_ok=True)
        if known is not None:
            # Of this machine's clock, which Anvil would go on with, it knows nothing.
            node.set_clock(node.time + 1)
        else:
            known = {"first_day": first_day, "households": households, "plants": _PLANTS}
            log("Deploying the market on a local chain, and opening the households' accounts")
            deploy_local(node, file)
            known["community"] = _open(node, file, _village(file, node, known))
        # Who was told where it is finds it there at the next start as well.
        known["port"] = urlsplit(node.url).port
        with rewritten(note) as stream:
            json.dump(known, stream)
        yield LivingChain(
            node=node,
            anvil=anvil,
            file=file,
            village=_village(file, node, known),
            community=known["community"],
        )


def _free_port(port: int) -> int:
    """A port if nobody has it, else 0: any."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
    return port


def _village(file: Path, node: DevNode, known: dict[str, int | None]) -> Village:
    slot = EnergyGrid.connect(node.url, file).settlement.slot_length()
    # Chains that were opened before have none.
    plants = known.get("plants") or 0
    return Village(slot, int(known["first_day"] or 0), known["households"], plants)


def _open(node: DevNode, file: Path, village: Village) -> int:
    """Open all accounts, found the community, and bring the chain to its first day's grace."""
    # Mining on request puts a list of transactions into few blocks.
    market = EnergyGrid(node, Deployment.load(file), GasCountingSender.on(node))
    sender = GasCountingSender(market.sender)
    people, first = village.people, village.first_day * DAY_SECONDS
    node.set_automine(False)
    fund_grid(node, market, sender, SEED, _GRID_FUNDS)
    owners = [each.household.number for each in village.plants]
    open_accounts(node, market, sender, people, _DEPOSIT, owners)
    community = found_community(market, sender, GATEWAY)
    join_community(node, market, sender, people, community)
    node.set_time(first + 1)
    signed = list(village.readings(market, first, first))
    sender.send(
        Operation.FIRST_READING,
        [
            (GATEWAY, market.meters.submit_signed_readings(signed[at : at + _READINGS]))
            for at in range(0, len(signed), _READINGS)
        ],
        sizes=[len(signed[at : at + _READINGS]) for at in range(0, len(signed), _READINGS)],
        each=_READING_GAS,
    )
    node.set_time(first + market.energy_accounts.grace() + 1)
    addresses = [person.wallet.address for person in people]
    chunks = [addresses[at : at + _ACCOUNTS] for at in range(0, len(addresses), _ACCOUNTS)]
    close = market.settlement.close_through
    sender.send(
        Operation.FIRST_CLOSE,
        [(KEEPER, close(chunk, village.first_day - 1)) for chunk in chunks],
        sizes=[len(chunk) for chunk in chunks],
        each=_CLOSING_GAS,
    )
    register = market.certificates.register_device
    numbers = [market.meters.get_meter(each.plant_meter.address).number for each in village.plants]
    sender.send_batches(
        Operation.PLANT,
        operators_safe(market, "registrar"),
        [register(each, EnergyType.SOLAR) for each in numbers],
        at_once=_PLANTS,
        each=_DEVICE_GAS,
    )
    node.set_automine(True)
    # Whose transformer it is answers a load beyond what the street can draw.
    for feeder in village.feeders.values():
        rating = feeder.feeder.rating_w // 1000
        begin_operating(market, sender, GRID_OPERATOR, rating, Trigger.CRITICAL_LOAD)
    return community
