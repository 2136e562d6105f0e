"""GridOperatorVerification and a small model of it, driven at random together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize

from energy_grid.chain.roles import Role
from energy_grid.contracts.errors import DecodedError
from energy_grid.domain.enums import PermissionLevel
from tests.model.grid_levels import FIRST_SCORE, MAX_SCORE, permission_level
from tests.support.examples import ChainMachine, Drive, rewound, rule
from tests.support.market import Market, actor
from tests.unit.contracts.operators.operators import NORTH, SOUTH, Status, operator_fields

PREFIX = "GridOperatorVerification_"

names = st.sampled_from(["one", "other"])
regions = st.sampled_from([NORTH, SOUTH])
scores = st.sampled_from([0, 3, 49, 50, 79, 80, 100, 101])


@dataclass
class Modelled:
    """One operator, as the interface's state table has it."""

    status: Status = Status.NONE
    region: bytes = bytes(32)
    score: int = 0
    suspended: bool = False

    @property
    def authorized(self) -> bool:
        return self.status is Status.VERIFIED and not self.suspended

    @property
    def level(self) -> PermissionLevel:
        return permission_level(self.score) if self.authorized else PermissionLevel.NONE


class OperatorsOnChain(ChainMachine):
    """One machine for both; `market` is set by the test."""

    @initialize()
    def open(self) -> None:
        self.undo = rewound(self.market)
        self.undo.__enter__()
        self.model = {name: Modelled() for name in ("one", "other")}

    def teardown(self) -> None:
        if hasattr(self, "undo"):
            self.undo.__exit__(None, None, None)

    def attempt(self, expected: str | None, sender: str, function: str, *arguments: Any) -> bool:
        """Do it on the chain, which must refuse it as the model says; whether it was done."""
        found = None
        try:
            self.market.do(sender, self.market.operators, function, *arguments)
        except DecodedError as refusal:
            found = refusal.name.removeprefix(PREFIX)
        assert found == expected
        return found is None

    def decide(self, expected: str | None, function: str, name: str, *rest: Any) -> bool:
        """`attempt` of the grid authority."""
        authority = self.market.roles[Role.GRID_AUTHORITY]
        return self.attempt(expected, authority, function, actor(name).address, *rest)

    @rule(name=names, region=regions)
    def register(self, name: str, region: bytes) -> None:
        operator = self.model[name]
        expected = None if operator.status is Status.NONE else "AlreadyRegistered"
        arguments = ("registerOperator", name, region, 1000)
        if self.attempt(expected, actor(name).address, *arguments):
            self.model[name] = Modelled(Status.REGISTERED, region, FIRST_SCORE)

    @rule(name=names)
    def verify(self, name: str) -> None:
        operator = self.model[name]
        known = operator.status in (Status.REGISTERED, Status.REVOKED)
        if self.decide(None if known else "WrongStatus", "verifyOperator", name):
            operator.status, operator.suspended = Status.VERIFIED, False

    @rule(name=names)
    def revoke(self, name: str) -> None:
        if self.decide(self.unless_verified(name), "revokeOperator", name):
            self.model[name].status = Status.REVOKED

    @rule(name=names, allowed=st.booleans())
    def authorize(self, name: str, *, allowed: bool) -> None:
        expected = self.unless_verified(name)
        if self.decide(expected, "setOperatorAuthorization", name, allowed):
            self.model[name].suspended = not allowed

    @rule(name=names, score=scores)
    def judge(self, name: str, score: int) -> None:
        expected = "WrongStatus" if self.model[name].status is Status.NONE else None
        if score > MAX_SCORE:
            expected = "BadParameter"
        if self.decide(expected, "setOperatorScore", name, score):
            self.model[name].score = score

    @rule(name=names)
    def miss(self, name: str) -> None:
        balancing = self.market.balancing.address
        self.attempt(None, balancing, "noteMissedAction", actor(name).address)
        self.model[name].score = max(0, self.model[name].score - 5)

    @rule(name=names, region=regions, needed=st.sampled_from(PermissionLevel))
    def require(self, name: str, region: bytes, needed: PermissionLevel) -> None:
        operator = self.model[name]
        expected = "LevelTooLow" if operator.level < needed else None
        if not operator.authorized or operator.region != region:
            expected = "NotAuthorized"
        arguments = ("requireOperator", actor(name).address, region, needed)
        self.attempt(expected, actor("anybody").address, *arguments)

    @rule(name=names)
    def look(self, name: str) -> None:
        operator, address = self.model[name], actor(name).address
        fields = operator_fields(self.market, actor(name))
        assert fields["status"] == operator.status
        assert (fields["region"], fields["score"]) == (operator.region, operator.score)
        assert fields["authorized"] == operator.authorized
        call = self.market.operators.call
        assert call("permissionLevelOf", address) == operator.level
        assert call("isVerifiedOperator", address) == (operator.status is Status.VERIFIED)
        for region in (NORTH, SOUTH):
            allowed = operator.authorized and operator.region == region
            assert call("isAuthorizedOperator", address, region) == allowed

    def unless_verified(self, name: str) -> str | None:
        return None if self.model[name].status is Status.VERIFIED else "WrongStatus"


def test_operators__any_sequence__as_in_the_model(hourly_market: Market, drive: Drive) -> None:
    drive(OperatorsOnChain, hourly_market, examples=20, steps=40)
