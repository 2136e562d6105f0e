"""Certificates of production: the rules of EnergyCertificates.

Pure: integers only, energy in Wh, slots and days by their numbers from 1970. Accounts and devices
are words. A device is given its net slot by slot; what it takes it owes, and what it gives earns
certificates once nothing is owed. Whoever retires them must have consumed as much in the same slot.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from energy_grid.domain.units import natural
from energy_grid.errors import DomainError

__all__ = [
    "CertificateRegister",
    "CorrectedTooMuchError",
    "Device",
    "InsufficientBalanceError",
    "NotConsumedError",
]


class NotConsumedError(DomainError):
    """The account has consumed less in the slot than is matched."""


class CorrectedTooMuchError(DomainError):
    """More than is left of what was issued."""


class InsufficientBalanceError(DomainError):
    """The holder has fewer certificates."""


@dataclass(slots=True)
class Device:
    """Whose it is, from which slot on it earns until which one, and what it owes."""

    account: str
    from_slot: int
    until_slot: int | None = None
    owed: int = 0


class CertificateRegister:
    """Devices, and who holds, or has used, what they have earned."""

    def __init__(self) -> None:
        self.devices: dict[str, Device] = {}
        self.issued: Counter[tuple[str, int]] = Counter()
        """By device and slot, less corrections."""
        self.held: Counter[tuple[str, str, int]] = Counter()
        """By holder, device and slot."""
        self.matched: Counter[tuple[str, int]] = Counter()
        """By account and slot."""
        self.total_issued = self.total_retired = self.total_withdrawn = 0

    def read(self, name: str, slot: int, net: int) -> int:
        """A slot of a device; Wh that it earns."""
        device = self.devices[name]
        returned = min(device.owed, max(net, 0))
        device.owed += max(-net, 0) - returned
        counts = device.from_slot <= slot
        counts = counts and (device.until_slot is None or slot < device.until_slot)
        earned = max(net, 0) - returned if counts else 0
        self.issued[name, slot] += earned
        self.held[device.account, name, slot] += earned
        self.total_issued += earned
        return earned

    def skip(self, name: str, net: int) -> None:
        """Slots that were not read one by one: nothing is earned, what was taken is owed."""
        device = self.devices[name]
        device.owed = max(device.owed - net, 0)

    def transfer(self, holder: str, to: str, name: str, slot: int, wh: int) -> None:
        """Hand on.

        Raises:
            InsufficientBalanceError: the holder has fewer.
        """
        self._take(holder, name, slot, wh)
        self.held[to, name, slot] += wh

    def consumption(self, account: str, slot: int, net: int | None) -> int:
        """Import by the net that the market was settled with, and own production that was not
        exported; None or 0: it was not read in time."""
        if not net:
            return 0
        own = sum(
            self.issued[name, slot]
            for name, device in self.devices.items()
            if device.account == account
        )
        return max(own - net, 0)

    def retire(self, account: str, name: str, slot: int, wh: int, net: int | None) -> None:
        """Use up certificates.

        Raises:
            NotConsumedError: nothing is left to match them with.
            InsufficientBalanceError: the account has fewer.
        """
        if self.matched[account, slot] + wh > self.consumption(account, slot, net):
            raise NotConsumedError(f"{account} has not consumed so much in slot {slot}")
        self._take(account, name, slot, wh)
        self.matched[account, slot] += wh
        self.total_retired += wh

    def correct(self, name: str, slot: int, wh: int) -> int:
        """Take back what was not produced; Wh that its account still had.

        Raises:
            CorrectedTooMuchError: less was issued.
        """
        if wh > self.issued[name, slot]:
            raise CorrectedTooMuchError(f"{self.issued[name, slot]} Wh are left to correct")
        device = self.devices[name]
        withdrawn = min(wh, self.held[device.account, name, slot])
        self.held[device.account, name, slot] -= withdrawn
        self.issued[name, slot] -= wh
        device.owed += wh - withdrawn
        self.total_withdrawn += withdrawn
        return withdrawn

    def _take(self, holder: str, name: str, slot: int, wh: int) -> None:
        if natural("amount", wh) > self.held[holder, name, slot]:
            raise InsufficientBalanceError(f"{holder} has {self.held[holder, name, slot]} Wh")
        self.held[holder, name, slot] -= wh
