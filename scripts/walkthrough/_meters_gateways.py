"""The meters' story of gateways: one root an hour for all accounts, proofs where it counts."""

from __future__ import annotations

from dataclasses import astuple, replace

from energy_grid.client import errors
from energy_grid.domain.merkle import MerkleTree
from energy_grid.domain.units import format_time
from energy_grid.market.anchoring import LEAF_TYPES, ProofsFile, salt_of, tree_of
from energy_grid.market.signing import sign_registration
from scripts._walkthrough.stage import Stage
from scripts._walkthrough.tokens import NOBODY

__all__ = ["tell_of_gateways"]

_FLAT = 14_500  # W
_SECRET = bytes(range(32))  # of the gateway; a real one is random and stays there
# Wh produced and consumed in an hour, by who lives there.
_FLATS = {
    "the first household": (0, 310),
    "the second household": (1200, 95),
    "the third household": (0, 0),
}


def tell_of_gateways(stage: Stage) -> None:
    """Register, assign, anchor, prove, dispute, replace."""
    _register(stage)
    slot, tree = _anchor(stage)
    _prove(stage, slot, tree)
    _cheat(stage)
    _replace(stage)


def _addresses(stage: Stage) -> list[str]:
    return [stage.person(name).address for name in _FLATS]


def _register(stage: Stage) -> None:
    meters, gateway = stage.market.meters, stage.person("the gateway")
    stage.chapter("A gateway reads a whole district")
    stage.says("A million flats would send a million readings an hour. Their gateway sends one")
    stage.says("hash, the root of a Merkle tree, and a flat's reading is proven where it")
    stage.says("matters. It is trusted with all of them: its key should be a contract of several")
    stage.says("signers.")
    stage.refuses(
        "a gateway without a key",
        errors.SmartMeter_ZeroGateway,
        stage.safe,
        meters.register_gateway(NOBODY.address),
    )
    register = meters.register_gateway(gateway.address)
    stage.does("the registrar registers the gateway", stage.safe, register, "GatewayRegistered")
    stage.refuses(
        "a second one with the same key",
        errors.SmartMeter_GatewayTaken,
        stage.safe,
        register,
        key=gateway.address,
    )
    stage.shows("how many there are", meters.gateway_count())
    stage.shows("its key, by its number", meters.gateway_at(1))
    stage.shows("its number, by its key", meters.gateway_number_of(gateway.address))
    _assign(stage)


def _assign(stage: Stage) -> None:
    market, meters = stage.market, stage.market.meters
    first_household, consumer = stage.person("the first household"), stage.person("the consumer")
    assignments = [meters.assign_gateway(one, 1, _FLAT) for one in _addresses(stage)]
    stage.does(
        "it reads three households, 14.5 kW each, from this hour on",
        stage.safe,
        stage.safe.batch(assignments),
        "GatewayAssigned",
    )
    stage.shows(
        "who reads the first household now, within how many W",
        meters.gateway_of(first_household.address, market.slot()),
    )
    stage.refuses(
        "the consumer, who has a meter of its own",
        errors.SmartMeter_HasMeters,
        stage.safe,
        meters.assign_gateway(consumer.address, 1, _FLAT),
        account=consumer.address,
        meters=1,
    )
    stage.refuses(
        "a gateway that does not exist",
        errors.SmartMeter_NoSuchGateway,
        stage.safe,
        meters.assign_gateway(first_household.address, 9, _FLAT),
        gateway=9,
    )
    own = stage.person("a meter of the first household's own")
    proof = sign_registration(own, first_household.address, "NORTH", _FLAT, market.meter_domain)
    stage.refuses(
        "a meter of its own for the first household, whom the gateway reads",
        errors.SmartMeter_ReadByGateway,
        stage.safe,
        meters.register_meter(own.address, first_household.address, "NORTH", _FLAT, proof),
        account=first_household.address,
        gateway=1,
    )


def _anchor(stage: Stage) -> tuple[int, MerkleTree]:
    market, meters, gateway = stage.market, stage.market.meters, stage.person("the gateway")
    slot, stranger = market.slot(), stage.person("a stranger")
    readings = zip(_addresses(stage), _FLATS.values(), strict=True)
    tree = tree_of([(one, *energies) for one, energies in readings], slot, _SECRET)
    anchor = meters.anchor_readings(tree.root, slot, len(tree.rows))
    stage.chapter("Each hour it anchors what it has read")
    stage.says("A leaf holds account, slot, energies and a salt, so that they cannot be guessed.")
    stage.shows("the last second for this hour", format_time(meters.anchor_deadline(slot)))
    stage.refuses(
        "the hour that is running", errors.SmartMeter_SlotNotOver, gateway, anchor, slot=slot
    )
    stage.wait_until(market.time_of(slot + 1))
    stage.refuses(
        "a root of a stranger, who is no gateway",
        errors.SmartMeter_NotAGateway,
        stranger,
        anchor,
        caller=stranger.address,
    )
    stage.refuses(
        "a root of no readings",
        errors.SmartMeter_EmptyAnchor,
        gateway,
        meters.anchor_readings(tree.root, slot, 0),
        count=0,
    )
    stage.refuses(
        "the hour before: half the grace time after its end it is too late",
        errors.SmartMeter_AnchorTooLate,
        gateway,
        meters.anchor_readings(tree.root, slot - 1, 3),
        slot=slot - 1,
    )
    stage.does("the hour that is over, of three accounts", gateway, anchor, "ReadingsAnchored")
    stage.refuses(
        "the same hour again: what is anchored is fixed",
        errors.SmartMeter_AlreadyAnchored,
        gateway,
        anchor,
        gateway=1,
        slot=slot,
    )
    stage.check(meters.anchor_of(1, slot) == tree.root, "another root is anchored")
    stage.shows("what is anchored", meters.anchor_of(1, slot))
    return slot, tree


