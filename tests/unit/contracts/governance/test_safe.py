"""A Safe of the operators, the guardian's: two of three owners, and nobody and nothing else (threat
47)"""

from __future__ import annotations

from itertools import combinations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.contract import Call
from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.enums import StopLevel
from tests.support.callers import Callers, callers_of
from tests.support.market import Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.governance.proposals import CHANGE_DAY, local_key
from tests.unit.contracts.governance.safe import DELEGATE_CALL, OWNERS, Safe

STRANGER, RELAY = actor("stranger"), actor("relay")
# What a Safe says: https://github.com/safe-fndn/safe-smart-account/blob/v1.5.0/docs/error_codes.md
TOO_FEW_SIGNATURES = "GS020"
NOT_APPROVED = "GS025"
NOT_AN_OWNER = "GS026"
NOT_ITSELF = "GS031"
SET_UP_ALREADY = "GS200"
PAIRS = list(combinations(range(3), 2))


@pytest.fixture
def safe(market: Market) -> Safe:
    return Safe.of(market)


@pytest.fixture
def callers(market: Market) -> Callers:
    return callers_of(market)


@pytest.fixture
def pause(market: Market) -> Call:
    return market.trading.prepare("pause")


def stop_level(market: Market) -> StopLevel:
    return StopLevel(market.trading.call("stopLevel"))


def assert_refused(
    safe: Safe, call: Call, signatures: bytes, text: str, by: LocalAccount | None = None
) -> None:
    """Refused, and the market runs on."""
    before = safe.nonce
    with refused(errors.RevertedWithText, text=text):
        safe.execute(call, signatures, by=by or safe.owners[0])
    assert safe.nonce == before
    assert stop_level(safe.market) is StopLevel.RUNNING


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_safe__two_owners_sign__market_pauses(
    market: Market, safe: Safe, pause: Call, pair: tuple[int, int]
) -> None:
    signatures = safe.signed(pause, [safe.owners[place] for place in pair])
    receipt = safe.execute(pause, signatures, by=RELAY)
    (stopped,) = market.events(receipt, market.trading, "StopLevelChanged")
    assert stopped["by"] == safe.address
    assert stop_level(market) is StopLevel.PAUSED
    assert safe.nonce == 1


def test_safe__all_three_sign__two_would_do(market: Market, safe: Safe, pause: Call) -> None:
    safe.execute(pause, safe.signed(pause, safe.owners), by=RELAY)
    assert stop_level(market) is StopLevel.PAUSED


def test_safe__the_roles_of_others__are_not_its_own(market: Market, safe: Safe) -> None:
    """Two keys of a Safe have its roles and no other: meters, tariffs and payouts take six keys."""
    for call, role in (
        (market.grid.prepare("setBasePrice(uint256)", 290_000), Role.GRID_AUTHORITY),
        (market.tariffs.prepare("setCreditValue", 5, CHANGE_DAY), Role.GRID_AUTHORITY),
        (market.settlement.prepare("collect", 1, safe.address), Role.TREASURY),
        (market.meters.prepare("deactivateMeter", STRANGER.address), Role.METER_REGISTRAR),
    ):
        with refused(errors.AccessManagedUnauthorized, caller=safe.address):
            safe.execute(call, safe.signed(call, safe.owners[:2]), by=RELAY)
        assert market.roles[role] != safe.address


def test_safes__any_two_keys__hold_one_of_them_at_most(callers: Callers) -> None:
    held = {
        name: ({*safe.call("getOwners")}, safe.call("getThreshold"))
        for name, safe in callers.safes.items()
    }
    assert len({callers.safes[name].address for name in held}) == 4
    for pair in combinations(callers.named("owner"), 2):
        holds = [name for name, (owners, needed) in held.items() if len({*pair} & owners) >= needed]
        assert len(holds) <= 1, (pair, holds)


@pytest.mark.parametrize("place", range(3))
def test_safe__one_owner_signs__refused(safe: Safe, pause: Call, place: int) -> None:
    owner = safe.owners[place]
    for by in (owner, RELAY):
        assert_refused(safe, pause, safe.signed(pause, [owner]), TOO_FEW_SIGNATURES, by)


def test_safe__nobody_signs__refused(safe: Safe, pause: Call) -> None:
    assert_refused(safe, pause, b"", TOO_FEW_SIGNATURES)


@pytest.mark.parametrize("place", range(3))
def test_safe__one_owner_signs_twice__refused(safe: Safe, pause: Call, place: int) -> None:
    twice = safe.signed(pause, [safe.owners[place]]) * 2
    assert_refused(safe, pause, twice, NOT_AN_OWNER)


