"""ERC-20 tokens: the settlement token, which is money, and EnergyToken, banked energy in Wh."""

from __future__ import annotations

from collections.abc import Iterable

from energy_grid.adapters.chain.connection import BlockId
from energy_grid.adapters.chain.contract import Call, Contract
from energy_grid.adapters.chain.signing import Domain

__all__ = ["EnergyToken", "SettlementToken", "Token"]


class Token(Contract):
    """An ERC-20 with EIP-2612 permits; amounts in base units."""

    def transfer(self, to: str, amount: int) -> Call:
        """Send the sender's tokens. Raises: ERC20InsufficientBalance."""
        return self.prepare("transfer", to, amount)

    def approve(self, spender: str, amount: int) -> Call:
        """Allow a spender to take so much of the sender's tokens."""
        return self.prepare("approve", spender, amount)

    def transfer_from(self, owner: str, to: str, amount: int) -> Call:
        """Send tokens that the sender is allowed to take.

        Raises: ERC20InsufficientAllowance, ERC20InsufficientBalance.
        """
        return self.prepare("transferFrom", owner, to, amount)

    def permit(
        self, owner: str, spender: str, amount: int, deadline: int, v: int, r: bytes, s: bytes
    ) -> Call:
        """As `approve` by the owner's signature (`signing.sign_permit`).

        Raises: ERC2612ExpiredSignature, ERC2612InvalidSigner.
        """
        return self.prepare("permit", owner, spender, amount, deadline, v, r, s)

    def balance_of(self, account: str, *, block_identifier: BlockId = "latest") -> int:
        """Base units of an account."""
        return self._number("balanceOf", account, block_identifier=block_identifier)

    def balances_of(
        self, accounts: Iterable[str], *, block_identifier: BlockId = "latest"
    ) -> list[int]:
        """`balance_of` many accounts in few round trips."""
        one_each = ([account] for account in accounts)
        return self.call_many("balanceOf", one_each, block_identifier=block_identifier)

    def allowance(self, owner: str, spender: str, *, block_identifier: BlockId = "latest") -> int:
        """What a spender may still take."""
        return self._number("allowance", owner, spender, block_identifier=block_identifier)

    def total_supply(self, *, block_identifier: BlockId = "latest") -> int:
        """Base units of all accounts."""
        return self._number("totalSupply", block_identifier=block_identifier)

    def nonces(self, owner: str, *, block_identifier: BlockId = "latest") -> int:
        """The number that the owner's next permit must carry."""
        return self._number("nonces", owner, block_identifier=block_identifier)

    def token_name(self) -> str:
        """Its long name."""
        return str(self.call("name"))

    def symbol(self) -> str:
        """Its short name."""
        return str(self.call("symbol"))

    def decimals(self) -> int:
        """How many decimals one whole unit has."""
        return self._number("decimals")

    def domain_separator(self) -> bytes:
        """Hash of its EIP-712 domain."""
        return bytes(self.call("DOMAIN_SEPARATOR"))

    def domain(self) -> Domain:
        """Its EIP-712 domain (EIP-5267)."""
        _fields, name, version, chain_id, contract, *_ = self.call("eip712Domain")
        return Domain(name=name, version=version, chain_id=chain_id, verifying_contract=contract)


class SettlementToken(Token):
    """The token that money is; TestDollar on local and test networks."""

    NAME = "TestDollar"

    def faucet(self, amount: int) -> Call:
        """Mint test money for the sender, at most `faucet_limit` a time. TestDollar only.

        Raises: TestDollar_AboveLimit.
        """
        return self.prepare("faucet", amount)

    def faucet_limit(self) -> int:
        """What one call of the faucet gives at most. TestDollar only."""
        return self._number("FAUCET_LIMIT")


class EnergyToken(Token):
    """Banked energy: 3 decimals, one base unit is 1 Wh."""

    NAME = "EnergyToken"

    def mint(self, account: str, amount: int) -> Call:
        """Bank energy. Settlement only: EnergyToken_OnlySettlement."""
        return self.prepare("mint", account, amount)

    def burn(self, account: str, amount: int) -> Call:
        """Use banked energy. Settlement only: EnergyToken_OnlySettlement."""
        return self.prepare("burn", account, amount)

    def settlement(self) -> str:
        """Address of Settlement."""
        return str(self.call("SETTLEMENT"))
