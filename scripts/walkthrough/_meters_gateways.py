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
_SECRET = bytes(range(32))  # of Gwen's gateway; a real one is random and stays there
# Wh produced and consumed in an hour, by who lives there.
_FLATS = {"Carla": (0, 310), "Dan": (1200, 95), "Emil": (0, 0)}


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
    meters, gwen = stage.market.meters, stage.person("Gwen's gateway")
    stage.chapter("A gateway reads a whole district")
    stage.says("A million flats would send a million readings an hour. Their gateway sends one")
    stage.says("hash, the root of a Merkle tree, and a flat's reading is proven where it matters.")
    stage.says("It is trusted with all of them: its key should be a contract of several signers.")
    stage.refuses(
        "a gateway without a key",
        errors.SmartMeter_ZeroGateway,
        stage.safe,
        meters.register_gateway(NOBODY.address),
    )
    register = meters.register_gateway(gwen.address)
    stage.does("Gwen runs one", stage.safe, register, "GatewayRegistered")
    stage.refuses(
        "a second one with the same key",
        errors.SmartMeter_GatewayTaken,
        stage.safe,
        register,
        key=gwen.address,
    )
    stage.shows("how many there are", meters.gateway_count())
    stage.shows("its key, by its number", meters.gateway_at(1))
    stage.shows("its number, by its key", meters.gateway_number_of(gwen.address))
    _assign(stage)


def _assign(stage: Stage) -> None:
    market, meters = stage.market, stage.market.meters
    carla, ben = stage.person("Carla"), stage.person("Ben")
    assignments = [meters.assign_gateway(one, 1, _FLAT) for one in _addresses(stage)]
    stage.does(
        "it reads Carla, Dan and Emil, 14.5 kW each, from this hour on",
        stage.safe,
        stage.safe.batch(assignments),
        "GatewayAssigned",
    )
    stage.shows(
        "who reads Carla now, within how many W", meters.gateway_of(carla.address, market.slot())
    )
    stage.refuses(
        "Ben, who has a meter of his own",
        errors.SmartMeter_HasMeters,
        stage.safe,
        meters.assign_gateway(ben.address, 1, _FLAT),
        account=ben.address,
        meters=1,
    )
    stage.refuses(
        "a gateway that does not exist",
        errors.SmartMeter_NoSuchGateway,
        stage.safe,
        meters.assign_gateway(carla.address, 9, _FLAT),
        gateway=9,
    )
    own = stage.person("a meter of Carla's own")
    proof = sign_registration(own, carla.address, "NORTH", _FLAT, market.meter_domain)
    stage.refuses(
        "a meter of her own for Carla, whom the gateway reads",
        errors.SmartMeter_ReadByGateway,
        stage.safe,
        meters.register_meter(own.address, carla.address, "NORTH", _FLAT, proof),
        account=carla.address,
        gateway=1,
    )


