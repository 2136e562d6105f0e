"""Signing in with an account (ERC-4361), and the sessions that follow.

    challenge  a message with a nonce that counts once, for one of the origins of this backend
    sign in    the message and its signature become a token; the store has only its hash
    session    as long as the token has not expired and was not revoked, from that origin alone
    of pages   shows what a session shows, as long as it lasts, and opens nothing else

A key signs as personal_sign does; a contract wallet confirms the message itself (ERC-1271).
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from siwe import ISO8601Datetime, SiweMessage
from siwe.siwe import VersionEnum
from sqlalchemy import Row, delete, insert, select

from energy_grid.api.values import time_of
from energy_grid.backend.api.problems import ProblemError
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.sessions import CHALLENGES, SESSIONS
from energy_grid.chain.accounts import message_digest
from energy_grid.chain.contract_wallets import is_signed
from energy_grid.chain.rpc.node import Node

__all__ = ["Login", "Sessions"]

_CHALLENGE_SECONDS = 300
_STATEMENT = "Show me what belongs to my account. This costs nothing and moves nothing."
# What a contract wallet may use to confirm its signature.
_WALLET_GAS = 300_000
# In the place of an origin; no origin is called so.
_PAGES = "pages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A session as it is given out once.

    Attributes:
        token: who has it is the account.
        expires_at: Unix seconds.
    """

    token: str
    account: str
    expires_at: int


class Sessions:
    """Who is signed in.

    Args:
        origins: of the pages and programs that may sign in, such as ``https://grid.example``.
        seconds: that a session lasts.
    """

    def __init__(
        self, database: Database, node: Node, origins: Sequence[str], seconds: int
    ) -> None:
        self._database, self._node = database, node
        self._origins, self._seconds = tuple(origins), seconds

    def challenge(self, account: str, origin: str | None) -> tuple[str, int]:
        """A message for an account to sign, and when it expires.

        Args:
            origin: of the page that asks; None for a program, which gets the first of ours.
        """
        origin = self._origins[0] if origin is None else origin
        self._require_own(origin)
        now, nonce = int(time.time()), secrets.token_hex(16)
        expires = now + _CHALLENGE_SECONDS
        with self._database.writing() as connection:
            connection.execute(delete(CHALLENGES).where(CHALLENGES.c.expires_at < now))
            connection.execute(insert(CHALLENGES).values(nonce=nonce, expires_at=expires))
        message = SiweMessage(
            domain=urlsplit(origin).netloc,
            address=account,
            statement=_STATEMENT,
            uri=origin,
            version=VersionEnum.one,
            chain_id=self._node.chain_id,
            nonce=nonce,
            issued_at=_stamp(now),
            expiration_time=_stamp(expires),
        )
        return message.prepare_message(), expires

    def sign_in(self, message: str, signature: bytes, origin: str | None) -> Login:
        """A session for a signed challenge.

        Args:
            origin: of the page that asks; None for a program.

        Raises:
            ProblemError: it is not one of ours, was used, is too old, or is not signed.
        """
        try:
            signed = SiweMessage.from_message(message)
        except ValueError:
            raise _refused("this is no message to sign in with (ERC-4361)") from None
        theirs = str(signed.uri).rstrip("/")
        self._require_own(theirs)
        if signed.domain != urlsplit(theirs).netloc or (origin is not None and origin != theirs):
            raise _refused(f"the message is for {signed.domain}, not for this page")
        if signed.chain_id != self._node.chain_id:
            raise _refused(f"the message is for chain {signed.chain_id}")
        now = int(time.time())
        account, digest = str(signed.address), message_digest(message)
        if not is_signed(self._node, account, digest, signature, gas=_WALLET_GAS):
            raise _refused(f"{signed.address} has not signed this message")
        token = secrets.token_urlsafe(32)
        login = Login(token=token, account=str(signed.address), expires_at=now + self._seconds)
        with self._database.writing() as connection:
            used = delete(CHALLENGES).where(
                CHALLENGES.c.nonce == signed.nonce, CHALLENGES.c.expires_at >= now
            )
            if not connection.execute(used).rowcount:
                raise _refused("the message was used already, or is too old")
            connection.execute(delete(SESSIONS).where(SESSIONS.c.expires_at < now))
            row = {"account": login.account, "origin": theirs, "expires_at": login.expires_at}
            connection.execute(insert(SESSIONS).values(token_hash=_hash(token), **row))
        return login

    def account_of(self, token: str, origin: str | None) -> str:
        """Whose session it is.

        Raises:
            ProblemError: there is none, or it is of another page.
        """
        row = self._row(token)
        if row.origin == _PAGES or (origin is not None and origin != row.origin):
            raise _none()
        return str(row.account)

    def open_pages(self, token: str) -> str:
        """What pages know a session by. Browsers give it to whatever listens at the same host.

        Raises:
            ProblemError: there is no such session.
        """
        row, name = self._row(token), _of_pages(token)
        values = {"account": row.account, "origin": _PAGES, "expires_at": row.expires_at}
        with self._database.writing() as connection:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.token_hash == _hash(name)))
            connection.execute(insert(SESSIONS).values(token_hash=_hash(name), **values))
        return name

    def shown_to(self, name: str) -> str:
        """Whose session pages know by a name.

        Raises:
            ProblemError: there is none.
        """
        row = self._row(name)
        if row.origin != _PAGES:
            raise _none()
        return str(row.account)

    def revoke(self, token: str) -> None:
        """End a session, and what pages know it by; or this alone."""
        ended = [_hash(token), _hash(_of_pages(token))]
        with self._database.writing() as connection:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.token_hash.in_(ended)))

    def _row(self, token: str) -> Row[Any]:
        table = SESSIONS.c
        wanted = select(SESSIONS).where(
            table.token_hash == _hash(token), table.expires_at >= int(time.time())
        )
        with self._database.reading() as connection:
            row = connection.execute(wanted).one_or_none()
        if row is None:
            raise _none()
        return row

    def _require_own(self, origin: str) -> None:
        if origin not in self._origins:
            raise _refused(
                f"this backend signs nobody in for {origin}: its operator names origins in the"
                " setting origins"
            )


def _refused(detail: str) -> ProblemError:
    return ProblemError(
        HTTPStatus.UNAUTHORIZED,
        "not-signed-in",
        detail,
        next="POST /api/v1/session/challenge, sign its message, POST /api/v1/session",
    )


def _none() -> ProblemError:
    return _refused("the session has expired, or there is none")


def _of_pages(token: str) -> str:
    return _hash(f"pages {token}")


def _stamp(seconds: int) -> ISO8601Datetime:
    return ISO8601Datetime.from_datetime(time_of(seconds))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
