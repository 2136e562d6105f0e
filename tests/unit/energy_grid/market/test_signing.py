"""EIP-712 signatures, compared with eth-account's general encoder."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from eth_account import Account as Reference
from eth_account.messages import encode_typed_data
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.chain.accounts import Account
from energy_grid.chain.contract import to_bytes32
from energy_grid.chain.signing import sign_permit
from energy_grid.contracts.smart_meter import Exchange, MeterReading, Registration
from energy_grid.domain.orders import OrderTerms, OrderType
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.domain.signed_orders import (
    MalformedOrderError,
    SignedOrder,
    compact,
    trading_domain,
    typed_data,
)
from energy_grid.errors import DomainError, InputError
from energy_grid.market.signing import (
    Domain,
    Rotation,
    meter_domain,
    order_signer,
    reading_signer,
    sign_exchange,
    sign_join,
    sign_order,
    sign_reading,
    sign_registration,
    sign_request,
    sign_rotation,
    sign_skipped_readings,
)

KEY = b"\7" * 32
METER, OTHER = Account(KEY), Account(b"\6" * 32)
DOMAIN = meter_domain(31337, "0x" + "11" * 20)
READING = MeterReading(
    timestamp=1_704_070_800, consumption=250, production=1000, grid_frequency=5001, voltage=2301
)
TRADING = trading_domain(31337, "0x" + "33" * 20)
TERMS = OrderTerms(
    trader=METER.address,
    order_type=OrderType.BUY,
    amount=1500,
    price=250_000,
    expiry=1_704_074_399,
    period=Period(kind=PeriodKind.HOURLY, start=1_704_070_800),
)
word = st.integers(0, 2**256 - 1)


def _reference(domain: Domain, name: str, types: list[tuple[str, str]], *values: Any) -> bytes:
    """65 bytes by the meter's key."""
    message = encode_typed_data(
        {
            "name": domain.name,
            "version": domain.version,
            "chainId": domain.chain_id,
            "verifyingContract": domain.verifying_contract,
        },
        {name: [{"name": field, "type": kind} for kind, field in types]},
        {field: value for (_, field), value in zip(types, values, strict=True)},
    )
    return bytes(Reference.from_key(KEY).sign_message(message).signature)


@given(st.tuples(word, word, word, word, word))
def test_reading__as_the_reference_signs_it(values: tuple[int, int, int, int, int]) -> None:
    reading = MeterReading(
        timestamp=values[0],
        consumption=values[1],
        production=values[2],
        grid_frequency=values[3],
        voltage=values[4],
    )
    signed = sign_reading(METER, reading, DOMAIN)
    fields = ["timestamp", "consumption", "production", "gridFrequency", "voltage"]
    types = [("address", "meter"), *(("uint256", field) for field in fields)]
    expected = _reference(DOMAIN, "MeterReading", types, METER.address, *values)
    parity = (expected[64] - 27) << 255
    assert signed.r == expected[:32]
    assert int.from_bytes(signed.vs, "big") == parity | int.from_bytes(expected[32:64], "big")
    assert reading_signer(signed, DOMAIN) == METER.address


def test_reading__for_something_else__is_not_the_meter_s() -> None:
    signed = sign_reading(METER, READING, DOMAIN)
    for domain in (
        replace(DOMAIN, chain_id=1),
        replace(DOMAIN, verifying_contract="0x" + "12" * 20),
        replace(DOMAIN, name="Another"),
        replace(DOMAIN, version="2"),
    ):
        assert reading_signer(signed, domain) != METER.address
    for field in ("timestamp", "consumption", "production", "grid_frequency", "voltage"):
        changed = replace(READING, **{field: getattr(READING, field) + 1})
        assert reading_signer(replace(signed, reading=changed), DOMAIN) != METER.address
    assert reading_signer(replace(signed, meter=OTHER.address), DOMAIN) != METER.address


def test_reading__signature_of_nobody__is_refused() -> None:
    signed = replace(sign_reading(METER, READING, DOMAIN), r=bytes(32))
    with pytest.raises(InputError, match="no key can have signed this"):
        reading_signer(signed, DOMAIN)


