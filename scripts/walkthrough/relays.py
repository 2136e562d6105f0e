"""Relays: households whose keys hold no coin sign what they want, and a relay sends it."""

from __future__ import annotations

from dataclasses import replace

from energy_grid.chain.contract import Call
from energy_grid.chain.roles import Role
from energy_grid.client import Account, OrderType, errors
from energy_grid.contracts.erc2771_forwarder import ForwardRequestData
from energy_grid.domain.hashing import keccak
from energy_grid.domain.typed_data import digest
from energy_grid.errors import ContractError
from energy_grid.market.signing import domain_of, sign_request
from scripts._walkthrough.command import walkthrough
from scripts._walkthrough.stage import Stage, Story
from scripts._walkthrough.tokens import CENT, DOLLAR, NOBODY, dollars

_GAS = 1_000_000
_REQUEST = (
    "ForwardRequest(address from,address to,uint256 value,uint256 gas,uint256 nonce,"
    "uint48 deadline,bytes data)"
)


def tell(stage: Stage) -> None:
    """a household deposits, trades and withdraws without any coin of the chain."""
    relay = stage.person("the relay")
    households = _households(stage)
    _a_deposit(stage, relay, households[0])
    _many(stage, relay, households)
    _what_is_refused(stage, relay, households[0])
    _coins(stage, relay, households[0])
    _no_privileges(stage, relay)


def _households(stage: Stage) -> list[Account]:
    found = []
    stage.chapter("Keys without coin")
    stage.says("A transaction costs the chain's own coin, which a household need not have. It")
    stage.says("signs a request (EIP-712); the forwarder checks it and makes the call in its name.")
    for name in ("the prosumer", "the consumer"):
        household = stage.person(name, money="100")
        stage.node.set_balance(household.address, 0)
        found.append(household)
    forwarder = stage.market.forwarder
    stage.shows("what a request is bound to", domain_of(forwarder))
    market = stage.market
    contracts = (market.settlement, market.trading, market.communities, market.meters, market.grid)
    trusting = [each.is_trusted_forwarder(forwarder.address) for each in contracts]
    stage.check(all(trusting), f"trusted: {trusting}")
    stage.shows("whether settlement, trading, communities, meters and grid believe it", trusting)
    return found


def _signed(
    stage: Stage, holder: Account, call: Call, *, nonce: int | None = None, deadline: int = 0
) -> ForwardRequestData:
    forwarder = stage.market.forwarder
    due = forwarder.nonces(holder.address) if nonce is None else nonce
    until = deadline or stage.now + 3600
    return sign_request(holder, (call.to, call.data), _GAS, due, until, domain_of(forwarder))


def _a_deposit(stage: Stage, relay: Account, prosumer: Account) -> None:
    market, forwarder = stage.market, stage.market.forwarder
    stage.chapter("A deposit")
    stage.says("The prosumer signs a permit of the token, and the deposit that uses it.")
    call = market.prepare_deposit_with_permit(prosumer, 50 * DOLLAR)
    request = _signed(stage, prosumer, call)
    stage.shows("whether the forwarder would make it", forwarder.verify(request))
    stage.does(
        "the relay sends it, and pays for it",
        relay,
        forwarder.execute(request),
        "ExecutedForwardRequest",
        "Deposited",
        within=[call],
    )
    balance = market.settlement.balance_of(prosumer.address)
    stage.check(balance == 50 * DOLLAR, f"the prosumer has {balance}")
    stage.shows("the prosumer's balance", dollars(balance))
    stage.shows("its next request's number", forwarder.nonces(prosumer.address))
    stage.refuses(
        "the same request again",
        errors.ERC2771ForwarderInvalidSigner,
        relay,
        forwarder.execute(request),
        from_=prosumer.address,
    )


