"""Relays: calls that one account signs and another sends, which pays the gas (ERC-2771).

The forwarder makes the calls of an account in the order of its nonces; who sends them can change
nothing. It takes signatures of keys alone. A contract wallet acts by transactions of its own, which
anybody can send as well, and confirms consents and orders itself (ERC-1271).

Tokens know no forwarder. Their approvals become permits (EIP-2612), which any account can submit.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from energy_grid.chain.abi import load
from energy_grid.chain.accounts import Account
from energy_grid.chain.contract import Call
from energy_grid.chain.reverts import from_rpc
from energy_grid.chain.rpc.node import RpcError
from energy_grid.chain.tx.fees import with_room
from energy_grid.chain.tx.multisig import Actor
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.chain.tx.unsigned import estimated_gas
from energy_grid.contracts.erc20_permit import ERC20Permit
from energy_grid.contracts.erc2771_forwarder import ForwardRequestData
from energy_grid.domain.typed_data import Domain
from energy_grid.errors import ChainError, ContractError, InputError
from energy_grid.market.money import Payments
from energy_grid.market.plan import Plan, Step
from energy_grid.market.signing import domain_of, request_signer, request_typed_data, sign_request

__all__ = ["Relays", "SignedCall"]

# As long as a permit counts, which may be among the calls.
_HOUR_SECONDS = 3600
# What a call may take; the relay pays what it uses. Far above any call of an account holder.
_GAS = 3_000_000
# So no list in a call of an account holder is long.
_MOST_BYTES = 4096
_TRUSTING = "isTrustedForwarder(address)"
_APPROVE = "approve(address,uint256)"
_PERMIT = "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCall:
    """A call with the signature of its account, or a permit, which has its signature inside.

    Attributes:
        request: what the forwarder takes; of a permit, without a signature.
        nonce: of the account at the forwarder, or at the permit's token; the call can only be made
            as the next one.
    """

    request: ForwardRequestData
    nonce: int

    @property
    def is_permit(self) -> bool:
        """Whether it goes to its token, past the forwarder."""
        return not self.request.signature


class Relays(Payments):
    """The forwarder knows nothing of the market: what a call does, its contract decides."""

    def sign_calls(
        self,
        holder: Account,
        calls: Sequence[Call],
        deadline: int | None = None,
        *,
        behind: Sequence[SignedCall] = (),
    ) -> list[SignedCall]:
        """Calls of an account holder for a relay, such as those of a plan, in their order.

        Args:
            deadline: until when they can be sent; an hour by default.
            behind: what the account has signed and no relay has sent yet.

        Raises:
            InputError: one of them is to a contract that takes no relayed calls.
            ContractError: the account's next call would revert.
        """
        for call in calls:
            becomes_permit = call.function == _APPROVE and _PERMIT in load(call.contract).functions
            if call.value or not (self._trusts(call.contract) or becomes_permit):
                function = call.function.partition("(")[0]
                raise InputError(f"{call.contract}.{function} cannot be relayed")
        until = self.node.time + _HOUR_SECONDS if deadline is None else deadline
        domain, due = domain_of(self.forwarder), self.forwarder.nonces(holder.address)
        waiting = [each for each in behind if each.request.from_ == holder.address]
        nonce = max([due, *(each.nonce + 1 for each in waiting if not each.is_permit)])
        found: list[SignedCall] = []
        for call in calls:
            if call.function == _APPROVE:
                found.append(self._permit(holder, call))
                continue
            if nonce == due and not any(each.is_permit for each in (*waiting, *found)):
                self._try(holder.address, call.to, call.data, call.contract)
            request = sign_request(holder, (call.to, call.data), _GAS, nonce, until, domain)
            found.append(SignedCall(request=request, nonce=nonce))
            nonce += 1
        return found

    def relay_typed_data(self, holder: str, call: Call) -> dict[str, Any] | None:
        """What a wallet signs to have a call relayed within an hour, as its account's next one;
        None: it cannot be relayed."""
        if call.value or not self._trusts(call.contract):
            return None
        request = ForwardRequestData(
            from_=holder,
            to=call.to,
            value=0,
            gas=_GAS,
            deadline=self.node.time + _HOUR_SECONDS,
            data=call.data,
            signature=b"",
        )
        nonce = self.forwarder.nonces(holder)
        return request_typed_data(request, nonce, self._forwarder_domain)

    def relay_calls(self, who: Actor | str, calls: Sequence[SignedCall]) -> Plan[list[Receipt]]:
        """Send what accounts have signed, and pay the gas; any account can. What was sent before
        is left out.

        Raises:
            ContractError: the next call of an account would revert.
        """
        waiting: set[str] = set()
        steps = []
        for each in calls:
            request, holder = each.request, each.request.from_
            due = self.nonce_of(each)
            if each.nonce < due:
                continue
            is_first = holder not in waiting
            waiting.add(holder)
            if each.is_permit:
                call = self.call_of(each)
                steps.append(Step(call=call, needs_previous=not is_first, prepares=True))
                continue
            # The forwarder says why it rejects a request; it does not say why a call reverted.
            if is_first and self.forwarder.verify(request):
                self._try(holder, request.to, request.data, self._name_of(request.to))
            steps.append(Step(call=self.call_of(each), needs_previous=not is_first))
        return self.plan(who, *steps)

    def _trusts(self, contract: str) -> bool:
        """Whether a contract believes the forwarder. A market's money does if it is the test
        dollar that was deployed with it."""
        return contract in self.deployment.contracts and _TRUSTING in load(contract).functions

    def check_signed(self, signed: SignedCall) -> None:
        """Make sure that a relay can take a call from anybody, as far as one knows before its turn:
        it is of this market, its account has signed it, and its size is bounded. A permit's
        signature its token alone checks.

        Raises:
            InputError: what is wrong with it.
        """
        request = signed.request
        if len(request.data) > _MOST_BYTES:
            raise InputError(f"a relayed call has at most {_MOST_BYTES} bytes: make several")
        if request.gas > _GAS:
            raise InputError(f"a relayed call may take {_GAS} gas at most: sign it with less")
        known = {each.address: name for name, each in self.deployment.contracts.items()}
        if signed.is_permit and request.to == self.money.address:
            self._check_permit(request, {*known})
            return
        name = known.get(request.to)
        function = None if name is None else load(name).called(request.data)
        is_relayed = name is not None and self._trusts(name) and function and not function.constant
        if request.value or not is_relayed:
            raise InputError(
                f"a call to {request.to} of this kind cannot be relayed: only calls that change"
                " something in the contracts of account holders, without native coin"
            )
        if request_signer(request, signed.nonce, self._forwarder_domain) != request.from_:
            raise InputError(
                f"{request.from_} has not signed this call with the nonce {signed.nonce}"
            )

    def gas_to_relay(self, who: str, signed: SignedCall) -> int:
        """The gas limit with which ``who`` can send a call now; it includes what the forwarder
        wants to be left over, which it checks before it lets a call take effect.

        Raises:
            ContractError: the call would revert.
            InputError: it would fail in another way.
        """
        (found,) = estimated_gas(self.node, who, [self.call_of(signed)])
        if isinstance(found, int):
            return with_room(found)
        if signed.is_permit and isinstance(found, ContractError):
            raise found
        # The forwarder does not pass on why a call reverted.
        with suppress(RpcError):
            why = self.why_not([signed])
            if why is not None:
                raise why
        raise InputError(
            f"the call fails, which is no refusal of its contract: sign it with up to {_GAS} gas"
        )

    def call_of(self, signed: SignedCall) -> Call:
        """The call by which anybody sends what an account has signed."""
        request = signed.request
        if signed.is_permit:
            name = self._name_of(request.to)
            return Call(contract=name, function=_PERMIT, to=request.to, data=request.data)
        return self.forwarder.execute(request)

    def nonce_of(self, signed: SignedCall) -> int:
        """The nonce with which a call like this one can be made now; a higher one than its own:
        it was sent."""
        holder, to = signed.request.from_, signed.request.to
        if signed.is_permit:
            return ERC20Permit(self.node, to, self._name_of(to)).nonces(holder)
        return self.forwarder.nonces(holder)

    def why_not(self, calls: Sequence[SignedCall]) -> ContractError | None:
        """Why the first of the calls that was not sent yet would revert now."""
        for each in calls:
            if each.nonce < self.nonce_of(each) or each.is_permit:
                continue
            request = each.request
            try:
                self._try(request.from_, request.to, request.data, self._name_of(request.to))
            except ContractError as error:
                return error
            return None
        return None

    @cached_property
    def _forwarder_domain(self) -> Domain:
        return domain_of(self.forwarder)

    def _check_permit(self, request: ForwardRequestData, market: set[str]) -> None:
        """Raises InputError: a permit is of somebody else, for somebody else, or no permit."""
        function = load(self.money.name).function(_PERMIT)
        try:
            owner, spender, amount, deadline, *signature = function.inputs.decode(request.data[4:])
        except ChainError:
            owner = None
        # Only one writing of it: else one permit would be several calls.
        if owner is None or request.data != function.encode(
            [owner, spender, amount, deadline, *signature]
        ):
            raise InputError(f"the data are no {_PERMIT}")
        if owner != request.from_ or deadline != request.deadline or request.value or request.gas:
            raise InputError(
                "a permit is sent with its owner as from, its own deadline, and no value or gas"
            )
        if spender not in market:
            raise InputError(f"{spender} is no contract of this market: its permit is not relayed")

    def _permit(self, holder: Account, approval: Call) -> SignedCall:
        token = ERC20Permit(self.node, approval.to, approval.contract)
        function = load(approval.contract).function(_APPROVE)
        spender, amount = function.inputs.decode(approval.data[4:])
        request = ForwardRequestData(
            from_=holder.address,
            to=token.address,
            value=0,
            gas=0,
            deadline=self.node.time + _HOUR_SECONDS,
            data=self.prepare_permit(holder, token, spender, amount).data,
            signature=b"",
        )
        return SignedCall(request=request, nonce=token.nonces(holder.address))

    def _try(self, holder: str, to: str, data: bytes, contract: str) -> None:
        """Make a call as the forwarder would, which changes nothing.

        Raises:
            ContractError: it would revert.
        """
        appended = data + bytes.fromhex(holder[2:])
        try:
            self.node.call(to, appended, sender=self.forwarder.address, gas=_GAS)
        except RpcError as error:
            raise from_rpc(error, contract) from None

    def _name_of(self, address: str) -> str:
        known = self.deployment.contracts.items()
        found = next((name for name, each in known if each.address == address), None)
        return found or self.money.name
