"""The exceptions of the package.

    EnergyGridError
    ├── DomainError                 a value that breaks a rule of the market
    ├── InputError                  something a user typed; one line, the CLI exits with 2
    ├── ChainError                  the communication with the chain failed
    │   ├── NodeUnreachableError    no node answers
    │   ├── ReorganisationError     blocks that were reported are not on the chain any more
    │   ├── TransactionFailedError  a transaction was mined and failed, or can never be mined
    │   ├── TransactionPendingError a transaction was sent, and may still take effect
    │   └── ContractError           a contract reverted
    ├── DeploymentError             contracts are missing, or not wired as they must be
    ├── MissingExtraError           an optional part of the package is not installed
    └── CheckFailedError            the balances do not add up

The domain and the layers below it derive their own, narrower exceptions from these.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

__all__ = [
    "ChainError",
    "CheckFailedError",
    "ContractError",
    "DeploymentError",
    "DomainError",
    "EnergyGridError",
    "InputError",
    "MissingExtraError",
    "NodeUnreachableError",
    "ReorganisationError",
    "TransactionFailedError",
    "TransactionPendingError",
]


class EnergyGridError(Exception):
    """Root of all exceptions of this package."""


class DomainError(EnergyGridError):
    """A value that breaks a rule of the market."""


class InputError(EnergyGridError):
    """Something a user typed is wrong; the message is one line that says what to change.

    Attributes:
        public: hashes of the message that the chain knows. The command line prints no other word
            that has the form of a private key.
    """

    def __init__(self, message: str, *, public: Collection[str] = ()) -> None:
        self.public = frozenset(public)
        super().__init__(message)


class ChainError(EnergyGridError):
    """The communication with the chain failed."""


class NodeUnreachableError(ChainError):
    """No node answers at the configured address."""


class ReorganisationError(ChainError):
    """A block that was reported, and those after it, are not on the chain any more.

    Attributes:
        from_block: the first such block: read again from it.
    """

    def __init__(self, from_block: int) -> None:
        self.from_block = from_block
        super().__init__(from_block)

    def __str__(self) -> str:
        return (
            f"the chain was reorganised: the events of block {self.from_block} and later are void;"
            " read again from there"
        )


class TransactionFailedError(ChainError):
    """A transaction was mined and failed, or can never be mined."""


class TransactionPendingError(ChainError):
    """A transaction was sent and is not final in time: it may still take effect.

    Attributes:
        transactions: the hashes of all that was sent under its nonce, with rising fees: at most
            one of them takes effect.
    """

    def __init__(self, call: str, transactions: tuple[str, ...], reason: str) -> None:
        self.call, self.transactions, self.reason = call, transactions, reason
        super().__init__(call, transactions, reason)

    def __str__(self) -> str:
        return (
            f"{self.call} was sent and is not final after {self.reason}: it may still take effect;"
            f" look for transaction {' or '.join(self.transactions)} before sending it again"
        )


class ContractError(ChainError):
    """A contract reverted a call, mostly with one of its custom errors.

    Attributes:
        contract: name of the contract whose interface declares the error.
        name: name of the custom error, such as ``EnergyTrading_NotCrossing``.
        arguments: its values by parameter name (``args`` belongs to ``BaseException``).
        selector: the four bytes that were returned in front of the values.
    """

    def __init__(
        self, contract: str, name: str, arguments: Mapping[str, object], selector: bytes
    ) -> None:
        self.contract = contract
        self.name = name
        self.arguments = dict(arguments)
        self.selector = selector
        # All four reach BaseException, so that copying and pickling can call this again.
        super().__init__(contract, name, self.arguments, selector)

    def __str__(self) -> str:
        values = ", ".join(f"{key}={value}" for key, value in self.arguments.items())
        return f"{self.contract} reverted: {self.name}({values})"


class DeploymentError(EnergyGridError):
    """Contracts are missing, or are not wired as they must be."""


class MissingExtraError(EnergyGridError, ImportError):
    """An optional part of the package is not installed; the message says how to install it."""


class CheckFailedError(EnergyGridError):
    """The balances do not add up."""
