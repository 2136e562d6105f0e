"""Files of what people sign off the chain: a membership; a meter's registration, exchange or key;
calls for a relay.

    {"format": 1, "kind": "join", "chainId": 31337, "contract": "0x..", "account": "0x..",
     "community": 1, "deadline": 1704070800, "signature": "0x.."}
    {"format": 1, "kind": "registration", "chainId": 31337, "contract": "0x..", "meter": "0x..",
     "account": "0x..", "region": "home", "ratedPower": 10000, ..., "proof": "0x..",
     "consent": "0x"}
    {"format": 1, "kind": "calls", "chainId": 31337, "contract": "0x<forwarder>", "calls": [
     {"from": "0x..", "to": "0x..", "gas": 3000000, "nonce": 0, "deadline": 1704070800,
      "data": "0x..", "signature": "0x.."}]}

Signatures are 65 bytes, or empty where they are missing. The chain checks them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from energy_grid.chain.abi import checksum
from energy_grid.chain.files import read_json, rewritten
from energy_grid.contracts.erc2771_forwarder import ForwardRequestData
from energy_grid.contracts.smart_meter import Exchange, Registration
from energy_grid.errors import InputError
from energy_grid.market.meters import MeterDraft
from energy_grid.market.relays import SignedCall
from energy_grid.market.signing import Rotation

__all__ = [
    "JoinConsent",
    "calls_document",
    "draft_document",
    "join_document",
    "load_calls",
    "load_draft",
    "load_join",
    "save_calls",
    "save_draft",
    "save_join",
]

# Chain id and address of the contract that takes it.
Place = tuple[int, str]

_FORMAT = 1
_MAX_BYTES = 2**16
_ADDRESS = re.compile("0x[0-9a-fA-F]{40}")
_BYTES = re.compile("0x(?:[0-9a-fA-F]{2})*")
_KINDS: Mapping[str, type[Registration | Exchange | Rotation]] = {
    "registration": Registration,
    "exchange": Exchange,
    "rotation": Rotation,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinConsent:
    """An account's signature that it joins a community, until the deadline."""

    account: str
    community: int
    deadline: int
    signature: bytes


def join_document(consent: JoinConsent, place: Place) -> dict[str, Any]:
    """A consent as it is handed on."""
    return {
        **_head("join", place),
        "account": consent.account,
        "community": consent.community,
        "deadline": consent.deadline,
        "signature": f"0x{consent.signature.hex()}",
    }


def save_join(path: Path, consent: JoinConsent, place: Place) -> None:
    """Write a file with the consent.

    Raises:
        InputError: it cannot be written.
    """
    _save(path, join_document(consent, place))


def load_join(path: Path, place: Place) -> JoinConsent:
    """The consent of a file.

    Raises:
        InputError: there is no such file, it is something else, or for another market.
    """
    document = _load(path, ("join",), place)
    try:
        return JoinConsent(
            account=_address(document, "account"),
            community=_number(document, "community"),
            deadline=_number(document, "deadline"),
            signature=_bytes(document, "signature"),
        )
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def draft_document(draft: MeterDraft, place: Place) -> dict[str, Any]:
    """A draft as it is handed on."""
    (kind,) = (name for name, terms in _KINDS.items() if isinstance(draft.terms, terms))
    values = {_camel(each.name): getattr(draft.terms, each.name) for each in fields(draft.terms)}
    signatures = {"proof": f"0x{draft.proof.hex()}", "consent": f"0x{draft.consent.hex()}"}
    return {**_head(kind, place), **values, **signatures}


def save_draft(path: Path, draft: MeterDraft, place: Place) -> None:
    """Write a file with the draft, in place of what it held.

    Raises:
        InputError: it cannot be written.
    """
    _save(path, draft_document(draft, place))


