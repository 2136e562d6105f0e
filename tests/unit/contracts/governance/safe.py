"""A Safe as its owners use it, built from its documentation and not from the package."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eth_abi.abi import encode
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from energy_grid.chain.contract import Call, Contract
from energy_grid.chain.roles import Role
from tests.support.market import Market, Receipt
from tests.unit.contracts.governance.proposals import local_key

__all__ = ["CALL", "DELEGATE_CALL", "OWNERS", "Safe"]

OWNERS = (26, 27, 28)
CALL, DELEGATE_CALL = 0, 1
_NOBODY = "0x" + 40 * "0"
_DOMAIN = keccak(text="EIP712Domain(uint256 chainId,address verifyingContract)")
_TRANSACTION = keccak(
    text="SafeTx(address to,uint256 value,bytes data,uint8 operation,uint256 safeTxGas,"
    "uint256 baseGas,uint256 gasPrice,address gasToken,address refundReceiver,uint256 nonce)"
)
_MESSAGE = keccak(text="SafeMessage(bytes message)")


@dataclass(frozen=True)
class Safe:
    """The guardian's Safe, and its owners with their keys."""

    market: Market
    contract: Contract
    owners: tuple[LocalAccount, ...]

    @classmethod
    def of(cls, market: Market) -> Safe:
        """The one that was deployed with the market."""
        contract = Contract(market.node, market.roles[Role.GUARDIAN], "Safe")
        return cls(market, contract, tuple(local_key(number) for number in OWNERS))

    @property
    def address(self) -> str:
        return self.contract.address

    @property
    def nonce(self) -> int:
        return int(self.contract.call("nonce"))

    def digest(
        self,
        call: Call,
        *,
        operation: int = CALL,
        nonce: int | None = None,
        chain_id: int | None = None,
        safe: str | None = None,
    ) -> bytes:
        """What owners sign so that the Safe makes a call; of another chain or Safe, if given."""
        fields = (
            ("bytes32", _TRANSACTION),
            ("address", call.to),
            ("uint256", call.value),
            ("bytes32", keccak(call.data)),
            ("uint8", operation),
            *(("uint256", 0),) * 3,
            *(("address", _NOBODY),) * 2,
            ("uint256", self.nonce if nonce is None else nonce),
        )
        return self._domain_hash(_hash(fields), chain_id=chain_id, safe=safe)

    def signatures(self, digest: bytes, signers: Sequence[LocalAccount]) -> bytes:
        """Signatures in the order of the signers' addresses, as the Safe wants them."""
        ordered = sorted(signers, key=lambda signer: int(signer.address, 16))
        return b"".join(bytes(signer.unsafe_sign_hash(digest).signature) for signer in ordered)

    def signed(self, call: Call, signers: Sequence[LocalAccount], **terms: object) -> bytes:
        return self.signatures(self.digest(call, **terms), signers)  # type: ignore[arg-type]

    def sign_message(self, message: bytes, signers: Sequence[LocalAccount]) -> bytes:
        """The Safe's signature of a digest of somebody else's (EIP-1271)."""
        inner = keccak(encode(["bytes32"], [message]))
        wrapped = _hash((("bytes32", _MESSAGE), ("bytes32", inner)))
        return self.signatures(self._domain_hash(wrapped), signers)

    def prepare(self, call: Call, signatures: bytes, *, operation: int = CALL) -> Call:
        """The transaction that makes the Safe call."""
        free = (0, 0, 0, _NOBODY, _NOBODY)
        return self.contract.prepare(
            "execTransaction", call.to, call.value, call.data, operation, *free, signatures
        )

    def execute(
        self, call: Call, signatures: bytes, *, by: LocalAccount, operation: int = CALL
    ) -> Receipt:
        return self.market.send(by, self.prepare(call, signatures, operation=operation))

    def _domain_hash(
        self, message: bytes, *, chain_id: int | None = None, safe: str | None = None
    ) -> bytes:
        chain = self.market.node.chain_id if chain_id is None else chain_id
        domain = (("bytes32", _DOMAIN), ("uint256", chain), ("address", safe or self.address))
        return keccak(b"\x19\x01" + _hash(domain) + message)


def _hash(fields: Sequence[tuple[str, object]]) -> bytes:
    return keccak(encode([kind for kind, _ in fields], [value for _, value in fields]))
