"""Who a VEN is: credentials that an account has made for it, and tokens that it is given for them.

    credentials  an id and a secret, shown once; the store has only the secret's hash
    token        for an hour, for credentials that were not revoked (OAuth 2.0, RFC 6749)

An account has a few; each sees what concerns that account, and nothing of another's.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping, delete, func, insert, select

from energy_grid.backend.grid_service.openadr.objects import Author, forget_objects
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.openadr import VEN_CLIENTS, VEN_OPT_OUTS, VEN_TOKENS
from energy_grid.backend.store.views import VIEWS
from energy_grid.errors import EnergyGridError

__all__ = ["TOKEN_SECONDS", "Issued", "TooManyClientsError", "Ven", "VenClients"]

TOKEN_SECONDS = 3600
_MOST = 10
_CLIENT_ID = re.compile("[0-9a-f]{32}")
# Tokens of one client that have not expired: the oldest ends where there are more.
_MOST_TOKENS = 20
_C, _T, _O, _EVENTS = VEN_CLIENTS.c, VEN_TOKENS.c, VEN_OPT_OUTS.c, VIEWS["dr_events"].c


class TooManyClientsError(EnergyGridError):
    """An account has as many VENs as it may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ven:
    """A program that has proven for whom it asks.

    Attributes:
        id: of its credentials.
        may_opt: whether its account lets it opt out of events.
    """

    id: str
    account: str
    name: str
    may_opt: bool

    @property
    def author(self) -> Author:
        """As it writes objects."""
        return Author(self.id, self.account)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """Credentials as they are given out once."""

    id: str
    secret: str


class VenClients:
    """The VENs of all accounts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def issue(self, account: str, name: str, *, may_opt: bool) -> Issued:
        """Make credentials for a program of an account.

        Raises:
            TooManyClientsError: the account has as many as it may.
        """
        issued = Issued(id=secrets.token_hex(16), secret=secrets.token_urlsafe(32))
        with self._database.writing() as connection:
            count = select(func.count()).where(_C.account == account)
            if (connection.scalar(count) or 0) >= _MOST:
                raise TooManyClientsError(f"{account} has {_MOST} VENs: revoke one first")
            connection.execute(
                insert(VEN_CLIENTS).values(
                    id=issued.id,
                    account=account,
                    name=name,
                    secret_hash=_hash(issued.secret),
                    may_opt=may_opt,
                    created_at=int(time.time()),
                )
            )
        return issued

    def of_account(self, account: str) -> Sequence[RowMapping]:
        """The rows of `VEN_CLIENTS` of an account, the oldest first."""
        wanted = select(VEN_CLIENTS).where(_C.account == account).order_by(_C.created_at, _C.id)
        with self._database.reading() as connection:
            return connection.execute(wanted).mappings().all()

    def revoke(self, account: str, client: str, now: int) -> bool:
        """End credentials, their tokens, and what was written with them; whether there were any.

        Events that have not begun at `now`, the chain's time, are opted out of no more. Later it
        stays: nobody chooses in hindsight.
        """
        with self._database.writing() as connection:
            own = delete(VEN_CLIENTS).where(_C.id == client, _C.account == account)
            if not connection.execute(own).rowcount:
                return False
            connection.execute(delete(VEN_TOKENS).where(_T.client == client))
            forget_objects(connection, client)
            ahead = select(_EVENTS.event_id).where(_EVENTS.start_time > now)
            opted = delete(VEN_OPT_OUTS).where(_O.client == client, _O.event.in_(ahead))
            connection.execute(opted)
        return True

    def token(self, client: str, secret: str) -> str | None:
        """A token for credentials; None: they are wrong, or were revoked."""
        # What `issue` never gave out is not asked of the database, which may refuse such text.
        if not _CLIENT_ID.fullmatch(client):
            return None
        now, token = int(time.time()), secrets.token_urlsafe(32)
        with self._database.writing() as connection:
            known = connection.scalar(select(_C.secret_hash).where(_C.id == client))
            # As long for an unknown id as for a wrong secret.
            if not hmac.compare_digest(known or "", _hash(secret)):
                return None
            connection.execute(delete(VEN_TOKENS).where(_T.expires_at < now))
            own = select(_T.token_hash).where(_T.client == client)
            known_tokens = connection.scalars(own.order_by(_T.expires_at.desc())).all()
            oldest = known_tokens[_MOST_TOKENS - 1 :]
            connection.execute(delete(VEN_TOKENS).where(_T.token_hash.in_(oldest)))
            expires = now + TOKEN_SECONDS
            values = {"token_hash": _hash(token), "client": client, "expires_at": expires}
            connection.execute(insert(VEN_TOKENS).values(values))
        return token

    def ven_of(self, token: str) -> Ven | None:
        """Whose token it is; None: nobody's, or not any more."""
        wanted = (
            select(VEN_CLIENTS)
            .join(VEN_TOKENS, _T.client == _C.id)
            .where(_T.token_hash == _hash(token), _T.expires_at > int(time.time()))
        )
        with self._database.reading() as connection:
            row = connection.execute(wanted).mappings().one_or_none()
        return None if row is None else ven_in(row)


def ven_in(row: RowMapping) -> Ven:
    """The VEN of a row."""
    return Ven(id=row["id"], account=row["account"], name=row["name"], may_opt=bool(row["may_opt"]))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
