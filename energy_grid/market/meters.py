"""Meters: registrations, exchanges, readings, and the consent of account holders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from energy_grid.chain.accounts import Account
from energy_grid.chain.contract import Call
from energy_grid.chain.tx.multisig import Actor
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.contracts import events
from energy_grid.contracts.smart_meter import Exchange, MeterReading, Registration, SignedReading
from energy_grid.domain.quantities import Power, whole
from energy_grid.market.plan import Plan, Step
from energy_grid.market.session import Market
from energy_grid.market.signing import (
    Rotation,
    sign_exchange,
    sign_reading,
    sign_registration,
    sign_rotation,
    sign_skipped_readings,
)

__all__ = ["MeterDraft", "Meters"]

# Of one transaction: within the gas that any chain gives to one.
_READINGS_AT_ONCE = 100
_WEEK_SECONDS = 7 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterDraft:
    """A registration, an exchange or a rotation on its way from the device over the holder to the
    registrar.

    Attributes:
        proof: 65 bytes by the (new) key of the (new) device.
        consent: 65 bytes by the account's holder, or empty where the holder agrees by a call.
    """

    terms: Registration | Exchange | Rotation
    proof: bytes
    consent: bytes = b""


class Meters(Market):
    """Readings are cumulative registers in Wh. A reading at a slot's end is a boundary reading: two
    neighbouring ones give the energy of the slot between them."""

    def draft_registration(
        self,
        meter: Account,
        owner: str,
        *,
        region: str,
        rated_power: int,
        settlement: bool = True,
        consumption: int = 0,
        production: int = 0,
        deadline: int | None = None,
    ) -> MeterDraft:
        """A registration that its meter has signed; the owner's consent is missing.

        Args:
            rated_power: ``Power.kw("4.2")``, or W: the largest power in either direction.
            settlement: whether the account is billed by it; otherwise it is a sub-meter.
            consumption, production: the registers now, in Wh.
            deadline: until when it can be registered; a week by default.

        Raises:
            MixedUnitsError: the power is another quantity.
        """
        terms = Registration(
            meter=meter.address,
            account=owner,
            region=region,
            rated_power=whole("rated_power", rated_power, Power),
            settlement=settlement,
            consumption=consumption,
            production=production,
            deadline=self._until(deadline),
        )
        return MeterDraft(terms=terms, proof=sign_registration(meter, terms, self.meter_domain))

    def draft_exchange(
        self,
        meter: str,
        new_device: Account,
        *,
        final: tuple[int, int],
        initial: tuple[int, int] = (0, 0),
        rated_power: int | None = None,
        deadline: int | None = None,
    ) -> MeterDraft:
        """Another device in a meter's place, signed by the new device.

        Args:
            final, initial: the registers (import, export) at which the old device ends and the new
                one starts, in Wh.
            rated_power: in W; by default that of the old device.
        """
        if rated_power is None:
            rated_power = self.meters.get_meter(meter).rated_power
        terms = Exchange(
            meter=meter,
            new_key=new_device.address,
            rated_power=whole("rated_power", rated_power, Power),
            final_consumption=final[0],
            final_production=final[1],
            consumption=initial[0],
            production=initial[1],
            deadline=self._until(deadline),
        )
        return MeterDraft(terms=terms, proof=sign_exchange(new_device, terms, self.meter_domain))

    def draft_rotation(self, meter: str, new_key: Account) -> MeterDraft:
        """Another key of the same device, signed by the new key."""
        terms = Rotation(meter=meter, new_key=new_key.address)
        return MeterDraft(terms=terms, proof=sign_rotation(new_key, terms, self.meter_domain))

    def sign_consent(self, signer: Account, draft: MeterDraft) -> MeterDraft:
        """The same draft, to which the account's holder has agreed (to an exchange or a rotation,
        the old key can too)."""
        match draft.terms:
            case Registration():
                consent = sign_registration(signer, draft.terms, self.meter_domain)
            case Exchange():
                consent = sign_exchange(signer, draft.terms, self.meter_domain)
            case Rotation():
                consent = sign_rotation(signer, draft.terms, self.meter_domain)
        return replace(draft, consent=consent)

    def consent_to_meter(
        self, holder: Actor | str, draft: MeterDraft
    ) -> Plan[events.SmartMeter_MeterConsented]:
        """Agree to a draft by a call, as its account's holder: for a Safe, and other contracts."""
        match draft.terms:
            case Registration():
                call = self.meters.consent_to_meter(draft.terms)
            case Exchange():
                call = self.meters.consent_to_exchange(draft.terms)
            case Rotation(meter=meter, new_key=new_key):
                call = self.meters.consent_to_rotation(meter, new_key)
        return self._emitted(holder, self.meters, events.SmartMeter_MeterConsented, call)

    def complete_draft(self, registrar: Actor | str, draft: MeterDraft) -> Plan[int]:
        """Register or exchange a meter, or its key, as a draft with consent says; gives the
        meter's number."""
        kind: type[
            events.SmartMeter_MeterRegistered
            | events.SmartMeter_MeterExchanged
            | events.SmartMeter_MeterKeyRotated
        ]
        match draft.terms:
            case Registration():
                kind = events.SmartMeter_MeterRegistered
            case Exchange():
                kind = events.SmartMeter_MeterExchanged
            case Rotation():
                kind = events.SmartMeter_MeterKeyRotated
        made = self._emitted(registrar, self.meters, kind, self.prepare_draft(draft))
        return made.then(lambda event: event.number)

    def prepare_draft(self, draft: MeterDraft) -> Call:
        """The call of `complete_draft`, for those who send many at once."""
        signatures = (draft.proof, draft.consent)
        match draft.terms:
            case Registration():
                return self.meters.register_meter(draft.terms, *signatures)
            case Exchange():
                return self.meters.exchange_meter(draft.terms, *signatures)
            case Rotation(meter=meter, new_key=new_key):
                return self.meters.rotate_meter_key(meter, new_key, *signatures)

    def register_meter(
        self,
        registrar: Actor | str,
        meter: Account,
        holder: Account | str,
        *,
        region: str,
        rated_power: int,
        settlement: bool = True,
        consumption: int = 0,
        production: int = 0,
    ) -> Plan[int]:
        """Register a meter for an account; gives the meter's number.

        A settlement meter takes its security deposit from the account's free money.

        Args:
            holder: signs the consent here; of an address alone, one that has agreed by a call.
            rated_power: ``Power.kw("4.2")``, or W: the largest power in either direction.

        Raises:
            MixedUnitsError: the power is another quantity.
        """
        draft = self.draft_registration(
            meter,
            holder if isinstance(holder, str) else holder.address,
            region=region,
            rated_power=rated_power,
            settlement=settlement,
            consumption=consumption,
            production=production,
        )
        if not isinstance(holder, str):
            draft = self.sign_consent(holder, draft)
        return self.complete_draft(registrar, draft)

    def detach_meter(
        self, holder: Actor | str, meter: str
    ) -> Plan[events.SmartMeter_MeterDetached]:
        """End a meter of one's own with the running day; its readings until then still count."""
        kind = events.SmartMeter_MeterDetached
        return self._emitted(holder, self.meters, kind, self.meters.detach_meter(meter))

    def release_security(
        self, who: Actor | str, account: str
    ) -> Plan[events.Settlement_SecurityReleased]:
        """Free the security deposit of a meter that is gone, once all its days are closed; any
        account can."""
        call = self.settlement.release_security(account)
        return self._emitted(who, self.settlement, events.Settlement_SecurityReleased, call)

    def submit_reading(self, meter: Account, reading: MeterReading) -> Plan[list[Receipt]]:
        """Submit a reading as the meter itself, which pays for it."""
        return self.plan(meter, self.meters.submit_reading(reading))

    def sign_reading(self, meter: Account, reading: MeterReading) -> SignedReading:
        """A reading signed by its meter, which any account can submit."""
        return sign_reading(meter, reading, self.meter_domain)

    def submit_readings(
        self, who: Actor | str, readings: Sequence[SignedReading]
    ) -> Plan[list[Receipt]]:
        """Submit signed readings, each meter's in the order of their times."""
        ordered = sorted(readings, key=lambda each: each.reading.timestamp)
        steps = [
            Step(
                call=self.meters.submit_signed_readings(ordered[first : first + _READINGS_AT_ONCE]),
                needs_previous=first > 0,
            )
            for first in range(0, len(ordered), _READINGS_AT_ONCE)
        ]
        return self.plan(who, *steps)

    def submit_with_consent(
        self, who: Actor | str, reading: SignedReading, holder: Account | None = None
    ) -> Plan[list[Receipt]]:
        """Submit a boundary reading that skips earlier ones, whose slots are then charged at the
        dearest price among them.

        Args:
            holder: of the meter's account, who signs here; by default ``who`` is the holder.
        """
        deadline, consent = 0, b""
        if holder is not None:
            deadline = self._until(None)
            consent = sign_skipped_readings(
                holder, reading.meter, reading.reading.timestamp, deadline, self.meter_domain
            )
        return self.plan(who, self.meters.submit_with_consent(reading, deadline, consent))

    def _until(self, deadline: int | None) -> int:
        return self.node.time + _WEEK_SECONDS if deadline is None else deadline
