"""What the contracts accept as parameters, so that a mistake is named before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

__all__ = ["BAND_BOUNDS", "PARAMETERS", "problems_of"]

_DAY = 86_400
_UINT32 = 2**32 - 1
_UINT40 = 2**40 - 1
_UINT64 = 2**64 - 1
_UINT104 = 2**104 - 1
# A price with the highest factor fits 32 bits.
_PRICE = 600_000_000
_CEILINGS = {
    "buyPrice": "maxBuy",
    "networkFee": "maxNetworkFee",
    "protocolFee": "maxProtocolFee",
    "creditValue": "feedIn",
}
_TOKENS = (2**208 - 1) // 10**18  # that votes can be counted of


@dataclass(frozen=True, slots=True)
class _Range:
    min: int
    max: int
    unit: str


BAND_BOUNDS = (
    *("NormalLow", "NormalHigh", "AlertLow", "AlertHigh", "EmergencyLow", "EmergencyHigh"),
)
_LEVELS = ("Emergency", "Alert", "Normal")
# The order is that of the YAML files.
PARAMETERS: Mapping[str, _Range] = {
    "slotLength": _Range(900, 3600, "s"),
    "grace": _Range(1, _DAY, "s"),
    "challengeSeconds": _Range(0, 7 * _DAY, "s"),
    "deadlineSeconds": _Range(1, 7 * _DAY, "s"),
    "outflowWindow": _Range(1, _UINT40, "s"),
    "withdrawalDelay": _Range(0, 30 * _DAY, "s"),
    "roleDelay": _Range(1, 30 * _DAY, "s"),
    "allowance": _Range(0, _UINT64, "money"),
    "allowanceCap": _Range(0, _UINT64, "money"),
    "securityPerKw": _Range(1, _UINT32, "money"),
    "maxRatedPower": _Range(1, 2**31 - 1, "W"),
    "maxBuy": _Range(1, _PRICE, "money per kWh"),
    "maxNetworkFee": _Range(0, _PRICE, "money per kWh"),
    "maxProtocolFee": _Range(0, _PRICE, "money per kWh"),
    "orderBurst": _Range(1, _UINT32, "orders"),
    "orderRefill": _Range(1, _DAY, "s"),
    "minReadingInterval": _Range(1, 3600, "s"),
    "nominalFrequency": _Range(5_000, 6_000, "centihertz"),
    **{f"frequency{bound}": _Range(4_500, 6_600, "centihertz") for bound in BAND_BOUNDS},
    "nominalVoltage": _Range(1, 10_922, "decivolts"),
    **{f"voltage{bound}": _Range(50, 150, "percent") for bound in BAND_BOUNDS},
    "actionLifetime": _Range(1, 30 * _DAY, "s"),
    "verificationTime": _Range(1, 30 * _DAY, "s"),
    "minReduction": _Range(1, _UINT32, "W"),
    "baselineDays": _Range(2, 10, "days"),
    "baselineKnown": _Range(2, 10, "days"),
    "noiseFactor": _Range(1, 1_000, "percent"),
    "oracleMaxAge": _Range(60, _DAY, "s"),
    "priceDeviationBps": _Range(1, 10_000, "basis points"),
    "governanceCap": _Range(1, _TOKENS, "tokens"),
    "oracleQuorum": _Range(2, 31, "reporters"),
    "timelockDelay": _Range(60, 30 * _DAY, "s"),
    "votingDelay": _Range(1, 30 * _DAY, "s"),
    "votingPeriod": _Range(60, 30 * _DAY, "s"),
    "voteExtension": _Range(1, 30 * _DAY, "s"),
    "proposalThreshold": _Range(1, _TOKENS, "tokens"),
    "quorumPercent": _Range(1, 100, "percent"),
    "buyPrice": _Range(1, _PRICE, "money per kWh"),
    "feedIn": _Range(0, _PRICE, "money per kWh"),
    "networkFee": _Range(0, _PRICE, "money per kWh"),
    "protocolFee": _Range(0, _PRICE, "money per kWh"),
    "maxFactor": _Range(10_000, 65_535, "basis points"),
    "creditValue": _Range(0, _PRICE, "money per kWh"),
    "theta": _Range(0, 10_000, "basis points"),
    "outflowLimit": _Range(0, _UINT104, "money"),
    "emissionFactor": _Range(0, 2_000, "g CO2e per kWh"),
}


def problems_of(parameters: Mapping[str, object]) -> Iterator[str]:
    """What is wrong with a network's parameters, one line for each."""
    values: dict[str, int] = {}
    for name, bounds in PARAMETERS.items():
        value = parameters.get(name)
        if value is None:
            yield f"parameters.{name} is missing"
        elif not isinstance(value, int) or isinstance(value, bool):
            yield f"parameters.{name} must be a whole number ({bounds.unit}), not {value!r}"
        elif not bounds.min <= value <= bounds.max:
            yield (
                f"parameters.{name} must be from {bounds.min} to {bounds.max} {bounds.unit}, "
                f"not {value}"
            )
        else:
            values[name] = value
    for name in parameters:
        if name not in PARAMETERS:
            yield f"parameters.{name} is not known"
    yield from _contradictions(values)


