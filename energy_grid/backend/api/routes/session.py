"""Signing in and out."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter

from energy_grid.api.models import Challenge, ChallengeRequest, Session, SignIn
from energy_grid.api.values import time_of
from energy_grid.backend.api.visit import Holder, Visitor

__all__ = ["ROUTER"]

ROUTER = APIRouter(tags=["session"])


@ROUTER.post("/session/challenge")
def challenge(visit: Visitor, wanted: ChallengeRequest) -> Challenge:
    """A message to sign in with: sign it as personal_sign does, within five minutes."""
    message, expires = visit.backend.sessions.challenge(wanted.account, visit.origin)
    return Challenge(message=message, expires_at=time_of(expires))


@ROUTER.post("/session", status_code=HTTPStatus.CREATED)
def open_session(visit: Visitor, signed: SignIn) -> Session:
    """Sign in with a signed challenge."""
    signature = bytes.fromhex(signed.signature[2:])
    login = visit.backend.sessions.sign_in(signed.message, signature, visit.origin)
    return Session(token=login.token, account=login.account, expires_at=time_of(login.expires_at))


@ROUTER.delete("/session", status_code=HTTPStatus.NO_CONTENT)
def close_session(visit: Holder) -> None:
    """Sign out: the token is worth nothing from now on."""
    visit.require_account()
    assert visit.token is not None
    visit.backend.sessions.revoke(visit.token)
