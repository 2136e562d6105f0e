"""Relays: calls that one account signs and another sends, which pays the gas (ERC-2771).

The forwarder makes the calls of an account in the order of its nonces; who sends them can change
nothing. It takes signatures of keys alone. A contract wallet acts by transactions of its own, which
anybody can send as well, and confirms consents and orders itself (ERC-1271).

Tokens know no forwarder. Their approvals become permits (EIP-2612), which any account can submit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from energy_grid.chain.abi import load
from energy_grid.chain.accounts import Account
from energy_grid.chain.contract import Call
from energy_grid.chain.reverts import from_rpc
from energy_grid.chain.rpc.node import RpcError
from energy_grid.chain.tx.multisig import Actor
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.contracts.erc20_permit import ERC20Permit
from energy_grid.contracts.erc2771_forwarder import ForwardRequestData
from energy_grid.errors import ContractError, InputError
from energy_grid.market.money import Payments
from energy_grid.market.plan import Plan, Step
from energy_grid.market.signing import domain_of, sign_request

__all__ = ["Relays", "SignedCall"]

# As long as a permit counts, which may be among the calls.
_HOUR_SECONDS = 3600
# What a call may take; the relay pays what it uses. Far above any call of an account holder.
_GAS = 3_000_000
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
            known = load(call.contract).functions
            can_be_signed = _TRUSTING in known or (call.function == _APPROVE and _PERMIT in known)
            if call.value or not can_be_signed:
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
                name = self._name_of(request.to)
                call = Call(contract=name, function=_PERMIT, to=request.to, data=request.data)
                steps.append(Step(call=call, needs_previous=not is_first, prepares=True))
                continue
            # The forwarder says why it rejects a request; it does not say why a call reverted.
            if is_first and self.forwarder.verify(request):
                self._try(holder, request.to, request.data, self._name_of(request.to))
            steps.append(Step(call=self.forwarder.execute(request), needs_previous=not is_first))
        return self.plan(who, *steps)

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
