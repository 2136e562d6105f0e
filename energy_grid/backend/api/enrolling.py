"""How households come into the market: invited, accepted, proven by the device, agreed, registered.

The registrar invites by a file with a line for each household. Who has the invitation's address
accepts with an account; the device then signs what is registered, and the account's holder agrees
to it. The chain checks both again. Nobody but the registrar sees more than the own invitation.
"""

from __future__ import annotations

import csv
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from http import HTTPStatus
from io import StringIO
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from energy_grid.api.models import DeviceProof, Enrolment
from energy_grid.api.values import time_of
from energy_grid.backend.api.calls import revert_text
from energy_grid.backend.api.problems import ProblemError
from energy_grid.backend.api.visit import Backend, not_found
from energy_grid.backend.store.enrolments import ENROLMENTS
from energy_grid.backend.store.events import table_of
from energy_grid.chain.abi import checksum
from energy_grid.chain.accounts import Signature, recover
from energy_grid.chain.contract_wallets import is_signed
from energy_grid.chain.multicall import ChainQuery, read_all
from energy_grid.chain.roles import Role
from energy_grid.chain.tx.unsigned import estimated_gas
from energy_grid.contracts.smart_meter import Registration
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.signed_orders import compact
from energy_grid.domain.units import format_watts, parse_decimal
from energy_grid.errors import ChainError, DomainError, InputError
from energy_grid.market.meters import MeterDraft
from energy_grid.market.signing import registration_digest, registration_document

__all__ = ["Enrolling"]

_COLUMNS, _OPTIONAL = ("name", "meter", "region", "power_kw"), ("sub_meter",)
_MOST_LINES, _LONGEST_NAME = 200, 100
_LONGEST_SECONDS = 30 * DAY_SECONDS
_WALLET_GAS = 300_000
_ADDRESS = re.compile("0x[0-9a-fA-F]{40}")
_YES, _NO = ("yes", "ja", "true", "1"), ("", "no", "nein", "false", "0")