def load_draft(path: Path, place: Place) -> MeterDraft:
    """The draft of a file.

    Raises:
        InputError: there is no such file, it is something else, or for another market.
    """
    document = _load(path, tuple(_KINDS), place)
    kind = _KINDS[document["kind"]]
    try:
        values = {each.name: _field(document, each.name, str(each.type)) for each in fields(kind)}
        return MeterDraft(
            terms=kind(**values),
            proof=_bytes(document, "proof"),
            consent=_bytes(document, "consent"),
        )
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def calls_document(calls: Sequence[SignedCall], place: Place) -> dict[str, Any]:
    """Signed calls as they are handed on."""
    documents = [
        {
            "from": each.request.from_,
            "to": each.request.to,
            "gas": each.request.gas,
            "nonce": each.nonce,
            "deadline": each.request.deadline,
            "data": f"0x{each.request.data.hex()}",
            "signature": f"0x{each.request.signature.hex()}",
        }
        for each in calls
    ]
    return {**_head("calls", place), "calls": documents}


def save_calls(path: Path, calls: Sequence[SignedCall], place: Place) -> None:
    """Write a file with the calls.

    Raises:
        InputError: it cannot be written.
    """
    _save(path, calls_document(calls, place))


def load_calls(path: Path, place: Place) -> list[SignedCall]:
    """The calls of a file.

    Raises:
        InputError: there is no such file, it is something else, or for another market.
    """
    documents = _load(path, ("calls",), place).get("calls")
    try:
        if not isinstance(documents, list) or not all(isinstance(one, dict) for one in documents):
            raise InputError("calls is no list of objects")
        return [
            SignedCall(
                request=ForwardRequestData(
                    from_=_address(one, "from"),
                    to=_address(one, "to"),
                    value=0,
                    gas=_number(one, "gas"),
                    deadline=_number(one, "deadline"),
                    data=_bytes(one, "data"),
                    signature=_bytes(one, "signature"),
                ),
                nonce=_number(one, "nonce"),
            )
            for one in documents
        ]
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _field(document: Mapping[str, Any], name: str, kind: str) -> Any:
    key = _camel(name)
    if kind == "bool":
        if not isinstance(document.get(key), bool):
            raise InputError(f"{key} is neither true nor false")
        return document[key]
    if kind == "int":
        return _number(document, key)
    if name != "region":
        return _address(document, key)
    region = document.get(key)
    if not isinstance(region, str) or not region.isascii() or not 0 < len(region) <= 32:
        raise InputError(f"{key} is no region")
    return region


def _head(kind: str, place: Place) -> dict[str, Any]:
    return {"format": _FORMAT, "kind": kind, "chainId": place[0], "contract": place[1]}


def _save(path: Path, document: Mapping[str, Any]) -> None:
    try:
        with rewritten(path) as file:
            file.write(f"{json.dumps(document, indent=2)}\n")
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from None


def _load(path: Path, kinds: tuple[str, ...], place: Place) -> dict[str, Any]:
    document = read_json(path, _MAX_BYTES)
    if not isinstance(document, dict) or document.get("format") != _FORMAT:
        raise InputError(f"{path} is no such file of format {_FORMAT}")
    if document.get("kind") not in kinds:
        *others, last = kinds
        wanted = f"{', '.join(others)} or {last}" if others else last
        raise InputError(f"{path} is no {wanted}")
    found = document.get("chainId"), document.get("contract")
    if found != place:
        raise InputError(
            f"{path} is for {found[1]} on chain {found[0]}, not for {place[1]} on chain {place[0]}"
        )
    return document


def _number(document: Mapping[str, Any], name: str) -> int:
    value = document.get(name)
    # True and False are integers to Python.
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**64:
        raise InputError(f"{name} is no whole number")
    return value


def _address(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str) or _ADDRESS.fullmatch(value) is None:
        raise InputError(f"{name} is no address")
    return checksum(value.lower())


def _bytes(document: Mapping[str, Any], name: str) -> bytes:
    value = document.get(name)
    if not isinstance(value, str) or _BYTES.fullmatch(value) is None:
        raise InputError(f"{name} must be hexadecimal digits")
    return bytes.fromhex(value[2:])


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))
