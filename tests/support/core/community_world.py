"""Communities with gateways in the whole market, beside the model: leaves as bytes, their tree and
proofs, and devices that contradict them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from eth_utils.crypto import keccak

from energy_grid.market.day_audit import compare
from tests.model.market import REGISTER_END, Leaf, Refused, moved
from tests.support.core.chain import Reverted
from tests.support.core.day_auditor import DayAuditor
from tests.support.core.energy_suite import closed_day
from tests.support.core.meter_suite import REGISTRAR
from tests.support.core.tariff_suite import name as bytes32
from tests.support.core.trading_world import BUY, EVER, SELL
from tests.support.core.whole_market import WholeWorld

__all__ = ["REASONS", "CommunityWorld", "encoded", "proof_of", "root_of"]

GATEWAY = REGISTRAR
REASONS = (
    *("", "absent", "sealed", "contradicted", "not a member", "other day", "gap"),
    *("other registers", "nets not believable", "position too large"),
)
_STATUS = {"absent": 0, "measured": 1, "sealed": 2}
_CONTINUES = 0x80
_SALT = b"salt".rjust(32, b"\0")
SAID_FOR = {
    "Implausible": ("ImplausibleEnergy", "RegisterDecreased"),
    "NotNewer": ("NotNewer", "InactiveMeter"),
}
"""Registers of a gateway go on modulo 2^48: lower ones are far higher ones."""


def _registers(pair: tuple[int, int]) -> bytes:
    return b"".join((each % REGISTER_END).to_bytes(6, "big") for each in pair)


def encoded(leaf: Leaf, place: int, number: int) -> tuple[bytes, bytes]:
    """A leaf's record, and what opens it if it is sealed."""

    def record(status: str) -> bytes:
        first = status == "measured" or leaf.continues
        head = bytes([_STATUS[status] | (_CONTINUES if leaf.continues else 0), place])
        return head + number.to_bytes(4, "big") + (_registers(leaf.first) if first else b"")

    if leaf.status == "absent":
        return record("absent"), b""
    nets = [abs(net) | (net > 0) << 31 for net in leaf.nets]
    words = [
        b"".join(net.to_bytes(4, "big") for net in reversed(nets[at : at + 8]))
        for at in range(0, len(nets), 8)
    ]
    measured = record("measured") + _registers(leaf.last) + b"".join(words)
    if leaf.status == "measured":
        return measured, b""
    opening = measured + _SALT
    return record("sealed") + keccak(opening), opening


def _levels(records: Sequence[bytes]) -> list[list[bytes]]:
    levels = [[keccak(record) for record in records]]
    while len(levels[-1]) > 1:
        nodes = levels[-1]
        pairs = [nodes[at : at + 2] for at in range(0, len(nodes), 2)]
        # An odd one moves up unchanged.
        levels.append([keccak(b"".join(sorted(p))) if len(p) == 2 else p[0] for p in pairs])
    return levels


def root_of(records: Sequence[bytes]) -> bytes:
    """Of the tree over all leaves."""
    return _levels(records)[-1][0]


def proof_of(records: Sequence[bytes], place: int) -> list[bytes]:
    """The siblings of a leaf's node, from below."""
    proof = []
    for level in _levels(records)[:-1]:
        if (place ^ 1) < len(level):
            proof.append(level[place ^ 1])
        place >>= 1
    return proof


