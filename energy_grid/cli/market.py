"""``energy-grid market``: the deployment and its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from energy_grid.cli.answers import Answer, as_document, facts, stacked, table, word
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.numbers import counted
from energy_grid.cli.reads import ask
from energy_grid.cli.session import View
from energy_grid.cli.times import format_time
from energy_grid.domain.enums import StopLevel
from energy_grid.domain.units import format_duration, format_hertz, format_volts

if TYPE_CHECKING:
    from energy_grid.contracts.median_oracle import MedianOracle

__all__ = ["market"]

market = CommandGroup("market")

_STOPPABLE = (
    "DemandResponse",
    "EnergyAssetNFT",
    "EnergyTrading",
    "PeerToPeerTrading",
    "Settlement",
)


@market.shows("show")
def show(view: View) -> Answer:
    """Show the deployment: network, contracts, parameters, fees, and stopped contracts."""
    numbers, levels = _numbers(view), _levels(view)
    deployment, node = view.market.deployment, view.market.node
    newest = node.block()
    number, time = int(newest["number"], 16), int(newest["timestamp"], 16)
    safes = {
        name: (safe.address, *ask(view, (safe, "getThreshold"), (safe, "getOwners")))
        for name, safe in view.market.safes.items()
    }
    rows = {
        "network": f"{deployment.network}, chain {deployment.chain_id}",
        "newest block": f"{number}, {format_time(time)}",
        **_words(view, numbers),
        **{
            f"{name}'s Safe": f"{needed} of {counted(len(owners), 'owner')}"
            for name, (_, needed, owners) in safes.items()
        },
    }
    places = {name: each.address for name, each in deployment.contracts.items()}
    places["SettlementToken"] = deployment.token
    places |= {f"{name}'s Safe": address for name, (address, _, _) in safes.items()}
    contracts = [
        (name, address, word(levels[name]) if name in levels else "")
        for name, address in sorted(places.items())
    ]
    document = {
        "network": deployment.network,
        "chain_id": deployment.chain_id,
        "block": number,
        "time": time,
        "first_block": deployment.first_block,
        **numbers,
        "safes": {
            name: {"address": address, "threshold": needed, "owners": list(owners)}
            for name, (address, needed, owners) in safes.items()
        },
        "contracts": places,
        "stop_levels": as_document(levels),
    }
    shown = stacked(facts(rows), table(("contract", "address", "state"), contracts))
    return Answer(document=document, shown=shown)


def _numbers(view: View) -> dict[str, Any]:
    """All parameters, as they are on the chain."""
    one = view.market
    questions: dict[str, tuple[Any, ...]] = {
        "slot_length": (one.settlement, "SLOT_LENGTH"),
        "grace": (one.energy_accounts, "GRACE"),
        "gap_days": (one.energy_accounts, "GAP_DAYS"),
        "horizon": (one.tariffs, "HORIZON"),
        "grid_price": (one.grid, "getDynamicPrice()"),
        "max_buy": (one.tariffs, "MAX_BUY"),
        "max_network_fee": (one.tariffs, "MAX_NETWORK_FEE"),
        "max_protocol_fee": (one.tariffs, "MAX_PROTOCOL_FEE"),
        "regions": (one.tariffs, "regionCount"),
        "communities": (one.communities, "communityCount"),
        "security_per_kw": (one.meters, "SECURITY_PER_KW"),
        "order_burst": (one.trading, "ORDER_BURST"),
        "order_refill": (one.trading, "ORDER_REFILL"),
        "outflow_limit": (one.settlement, "outflowLimit"),
        "outflow_window": (one.settlement, "OUTFLOW_WINDOW"),
        "withdrawal_delay": (one.settlement, "WITHDRAWAL_DELAY"),
        "min_reading_interval": (one.meters, "MIN_INTERVAL"),
        **{f"{name}_quorum": (oracle, "quorum") for name, oracle in _oracles(view).items()},
        **{f"{name}_max_age": (oracle, "maxAge") for name, oracle in _oracles(view).items()},
        "voting_delay": (one.governor, "votingDelay"),
        "voting_period": (one.governor, "votingPeriod"),
        "vote_extension": (one.governor, "lateQuorumVoteExtension"),
        "timelock_delay": (one.timelock, "getMinDelay"),
        "accounts": (one.settlement, "accountCount"),
        "meters": (one.meters, "meterCount"),
    }
    found = dict(zip(questions, ask(view, *questions.values()), strict=True))
    return {**found, "bands": as_document(one.bands.default_bands())}


def _rounds(view: View, known: Mapping[str, int]) -> dict[str, str]:
    """What closes a round, and how long it is valid: once if it is the same of all oracles."""
    found = {
        name.replace("_", " "): f"{known[f'{name}_quorum']} reports close a round, valid for"
        f" {format_duration(known[f'{name}_max_age'])}"
        for name in _oracles(view)
    }
    same = set(found.values())
    return {"oracles": same.pop()} if len(same) == 1 else found


def _oracles(view: View) -> dict[str, MedianOracle]:
    one = view.market
    return {
        "price_oracle": one.price_oracle,
        "weather_oracle": one.weather_oracle,
        "grid_oracle": one.grid_oracle,
    }


def _levels(view: View) -> dict[str, StopLevel]:
    stoppable = [part for part in view.market.contracts() if part.name in _STOPPABLE]
    levels = ask(view, *((part, "stopLevel") for part in stoppable))
    return {part.name: StopLevel(level) for part, level in zip(stoppable, levels, strict=True)}


def _words(view: View, known: Mapping[str, Any]) -> dict[str, str]:
    times = {
        name: format_duration(known[name])
        for name in (
            *(
                "slot_length",
                "grace",
                "horizon",
                "order_refill",
                "outflow_window",
                "withdrawal_delay",
            ),
            *("min_reading_interval", "voting_delay", "voting_period", "timelock_delay"),
        )
    }
    return {
        "slots": f"of {times['slot_length']}; number {view.market.slot()} is running; a slot is"
        f" final {times['grace']} after its end",
        "tariffs": f"of {counted(known['regions'], 'region')}, fixed for {times['horizon']}; a"
        f" deficit costs {view.price(known['grid_price'])} now",
        "ceilings": f"buy {view.price(known['max_buy'])}, network fee"
        f" {view.price(known['max_network_fee'])}, protocol fee"
        f" {view.price(known['max_protocol_fee'])}",
        "communities": str(known["communities"]),
        "orders": f"{known['order_burst']} at once, then one in {times['order_refill']}",
        "withdrawals": f"{view.money(known['outflow_limit'])} in {times['outflow_window']}; larger"
        f" withdrawals wait {times['withdrawal_delay']}",
        "meters": f"{known['meters']}; readings {times['min_reading_interval']} apart, security"
        f" {view.money(known['security_per_kw'])}/kW",
        "nominal": f"{format_hertz(known['bands']['nominal_frequency'])},"
        f" {format_volts(known['bands']['nominal_voltage'])}, unless a region has its own"
        " (grid stability bands)",
        "accounts": str(known["accounts"]),
        **_rounds(view, known),
        "governance": f"vote after {times['voting_delay']}, for {times['voting_period']}; in force"
        f" {times['timelock_delay']} later (energy-grid govern status)",
    }
