"""Tokens: the settlement token, which is money, EnergyToken, banked energy in Wh, and what all
tokens of their kind have in common."""

from __future__ import annotations

from collections.abc import Iterable

from energy_grid.chain.contract import Call, Contract
from energy_grid.chain.rpc.node import BlockId
from energy_grid.domain.typed_data import Domain

__all__ = ["EnergyToken", "SettlementToken", "Token", "UniqueToken"]

_SAFE_TRANSFER = "safeTransferFrom(address,address,uint256)"
_SAFE_TRANSFER_WITH_DATA = "safeTransferFrom(address,address,uint256,bytes)"


class _Named(Contract):
    """What ERC-20 and ERC-721 have in common."""

    def balance_of(self, account: str, *, block_identifier: BlockId = "latest") -> int:
        """What an account has: base units of an ERC-20, a count of an ERC-721."""
        return self._number("balanceOf", account, block_identifier=block_identifier)

    def token_name(self) -> str:
        """Its long name."""
        return str(self.call("name"))

    def symbol(self) -> str:
        """Its short name."""
        return str(self.call("symbol"))


class Token(_Named):
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


class UniqueToken(_Named):
    """An ERC-721: tokens by their numbers, each with one owner.

    Who may not move a token is refused with ERC721InsufficientApproval; a number that nobody has,
    with ERC721NonexistentToken.
    """

    def approve(self, to: str, number: int) -> Call:
        """Allow somebody, or with the zero address nobody, to move one token."""
        return self.prepare("approve", to, number)

    def set_approval_for_all(self, operator: str, approved: bool) -> Call:
        """Allow somebody, or no more, to move all tokens of the sender."""
        return self.prepare("setApprovalForAll", operator, approved)

    def transfer_from(self, owner: str, to: str, number: int) -> Call:
        """Move a token. Raises: ERC721IncorrectOwner, ERC721InvalidReceiver."""
        return self.prepare("transferFrom", owner, to, number)

    def safe_transfer_from(
        self, owner: str, to: str, number: int, data: bytes | None = None
    ) -> Call:
        """As `transfer_from`; a contract is asked whether it takes it.

        Raises: ERC721InvalidReceiver.
        """
        if data is None:
            return self.prepare(_SAFE_TRANSFER, owner, to, number)
        return self.prepare(_SAFE_TRANSFER_WITH_DATA, owner, to, number, data)

    def owner_of(self, number: int, *, block_identifier: BlockId = "latest") -> str:
        """Who has a token."""
        return str(self.call("ownerOf", number, block_identifier=block_identifier))

    def owners_of(
        self, numbers: Iterable[int], *, block_identifier: BlockId = "latest"
    ) -> list[str]:
        """`owner_of` many tokens in few round trips."""
        one_each = ([number] for number in numbers)
        return self.call_many("ownerOf", one_each, block_identifier=block_identifier)

    def get_approved(self, number: int, *, block_identifier: BlockId = "latest") -> str:
        """Who may move a token besides its owner; the zero address if nobody."""
        return str(self.call("getApproved", number, block_identifier=block_identifier))

    def is_approved_for_all(
        self, owner: str, operator: str, *, block_identifier: BlockId = "latest"
    ) -> bool:
        """Whether somebody may move all tokens of an owner."""
        return bool(
            self.call("isApprovedForAll", owner, operator, block_identifier=block_identifier)
        )

    def token_uri(self, number: int, *, block_identifier: BlockId = "latest") -> str:
        """Where a token is described; a ``data:`` URI holds all of it."""
        return str(self.call("tokenURI", number, block_identifier=block_identifier))


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
