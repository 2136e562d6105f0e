"""Calls of any function of the market, built for a wallet."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter

from energy_grid.api.models import CallRequest, Permit, PermitRequest, UnsignedCall
from energy_grid.backend.api.calls import call_of, unsigned_call
from energy_grid.backend.api.visit import Visitor

__all__ = ["ROUTER"]

ROUTER = APIRouter(tags=["calls"])


@ROUTER.post("/calls")
def build_call(visit: Visitor, wanted: CallRequest) -> UnsignedCall:
    """A call of a contract of the market, for the wallet that is to send it; nothing is sent.

    It is tried as the chain is now: ``reverts`` says why it would have no effect.
    """
    market = visit.backend.market
    call = replace(call_of(market, wanted), value=wanted.value)
    return unsigned_call(market, wanted.sender, call)


@ROUTER.post("/permits")
def permit(visit: Visitor, wanted: PermitRequest) -> Permit:
    """What an account signs so that a deposit, or the market of certificates, may take coins from
    its wallet; nothing is sent."""
    market = visit.backend.market
    spender = market.contract(wanted.spender).address
    return Permit(typed_data=market.permit_to_take(wanted.account, wanted.amount, spender))