def test_safe__signatures_in_another_order__refused(safe: Safe, pause: Call) -> None:
    signatures = safe.signed(pause, safe.owners[:2])
    assert_refused(safe, pause, signatures[65:] + signatures[:65], NOT_AN_OWNER)


@pytest.mark.parametrize("signer", ["stranger", "deployer", "voter", "reporter"])
def test_safe__an_owner_and_somebody_else__refused(safe: Safe, pause: Call, signer: str) -> None:
    other = {"deployer": local_key(0), "voter": local_key(5), "reporter": local_key(4)}
    signers = [safe.owners[0], other.get(signer, STRANGER)]
    assert_refused(safe, pause, safe.signed(pause, signers), NOT_AN_OWNER)


def test_safe__the_same_transaction_again__refused(market: Market, safe: Safe, pause: Call) -> None:
    """Signatures hold for one number; the next transaction has another."""
    unpause = market.trading.prepare("unpause")
    signatures = safe.signed(pause, safe.owners[:2])
    safe.execute(pause, signatures, by=RELAY)
    safe.execute(unpause, safe.signed(unpause, safe.owners[:2]), by=RELAY)
    assert_refused(safe, pause, signatures, NOT_AN_OWNER)


@pytest.mark.parametrize("nonce", [1, 2, 2**256 - 1])
def test_safe__number_to_come__refused(safe: Safe, pause: Call, nonce: int) -> None:
    signatures = safe.signed(pause, safe.owners[:2], nonce=nonce)
    assert_refused(safe, pause, signatures, NOT_AN_OWNER)


@pytest.mark.parametrize("changed", [{"chain_id": 1}, {"safe": RELAY.address}], ids=str)
def test_safe__signed_for_another_chain_or_safe__refused(
    safe: Safe, pause: Call, changed: dict[str, object]
) -> None:
    signatures = safe.signed(pause, safe.owners[:2], **changed)
    assert_refused(safe, pause, signatures, NOT_AN_OWNER)


def test_safe__same_owners_other_safe__is_nobody_to_the_market(
    market: Market, safe: Safe, pause: Call
) -> None:
    """The owners' other Safe, by the same factory: its signatures are no use here, nor is it."""
    handler = market.contracts["CompatibilityFallbackHandler"].address
    nobody = "0x" + 40 * "0"
    setup = safe.contract.prepare(
        "setup",
        *([owner.address for owner in safe.owners], 2, nobody, b"", handler, nobody, 0, nobody),
    )
    singleton = market.contracts["Safe"].address
    factory = market.contracts["SafeProxyFactory"]
    receipt = market.do(RELAY, factory, "createProxyWithNonce", singleton, setup.data, 1)
    (made,) = market.events(receipt, factory, "ProxyCreation")
    other = Safe(market, type(safe.contract)(market.node, made["proxy"], "Safe"), safe.owners)

    signatures = other.signed(pause, safe.owners[:2])
    assert_refused(safe, pause, signatures, NOT_AN_OWNER)
    with refused(errors.AccessManagedUnauthorized, caller=other.address):
        other.execute(pause, signatures, by=RELAY)


def test_safe__signed_for_another_call__refused(market: Market, safe: Safe, pause: Call) -> None:
    others = (
        market.trading.prepare("unpause"),
        market.settlement.prepare("pause"),
        Call(contract="EnergyTrading", function="pause()", to=pause.to, data=pause.data, value=1),
    )
    for other in others:
        assert_refused(safe, pause, safe.signed(other, safe.owners[:2]), NOT_AN_OWNER)
    signatures = safe.signed(pause, safe.owners[:2], operation=DELEGATE_CALL)
    assert_refused(safe, pause, signatures, NOT_AN_OWNER)


def test_safe__call_that_is_refused__refused_and_can_be_sent_again(
    market: Market, safe: Safe
) -> None:
    """Nothing is used up: the same signatures do once the call is possible."""
    unpause = market.trading.prepare("unpause")
    signatures = safe.signed(unpause, safe.owners[:2])
    with refused(errors.EmergencyStop_WrongLevel, level=StopLevel.RUNNING):
        safe.execute(unpause, signatures, by=RELAY)
    assert safe.nonce == 0
    market.do(safe.address, market.trading, "pause")
    safe.execute(unpause, signatures, by=RELAY)
    assert stop_level(market) is StopLevel.RUNNING


def approval(owner: LocalAccount) -> bytes:
    """Stands for a hash that the owner has approved by a transaction, or sends itself."""
    return bytes.fromhex(owner.address[2:]).rjust(32, b"\0") + bytes(32) + b"\x01"