@pytest.mark.parametrize("production", [-1, 2**256])
def test_reading__that_fits_no_word__is_refused(production: int) -> None:
    with pytest.raises(InputError, match="does not fit 256 bits"):
        sign_reading(METER, replace(READING, production=production), DOMAIN)


def test_registration__as_the_reference_signs_it() -> None:
    terms = Registration(
        meter=OTHER.address,
        account=METER.address,
        region="village",
        rated_power=10_000,
        settlement=True,
        consumption=5,
        production=7,
        deadline=1_704_070_800,
    )
    numbers = [("uint256", each) for each in ("consumption", "production", "deadline")]
    types = [
        ("address", "meter"),
        ("address", "account"),
        ("bytes32", "region"),
        ("uint256", "ratedPower"),
        ("bool", "settlement"),
        *numbers,
    ]
    values = (OTHER.address, METER.address, to_bytes32("village"), 10_000, True, 5, 7)
    expected = _reference(DOMAIN, "MeterRegistration", types, *values, 1_704_070_800)
    assert sign_registration(METER, terms, DOMAIN) == expected


def test_exchange__as_the_reference_signs_it() -> None:
    terms = Exchange(
        meter=OTHER.address,
        new_key=METER.address,
        rated_power=10_000,
        final_consumption=1,
        final_production=2,
        consumption=3,
        production=4,
        deadline=5,
    )
    names = ("ratedPower", "finalConsumption", "finalProduction", "consumption", "production")
    types = [("address", "meter"), ("address", "newKey")]
    types += [("uint256", each) for each in (*names, "deadline")]
    values = (OTHER.address, METER.address, 10_000, 1, 2, 3, 4, 5)
    expected = _reference(DOMAIN, "MeterExchange", types, *values)
    assert sign_exchange(METER, terms, DOMAIN) == expected


def test_skipped_readings__as_the_reference_signs_it() -> None:
    types = [("address", "meter"), ("uint256", "timestamp"), ("uint256", "deadline")]
    expected = _reference(DOMAIN, "SkippedReadings", types, OTHER.address, 900, 1800)
    assert sign_skipped_readings(METER, OTHER.address, 900, 1800, DOMAIN) == expected


def test_join__as_the_reference_signs_it() -> None:
    domain = replace(DOMAIN, name="EnergyGrid Communities")
    types = [("address", "account"), ("uint256", "community"), ("address", "gateway")]
    types += [("uint256", each) for each in ("nonce", "deadline")]
    values = METER.address, 3, OTHER.address, 1, 900
    expected = _reference(domain, "JoinCommunity", types, *values)
    assert sign_join(METER, 3, OTHER.address, 1, 900, domain) == expected


def test_request__as_the_reference_signs_it() -> None:
    domain = replace(DOMAIN, name="EnergyGrid Forwarder")
    types = [("address", "from"), ("address", "to"), ("uint256", "value"), ("uint256", "gas")]
    types += [("uint256", "nonce"), ("uint48", "deadline"), ("bytes", "data")]
    values = (METER.address, OTHER.address, 0, 50_000, 3, 900, b"\1\2\3\4")
    expected = _reference(domain, "ForwardRequest", types, *values)
    made = sign_request(METER, (OTHER.address, b"\1\2\3\4"), 50_000, 3, 900, domain)
    assert made.signature == expected
    assert (made.from_, made.to, made.value, made.gas) == values[:4]
    assert (made.deadline, made.data) == (900, b"\1\2\3\4")


def test_rotation__as_the_reference_signs_it() -> None:
    types = [("address", "meter"), ("address", "newKey")]
    expected = _reference(DOMAIN, "MeterKeyRotation", types, OTHER.address, METER.address)
    rotation = Rotation(meter=OTHER.address, new_key=METER.address)
    assert sign_rotation(METER, rotation, DOMAIN) == expected


