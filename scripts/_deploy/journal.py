"""What a deployment plans and has done, on disk before anything is sent.

A transaction is written down with its hash before it leaves. However a deployment ends, the next
one can therefore ask the chain what became of every step, and go on from there.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from energy_grid.chain.files import rewritten

__all__ = [
    "Journal",
    "Planned",
    "journal_path",
    "read_journal",
    "write_atomically",
    "write_text_atomically",
]

_FORMAT = 1


@dataclass(slots=True, kw_only=True)
class Planned:
    """A contract of the plan.

    Attributes:
        nonce: of the deployer, in the transaction that creates it.
        address: where that puts it.
        transaction: its hash, from the moment before it is sent.
        block: in which it was mined, from the moment that is known.
    """

    nonce: int
    address: str
    transaction: str | None = None
    block: int | None = None


@dataclass(slots=True, kw_only=True)
class Journal:
    """The state of an unfinished deployment.

    Attributes:
        fingerprint: hash of everything that was asked for; another wish needs another deployment.
        contracts: by name, in the order of deployment.
        steps: hashes of the transactions that wire the contracts, by step.
    """

    path: Path
    chain_id: int
    deployer: str
    fingerprint: str
    contracts: dict[str, Planned] = field(default_factory=dict)
    steps: dict[str, str] = field(default_factory=dict)

    def save(self) -> None:
        """Write it, so that no crash leaves half of it."""
        document = asdict(self)
        del document["path"]
        write_atomically(self.path, {"format": _FORMAT, **document})

    def belongs_to(self, other: Journal) -> bool:
        """Whether both speak of the same deployment."""
        return (self.chain_id, self.deployer, self.fingerprint) == (
            other.chain_id,
            other.deployer,
            other.fingerprint,
        )


def journal_path(deployment: Path) -> Path:
    """Where the journal of a deployment file lies: ``local.partial.json`` beside ``local.json``."""
    return deployment.with_suffix(".partial.json")


def read_journal(path: Path) -> Journal | None:
    """The journal that was left there; None if there is none that can be read."""
    try:
        document = json.loads(path.read_text())
        if document.pop("format") != _FORMAT:
            return None
        contracts = {name: Planned(**entry) for name, entry in document.pop("contracts").items()}
        return Journal(path=path, contracts=contracts, **document)
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return None


def write_atomically(path: Path, document: dict[str, Any]) -> None:
    """Write JSON so that readers, and whoever comes after a crash, find the old or the new."""
    write_text_atomically(path, json.dumps(document, indent=2) + "\n")


def write_text_atomically(path: Path, text: str) -> None:
    """As `write_atomically`, to the letter."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with rewritten(path) as file:
        file.write(text)