class Enrolling:
    """The invitations of a market."""

    def __init__(self, backend: Backend) -> None:
        self._backend, self._market = backend, backend.market
        self._database = backend.database

    @cached_property
    def _most_power(self) -> int:
        return self._market.meters.max_power()

    @property
    def registrar(self) -> tuple[str, str] | None:
        """Name and address of the Safe that registers meters; None where accounts do."""
        access = self._market.access
        for name, safe in self._market.safes.items():
            if access.has_role(Role.METER_REGISTRAR, safe.address).is_member:
                return name, safe.address
        return None

    def is_registrar(self, account: str) -> bool:
        """Whether an account registers meters: it has the role, or is an owner of the Safe that
        has it."""
        market = self._market
        if market.access.has_role(Role.METER_REGISTRAR, account).is_member:
            return True
        return self.registrar is not None and market.safes[self.registrar[0]].is_owner(account)

    def require_registrar(self, account: str) -> None:
        """Pass if an account registers meters.

        Raises:
            ProblemError: it does not.
        """
        if not self.is_registrar(account):
            detail = f"{account} registers no meters"
            raise ProblemError(HTTPStatus.FORBIDDEN, "not-a-registrar", detail)

    def invite(self, text: str) -> list[Enrolment]:
        """Invite the households of a file.

        Raises:
            ProblemError: a line is wrong; nobody is invited then.
        """
        now = self._market.node.time
        rows = [
            {**each, "id": secrets.token_hex(16), "invited_at": now} for each in self._lines(text)
        ]
        if not rows:
            raise _wrong("csv", "there is no household in it: write a line for each")
        meters = self._market.meters
        queries = [ChainQuery(meters, "getMeter", (row["meter"],)) for row in rows]
        for row, (number, *_) in zip(rows, read_all(meters.node, queries), strict=True):
            if number:
                raise _wrong("csv", f"{row['meter']} is a meter of the market already")
        try:
            with self._database.writing() as connection:
                connection.execute(insert(ENROLMENTS), rows)
        except IntegrityError:
            detail = "a meter of it is invited already: withdraw that invitation first"
            raise ProblemError(HTTPStatus.CONFLICT, "not-possible", detail, field="csv") from None
        return [self.find(each["id"]) for each in rows]

    def all(self, sender: str) -> list[Enrolment]:
        """All households, each tried if its registration is the next step.

        Args:
            sender: who would register them, if the Safe does not.
        """
        with self._database.reading() as connection:
            wanted = select(ENROLMENTS).order_by(ENROLMENTS.c.invited_at, ENROLMENTS.c.name)
            rows = connection.execute(wanted).mappings().all()
        found = self._documents(rows)
        ready = [at for at, each in enumerate(found) if each.state == "AGREED"]
        calls = [self._market.prepare_draft(_draft(rows[at])) for at in ready]
        node, who = self._market.node, self.registrar[1] if self.registrar else sender
        for at, answer in zip(ready, estimated_gas(node, who, calls), strict=True):
            if isinstance(answer, ChainError):
                why = revert_text(self._market, answer)
                found[at] = found[at].model_copy(update={"reverts": why})
        return found

    def find(self, name: str) -> Enrolment:
        """A household, by its invitation.

        Raises:
            ProblemError: there is none.
        """
        (found,) = self._documents([self._row(name)])
        return found

    def shown(self, name: str, reader: str | None) -> Enrolment:
        """A household, as who has its invitation may see it.

        Raises:
            ProblemError: there is none, or it is in the market and the reader has no part in it.
        """
        found = self.find(name)
        is_done = found.state == "REGISTERED" and reader != found.account
        if is_done and (reader is None or not self.is_registrar(reader)):
            raise not_found("invitation")
        return found

    def of_account(self, account: str) -> list[tuple[Enrolment, int]]:
        """The households of an account, and when each was invited (Unix seconds)."""
        with self._database.reading() as connection:
            wanted = select(ENROLMENTS).where(ENROLMENTS.c.account == account)
            rows = connection.execute(wanted).mappings().all()
        times = [row["invited_at"] for row in rows]
        return list(zip(self._documents(rows), times, strict=True))

    def accept(self, name: str, account: str) -> Enrolment:
        """Let an account take an invitation.

        Raises:
            ProblemError: there is none, or another account has taken it.
        """
        table = ENROLMENTS.c
        free = (table.id == name) & table.account.is_(None)
        with self._database.writing() as connection:
            connection.execute(update(ENROLMENTS).where(free).values(account=account))
        found = self.find(name)
        if found.account != account:
            raise ProblemError(
                HTTPStatus.CONFLICT,
                "taken",
                f"the account {found.account} has accepted this invitation",
                next="if that is not yours, ask your operator for another one",
            )
        return found

    def prove(self, name: str, proof: DeviceProof) -> Enrolment:
        """Take in what the device has signed; what the holder has agreed to before is void if it
        was something else.

        Raises:
            ProblemError: nobody has accepted, the device is registered, or has not signed this.
        """
        row, now = self._open(name), self._market.node.time
        if row["account"] is None:
            raise _not_yet("nobody has accepted the invitation", "wait for its household")
        deadline = int(proof.deadline.timestamp())
        if not now < deadline <= now + _LONGEST_SECONDS:
            raise _wrong("deadline", "it must be ahead, within 30 days")
        signature = bytes.fromhex(proof.proof[2:])
        values = {
            "imported": proof.import_wh,
            "exported": proof.export_wh,
            "deadline": deadline,
            "proof": signature,
        }
        terms = _terms({**row, **values})
        digest = registration_digest(terms, self._market.meter_domain)
        try:
            signer = recover(digest, Signature.from_compact(*compact(signature)))
        except InputError as error:
            raise _wrong("proof", str(error)) from None
        if signer != terms.meter:
            raise _wrong("proof", f"{signer} has signed it, not the meter {terms.meter}")
        is_same = row["proof"] is not None and terms == _terms(row)
        self._change(name, **values, consent=row["consent"] if is_same else None)
        return self.find(name)

    def agree(self, name: str, consent: bytes) -> Enrolment:
        """Take in what the holder has signed.

        Raises:
            ProblemError: the device has not proven itself, or the holder has not signed this.
        """
        row = self._open(name)
        if row["proof"] is None or row["deadline"] < self._market.node.time:
            raise _not_yet("the device has not proven that it is there", "wait for its proof")
        terms = _terms(row)
        digest = registration_digest(terms, self._market.meter_domain)
        node = self._market.node
        if not is_signed(node, terms.account, digest, consent, gas=_WALLET_GAS):
            raise _wrong("consent", f"the account {terms.account} has not signed this")
        # Of this proof: if another one has come meanwhile, it is not agreed to.
        self._change(name, ENROLMENTS.c.proof == row["proof"], consent=consent)
        return self.find(name)

    def withdraw(self, name: str) -> None:
        """Take an invitation back, or clear one away that is done.

        Raises:
            ProblemError: there is none.
        """
        self._row(name)
        with self._database.writing() as connection:
            connection.execute(delete(ENROLMENTS).where(ENROLMENTS.c.id == name))

    def _lines(self, text: str) -> Iterator[dict[str, Any]]:
        # Some spreadsheets end lines with returns alone.
        text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        head, _, _ = text.partition("\n")
        delimiter = ";" if ";" in head else ","
        reader = csv.DictReader(StringIO(text), delimiter=delimiter)
        names = [(each or "").strip().lower() for each in reader.fieldnames or ()]
        reader.fieldnames = names
        unknown = [each for each in names if each not in (*_COLUMNS, *_OPTIONAL)]
        missing = [each for each in _COLUMNS if each not in names]
        if unknown or missing:
            wanted = f"{', '.join(_COLUMNS)} and perhaps sub_meter"
            raise _wrong("csv", f"the first line names the columns {wanted}, not {head[:100]!r}")
        seen = set()
        for line in reader:
            place = f"line {reader.line_num}"
            if None in line or None in line.values():
                raise _wrong("csv", f"{place} has not as many values as there are columns")
            found = self._household({name: line[name].strip() for name in names}, place)
            if found["meter"] in seen:
                raise _wrong("csv", f"{place}: {found['meter']} is in an earlier line, too")
            seen.add(found["meter"])
            if len(seen) > _MOST_LINES:
                raise _wrong("csv", f"{place} is one too many: {_MOST_LINES} households at once")
            yield found

    def _household(self, line: Mapping[str, str], place: str) -> dict[str, Any]:
        name, meter, region = line["name"], line["meter"], line["region"]
        if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
            raise _wrong("csv", f"{place}: a name has 1 to {_LONGEST_NAME} printable characters")
        if not _ADDRESS.fullmatch(meter):
            raise _wrong("csv", f"{place}: {meter[:60]!r} is no address of a device's key")
        if region not in self._backend.regions:
            known = ", ".join(self._backend.regions)
            raise _wrong("csv", f"{place}: {region[:60]!r} is no region of the market: {known}")
        sub_meter = line.get("sub_meter", "").lower()
        if sub_meter not in (*_YES, *_NO):
            raise _wrong("csv", f"{place}: sub_meter is yes or no, not {sub_meter[:60]!r}")
        try:
            power = parse_decimal(line["power_kw"].replace(",", "."), 3, "a power in kW")
        except (InputError, DomainError) as error:
            raise _wrong("csv", f"{place}: {error}") from None
        if not 0 < power <= self._most_power:
            most = format_watts(self._most_power)
            raise _wrong("csv", f"{place}: a power is above 0 kW, and {most} at most")
        return {
            "name": name,
            "meter": checksum(meter),
            "region": region,
            "rated_power": power,
            "is_settlement": sub_meter in _NO,
        }

    def _row(self, name: str) -> RowMapping:
        with self._database.reading() as connection:
            wanted = select(ENROLMENTS).where(ENROLMENTS.c.id == name)
            found = connection.execute(wanted).mappings().one_or_none()
        if found is None:
            raise not_found("invitation")
        return found

    def _open(self, name: str) -> RowMapping:
        row = self._row(name)
        if self._registered([row["meter"]]):
            raise _not_yet("its meter is registered", "")
        return row

    def _change(self, name: str, *where: ColumnElement[bool], **values: Any) -> None:
        wanted = update(ENROLMENTS).where(ENROLMENTS.c.id == name, *where)
        with self._database.writing() as connection:
            connection.execute(wanted.values(values))

    def _registered(self, meters: Sequence[str]) -> set[str]:
        table = table_of("SmartMeter", "MeterRegistered").c
        with self._database.reading() as connection:
            return {*connection.scalars(select(table.meter).where(table.meter.in_(meters)))}

    def _documents(self, rows: Sequence[RowMapping]) -> list[Enrolment]:
        known = self._registered([row["meter"] for row in rows])
        powers = {row["rated_power"] for row in rows if row["is_settlement"]}
        security = {each: self._market.meters.security_for(each) for each in powers}
        return [self._document(row, known, security) for row in rows]

    def _document(self, row: RowMapping, known: set[str], security: Mapping[int, int]) -> Enrolment:
        state = _state(row, row["meter"] in known, self._market.node.time)
        is_proven, is_agreed = state in ("PROVEN", "AGREED"), state == "AGREED"
        domain = self._market.meter_domain
        values = {
            **{name: row[name] for name in ("id", "name", "meter", "region", "account")},
            "rated_power_w": row["rated_power"],
            "is_settlement": row["is_settlement"],
            "state": state,
            "security": security[row["rated_power"]] if row["is_settlement"] else 0,
            "import_wh": row["imported"],
            "export_wh": row["exported"],
            "deadline": None if row["deadline"] is None else time_of(row["deadline"]),
            "typed_data": registration_document(_terms(row), domain) if is_proven else None,
            "registration": _arguments(row) if is_agreed else None,
            "reverts": None,
        }
        return Enrolment.model_validate(values)


