"""How a meter comes to an account: the device's key and the holder agree, the registrar decides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from energy_grid.client import Account, errors
from energy_grid.contracts.smart_meter import Registration
from energy_grid.domain.units import format_time
from energy_grid.market.signing import sign_registration
from scripts._walkthrough.houses import HOME, House
from scripts._walkthrough.stage import Stage
from scripts._walkthrough.tokens import NOBODY, dollars

__all__ = ["register", "tell_of_registration"]


def tell_of_registration(stage: Stage, prosumer: House) -> None:
    """What holds for all meters; the prosumer's is registered."""
    _what_is_fixed(stage)
    _refusals(stage, prosumer)
    _registered(stage, prosumer)
    _by_a_call(stage, prosumer)


def register(
    stage: Stage,
    device: Account,
    holder: Account,
    *,
    proof_of: Account | None = None,
    **changes: Any,
) -> tuple[Registration, bytes, bytes]:
    """A registration of 10 kW at home, the device's signature and the holder's.

    Args:
        proof_of: who signs for the device.
    """
    terms = Registration(
        meter=device.address,
        account=holder.address,
        region=HOME,
        rated_power=10_000,
        settlement=True,
        consumption=0,
        production=0,
        deadline=stage.now + 3600,
    )
    terms, domain = replace(terms, **changes), stage.market.meter_domain
    proof = sign_registration(proof_of or device, terms, domain)
    return terms, proof, sign_registration(holder, terms, domain)


def _what_is_fixed(stage: Stage) -> None:
    meters = stage.market.meters
    stage.chapter("What holds for every meter")
    stage.shows("seconds of a slot, at whose ends meters are read", meters.slot_length())
    stage.shows("seconds that other readings are at least apart", meters.min_interval())
    stage.shows("where nominal voltages are known", meters.bands())
    stage.shows("the largest connection, in W", meters.max_power())
    stage.shows("security per kW", dollars(meters.security_per_kw()))
    stage.shows("and of 10 kW", dollars(meters.security_for(10_000)))
    stage.shows("where the security is held", meters.settlement())
    stage.shows("where energy is counted", meters.energy())
    stage.shows("where regions are known", meters.tariffs())
    stage.shows("what everything that a meter signs is bound to", meters.call("eip712Domain"))
    forwarder = stage.market.contract("ERC2771Forwarder").address
    stage.shows("whether holders can call by a relay", meters.is_trusted_forwarder(forwarder))


def _refusals(stage: Stage, prosumer: House) -> None:
    meters = stage.market.meters
    device, holder, stranger = prosumer.meter, prosumer.holder, stage.person("a stranger")
    stage.chapter("The prosumer is to get a meter")
    stage.says("A meter is known by the address of its key, which never leaves the device. The")
    stage.says("device signs for whom, where and up to which power it counts; the holder agrees;")
    stage.says("the registrar's Safe brings both signatures in.")
    stage.shows("how much of it is known before", meters.get_meter(device.address))
    for what, error, changes in (
        ("no power at all", errors.SmartMeter_BadParameter, {"rated_power": 0}),
        ("120 kW", errors.SmartMeter_PowerAbove, {"rated_power": 120_000}),
        (
            "the zero address as its holder",
            errors.SmartMeter_ZeroAccount,
            {"account": NOBODY.address},
        ),
        (
            "registers that no meter has",
            errors.SmartMeter_RegisterTooLarge,
            {"consumption": 2**48},
        ),
        ("a time that is over", errors.SmartMeter_Expired, {"deadline": stage.now - 1}),
        ("a region without a tariff", errors.Tariffs_UnknownRegion, {"region": "nowhere"}),
    ):
        call = meters.register_meter(*register(stage, device, holder, **changes))
        stage.refuses(what, error, stage.safe, call)
    terms, proof, consent = register(stage, device, holder)
    stage.refuses(
        "a signature of another device",
        errors.SmartMeter_WrongSignature,
        stage.safe,
        meters.register_meter(*register(stage, device, holder, proof_of=stranger)),
        meter=device.address,
        signer=stranger.address,
    )
    stage.refuses(
        "no agreement of the holder's",
        errors.SmartMeter_NoConsent,
        stage.safe,
        meters.register_meter(terms, proof, b""),
        account=holder.address,
    )
    stage.refuses(
        "all as it should be, but no money for its security",
        errors.Settlement_InsufficientBalance,
        stage.safe,
        meters.register_meter(terms, proof, consent),
        available=0,
        needed=10_000_000,
    )


def _registered(stage: Stage, prosumer: House) -> None:
    meters = stage.market.meters
    stage.chapter("It is registered")
    prosumer.deposits("100")
    call = prosumer.registration(power=10_000)
    stage.does(
        "the prosumer's meter, home, 10 kW", stage.safe, call, "MeterRegistered", "SecurityTaken"
    )
    stage.refuses(
        "the same meter again",
        errors.SmartMeter_AlreadyRegistered,
        stage.safe,
        call,
        meter=prosumer.meter.address,
    )
    found = meters.get_meter(prosumer.meter.address)
    stage.check((found.number, found.account) == (1, prosumer.address), f"{found}")
    stage.shows("what is known of it now", found)
    stage.shows("meters there ever were", meters.meter_count())
    stage.shows("the key of meter 1", meters.meter_at(1))
    stage.shows("its readings start from here", meters.get_latest_reading(prosumer.meter.address))


def _by_a_call(stage: Stage, prosumer: House) -> None:
    meters, roof = stage.market.meters, stage.person("the meter of the roof")
    terms, proof, _ = register(stage, roof, prosumer.holder, settlement=False)
    stage.chapter("A sub-meter, to which the holder agrees by a call")
    stage.says("Meters behind the connection are history: for certificates, never for bills.")
    stage.refuses(
        "a stranger agrees",
        errors.SmartMeter_NotHolder,
        stage.person("a stranger"),
        meters.consent_to_meter(terms),
        meter=roof.address,
    )
    events = stage.does(
        "the prosumer agrees to a meter of its roof",
        prosumer.holder,
        meters.consent_to_meter(terms),
        "MeterConsented",
    )
    consented = meters.has_consented(prosumer.address, events[0]["struct_hash"])
    stage.check(consented, "the consent is not known")
    stage.shows("whether it has", consented)
    call = meters.register_meter(terms, proof, b"")
    stage.does("it is registered, without a security", stage.safe, call, "MeterRegistered")
    stage.shows("the prosumer's meters", meters.get_meters(prosumer.address))
    stage.shows("how many of them at home", meters.meters_in(prosumer.address, HOME))
    count, changed_at = meters.meter_set_of(prosumer.address)
    stage.shows("how many, and when that last changed", (count, format_time(changed_at)))
