"""Settlement: the vault and the books (see contracts/interfaces/ISettlement.sol).

Money in base units of the settlement token, energy in Wh, prices in money per kWh.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from energy_grid.chain.contract import Call, structure
from energy_grid.chain.rpc.node import BlockId
from energy_grid.contracts.access import Stoppable
from energy_grid.contracts.records import QueuedWithdrawal, SignedLock, TreasuryOwed
from energy_grid.domain.slots import SlotEnergy
from energy_grid.errors import InputError

__all__ = ["Settlement"]

# How many bits of a word each part of a lock has (contracts/types/LockWord.sol).
_AMOUNT, _NUMBER, _NONCE = 104, 32, 40


class Settlement(Stoppable):
    """The wrapper of Settlement. Deposits are refused while stopped (`EmergencyStop_Stopped`)."""

    NAME = "Settlement"

    # Account holders

    def deposit(self, amount: int) -> Call:
        """Take ``amount`` of the token, which the sender has allowed, and credit what arrives.

        Raises: Settlement_ZeroAmount, EmergencyStop_Stopped, ERC20InsufficientAllowance.
        """
        return self.prepare("deposit", amount)

    def deposit_for(self, account: str, amount: int) -> Call:
        """As `deposit`, credited to ``account``."""
        return self.prepare("depositFor", account, amount)

    def deposit_with_permit(self, amount: int, deadline: int, v: int, r: bytes, s: bytes) -> Call:
        """As `deposit`, with an EIP-2612 permit (see `signing.sign_permit`)."""
        return self.prepare("depositWithPermit", amount, deadline, v, r, s)

    def withdraw(self, amount: int, to: str) -> Call:
        """Pay out of the sender's balance; above the outflow limit it is queued.

        Gives the number of the queued withdrawal, 0 when paid at once.
        Raises: Settlement_InDebt, Settlement_InsufficientBalance, Settlement_BadRecipient,
            Settlement_ZeroAmount, Settlement_UnknownAccount.
        """
        return self.prepare("withdraw", amount, to)

    def cancel_withdrawal(self, withdrawal_id: int) -> Call:
        """Take a queued withdrawal back.

        Raises: Settlement_NoSuchWithdrawal, Settlement_NotWithdrawalOwner.
        """
        return self.prepare("cancelWithdrawal", withdrawal_id)

    def repay_debt(self, amount: int) -> Call:
        """Pay up to ``amount`` of the sender's debt out of its wallet; needs an allowance.

        Raises: Settlement_NoDebt, Settlement_ZeroAmount.
        """
        return self.prepare("repayDebt", amount)

    # Anyone

    def execute_withdrawal(self, withdrawal_id: int) -> Call:
        """Pay a queued withdrawal that is due.

        Raises: Settlement_NoSuchWithdrawal, Settlement_WithdrawalNotDue.
        """
        return self.prepare("executeWithdrawal", withdrawal_id)

    def close_slot(self, account: str, slot: int) -> Call:
        """Balance a slot of an account, two grace times after its end.

        Raises: Settlement_SlotNotClosable, Settlement_SlotClosed.
        """
        return self.prepare("closeSlot", account, slot)

    def close_slots(self, account: str, slots: Sequence[int]) -> Call:
        """As `close_slot` for several; closed ones are passed over.

        Raises: Settlement_SlotNotClosable.
        """
        return self.prepare("closeSlots", account, list(slots))

    # Modules: refused for everybody else with Settlement_OnlyModule

    def open_account(self, account: str) -> Call:
        """The number of an account, given now if it has none. Module: meter."""
        return self.prepare("openAccount", account)

    def lock(self, number: int, amount: int, buying: bool) -> Call:
        """Lock money of an order. Module: trading."""
        return self.prepare("lock", number, amount, buying)

    def lock_many(self, locks: Iterable[SignedLock]) -> Call:
        """Lock money for signed orders one after the other; gives why not, each. Module: trading.

        What comes back are `LockRefusal`.
        """
        return self.prepare("lockMany", [_lock_word(lock) for lock in locks])

    def raise_signed_floor(self, number: int, nonce: int) -> Call:
        """Void what an account has signed with a lower nonce. Module: trading.

        Raises: Settlement_FloorNotHigher.
        """
        return self.prepare("raiseSignedFloor", number, nonce)

    def unlock(self, number: int, amount: int) -> Call:
        """Free locked money. Module: trading."""
        return self.prepare("unlock", number, amount)

    def deliver(
        self,
        *,
        seller: int,
        buyer: int,
        from_slot: int,
        to_slot: int,
        owed: int,
        delivered: int,
        price: int,
    ) -> Call:
        """Move unsold production to a buyer and pay for it. Module: trading."""
        return self.prepare("deliver", (seller, buyer, from_slot, to_slot, owed, delivered, price))

    def finish(
        self,
        *,
        seller: int,
        buyer: int,
        refund: int,
        compensation: int,
        collateral: int,
        failed: bool,
    ) -> Call:
        """End a transaction. Module: trading."""
        return self.prepare("finish", (seller, buyer, refund, compensation, collateral, failed))

    def pay_on_the_spot(self, buyer: str, seller: str, amount: int, price: int) -> Call:
        """Pay for banked energy, less the fees; gives what the buyer paid. Module: spot.

        Raises: Settlement_InDebt, Settlement_InsufficientBalance, Settlement_UnknownAccount.
        """
        return self.prepare("payOnTheSpot", buyer, seller, amount, price)

    def record_metered(
        self, number: int, slot: int, produced: int, consumed: int, at_slot_end: bool
    ) -> Call:
        """Add metered energy (Wh), or none, to a slot, and count a reading at its end.

        Module: meter.
        """
        return self.prepare("recordMetered", number, slot, produced, consumed, at_slot_end)

    def record_proven(self, number: int, slot: int, produced: int, consumed: int) -> Call:
        """Count a slot by the proof of its anchored reading (Wh), once, instead of readings.

        A slot that is closed is balanced again. Module: meter.
        Raises: Settlement_SlotProven, Settlement_SlotMetered.
        """
        return self.prepare("recordProven", number, slot, produced, consumed)

    def deposit_from(self, payer: str, account: str, amount: int) -> Call:
        """Take money of a payer for an account. Module: grid."""
        return self.prepare("depositFrom", payer, account, amount)

    def buy_from_grid(self, account: str, slot: int, amount: int, cost: int) -> Call:
        """Sell grid energy of the running slot. Module: grid."""
        return self.prepare("buyFromGrid", account, slot, amount, cost)

    def set_side_blocked(self, account: str, buying: bool, blocked: bool) -> Call:
        """Refuse or allow new orders of one side. Module: grid."""
        return self.prepare("setSideBlocked", account, buying, blocked)

    # Privileged: refused for everybody else with AccessManagedUnauthorized

    def lengthen_withdrawal(self, withdrawal_id: int, seconds: int) -> Call:
        """Postpone a queued withdrawal, once, by at most 7 days. Role: GUARDIAN.

        Raises: Settlement_NoSuchWithdrawal, Settlement_AlreadyLengthened,
            Settlement_LengtheningTooLong.
        """
        return self.prepare("lengthenWithdrawal", withdrawal_id, seconds)

    def set_fees(self, protocol_fee_bps: int, grid_fee_per_kwh: int) -> Call:
        """Set the fees, at most 100 basis points. Role: GRID_AUTHORITY.

        Raises: Settlement_FeeTooHigh.
        """
        return self.prepare("setFees", protocol_fee_bps, grid_fee_per_kwh)

    def set_outflow_limit(self, limit: int) -> Call:
        """Set how much may leave at once per window. Role: governance."""
        return self.prepare("setOutflowLimit", limit)

    def collect(self, to: str) -> Call:
        """Pay out all fees and grid revenue. Role: TREASURY.

        Raises: Settlement_NothingToCollect, Settlement_BadRecipient.
        """
        return self.prepare("collect", to)

    # Views

    def balance_of(self, account: str, *, block_identifier: BlockId = "latest") -> int:
        """Money that can be locked or withdrawn."""
        return self._number("balanceOf", account, block_identifier=block_identifier)

    def locked_of(self, account: str, *, block_identifier: BlockId = "latest") -> int:
        """Money held for orders and transactions."""
        return self._number("lockedOf", account, block_identifier=block_identifier)

    def debt_of(self, account: str, *, block_identifier: BlockId = "latest") -> int:
        """What is owed for grid energy."""
        return self._number("debtOf", account, block_identifier=block_identifier)

    def energy_of(
        self, account: str, slot: int, *, block_identifier: BlockId = "latest"
    ) -> SlotEnergy:
        """One account's energy in one slot."""
        values = self.call("energyOf", account, slot, block_identifier=block_identifier)
        return structure(SlotEnergy, values)

    def energies_of(
        self, pairs: Iterable[tuple[str, int]], *, block_identifier: BlockId = "latest"
    ) -> list[SlotEnergy]:
        """`energy_of` for many (account, slot) in few round trips."""
        answers = self.call_many("energyOf", pairs, block_identifier=block_identifier)
        return [structure(SlotEnergy, values) for values in answers]

    def meters_read_at_end(
        self, account: str, slot: int, *, block_identifier: BlockId = "latest"
    ) -> int:
        """How many meters gave a reading exactly at the slot's end; 63 stands for 63 or more."""
        return self._number("metersReadAtEnd", account, slot, block_identifier=block_identifier)

    def is_counted(self, account: str, slot: int, *, block_identifier: BlockId = "latest") -> bool:
        """Whether a slot was counted, by readings of meters or by the proof of an anchored one."""
        return bool(self.call("isCounted", account, slot, block_identifier=block_identifier))

    def signed_floor_of(self, account: str, *, block_identifier: BlockId = "latest") -> int:
        """Signed orders of an account with a lower nonce are void."""
        return self._number("signedFloorOf", account, block_identifier=block_identifier)

    def number_of(self, account: str, *, block_identifier: BlockId = "latest") -> int:
        """The number of an account, 0 when it has none."""
        return self._number("numberOf", account, block_identifier=block_identifier)

    def account_at(self, number: int, *, block_identifier: BlockId = "latest") -> str:
        """The account behind a number, the zero address when there is none."""
        return str(self.call("accountAt", number, block_identifier=block_identifier))

    def account_count(self, *, block_identifier: BlockId = "latest") -> int:
        """How many accounts have a number."""
        return self._number("accountCount", block_identifier=block_identifier)

    def is_side_blocked(
        self, account: str, buying: bool, *, block_identifier: BlockId = "latest"
    ) -> bool:
        """Whether new orders of one side are refused."""
        return bool(self.call("isSideBlocked", account, buying, block_identifier=block_identifier))

    def queued_withdrawal(
        self, withdrawal_id: int, *, block_identifier: BlockId = "latest"
    ) -> QueuedWithdrawal:
        """A queued withdrawal. Raises: Settlement_NoSuchWithdrawal."""
        values = self.call("queuedWithdrawal", withdrawal_id, block_identifier=block_identifier)
        return structure(QueuedWithdrawal, values)

    def withdrawal_count(self, *, block_identifier: BlockId = "latest") -> int:
        """How many withdrawals were ever queued."""
        return self._number("withdrawalCount", block_identifier=block_identifier)

    def available_outflow(self, *, block_identifier: BlockId = "latest") -> int:
        """What may leave at once right now."""
        return self._number("availableOutflow", block_identifier=block_identifier)

    def outflow_limit(self, *, block_identifier: BlockId = "latest") -> int:
        """What may leave at once per window."""
        return self._number("outflowLimit", block_identifier=block_identifier)

    def protocol_fee_bps(self, *, block_identifier: BlockId = "latest") -> int:
        """Share of payments, in basis points."""
        return self._number("protocolFeeBps", block_identifier=block_identifier)

    def grid_fee_per_kwh(self, *, block_identifier: BlockId = "latest") -> int:
        """Network charge, money per kWh."""
        return self._number("gridFeePerKwh", block_identifier=block_identifier)

    def treasury_owed(self, *, block_identifier: BlockId = "latest") -> TreasuryOwed:
        """What `collect` would pay out."""
        return structure(TreasuryOwed, self.call("treasuryOwed", block_identifier=block_identifier))

    # Fixed at deployment

    def settlement_token(self) -> str:
        """Address of the token that money is."""
        return str(self.call("settlementToken"))

    def energy_token(self) -> str:
        """Address of EnergyToken."""
        return str(self.call("energyToken"))

    def trading_module(self) -> str:
        """Address of EnergyTrading."""
        return str(self.call("tradingModule"))

    def spot_module(self) -> str:
        """Address of PeerToPeerTrading."""
        return str(self.call("spotModule"))

    def meter_module(self) -> str:
        """Address of SmartMeter."""
        return str(self.call("meterModule"))

    def grid_module(self) -> str:
        """Address of GridManagement."""
        return str(self.call("gridModule"))

    def slot_length(self) -> int:
        """Seconds of a slot."""
        return self._number("SLOT_LENGTH")

    def grace(self) -> int:
        """Seconds in which readings come in after a slot's end."""
        return self._number("GRACE")

    def outflow_window(self) -> int:
        """Seconds over which the outflow limit counts."""
        return self._number("OUTFLOW_WINDOW")

    def withdrawal_delay(self) -> int:
        """Seconds that a queued withdrawal waits."""
        return self._number("WITHDRAWAL_DELAY")

    def max_grid_fee_per_kwh(self) -> int:
        """Bound of the network charge, money per kWh."""
        return self._number("MAX_GRID_FEE_PER_KWH")


def _lock_word(lock: SignedLock) -> int:
    word = shift = 0
    for value, bits in (
        (lock.amount, _AMOUNT),
        (lock.number, _NUMBER),
        (lock.nonce, _NONCE),
        (int(lock.buying), 1),
    ):
        if not 0 <= value < 1 << bits:
            raise InputError(f"{value} does not fit {bits} bits of {lock}")
        word |= value << shift
        shift += bits
    return word
