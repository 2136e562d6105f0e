"""EIP-712 signatures: readings, registrations and keys of meters, consents, and signed orders.

A signature belongs to one `Domain`: it is worthless on another chain or for another contract.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from energy_grid.chain.accounts import Account, Signature, recover
from energy_grid.chain.contract import to_bytes32
from energy_grid.contracts.erc2771_forwarder import ForwardRequestData
from energy_grid.contracts.smart_meter import Exchange, MeterReading, Registration, SignedReading
from energy_grid.domain.hashing import keccak
from energy_grid.domain.orders import OrderTerms
from energy_grid.domain.signed_orders import (
    SignedOrder,
    check_order,
    compact,
    order_hash,
)
from energy_grid.domain.typed_data import Domain, digest, wallet_document
from energy_grid.errors import InputError

if TYPE_CHECKING:
    from energy_grid.contracts.communities import Communities
    from energy_grid.contracts.energy_trading import EnergyTrading
    from energy_grid.contracts.erc20_permit import ERC20Permit
    from energy_grid.contracts.erc2771_forwarder import ERC2771Forwarder

__all__ = [
    "Domain",
    "Rotation",
    "domain_of",
    "meter_domain",
    "order_signer",
    "reading_signer",
    "registration_digest",
    "registration_document",
    "request_signer",
    "request_typed_data",
    "sign_exchange",
    "sign_join",
    "sign_order",
    "sign_reading",
    "sign_registration",
    "sign_request",
    "sign_rotation",
    "sign_skipped_readings",
]

_READING = (
    "MeterReading(address meter,uint256 timestamp,uint256 consumption,uint256 production,"
    "uint256 gridFrequency,uint256 voltage)"
)
_REGISTRATION = (
    "MeterRegistration(address meter,address account,bytes32 region,uint256 ratedPower,"
    "bool settlement,uint256 consumption,uint256 production,uint256 deadline)"
)
_EXCHANGE = (
    "MeterExchange(address meter,address newKey,uint256 ratedPower,uint256 finalConsumption,"
    "uint256 finalProduction,uint256 consumption,uint256 production,uint256 deadline)"
)
_SKIPPED = "SkippedReadings(address meter,uint256 timestamp,uint256 deadline)"
_JOIN = (
    "JoinCommunity(address account,uint256 community,address gateway,uint256 nonce,"
    "uint256 deadline)"
)
_REQUEST = (
    "ForwardRequest(address from,address to,uint256 value,uint256 gas,uint256 nonce,"
    "uint48 deadline,bytes data)"
)
_ROTATION = "MeterKeyRotation(address meter,address newKey)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """Another key of the same device; both are addresses."""

    meter: str
    new_key: str


def domain_of(contract: ERC20Permit | EnergyTrading | Communities | ERC2771Forwarder) -> Domain:
    """The domain that a contract itself names (EIP-5267)."""
    found = contract.eip712_domain()
    return Domain(
        name=found.name,
        version=found.version,
        chain_id=found.chain_id,
        verifying_contract=found.verifying_contract,
    )


def meter_domain(chain_id: int, smart_meter: str) -> Domain:
    """The domain of everything that a meter's key signs."""
    return Domain(
        name="EnergyGrid SmartMeter",
        version="1",
        chain_id=chain_id,
        verifying_contract=smart_meter,
    )


def sign_reading(meter: Account, reading: MeterReading, domain: Domain) -> SignedReading:
    """A reading with the compact signature of its meter's key."""
    signature = meter.sign(_reading_digest(meter.address, reading, domain))
    r, vs = signature.compact
    return SignedReading(meter=meter.address, reading=reading, r=r, vs=vs)


def reading_signer(signed: SignedReading, domain: Domain) -> str:
    """Who signed a reading; it is authentic if that is its meter.

    Raises:
        InputError: no key can have made the signature.
    """
    signature = Signature.from_compact(signed.r, signed.vs)
    return recover(_reading_digest(signed.meter, signed.reading, domain), signature)


def sign_registration(signer: Account, registration: Registration, domain: Domain) -> bytes:
    """65 bytes by the meter's key, or by the account's holder: that the meter is the account's."""
    return signer.sign(registration_digest(registration, domain)).long


def registration_digest(registration: Registration, domain: Domain) -> bytes:
    """The hash that `sign_registration` signs."""
    words = (
        registration.meter,
        registration.account,
        to_bytes32(registration.region),
        registration.rated_power,
        int(registration.settlement),
        registration.consumption,
        registration.production,
        registration.deadline,
    )
    return digest(_REGISTRATION, words, domain)


