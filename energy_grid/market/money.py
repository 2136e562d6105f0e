"""Money: into the vault and out of it, and what contracts may take."""

from __future__ import annotations

from energy_grid.chain.accounts import Account
from energy_grid.chain.contract import Call, Contract
from energy_grid.chain.signing import sign_permit
from energy_grid.chain.tx.multisig import Actor
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.contracts import errors, events
from energy_grid.contracts.erc20_permit import ERC20Permit
from energy_grid.domain.quantities import Money
from energy_grid.domain.units import format_money
from energy_grid.errors import ChainError, ContractError, DomainError
from energy_grid.market.session import Market
from energy_grid.market.signing import domain_of

__all__ = ["Vault"]

# How tokens refuse to hand over more than they may: by the standard's error, by a text, or without
# a word.
_SHORT_ALLOWANCE = (
    errors.ERC20InsufficientAllowance,
    errors.SafeERC20FailedOperation,
    errors.RevertedWithText,
    errors.UnknownRefusal,
)
_PERMIT_SECONDS = 3600


class Vault(Market):
    """Deposits and withdrawals. Amounts are `Money`, or plain integers in the token's base units.

    An amount that is another quantity, or in another coin, is refused with `MixedUnitsError` before
    anything is sent.
    """

    def deposit_with_permit(self, account: Account, amount: int) -> Receipt:
        """Pay money into the vault in one transaction; the token must know EIP-2612.

        Raises:
            ContractError: too little of the token, or deposits are stopped.
        """
        return self.send(account, self.prepare_deposit_with_permit(account, amount))

    def prepare_deposit_with_permit(self, account: Account, amount: int) -> Call:
        """The call of `deposit_with_permit`, signed for the account's next permit."""
        amount = self.base_units("amount", amount, Money)
        permit = self._signed(account, self.money, self.settlement.address, amount)
        return self.settlement.deposit_with_permit(amount, *permit)

    def deposit(self, account: Actor, amount: int) -> Receipt:
        """Pay money into the vault, which is approved if need be: for a Safe, or a token without
        permits.

        Raises:
            DomainError: the account has less money; nothing was sent.
            ContractError: as `Settlement.deposit`.
        """
        amount = self.base_units("amount", amount, Money)
        call = self.settlement.deposit(amount)
        self.approve_for(account, call, amount)
        return self.send(account, call)

    def withdraw(self, account: Actor, amount: int, to: str | None = None) -> int | None:
        """Take money out of the vault, by default to the account itself.

        Above the outflow limit it is queued: the number is given by which `claim_withdrawal` pays
        it once it is due (`Settlement.queued_withdrawal` says when); else None.

        Raises:
            ContractError: as `Settlement.withdraw`.
        """
        amount = self.base_units("amount", amount, Money)
        call = self.settlement.withdraw(amount, to or account.address)
        receipt = self.send(account, call)
        queued = self.settlement.events(receipt.logs, events.Settlement_WithdrawalQueued)
        return queued[0].id if queued else None

    def claim_withdrawal(self, account: Actor, number: int) -> Receipt:
        """Have a queued withdrawal paid that is due; anybody can.

        Raises:
            ContractError: as `Settlement.execute_withdrawal`.
        """
        return self.send(account, self.settlement.execute_withdrawal(number))

    def prepare_permit(
        self, account: Account, token: ERC20Permit, spender: str, amount: int
    ) -> Call:
        """The call with which anybody hands in an account's next permit of any of the tokens."""
        permit = self._signed(account, token, spender, amount)
        return token.permit(account.address, spender, amount, *permit)

    def approve_for(
        self, account: Actor, call: Call, amount: int, token: ERC20Permit | None = None
    ) -> Receipt | None:
        """Let the contract that is called take exactly ``amount`` of a token, by default money.

        Nothing is approved, and None given, where the allowance is enough, or where the call would
        be refused for another reason: it then says so when it is sent.
        Raises:
            DomainError: the account has less than that; nothing was approved.
        """
        approval = self.approval_for(account.address, call, amount, token)
        return None if approval is None else self.send(account, approval)

    def approval_for(
        self, owner: str, call: Call, amount: int, token: ERC20Permit | None = None
    ) -> Call | None:
        """The approval that `approve_for` sends, if any.

        Raises:
            DomainError: the owner has less than the amount.
        """
        token = token or self.money
        if token.allowance(owner, call.to) >= amount:
            return None
        try:
            Contract(self.node, call.to, call.contract).simulate(call, owner)
        except _SHORT_ALLOWANCE:
            pass
        except ContractError:
            return None
        held = token.balance_of(owner)
        if held < amount:
            coin = token.decimals(), token.symbol()
            raise DomainError(
                f"{owner} has {format_money(held, *coin)}, and this takes"
                f" {format_money(amount, *coin)}"
            )
        return token.approve(call.to, amount)

    def _signed(
        self, account: Account, token: ERC20Permit, spender: str, amount: int
    ) -> tuple[int, int, bytes, bytes]:
        """(deadline, v, r, s) of the account's next permit.

        Raises:
            ChainError: the token gives another one's domain, for which the permit would count.
        """
        domain = domain_of(token)
        if (domain.chain_id, domain.verifying_contract) != (self.node.chain_id, token.address):
            raise ChainError(
                f"the token {token.address} on chain {self.node.chain_id} would have permits signed"
                f" for {domain.verifying_contract} on chain {domain.chain_id}"
            )
        deadline = self.node.time + _PERMIT_SECONDS
        nonce = token.nonces(account.address)
        signature = sign_permit(account, spender, amount, nonce, deadline, domain)
        r, s = (number.to_bytes(32, "big") for number in (signature.r, signature.s))
        return deadline, signature.v, r, s
