"""Money: deposits, withdrawals, and what contracts may take."""

from __future__ import annotations

from typing import Any

from energy_grid.chain.accounts import Account
from energy_grid.chain.contract import Call, Contract
from energy_grid.chain.signing import permit_document, sign_permit
from energy_grid.chain.tx.multisig import Actor, address_of
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.contracts import errors, events
from energy_grid.contracts.erc20_permit import ERC20Permit
from energy_grid.domain.quantities import Money
from energy_grid.domain.typed_data import Domain
from energy_grid.domain.units import format_money
from energy_grid.errors import ChainError, ContractError, DomainError
from energy_grid.market.plan import Plan, Step
from energy_grid.market.session import Market
from energy_grid.market.signing import domain_of

__all__ = ["Payments"]

# How tokens revert for a small allowance: with the standard error, a text, or no data.
_SHORT_ALLOWANCE = (
    errors.ERC20InsufficientAllowance,
    errors.SafeERC20FailedOperation,
    errors.RevertedWithText,
    errors.UnknownRevert,
)
_PERMIT_SECONDS = 3600


class Payments(Market):
    """Deposits and withdrawals. Amounts are `Money`, or plain integers in the token's base units.

    An amount that is another quantity, or in another coin, raises `MixedUnitsError` before
    anything is sent.
    """

    def deposit_with_permit(self, account: Account, amount: int) -> Plan[list[Receipt]]:
        """Deposit money in one transaction; the token must know EIP-2612.

        The permit is signed here, for the account's next permit.

        Raises:
            ChainError: the token gives a domain that is not its own.
        """
        return self.plan(account, self.prepare_deposit_with_permit(account, amount))

    def prepare_deposit_with_permit(self, account: Account, amount: int) -> Call:
        """The call of `deposit_with_permit`, for those who send many at once."""
        amount = self.base_units("amount", amount, Money)
        tokens = amount * self.token_units
        permit = self._signed(account, self.money, self.settlement.address, tokens)
        return self.settlement.deposit_with_permit(amount, *permit)

    def permit_to_take(self, holder: str, amount: int, spender: str) -> dict[str, Any]:
        """What a wallet signs (``eth_signTypedData_v4``) so that a contract may take an amount.

        Args:
            spender: the address of the contract.

        Raises:
            ChainError: the token gives a domain that is not its own.
        """
        tokens = self.base_units("amount", amount, Money) * self.token_units
        terms = self._permit_terms(holder, self.money)
        return permit_document(holder, spender, tokens, *terms)

    def deposit(
        self, who: Actor | str, amount: int, owner: str | None = None
    ) -> Plan[list[Receipt]]:
        """Deposit money, by default for oneself, approved if need be: for a Safe, or a token
        without permits.

        Raises:
            DomainError: the account has less money.
        """
        amount = self.base_units("amount", amount, Money)
        call = self.settlement.deposit_for(owner or address_of(who), amount)
        return self.plan(who, *self.approved(who, call, amount * self.token_units))

    def withdraw(
        self, who: Actor | str, amount: int, to: str | None = None
    ) -> Plan[events.Settlement_WithdrawalQueued | None]:
        """Withdraw money, by default to the account itself.

        Above the outflow limit it waits in a queue: the result then says its number and from when
        on `claim_withdrawal` pays it. Otherwise the result is None.
        """
        amount = self.base_units("amount", amount, Money)
        call = self.settlement.withdraw(amount, to or address_of(who))
        kind = events.Settlement_WithdrawalQueued
        return self._all_emitted(who, self.settlement, kind, call).then(
            lambda found: found[0] if found else None
        )

    def claim_withdrawal(self, who: Actor | str, number: int) -> Plan[list[Receipt]]:
        """Have a queued withdrawal paid that is due; any account can."""
        return self.plan(who, self.settlement.execute_withdrawal(number))

    def repay_debt(self, who: Actor | str, amount: int) -> Plan[events.Settlement_DebtRepaid]:
        """Pay a debt out of the wallet, approved if need be; the event has exact money, in
        thousandths of a base unit.

        Raises:
            DomainError: the account has less money.
        """
        amount = self.base_units("amount", amount, Money)
        calls = self.approved(who, self.settlement.repay_debt(amount), amount * self.token_units)
        return self._emitted(who, self.settlement, events.Settlement_DebtRepaid, *calls)

    def fund_grid(self, who: Actor | str, amount: int) -> Plan[events.Settlement_GridFunded]:
        """Give money to the grid account, approved if need be: the supplier does so.

        Raises:
            DomainError: the account has less money.
        """
        amount = self.base_units("amount", amount, Money)
        calls = self.approved(who, self.settlement.fund_grid(amount), amount * self.token_units)
        return self._emitted(who, self.settlement, events.Settlement_GridFunded, *calls)

    def collect(
        self, treasury: Actor | str, amount: int, to: str
    ) -> Plan[events.Settlement_TreasuryCollected]:
        """Pay out protocol fees, then what the grid account need not keep."""
        call = self.settlement.collect(self.base_units("amount", amount, Money), to)
        kind = events.Settlement_TreasuryCollected
        return self._emitted(treasury, self.settlement, kind, call)

    def serve_receivables(self, who: Actor | str, count: int) -> Plan[list[Receipt]]:
        """Pay the first receivables of the queue from the grid account; any account can."""
        return self.plan(who, self.settlement.serve(count))

    def prepare_permit(
        self, account: Account, token: ERC20Permit, spender: str, amount: int
    ) -> Call:
        """The call with which any account submits an account's next permit of any of the tokens."""
        permit = self._signed(account, token, spender, amount)
        return token.permit(account.address, spender, amount, *permit)

    def approved(
        self, who: Actor | str, call: Call, amount: int, token: ERC20Permit | None = None
    ) -> list[Step]:
        """A call that takes exactly ``amount`` of a token, by default the settlement token in its
        smallest units, with the approval that it needs.

        Nothing is approved where the allowance is enough, or where the call would revert for
        another reason, which executing it then raises.

        Raises:
            DomainError: the account has less than that.
        """
        token, owner = token or self.money, address_of(who)
        if token.allowance(owner, call.to) >= amount:
            return [Step(call=call)]
        try:
            Contract(self.node, call.to, call.contract).simulate(call, owner)
        except _SHORT_ALLOWANCE:
            pass
        except ContractError:
            return [Step(call=call)]
        held = token.balance_of(owner)
        if held < amount:
            coin = token.decimals(), token.symbol()
            raise DomainError(
                f"{owner} has {format_money(held, *coin)}, and the call needs"
                f" {format_money(amount, *coin)}"
            )
        approval = token.approve(call.to, amount)
        return [Step(call=approval, prepares=True), Step(call=call, needs_previous=True)]

    def _signed(
        self, account: Account, token: ERC20Permit, spender: str, amount: int
    ) -> tuple[int, int, bytes, bytes]:
        """(deadline, v, r, s) of the account's next permit.

        Raises:
            ChainError: the token gives another one's domain, for which the permit would count.
        """
        nonce, deadline, domain = self._permit_terms(account.address, token)
        signature = sign_permit(account, spender, amount, nonce, deadline, domain)
        r, s = (number.to_bytes(32, "big") for number in (signature.r, signature.s))
        return deadline, signature.v, r, s

    def _permit_terms(self, holder: str, token: ERC20Permit) -> tuple[int, int, Domain]:
        """Nonce, deadline and domain of an account's next permit.

        Raises:
            ChainError: the token gives another one's domain, for which the permit would count.
        """
        domain = domain_of(token)
        if (domain.chain_id, domain.verifying_contract) != (self.node.chain_id, token.address):
            raise ChainError(
                f"the token {token.address} on chain {self.node.chain_id} would have permits signed"
                f" for {domain.verifying_contract} on chain {domain.chain_id}"
            )
        return token.nonces(holder), self.node.time + _PERMIT_SECONDS, domain