def test_safe__owner_approves_by_transaction__counts_as_a_signature(
    market: Market, safe: Safe, pause: Call
) -> None:
    first, second = sorted(safe.owners[:2], key=lambda owner: int(owner.address, 16))
    digest = safe.digest(pause)
    signatures = approval(first) + safe.signatures(digest, [second])
    assert_refused(safe, pause, signatures, NOT_APPROVED, RELAY)
    market.do(first, safe.contract, "approveHash", digest)
    safe.execute(pause, signatures, by=RELAY)
    assert stop_level(market) is StopLevel.PAUSED


def test_safe__stranger_approves__refused(market: Market, safe: Safe, pause: Call) -> None:
    with refused(errors.RevertedWithText, text="GS030"):
        market.do(STRANGER, safe.contract, "approveHash", safe.digest(pause))
    ordered = sorted([safe.owners[0], STRANGER], key=lambda one: int(one.address, 16))
    signatures = b"".join(
        approval(one) if one is STRANGER else safe.signed(pause, [one]) for one in ordered
    )
    assert_refused(safe, pause, signatures, NOT_AN_OWNER, STRANGER)


def packed(calls: list[Call]) -> bytes:
    """Calls as MultiSend takes them: kind, target, value, length, data."""
    return b"".join(
        b"\0"
        + bytes.fromhex(call.to[2:])
        + call.value.to_bytes(32)
        + len(call.data).to_bytes(32)
        + call.data
        for call in calls
    )


def test_safe__several_calls_at_once__all_or_none(market: Market, safe: Safe) -> None:
    """The whole market is stopped with two signatures, by way of MultiSendCallOnly."""
    stoppable = (market.trading, market.settlement, market.demand_response)
    helper = market.contracts["MultiSendCallOnly"]
    every = helper.prepare("multiSend", packed([each.prepare("pause") for each in stoppable]))
    wrong = helper.prepare(
        "multiSend", packed([each.prepare("pause") for each in (*stoppable, market.trading)])
    )
    for call, done in ((wrong, False), (every, True)):
        signatures = safe.signed(call, safe.owners[:2], operation=DELEGATE_CALL)
        if done:
            safe.execute(call, signatures, by=RELAY, operation=DELEGATE_CALL)
        else:
            with refused(errors.EmergencyStop_WrongLevel, level=StopLevel.PAUSED):
                safe.execute(call, signatures, by=RELAY, operation=DELEGATE_CALL)
        level = StopLevel.PAUSED if done else StopLevel.RUNNING
        assert [StopLevel(each.call("stopLevel")) for each in stoppable] == [level] * 3


def test_multi_send__by_anybody__acts_for_nobody(market: Market) -> None:
    helper = market.contracts["MultiSendCallOnly"]
    calls = packed([market.trading.prepare("pause")])
    with refused(errors.AccessManagedUnauthorized, caller=helper.address):
        market.do(STRANGER, helper, "multiSend", calls)


def test_setup__again__refused(market: Market, safe: Safe) -> None:
    """Neither the Safe nor the code behind it can be taken over."""
    nobody = "0x" + 40 * "0"
    mine = ([STRANGER.address], 1, nobody, b"", nobody, nobody, 0, nobody)
    for place in (safe.address, market.contracts["Safe"].address):
        contract = type(safe.contract)(market.node, place, "Safe")
        with refused(errors.RevertedWithText, text=SET_UP_ALREADY):
            market.do(STRANGER, contract, "setup", *mine)


def test_owners__changed_by_two__the_lost_key_is_worth_nothing(
    market: Market, safe: Safe, pause: Call
) -> None:
    heir, lost = local_key(15), safe.owners[0]
    listed = safe.contract.call("getOwners")
    assert listed == tuple(local_key(number).address for number in OWNERS)
    first = "0x" + 39 * "0" + "1"
    swap = safe.contract.prepare("swapOwner", first, lost.address, heir.address)
    with refused(errors.RevertedWithText, text=NOT_ITSELF):
        market.send(lost, swap)
    safe.execute(swap, safe.signed(swap, safe.owners[1:]), by=RELAY)

    assert_refused(safe, pause, safe.signed(pause, [lost, safe.owners[1]]), NOT_AN_OWNER)
    safe.execute(pause, safe.signed(pause, [heir, safe.owners[1]]), by=RELAY)
    assert stop_level(market) is StopLevel.PAUSED


def test_safe__replaced_by_a_vote__may_nothing_any_more(market: Market, safe: Safe) -> None:
    """Governance can take the operators' roles, whatever their keys have come to."""
    market.do(market.roles[Role.ADMIN], market.access, "revokeRole", Role.GUARDIAN, safe.address)
    pause = market.trading.prepare("pause")
    with refused(errors.AccessManagedUnauthorized, caller=safe.address):
        safe.execute(pause, safe.signed(pause, safe.owners[:2]), by=RELAY)