def _contradictions(values: Mapping[str, int]) -> Iterator[str]:
    """What the contracts refuse of values that are each within their range."""
    slot = values.get("slotLength")
    if slot is not None and slot not in (900, 3600):
        yield f"parameters.slotLength must be 900 or 3600 s, not {slot}"
    interval = values.get("minReadingInterval")
    if slot is not None and interval is not None and interval > slot:
        yield f"parameters.minReadingInterval ({interval} s) is longer than a slot ({slot} s)"
    for name, ceiling in _CEILINGS.items():
        value, highest = values.get(name), values.get(ceiling)
        if value is not None and highest is not None and value > highest:
            yield f"parameters.{name} ({value}) is above {ceiling} ({highest})"
    if {"buyPrice", "feedIn", "networkFee"} <= values.keys():
        highest = values["buyPrice"] - values["networkFee"]
        if values["feedIn"] > highest:
            yield (
                f"parameters.feedIn ({values['feedIn']}) is above buyPrice less networkFee "
                f"({highest})"
            )
    challenge, deadline = values.get("challengeSeconds"), values.get("deadlineSeconds")
    if challenge is not None and deadline is not None and deadline <= challenge:
        yield (
            f"parameters.deadlineSeconds ({deadline} s) is not above challengeSeconds "
            f"({challenge} s)"
        )
    leaving, delay = values.get("withdrawalDelay"), values.get("roleDelay")
    if leaving is not None and delay is not None and delay <= leaving:
        yield (
            f"parameters.roleDelay ({delay} s) is not above withdrawalDelay ({leaving} s): nobody"
            " could leave before the treasury is paid"
        )
    extension, period = values.get("voteExtension"), values.get("votingPeriod")
    if extension is not None and period is not None and extension > period:
        yield f"parameters.voteExtension ({extension} s) is above votingPeriod ({period} s)"
    days, known = values.get("baselineDays"), values.get("baselineKnown")
    if days is not None and known is not None and known > days:
        yield f"parameters.baselineKnown ({known}) is above baselineDays ({days})"
    if {"nominalFrequency", *_band("frequency")} <= values.keys():
        yield from _narrow(values, "frequency", values["nominalFrequency"], 1, 10)
    if values.keys() >= {*_band("voltage")}:
        yield from _narrow(values, "voltage", 100, 50, 100)


def _band(quantity: str) -> list[str]:
    return [f"{quantity}{bound}" for bound in BAND_BOUNDS]


def _narrow(
    values: Mapping[str, int], quantity: str, nominal: int, normal: int, emergency: int
) -> Iterator[str]:
    """Bounds from the lowest to the highest; reaches in thousandths of the nominal value."""
    lowest, alert_low, low = (values[f"{quantity}{each}Low"] for each in _LEVELS)
    highest, alert_high, high = (values[f"{quantity}{each}High"] for each in _LEVELS)
    if not (lowest <= alert_low <= low <= nominal <= high <= alert_high <= highest):
        yield f"parameters.{quantity}NormalLow to {quantity}EmergencyHigh do not enclose each other"
    for each, reach in (("Normal", normal), ("Emergency", emergency)):
        below, above = values[f"{quantity}{each}Low"], values[f"{quantity}{each}High"]
        least, most = nominal * (1_000 - reach), nominal * (1_000 + reach)
        if below * 1_000 > least or above * 1_000 < most:
            yield (
                f"parameters.{quantity}{each}Low and High are narrower than"
                f" {least // 1_000} to {-(-most // 1_000)}"
            )