def registration_document(registration: Registration, domain: Domain) -> dict[str, Any]:
    """What `sign_registration` signs, as the JSON that wallets take (``eth_signTypedData_v4``)."""
    message = {
        "meter": registration.meter,
        "account": registration.account,
        "region": f"0x{to_bytes32(registration.region).hex()}",
        "ratedPower": registration.rated_power,
        "settlement": registration.settlement,
        "consumption": registration.consumption,
        "production": registration.production,
        "deadline": registration.deadline,
    }
    return wallet_document(_REGISTRATION, message, domain)


def sign_exchange(signer: Account, exchange: Exchange, domain: Domain) -> bytes:
    """65 bytes by the new device's key, the old one's, or the account's holder."""
    words = (
        exchange.meter,
        exchange.new_key,
        exchange.rated_power,
        exchange.final_consumption,
        exchange.final_production,
        exchange.consumption,
        exchange.production,
        exchange.deadline,
    )
    return signer.sign(digest(_EXCHANGE, words, domain)).long


def sign_skipped_readings(
    holder: Account, meter: str, timestamp: int, deadline: int, domain: Domain
) -> bytes:
    """65 bytes by an account's holder: that a boundary reading may skip earlier ones."""
    return holder.sign(digest(_SKIPPED, (meter, timestamp, deadline), domain)).long


def sign_join(
    holder: Account, community: int, gateway: str, nonce: int, deadline: int, domain: Domain
) -> bytes:
    """65 bytes by an account's holder: that it joins a community, whose meters the gateway reads.

    Args:
        gateway: the zero address where no gateway does.
    """
    words = (holder.address, community, gateway, nonce, deadline)
    return holder.sign(digest(_JOIN, words, domain)).long


def sign_rotation(signer: Account, rotation: Rotation, domain: Domain) -> bytes:
    """65 bytes by a meter's new key, its present one, or the account's holder."""
    return signer.sign(digest(_ROTATION, (rotation.meter, rotation.new_key), domain)).long


def sign_request(
    holder: Account,
    call: tuple[str, bytes],
    gas: int,
    nonce: int,
    deadline: int,
    domain: Domain,
) -> ForwardRequestData:
    """A call (contract, data) that anybody can send to the forwarder in an account's name."""
    to, data = call
    request = ForwardRequestData(
        from_=holder.address,
        to=to,
        value=0,
        gas=gas,
        deadline=deadline,
        data=data,
        signature=b"",
    )
    signature = holder.sign(_request_digest(request, nonce, domain)).long
    return replace(request, signature=signature)


def request_signer(request: ForwardRequestData, nonce: int, domain: Domain) -> str:
    """Whose key signed a request; the forwarder takes it if that is its account's.

    Raises:
        InputError: no key can have.
    """
    signature = Signature.from_compact(*compact(request.signature))
    return recover(_request_digest(request, nonce, domain), signature)


def request_typed_data(request: ForwardRequestData, nonce: int, domain: Domain) -> dict[str, Any]:
    """What `sign_request` signs, as the JSON that wallets take (``eth_signTypedData_v4``)."""
    message = {
        "from": request.from_,
        "to": request.to,
        "value": request.value,
        "gas": request.gas,
        "nonce": nonce,
        "deadline": request.deadline,
        "data": f"0x{request.data.hex()}",
    }
    return wallet_document(_REQUEST, message, domain)


def sign_order(trader: Account, terms: OrderTerms, nonce: int, domain: Domain) -> SignedOrder:
    """An order with the signature of its trader's key.

    Raises:
        DomainError: the chain has no room for a number of it.
        InputError: the key is not the trader's.
    """
    check_order(terms, nonce)
    if trader.address != terms.trader:
        raise InputError(f"the order is of {terms.trader}, not of {trader.address}")
    signature = trader.sign(order_hash(terms, nonce, domain)).long
    return SignedOrder(terms=terms, nonce=nonce, signature=signature)


def order_signer(order: SignedOrder, domain: Domain) -> str:
    """Whose key signed an order; it is authentic if that is its trader's.

    Only a contract wallet itself can confirm its orders (`contract_wallets.is_confirmed`).

    Raises:
        InputError: no key can have; `MalformedOrderError` if it is not a signature.
    """
    signature = Signature.from_compact(*compact(order.signature))
    return recover(order_hash(order.terms, order.nonce, domain), signature)


def _request_digest(request: ForwardRequestData, nonce: int, domain: Domain) -> bytes:
    words = (
        request.from_,
        request.to,
        request.value,
        request.gas,
        nonce,
        request.deadline,
        keccak(request.data),
    )
    return digest(_REQUEST, words, domain)


def _reading_digest(meter: str, reading: MeterReading, domain: Domain) -> bytes:
    words = (
        meter,
        reading.timestamp,
        reading.consumption,
        reading.production,
        reading.grid_frequency,
        reading.voltage,
    )
    return digest(_READING, words, domain)
