"""Enrolment: how households come into the market."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path

from energy_grid.api.models import DeviceProof, Enrolment, EnrolmentRequest, HolderConsent
from energy_grid.backend.api.enrolling import Enrolling
from energy_grid.backend.api.visit import Holder, Visit, Visitor

__all__ = ["ROUTER"]

ROUTER = APIRouter(prefix="/enrolments", tags=["enrolments"])
_Id = Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="Of the invitation.")]


@ROUTER.post("", status_code=HTTPStatus.CREATED)
def invite(visit: Holder, wanted: EnrolmentRequest) -> list[Enrolment]:
    """Invite households, as the registrar or an owner of the Safe that is. All of them, or none:
    what is wrong names its line."""
    return _of_registrar(visit).invite(wanted.csv)


@ROUTER.get("")
def enrolments(visit: Holder) -> list[Enrolment]:
    """All households on their way; those that are to be registered were tried."""
    return _of_registrar(visit).all(visit.require_account())


@ROUTER.delete("/{id}", status_code=HTTPStatus.NO_CONTENT)
def withdraw_invitation(visit: Holder, id: _Id) -> None:
    """Take an invitation back."""
    _of_registrar(visit).withdraw(id)


@ROUTER.get("/{id}")
def enrolment(visit: Visitor, id: _Id) -> Enrolment:
    """How far a household is, for who has its invitation; once its meter is registered, for its
    account and the registrar alone: it says which account lives where."""
    return Enrolling(visit.backend).shown(id, visit.account)


@ROUTER.post("/{id}/acceptance")
def accept(visit: Holder, id: _Id) -> Enrolment:
    """Accept an invitation as the account that is signed in: the meter is to be its own."""
    return Enrolling(visit.backend).accept(id, visit.require_account())


@ROUTER.post("/{id}/proof")
def prove(visit: Visitor, id: _Id, proof: DeviceProof) -> Enrolment:
    """Hand in what the device has signed (EIP-712, MeterRegistration); a later one replaces it."""
    return Enrolling(visit.backend).prove(id, proof)


@ROUTER.post("/{id}/consent")
def agree(visit: Visitor, id: _Id, signed: HolderConsent) -> Enrolment:
    """Hand in what the account's holder has signed: the same as the device."""
    return Enrolling(visit.backend).agree(id, bytes.fromhex(signed.consent[2:]))


def _of_registrar(visit: Visit) -> Enrolling:
    found = Enrolling(visit.backend)
    found.require_registrar(visit.require_account())
    return found