def _proofs(tree: MerkleTree) -> ProofsFile:
    """What a gateway keeps of a tree: of each account the reading, with its proof."""
    return ProofsFile("".join(tree.dump()).encode())


def _prove(stage: Stage, slot: int, tree: MerkleTree) -> None:
    market, meters, anybody = stage.market, stage.market.meters, stage.person("the relay")
    second_household = stage.person("the second household")
    reading = _proofs(tree).proof_of(second_household.address).reading
    stage.chapter("A flat's hour is proven where it counts")
    stage.says("The second household wants to be paid for 1.2 kWh. From the gateway it has its")
    stage.says("line of its proofs: the energies, the salt, and the hashes that lead from there")
    stage.says("up to the root.")
    prove = meters.prove_slot(second_household.address, slot, *astuple(reading))
    stage.refuses(
        "more energy than is anchored",
        errors.SmartMeter_WrongProof,
        anybody,
        meters.prove_slot(
            second_household.address, slot, *astuple(replace(reading, produced=1300))
        ),
        account=second_household.address,
    )
    stage.refuses(
        "an hour of which nothing is anchored",
        errors.SmartMeter_NotAnchored,
        anybody,
        meters.prove_slot(second_household.address, slot - 1, *astuple(reading)),
        account=second_household.address,
        slot=slot - 1,
    )
    stage.does("as anchored, by anybody", anybody, prove, "SlotProven")
    found = market.settlement.energy_of(second_household.address, slot)
    stage.check((found.produced, found.consumed) == (1200, 95), f"counted: {found}")
    stage.shows("what Settlement has counted for the second household", found)
    stage.shows(
        "the second household since its registration: produced, consumed",
        meters.get_lifetime(second_household.address),
    )
    stage.refuses("the same hour again", errors.Settlement_SlotProven, anybody, prove)


def _cheat(stage: Stage) -> None:
    market, meters, gateway = stage.market, stage.market.meters, stage.person("the gateway")
    first_household, anybody, slot = (
        stage.person("the first household"),
        stage.person("the relay"),
        market.slot(),
    )
    stage.chapter("A gateway contradicts itself")
    stage.says("A tree can hold two readings of one account, to prove whichever suits better.")
    stage.says("Our own software builds none like that; anyone with both leaves can prove them.")
    salt = salt_of(_SECRET, first_household.address, slot)
    rows = [(first_household.address, slot, produced, 300, salt) for produced in (0, 9000)]
    tree = MerkleTree.of(rows, LEAF_TYPES)
    stage.wait_until(market.time_of(slot + 1))
    anchor = meters.anchor_readings(tree.root, slot, len(rows))
    stage.does(
        "the gateway anchors the first household with nothing, and with 9 kWh", gateway, anchor
    )
    honest, lie = (proof.reading for proof in _proofs(tree))
    stage.refuses(
        "one reading against itself",
        errors.SmartMeter_NoContradiction,
        anybody,
        meters.dispute_double_count(first_household.address, slot, honest, honest),
        account=first_household.address,
    )
    dispute = meters.dispute_double_count(first_household.address, slot, honest, lie)
    stage.does(
        "both against each other: the gateway is suspended, the hour counts as nothing",
        anybody,
        dispute,
        "GatewaySuspended",
        "SlotProven",
    )
    stage.shows("the key of gateway 1", meters.gateway_at(1))
    stage.check(meters.gateway_at(1) == NOBODY.address, "the gateway is not suspended")
    stage.refuses(
        "the same alarm again",
        errors.SmartMeter_NothingToDispute,
        anybody,
        dispute,
        account=first_household.address,
    )
    stage.refuses(
        "the next root of the gateway",
        errors.SmartMeter_NotAGateway,
        gateway,
        meters.anchor_readings(tree.root, slot + 1, 2),
        caller=gateway.address,
    )


def _replace(stage: Stage) -> None:
    market, meters, new_gateway = stage.market, stage.market.meters, stage.person("the new gateway")
    first_household = stage.person("the first household")
    stage.chapter("Another gateway takes over")
    take_over = meters.replace_gateway(1, new_gateway.address)
    stage.does(
        "the new gateway's key replaces the gateway's", stage.safe, take_over, "GatewayReplaced"
    )
    slot = market.slot()
    readings = [(one, 0, 100) for one in _addresses(stage)]
    tree = tree_of(readings, slot, _SECRET)
    stage.wait_until(market.time_of(slot + 1))
    anchor = meters.anchor_readings(tree.root, slot, len(readings))
    stage.does("nevertheless accounts, anchored by it", new_gateway, anchor, "ReadingsAnchored")
    proof = _proofs(tree).proof_of(first_household.address)
    prove = meters.prove_slot(first_household.address, slot, *astuple(proof.reading))
    stage.does("and proven as before", new_gateway, prove, "SlotProven")
    free = meters.assign_gateway(first_household.address, 0, 0)
    stage.does(
        "the first household leaves: meters of its own again", stage.safe, free, "GatewayAssigned"
    )
    stage.shows(
        "who reads the first household now",
        meters.gateway_of(first_household.address, market.slot()),
    )
    stage.shows("which gateway read it before", meters.gateway_of(first_household.address, slot))