def test_permit__as_the_reference_signs_it() -> None:
    domain = Domain(
        name="Test Dollar", version="1", chain_id=31337, verifying_contract="0x" + "22" * 20
    )
    fields = [("uint256", field) for field in ("value", "nonce", "deadline")]
    types = [("address", "owner"), ("address", "spender"), *fields]
    values = (METER.address, OTHER.address, 50_000_000, 3, 2**256 - 1)
    expected = _reference(domain, "Permit", types, *values)
    assert sign_permit(METER, *values[1:], domain).long == expected


@given(
    side=st.sampled_from(OrderType),
    kind=st.sampled_from(PeriodKind),
    amount=st.integers(1, 2**31 - 1),
    price=st.integers(0, 2**32 - 1),
    expiry=word,
    nonce=st.integers(0, 2**40 - 1),
)
def test_order__as_the_reference_signs_it(
    side: OrderType, kind: PeriodKind, amount: int, price: int, expiry: int, nonce: int
) -> None:
    period = Period.current(kind, 1_704_070_800)
    terms = replace(
        TERMS, order_type=side, amount=amount, price=price, expiry=expiry, period=period
    )
    message = encode_typed_data(full_message=typed_data(terms, nonce, TRADING))
    expected = bytes(Reference.from_key(KEY).sign_message(message).signature)
    order = sign_order(METER, terms, nonce, TRADING)
    assert order == SignedOrder(terms=terms, nonce=nonce, signature=expected)
    assert order_signer(order, TRADING) == METER.address
    short = replace(order, signature=b"".join(compact(expected)))
    assert order_signer(short, TRADING) == METER.address


def test_order__for_something_else__is_not_its_trader_s() -> None:
    order = sign_order(METER, TERMS, 7, TRADING)
    for domain in (
        replace(TRADING, chain_id=1),
        replace(TRADING, verifying_contract="0x" + "34" * 20),
        replace(TRADING, name="EnergyGrid SmartMeter"),
        replace(TRADING, version="2"),
    ):
        assert order_signer(order, domain) != METER.address
    for changed in (
        replace(TERMS, trader=OTHER.address),
        replace(TERMS, order_type=OrderType.SELL),
        replace(TERMS, amount=1501),
        replace(TERMS, price=250_001),
        replace(TERMS, expiry=TERMS.expiry + 1),
        replace(TERMS, period=Period(kind=PeriodKind.HOURLY, start=1_704_074_400)),
        replace(TERMS, period=Period(kind=PeriodKind.QUARTER_HOURLY, start=1_704_070_800)),
    ):
        assert order_signer(replace(order, terms=changed), TRADING) != METER.address
    assert order_signer(replace(order, nonce=8), TRADING) != METER.address


@given(bit=st.integers(0, 519))
def test_order__flipped_bit_of_the_signature__is_somebody_else_s_or_nobody_s(bit: int) -> None:
    order = sign_order(METER, TERMS, 7, TRADING)
    forged = int.from_bytes(order.signature, "big") ^ 1 << bit
    try:
        signer = order_signer(replace(order, signature=forged.to_bytes(65, "big")), TRADING)
    except InputError:
        signer = ""
    assert signer != METER.address


def test_order__that_is_no_signature__is_refused() -> None:
    order = sign_order(METER, TERMS, 7, TRADING)
    with pytest.raises(MalformedOrderError, match="64 or 65 bytes"):
        order_signer(replace(order, signature=b""), TRADING)
    # An x with no point on the curve.
    nobody = (5).to_bytes(32, "big") + order.signature[32:]
    with pytest.raises(InputError, match="no key can have signed this"):
        order_signer(replace(order, signature=nobody), TRADING)


def test_sign_order__of_another_trader_or_out_of_range__is_refused() -> None:
    with pytest.raises(
        InputError, match=f"the order is of {METER.address}, not of {OTHER.address}"
    ):
        sign_order(OTHER, TERMS, 0, TRADING)
    with pytest.raises(DomainError, match="the energy in Wh must be from 1 to"):
        sign_order(METER, replace(TERMS, amount=0), 0, TRADING)
    with pytest.raises(DomainError, match="the nonce must be from 0 to"):
        sign_order(METER, TERMS, 2**40, TRADING)