def _many(stage: Stage, relay: Account, households: list[Account]) -> None:
    market, forwarder = stage.market, stage.market.forwarder
    prosumer, consumer = households
    stage.chapter("Many at once")
    offer = market.prepare_order(OrderType.SELL, energy=1000, price=25 * CENT)
    deposit = market.prepare_deposit_with_permit(consumer, 50 * DOLLAR)
    wish = market.prepare_order(OrderType.BUY, energy=1000, price=30 * CENT)
    requests = [
        _signed(stage, prosumer, offer),
        _signed(stage, consumer, deposit),
        _signed(stage, consumer, wish, nonce=1),
    ]
    events = stage.does(
        "an offer, a deposit, and an order to buy, of two households in one transaction",
        relay,
        forwarder.execute_batch(requests, NOBODY.address),
        "OrderCreated",
    )
    done = [one["success"] for one in events if one.event == "ExecutedForwardRequest"]
    stage.check(done == [True] * 3, f"done: {done}")
    match = market.trading.match_orders(2, 1)
    stage.does("the relay matches the two", relay, match, "OrdersMatched")
    greedy = market.settlement.withdraw(1000 * DOLLAR, consumer.address)
    modest = market.settlement.withdraw(DOLLAR, prosumer.address)
    requests = [_signed(stage, consumer, greedy), _signed(stage, prosumer, modest)]
    events = stage.does(
        "a withdrawal of too much does not stop the next one",
        relay,
        forwarder.execute_batch(requests, relay.address),
        "Withdrawn",
    )
    done = [one["success"] for one in events if one.event == "ExecutedForwardRequest"]
    stage.check(done == [False, True], f"done: {done}")
    stage.shows("which of the two succeeded", done)


def _what_is_refused(stage: Stage, relay: Account, prosumer: Account) -> None:
    market, forwarder = stage.market, stage.market.forwarder
    stage.chapter("Requests that revert")
    good = _signed(stage, prosumer, market.settlement.withdraw(DOLLAR, prosumer.address))
    stolen = market.settlement.withdraw(DOLLAR, relay.address)
    too_much = market.settlement.withdraw(1000 * DOLLAR, prosumer.address)
    token = market.energy_token.transfer(relay.address, 1)
    cases: tuple[tuple[str, type[ContractError], ForwardRequestData], ...] = (
        (
            "the relay has itself paid instead",
            errors.ERC2771ForwarderInvalidSigner,
            replace(good, data=stolen.data),
        ),
        (
            "one whose time is over",
            errors.ERC2771ForwarderExpiredRequest,
            _signed(stage, prosumer, too_much, deadline=stage.now - 1),
        ),
        (
            "one to the energy token, which knows no forwarder",
            errors.ERC2771UntrustfulTarget,
            _signed(stage, prosumer, token),
        ),
        (
            "one whose call reverts: a withdrawal of too much",
            errors.FailedCall,
            _signed(stage, prosumer, too_much),
        ),
    )
    for what, error, request in cases:
        stage.refuses(what, error, relay, forwarder.execute(request))
    stage.does("as the prosumer has signed it", relay, forwarder.execute(good), "Withdrawn")


def _coins(stage: Stage, relay: Account, prosumer: Account) -> None:
    market, forwarder = stage.market, stage.market.forwarder
    stage.chapter("Coins that come with a request")
    stage.says("No function of the market takes any; the forwarder gives them back.")
    call = market.settlement.withdraw(DOLLAR, prosumer.address)
    deadline, nonce = stage.now + 3600, forwarder.nonces(prosumer.address)
    words = (prosumer.address, call.to, 1, _GAS, nonce, deadline, keccak(call.data))
    signature = prosumer.sign(digest(_REQUEST, words, domain_of(forwarder))).long
    request = ForwardRequestData(
        from_=prosumer.address,
        to=call.to,
        value=1,
        gas=_GAS,
        deadline=deadline,
        data=call.data,
        signature=signature,
    )
    stage.refuses(
        "a request with one of the smallest coin, sent without it",
        errors.ERC2771ForwarderMismatchedValue,
        relay,
        forwarder.execute(request),
        requested_value=1,
        msg_value=0,
    )
    alone = forwarder.execute_batch([request], NOBODY.address)
    stage.refuses(
        "with it, when nobody is named who gets it back",
        errors.ERC2771ForwarderNoRefundReceiver,
        relay,
        replace(alone, value=1),
    )
    back = forwarder.execute_batch([request], relay.address)
    stage.does("the relay gets it back: the call takes no coins", relay, replace(back, value=1))


def _no_privileges(stage: Stage, relay: Account) -> None:
    market, forwarder = stage.market, stage.market.forwarder
    deputy, pause = stage.person("the deputy"), market.trading.pause()
    stage.chapter("What no request can do")
    stage.says("Functions of a role see the forwarder itself, which has none: privileged calls")
    stage.says("cannot be relayed.")
    grant = market.access.grant_role(Role.GUARDIAN, deputy.address, 0)
    stage.does("a vote has made a deputy guardian", stage.governance, grant)
    stage.refuses(
        "it pauses trading by a request",
        errors.FailedCall,
        relay,
        forwarder.execute(_signed(stage, deputy, pause)),
    )
    stage.does("by a transaction of its own", deputy, pause, "StopLevelChanged")


story = Story(name="relays", contracts=("ERC2771Forwarder",), tell=tell)
cli = walkthrough(str(__doc__), story)
