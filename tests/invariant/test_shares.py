"""A divided asset on the chain and in the model, driven at random together; see README.md."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from eth_account.signers.local import LocalAccount
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
)

from energy_grid.chain.rpc.node import call_parameter
from energy_grid.domain.enums import BuyoutStatus, State
from energy_grid.errors import ContractError, DomainError
from tests.model.shares import BUYOUT_PERIOD, BuyoutOffer, DividedAsset, minimum_price
from tests.support.examples import ChainMachine, Drive, rewound, rule
from tests.support.market import MONDAY, Market, actor
from tests.unit.contracts.shares.division import BOOK_VALUE, OWNER, SHARES, Division, divide

NAMES = ("owner", "holder", "saver", "investor")
FUNDS = 10**15
PRICE = minimum_price(BOOK_VALUE, SHARES)

names = st.sampled_from(NAMES)
amounts = st.sampled_from([0, 1, 2, 99, 100, 150, 299, 300, 10**6 + 1])


class SharesOnChain(ChainMachine):
    """One machine for both; `market` is set by the test. Its money is a token with a blacklist."""

    @initialize()
    def open(self) -> None:
        self.undo = rewound(self.market)
        self.undo.__enter__()
        self.division: Division = divide(self.market, "BlacklistToken")
        self.asset = DividedAsset(SHARES, "owner")
        self.entitled = dict.fromkeys(NAMES, Fraction(0))
        self.paid_to = dict.fromkeys(NAMES, 0)
        self.wallets = dict.fromkeys(NAMES, FUNDS)
        self.listed: set[str] = set()
        self.now = MONDAY + 1000
        for name in NAMES:
            self.division.fund(actor(name), FUNDS)
        for name, shares in (("holder", 99), ("saver", 101), ("investor", 1)):
            self.give("owner", name, shares)

    def teardown(self) -> None:
        if hasattr(self, "undo"):
            self.undo.__exit__(None, None, None)

    def both(
        self,
        model: Callable[[], Any],
        sender: LocalAccount,
        function: str,
        *arguments: Any,
        allowed: bool = True,
    ) -> Any:
        """Do it in the model (unless the token or the price rule does not allow it) and, at the
        same second, on the chain; what the model gave, None where both refuse."""
        given = in_model = on_chain = None
        if allowed:
            try:
                given = model()
            except DomainError as refusal:
                in_model = refusal
        try:
            self.division.at(self.now).do(sender, function, *arguments)
        except ContractError as refusal:
            on_chain = refusal
        expected = allowed and in_model is None
        assert expected == (on_chain is None), f"{function}: {in_model!r} / {on_chain!r}"
        return given if expected else None

    def tick(self) -> int:
        """The second of the next step."""
        self.now += 1
        return self.now

    def number(self, data: st.DataObject) -> int:
        """One of the offers, mostly of the last ones, or one too many."""
        return max(0, len(self.asset.offers) - data.draw(st.sampled_from([0, 0, 0, 1, 1, 2, -1])))

    # Time, the token, revenue

    @rule(seconds=st.sampled_from([3600, BUYOUT_PERIOD // 2, BUYOUT_PERIOD]))
    def wait(self, seconds: int) -> None:
        self.now += seconds

    @rule(name=names)
    def list_or_not(self, name: str) -> None:
        """The token moves nothing from or to this account from now on, or no longer."""
        self.listed ^= {name}
        arguments = (actor(name).address, name in self.listed)
        market, token = self.market.at(self.tick()), self.division.dollar
        market.do(actor("issuer"), token, "setListed", *arguments)

    @rule(amount=amounts, noticed=st.booleans())
    def earn(self, amount: int, noticed: bool) -> None:
        """Somebody pays; the next move of shares notices it at the latest."""
        payer, token = actor("payer"), self.division.dollar
        self.division.fund(payer, amount)
        self.now = max(self.now, self.market.now)
        market = self.market.at(self.tick())
        market.do(payer, token, "transfer", self.division.address, amount)
        self.receive(amount)
        if noticed:
            self.division.at(self.tick()).do(payer, "recordRevenue")

    def receive(self, amount: int, in_model: bool = True) -> None:
        """The exact entitlement follows who holds shares, apart from the model's points."""
        if in_model:
            self.asset.receive(amount)
        for name in NAMES:
            redeemed = self.asset.state is State.REDEEMED
            shares = SHARES * (name == self.redeemer) if redeemed else self.asset.shares_of(name)
            self.entitled[name] += Fraction(amount * shares, SHARES)

    redeemer = ""

    # Holders

    @rule(sender=names, to=names, part=st.sampled_from([1, 2, 3]), less=st.integers(-1, 1))
    def move(self, sender: str, to: str, part: int, less: int) -> None:
        """Some or all of what the sender has, or one share too many."""
        self.give(sender, to, max(0, self.asset.shares_of(sender) // part - less))

    def give(self, sender: str, to: str, shares: int) -> None:
        now = self.tick()
        self.both(
            lambda: self.asset.move(sender, to, shares, now),
            *(actor(sender), "transfer", actor(to).address, shares),
        )

    @rule(name=names)
    def claim(self, name: str) -> None:
        self.tick()
        amount = self.both(
            lambda: self.asset.claim(name),
            *(actor("keeper"), "claimRevenue", actor(name).address),
            allowed=name not in self.listed,
        )
        self.wallets[name] += amount or 0
        self.paid_to[name] += amount or 0

    @precondition(lambda self: self.asset.state is State.HELD)
    @rule(name=names, tries=st.integers(0, 15))
    def redeem(self, name: str, tries: int) -> None:
        """Now and then after the others gave it their shares."""
        if tries == 15:
            for other in sorted(set(NAMES) - {name}):
                self.give(other, name, self.asset.shares_of(other))
        now = self.tick()
        before = self.asset.state
        self.both(lambda: self.asset.redeem(name, now), actor(name), "redeem")
        if before is not self.asset.state:
            self.redeemer = name

    # Buyouts

    @rule(name=names, price=st.sampled_from([PRICE - 1, PRICE, PRICE + 1, 7 * PRICE]))
    def offer(self, name: str, price: int) -> None:
        now = self.tick()
        offered = self.both(
            lambda: self.asset.offer(name, price, now),
            *(actor(name), "offerBuyout", price),
            allowed=price >= PRICE and name not in self.listed,
        )
        if offered:
            self.wallets[name] -= price * SHARES

    @rule(data=st.data(), name=names, accepting=st.sets(names, min_size=1), moved=st.booleans())
    def an_offer_runs_its_time(
        self, data: st.DataObject, name: str, accepting: set[str], moved: bool
    ) -> None:
        """The ordinary course of things."""
        if self.asset.state is not State.HELD:
            return
        self.offer(name, PRICE)
        for holder in sorted(accepting):
            self.accept_as(holder, len(self.asset.offers))
        if moved:
            sender, to = data.draw(names), data.draw(names)
            self.move(sender, to, 2, 0)
        self.conclude_at(len(self.asset.offers), 0)
        self.withdraw_refund(name)

    @precondition(lambda self: self.asset.offers)
    @rule(data=st.data(), accepting=st.sets(names, min_size=1))
    def accept(self, data: st.DataObject, accepting: set[str]) -> None:
        number = self.number(data)
        for name in sorted(accepting):
            self.accept_as(name, number)

    def accept_as(self, name: str, number: int) -> None:
        now = self.tick()
        self.both(
            lambda: self.asset.accept(name, number, now),
            *(actor(name), "acceptBuyout", number),
        )

    @precondition(lambda self: self.asset.offers)
    @rule(data=st.data())
    def retract(self, data: st.DataObject) -> None:
        """By somebody who has accepted, if anybody has."""
        now = self.tick()
        accepted = {name: self.asset.acceptance_of(name, now)[0] for name in NAMES}
        name = data.draw(st.sampled_from([one for one in NAMES if accepted[one]] or NAMES))
        number = accepted[name] or self.number(data)
        self.both(
            lambda: self.asset.retract(name, number, now),
            *(actor(name), "retractAcceptance", number),
        )

    @precondition(lambda self: self.asset.offers)
    @rule(data=st.data(), to_the_end=st.sampled_from([0, -1, None]))
    def conclude(self, data: st.DataObject, to_the_end: int | None) -> None:
        """At its end, a second before, or whenever."""
        self.conclude_at(self.number(data), to_the_end)

    def conclude_at(self, number: int, to_the_end: int | None) -> None:
        self.tick()
        if to_the_end is not None and 1 <= number <= len(self.asset.offers):
            self.now = max(self.now, self.asset.offers[number - 1].ends_at + to_the_end)
        sold = self.both(
            lambda: self.asset.conclude(number, self.now),
            *(actor("keeper"), "concludeBuyout", number),
        )
        if sold:
            price = self.asset.offers[number - 1].price_per_share
            self.receive(price * SHARES, in_model=False)

    @rule(name=names)
    def withdraw_refund(self, name: str) -> None:
        self.tick()
        amount = self.both(
            lambda: self.asset.withdraw_refund(name),
            *(actor("keeper"), "withdrawRefund", actor(name).address),
            allowed=name not in self.listed,
        )
        self.wallets[name] += amount or 0

    # Invariants

    @invariant()
    def the_chain_equals_the_model(self) -> None:
        if not hasattr(self, "undo"):
            return
        division, asset = self.division, self.asset
        shares, token, registry = division.contract, division.dollar, division.registry
        accounts = [actor(name).address for name in NAMES]
        reads = [(token, "balanceOf", (one,)) for one in (division.address, *accounts)]
        for function in ("balanceOf", "claimableOf", "refundOf", "acceptedOf"):
            reads += [(shares, function, (one,)) for one in accounts]
        reads += [(shares, name, ()) for name in ("totalRevenue", "state", "buyoutCount")]
        reads += [(registry, "ownerOf", (7,))]
        reads += [(shares, "buyout", (at,)) for at in range(1, len(asset.offers) + 1)]
        # A view is asked as if at the newest block's time, which is not the model's.
        if self.market.now < self.now:
            self.market.go_to(self.now)
        functions = [contract.abi.function(name) for contract, name, _ in reads]
        answers = self.market.node.rpc_batch(
            [
                ("eth_call", [call_parameter(contract.address, found.encode(given)), "latest"])
                for (contract, _, given), found in zip(reads, functions, strict=True)
            ]
        )
        values = iter(
            found.decode(bytes.fromhex(answer[2:]))
            for found, answer in zip(functions, answers, strict=True)
        )
        assert next(values) == asset.holdings
        assert [next(values) for _ in NAMES] == list(self.wallets.values())
        assert [next(values) for _ in NAMES] == [asset.shares_of(name) for name in NAMES]
        assert [next(values) for _ in NAMES] == [asset.claimable(name) for name in NAMES]
        assert [next(values) for _ in NAMES] == [asset.refunds.get(name, 0) for name in NAMES]
        for name in NAMES:
            assert next(values) == asset.acceptance_of(name, self.now)
        assert [next(values) for _ in range(3)] == [asset.total, asset.state, len(asset.offers)]
        assert next(values) == self.owner_of_the_asset()
        for offer in asset.offers:
            assert next(values) == (
                actor(offer.bidder).address,
                *(offer.price_per_share, offer.ends_at, offer.accepted),
                offer.status,
            )

    @invariant()
    def everybody_gets_the_exact_part_rounded_down(self) -> None:
        if not hasattr(self, "undo"):
            return
        for name in NAMES:
            got = self.paid_to[name] + self.asset.claimable(name)
            assert got == self.entitled[name].numerator // self.entitled[name].denominator
        assert sum(self.entitled.values()) == self.asset.total
        assert self.asset.points == SHARES * self.asset.total

    @invariant()
    def an_asset_is_sold_once_and_only_as_the_rule_says(self) -> None:
        if not hasattr(self, "undo"):
            return
        sold: list[BuyoutOffer] = [
            offer for offer in self.asset.offers if offer.status is BuyoutStatus.SOLD
        ]
        assert len(sold) == (self.asset.state is State.SOLD)
        for offer in sold:
            assert 3 * offer.accepted >= 2 * SHARES
            assert offer.price_per_share * SHARES >= BOOK_VALUE
        running = [offer for offer in self.asset.offers if self.now < offer.ends_at]
        assert sum(offer.accepted for offer in running) <= SHARES

    def owner_of_the_asset(self) -> str:
        if self.asset.state is State.REDEEMED:
            return actor(self.redeemer).address
        (buyer,) = [
            actor(offer.bidder).address
            for offer in self.asset.offers
            if offer.status is BuyoutStatus.SOLD
        ] or [self.division.address]
        return buyer


def test_shares__driven_at_random__agree_with_the_model_and_keep_their_invariants(
    market: Market, drive: Drive
) -> None:
    assert actor("owner").address == OWNER.address
    drive(SharesOnChain, market, examples=15, steps=35)