def _state(row: RowMapping, is_registered: bool, now: int) -> str:
    if is_registered:
        return "REGISTERED"
    if row["account"] is None:
        return "INVITED"
    if row["proof"] is None or row["deadline"] < now:
        return "ACCEPTED"
    return "PROVEN" if row["consent"] is None else "AGREED"


def _terms(row: Mapping[Any, Any]) -> Registration:
    return Registration(
        meter=row["meter"],
        account=row["account"],
        region=row["region"],
        rated_power=row["rated_power"],
        settlement=row["is_settlement"],
        consumption=row["imported"],
        production=row["exported"],
        deadline=row["deadline"],
    )


def _draft(row: RowMapping) -> MeterDraft:
    return MeterDraft(terms=_terms(row), proof=row["proof"], consent=row["consent"])


def _arguments(row: RowMapping) -> list[Any]:
    """Those of SmartMeter.registerMeter, as POST /calls takes them."""
    terms = {
        "meter": row["meter"],
        "account": row["account"],
        "region": row["region"],
        "ratedPower": str(row["rated_power"]),
        "settlement": row["is_settlement"],
        "consumption": str(row["imported"]),
        "production": str(row["exported"]),
        "deadline": str(row["deadline"]),
    }
    return [terms, f"0x{row['proof'].hex()}", f"0x{row['consent'].hex()}"]


def _wrong(field: str, detail: str) -> ProblemError:
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-request", detail, field=field)


def _not_yet(detail: str, next: str) -> ProblemError:
    return ProblemError(HTTPStatus.CONFLICT, "not-possible", detail, next=next)