def _anchor(stage: Stage) -> tuple[int, MerkleTree]:
    market, meters, gwen = stage.market, stage.market.meters, stage.person("Gwen's gateway")
    slot, stranger = market.slot(), stage.person("a stranger")
    readings = zip(_addresses(stage), _FLATS.values(), strict=True)
    tree = tree_of([(one, *energies) for one, energies in readings], slot, _SECRET)
    anchor = meters.anchor_readings(tree.root, slot, len(tree.rows))
    stage.chapter("Each hour it anchors what it has read")
    stage.says("A leaf holds account, slot, energies and a salt, so that nobody can guess them.")
    stage.shows("the last second for this hour", format_time(meters.anchor_deadline(slot)))
    stage.refuses(
        "the hour that is running", errors.SmartMeter_SlotNotOver, gwen, anchor, slot=slot
    )
    stage.wait_until(market.time_of(slot + 1))
    stage.refuses(
        "a root of somebody who is no gateway",
        errors.SmartMeter_NotAGateway,
        stranger,
        anchor,
        caller=stranger.address,
    )
    stage.refuses(
        "a root of nobody's readings",
        errors.SmartMeter_EmptyAnchor,
        gwen,
        meters.anchor_readings(tree.root, slot, 0),
        count=0,
    )
    stage.refuses(
        "the hour before: half the grace time after its end it is too late",
        errors.SmartMeter_AnchorTooLate,
        gwen,
        meters.anchor_readings(tree.root, slot - 1, 3),
        slot=slot - 1,
    )
    stage.does("the hour that is over, of three accounts", gwen, anchor, "ReadingsAnchored")
    stage.refuses(
        "the same hour again: what is anchored is fixed",
        errors.SmartMeter_AlreadyAnchored,
        gwen,
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
    market, meters, anybody = stage.market, stage.market.meters, stage.person("Rosa")
    dan = stage.person("Dan")
    reading = _proofs(tree).proof_of(dan.address).reading
    stage.chapter("A flat's hour is proven where it counts")
    stage.says(
        "Dan wants to be paid for 1.2 kWh. From the gateway he has his line of its proofs: the"
    )
    stage.says("energies, the salt, and the hashes that lead from there up to the root.")
    prove = meters.prove_slot(dan.address, slot, *astuple(*astuple(reading)))
    stage.refuses(
        "more energy than is anchored",
        errors.SmartMeter_WrongProof,
        anybody,
        meters.prove_slot(dan.address, slot, *astuple(*astuple(replace(reading, produced=1300)))),
        account=dan.address,
    )
    stage.refuses(
        "an hour of which nothing is anchored",
        errors.SmartMeter_NotAnchored,
        anybody,
        meters.prove_slot(dan.address, slot - 1, *astuple(*astuple(reading))),
        account=dan.address,
        slot=slot - 1,
    )
    stage.does("as anchored, by anybody", anybody, prove, "SlotProven")
    found = market.settlement.energy_of(dan.address, slot)
    stage.check((found.produced, found.consumed) == (1200, 95), f"counted: {found}")
    stage.shows("what Settlement has counted for Dan", found)
    stage.shows("Dan in all his life: produced, consumed", meters.get_lifetime(dan.address))
    stage.refuses("the same hour again", errors.Settlement_SlotProven, anybody, prove)


def _cheat(stage: Stage) -> None:
    market, meters, gwen = stage.market, stage.market.meters, stage.person("Gwen's gateway")
    carla, anybody, slot = stage.person("Carla"), stage.person("Rosa"), market.slot()
    stage.chapter("A gateway contradicts itself")
    stage.says("A tree can hold two readings of one account, to prove whichever suits better. Our")
    stage.says("own software builds none like that; whoever sees both leaves can show them.")
    salt = salt_of(_SECRET, carla.address, slot)
    rows = [(carla.address, slot, produced, 300, salt) for produced in (0, 9000)]
    tree = MerkleTree.of(rows, LEAF_TYPES)
    stage.wait_until(market.time_of(slot + 1))
    anchor = meters.anchor_readings(tree.root, slot, len(rows))
    stage.does("Gwen anchors Carla with nothing, and with 9 kWh", gwen, anchor)
    honest, lie = (proof.reading for proof in _proofs(tree))
    stage.refuses(
        "one reading against itself",
        errors.SmartMeter_NoContradiction,
        anybody,
        meters.dispute_double_count(carla.address, slot, honest, honest),
        account=carla.address,
    )
    dispute = meters.dispute_double_count(carla.address, slot, honest, lie)
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
        account=carla.address,
    )
    stage.refuses(
        "the next root of Gwen's",
        errors.SmartMeter_NotAGateway,
        gwen,
        meters.anchor_readings(tree.root, slot + 1, 2),
        caller=gwen.address,
    )


def _replace(stage: Stage) -> None:
    market, meters, hugo = stage.market, stage.market.meters, stage.person("Hugo's gateway")
    carla = stage.person("Carla")
    stage.chapter("Somebody else takes over")
    take_over = meters.replace_gateway(1, hugo.address)
    stage.does("Hugo's key replaces Gwen's", stage.safe, take_over, "GatewayReplaced")
    slot = market.slot()
    readings = [(one, 0, 100) for one in _addresses(stage)]
    tree = tree_of(readings, slot, _SECRET)
    stage.wait_until(market.time_of(slot + 1))
    anchor = meters.anchor_readings(tree.root, slot, len(readings))
    stage.does("all the same accounts, anchored by him", hugo, anchor, "ReadingsAnchored")
    proof = _proofs(tree).proof_of(carla.address)
    prove = meters.prove_slot(carla.address, slot, *astuple(*astuple(proof.reading)))
    stage.does("and proven as before", hugo, prove, "SlotProven")
    free = meters.assign_gateway(carla.address, 0, 0)
    stage.does("Carla leaves: meters of her own again", stage.safe, free, "GatewayAssigned")
    stage.shows("who reads Carla now", meters.gateway_of(carla.address, market.slot()))
    stage.shows("who read her before", meters.gateway_of(carla.address, slot))