class CommunityWorld(WholeWorld):
    """All contracts, and gateways of the model's communities."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.days = self.full["CommunityDays"]
        self.leaves: dict[tuple[str, int], tuple[list[str], list[tuple[bytes, bytes]]]] = {}
        """By community and day: names in the order of places, and their bytes."""

    # Communities

    def found_with_gateway(self, name: str, theta: int, *, is_static: bool) -> None:
        """In the home region."""
        self.market.found(name, theta, by_gateway=True, is_static=is_static)
        self.community_ids[name] = len(self.community_ids) + 1
        self.communities.createWithGateway(
            bytes32("home"), theta, self.authority, GATEWAY, is_static
        )

    def set_coefficient(self, community: str, name: str, bps: int) -> str:
        """By the manager."""
        number, address = self.community_ids[community], self.address(name)
        return self._coefficient(
            lambda: self.market.set_coefficient(community, name, bps, self.now),
            lambda: self.communities.setCoefficient(number, address, bps, by=self.authority),
        )

    def accept_coefficient(self, name: str, bps: int) -> str:
        """By the member."""
        return self._coefficient(
            lambda: self.market.accept_coefficient(name, bps, self.now),
            lambda: self.communities.acceptCoefficient(bps, by=self.address(name)),
        )

    def _coefficient(self, of_model: Callable[[], None], of_chain: Callable[[], None]) -> str:
        """Only the chain refuses a change before an earlier one is closed."""
        refusal = self._refusal(of_chain)
        if refusal != "CoefficientPending":
            self.both(of_model, lambda: _refuse(refusal))
        return refusal

    # Days

    def anchor(self, community: str, day: int, leaves: Mapping[str, Leaf]) -> str:
        """The model's leaves, as bytes."""
        names = sorted(leaves, key=lambda name: self.numbers[name])
        records = [
            encoded(leaves[name], place, self.numbers[name]) for place, name in enumerate(names)
        ]
        root = root_of([record for record, _ in records])
        refusal = self.both(
            lambda: self.market.anchor(community, day, leaves, self.now),
            lambda: self.days.anchor(self.community_ids[community], day, root, by=GATEWAY),
        )
        if not refusal:
            self.leaves[community, day] = names, records
            assert self.days.rootOf(b"".join(record for record, _ in records)) == root
        return refusal

    def leaf(self, community: str, day: int, name: str) -> tuple[bytes, bytes, list[bytes]]:
        """A leaf, opened if it is sealed, and its proof."""
        names, records = self.leaves[community, day]
        place = names.index(name)
        return *records[place], proof_of([record for record, _ in records], place)

    def contradict(
        self, community: str, day: int, name: str, end: int, registers: tuple[int, int]
    ) -> str:
        """By a reading that the account's device has signed."""
        meters, leaf = self.full.meters, self.leaf(community, day, name)
        reading = meters.reading(end * self.rules.slot_seconds, registers)
        signed = meters.sign_reading(self.devices[name], reading)
        return self.both(
            lambda: self.market.contradict(community, day, name, end, registers),
            lambda: self.days.contradict(self.community_ids[community], day, leaf, signed),
        )

    def settle_day(self, community: str, day: int) -> str:
        """The events say whom it closed, what that brought, and whom it passed over."""
        names, records = self.leaves.get((community, day), ([], []))
        data = b"".join(record for record, _ in records)
        auditor = DayAuditor(self.full)
        numbers = sorted(self.numbers[name] for name in names)
        before = auditor.state(self.community_ids[community], day, numbers)
        self.market.closed.clear()
        refusal = self.both(
            lambda: self.market.settle_day(community, day, self.now) and None,
            lambda: self.days.settleDay(self.community_ids[community], day, data),
        )
        if not refusal:
            self._compare_settled(community, day)
            audit = compare(auditor.record(self.community_ids[community], day, data), before)
            assert (audit.differences, audit.left_out) == ((), ())
        return refusal

    def _compare_settled(self, community: str, day: int) -> None:
        names = {number: name for name, number in self.numbers.items()}
        passed_over, found = {}, {}
        for _, event, values in self.chain.logs:
            if event == "MemberPassedOver":
                passed_over[names[values["number"]]] = REASONS[values["reason"]]
            elif event == "DaySettled":
                words = values["words"]
                for closed, flows in zip(words[::2], words[1::2], strict=True):
                    found[names[closed >> 224], day] = closed_day(closed, flows)
        assert passed_over == self.market.communities[community].days[day].passed_over
        assert found == self.market.closed
        self._unchecked += found

    def read_late(self, community: str, day: int, name: str) -> str:
        """By anybody; where that skips slots, by the holder."""
        refusal = self._prove("readLate", self.market.read_late, community, day, name, self.now)
        if refusal != "Skipped":
            return refusal
        by = self.address(name)
        return self._prove(
            "readLate", self.market.read_late, community, day, name, self.now, True, by=by
        )

    def hand_over(self, community: str, day: int, name: str) -> str:
        """By anybody."""
        return self._prove("handOver", self.market.hand_over, community, day, name)

    def _prove(
        self,
        function: str,
        of_model: Callable[..., None],
        community: str,
        day: int,
        *rest: Any,
        **options: Any,
    ) -> str:
        leaf, said, expected = self.leaf(community, day, rest[0]), "", ""
        try:
            self.days.call(function, self.community_ids[community], day, leaf, **options)
        except Reverted as refusal:
            said = refusal.name.rpartition("_")[2]
        changes = [start for start, _ in self.account(rest[0]).community.entries if start > day]
        if said != "NotAMember" or len(changes) < 2:
            # The chain knows no more than the last two communities.
            try:
                of_model(community, day, *rest)
            except Refused as refused:
                expected = refused.name
            assert said in SAID_FOR.get(expected, (expected,)), (function, expected, said)
        self.refusals[said] += 1
        return said

    def prove_history(self, community: str, day: int, name: str) -> None:
        """All nets of a settled day, for everybody who reads history."""
        slots, number = self.rules.slots(day), self.community_ids[community]
        leaf = self.leaf(community, day, name)
        self.days.proveHistory(number, day, leaf, slots.start, slots.stop)
        for slot in slots:
            wanted = True, self.account(name).net[slot]
            assert self.energy.netOf(self.numbers[name], slot) == wanted

    def close(self, names: Sequence[str], through: int) -> int:
        """How many days of accounts: those that gateways may still read are left out."""
        addresses = [self.address(name) for name in names]
        self.market.closed.clear()
        self.market.close(names, through, self.now)
        refusal = self._refusal(lambda: self.settlement.closeThrough(addresses, through))
        if refusal:
            assert (refusal, self.market.closed) == ("Settlement_NothingToClose", {})
            return 0
        self._unchecked += self.market.closed
        return self.compare_closings()

    # Trades

    def trade(  # type: ignore[override]
        self, buyer: str, seller: str, kind: int, start: int, wh: int, price: int
    ) -> bool:
        """Two orders that match; what is left of one alone is cancelled."""
        book, terms = self.book, (kind, start, wh, price)
        ids = [
            (book.place(name, side, *terms, expiry=EVER), name)
            for name, side in ((buyer, BUY), (seller, SELL))
        ]
        if all(number for number, _ in ids) and book.match(ids[0][0], ids[1][0]):
            return True
        for number, name in ids:
            if number:
                book.cancel(number, name)
        return False

    # Comparing

    def compare_slots(self, slots: Sequence[int]) -> None:
        """Positions, and what was read; nets of days that a gateway has read are in its leaves."""
        for slot in slots:
            for name, account in self.market.accounts.items():
                number, is_settled = self.numbers[name], self.rules.day_of(slot) in account.settled
                (word,) = self._ask(self.energy, "positionOf", number, slot)
                position = (word + 2**255) % 2**256 - 2**255
                assert position == account.position.get(slot, 0), (name, slot)
                read, net = self._ask(self.energy, "netOf", number, slot)
                net = (net + 2**255) % 2**256 - 2**255
                wanted = slot in account.read, account.net.get(slot, 0)
                if not is_settled or read:
                    assert net == wanted[1], (name, slot)
                    assert not account.is_metered(slot) or read == wanted[0], (name, slot)

    def compare_account(self, name: str, draws: Any) -> None:
        """Registers in the account's terms, gaps, and what is pending."""
        account, number = self.account(name), self.numbers[name]
        assert self.energy.unreadOf(number) == (
            *(account.unread_days, account.gap, account.deemed_money),
        )
        assert self.energy.settledTo(number) == account.settled_to
        gap = self.market.gap_of(name, self.now)
        assert self.energy.gapOf(number)[0] == (gap is not None), name
        if account.metered != (0, 0):
            read_to, *registers = self.full["SmartMeter"].registersOf(number)
            assert read_to == account.own_to, name
            if account.own_to == account.read_to:
                shown = moved(account.registers, account.exchanged, (0, 0))
                assert tuple(registers) == tuple(each % REGISTER_END for each in shown), name


def _refuse(name: str) -> None:
    if name:
        raise Reverted(name, ())
