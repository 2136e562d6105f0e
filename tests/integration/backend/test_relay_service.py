"""The relay's service: each account by itself, within its gas, once, whatever dies."""

from __future__ import annotations

from itertools import count

import pytest
from sqlalchemy import delete

from energy_grid.backend.relay_service.budget import LEAST_GAS, RelayLimits
from energy_grid.backend.relay_service.door import RelayOrderError, RelayQuotaError
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.journal import DatabaseJournal
from energy_grid.backend.store.relays import RELAYED_CALLS
from energy_grid.chain.accounts import Account
from energy_grid.chain.tx.sender import FundsMissingError
from energy_grid.client import EnergyGrid
from energy_grid.errors import InputError
from tests.support.killing import KilledError, dying
from tests.support.market import DAY, Market, actor
from tests.support.relaying import DOLLAR, HOUSES, RELAY, Relaying

HOUSE, OTHER = HOUSES[:2]
ASKER = "192.0.2.1"


@pytest.fixture
def relaying(market: Market, grid: EnergyGrid, database: Database) -> Relaying:
    return Relaying(market, grid, database)


def metered(relaying: Relaying) -> Account:
    """An account with a meter, and money that is free."""
    holder = actor("neighbour")
    relaying.market.register_meter(holder)
    relaying.market.deposit(holder, DOLLAR)
    return Account(holder.key)


def test_calls__of_several_accounts__are_made_in_their_order(relaying: Relaying) -> None:
    door = relaying.door()
    for house in (HOUSE, OTHER):
        door.submit(relaying.deposit(house), ASKER)
        door.submit(relaying.withdraw(house, 5, nonce=1), ASKER)
    service = relaying.service()
    relaying.run(service)
    assert relaying.states() == ["DONE"] * 4
    assert [relaying.held(each) for each in (HOUSE, OTHER)] == [15, 15]
    node = relaying.market.node
    assert [node.balance(each.address) for each in (HOUSE, OTHER)] == [0, 0]
    used = sum(row["gas"] for row in relaying.rows())
    service.step()
    assert service.describe() == f"4 done; 0 wait; {used:,} of 500,000,000 gas today"
    assert service.metrics()["done_total"] == 4


def test_call_that_reverts__is_refused_alone_and_not_sent(relaying: Relaying) -> None:
    door = relaying.door()
    door.submit(relaying.deposit(HOUSE), ASKER)
    door.submit(relaying.withdraw(HOUSE, 50, nonce=1), ASKER)
    behind = relaying.withdraw(HOUSE, 1, nonce=2)
    door.submit(behind, ASKER)
    door.submit(relaying.deposit(OTHER), ASKER)
    relaying.run()
    assert relaying.states() == ["DONE", "REFUSED", "REFUSED", "DONE"]
    rows = relaying.rows()
    assert rows[1]["detail"].startswith("Settlement: insufficient balance")
    assert rows[2]["detail"] == (
        "the call with the nonce 1 was not made: send it first, then this one again"
    )
    assert rows[1]["gas"] == rows[2]["gas"] == LEAST_GAS
    assert relaying.market.node.nonce(RELAY.address) == 2
    # What was never sent has its turn again.
    door.submit(relaying.withdraw(HOUSE, 2, nonce=1), ASKER)
    assert door.submit(behind, ASKER)["state"] == "RECEIVED"
    relaying.run()
    assert relaying.states() == ["DONE", "REFUSED", "DONE", "DONE", "DONE"]
    assert relaying.held(HOUSE) == 17


def test_call_that_reverts_on_chain__is_paid_of_its_own_account(relaying: Relaying) -> None:
    door, service = relaying.door(), relaying.service()
    for house in (HOUSE, OTHER):
        door.submit(relaying.deposit(house), ASKER)
    relaying.run(service)
    for house in (HOUSE, OTHER):
        door.submit(relaying.withdraw(house, 20), ASKER)
    market = relaying.market
    service.before_sending = lambda: market.do(
        HOUSE.address, market.settlement, "withdraw", DOLLAR, HOUSE.address
    )
    relaying.run(service)
    assert relaying.states() == ["DONE", "DONE", "FAILED", "DONE"]
    failed = relaying.rows()[2]
    assert failed["detail"].startswith("Settlement: insufficient balance")
    assert failed["gas"] > 21_000
    assert failed["transaction"] is not None
    paid = dict.fromkeys((HOUSE.address, OTHER.address), 0)
    for row in relaying.rows():
        paid[row["account"]] += row["gas"]
    # The gas of a failure is counted like any other: this account has no more today.
    limits = RelayLimits(gas=500_000_000, account_gas=paid[HOUSE.address])
    with pytest.raises(RelayQuotaError, match=f"today for the account {HOUSE.address} is used up"):
        relaying.door(limits).submit(relaying.withdraw(HOUSE, 1), ASKER)


def test_account_gas__used_up__waits_for_tomorrow(relaying: Relaying) -> None:
    door = relaying.door()
    door.submit(relaying.deposit(HOUSE), ASKER)
    limits = RelayLimits(gas=500_000_000, account_gas=relaying.rows()[0]["gas"])
    # Their turn is to come, so nobody knows their gas before.
    for nonce in range(1, 4):
        until = relaying.market.now + 2 * DAY
        door.submit(relaying.withdraw(HOUSE, 5, nonce=nonce, deadline=until), ASKER)
    relaying.run(relaying.service(limits))
    made = relaying.states().count("DONE")
    assert relaying.states() == ["DONE"] * made + ["RECEIVED"] * (4 - made)
    assert 1 <= made < 4
    assert relaying.lines[-1].startswith(f"relay: the gas of today for the account {HOUSE.address}")
    now = relaying.market.now
    spent = RelayLimits(gas=500_000_000, account_gas=sum(row["gas"] for row in relaying.rows()))
    with pytest.raises(RelayQuotaError) as refused:
        relaying.door(spent).submit(relaying.withdraw(HOUSE, 1, nonce=4), ASKER)
    assert DAY - now % DAY - 5 <= refused.value.seconds <= DAY - now % DAY
    # Nobody else waits for it.
    relaying.door(limits).submit(relaying.deposit(OTHER), ASKER)
    relaying.run(relaying.service(limits))
    assert relaying.states()[-2:] == ["RECEIVED", "DONE"]
    relaying.tomorrow()
    relaying.run(relaying.service(limits))
    assert relaying.states() == ["DONE"] * 5


def test_call__larger_than_any_day__is_refused(relaying: Relaying) -> None:
    limits = RelayLimits(gas=500_000_000, account_gas=50_000)
    with pytest.raises(InputError, match=r"and the account .* may take 50,000 a day: send it"):
        relaying.door(limits).submit(relaying.deposit(HOUSE), ASKER)
    relaying.door().submit(relaying.deposit(HOUSE), ASKER)
    relaying.run(relaying.service(limits))
    (row,) = relaying.rows()
    assert (row["state"], row["gas"]) == ("REFUSED", LEAST_GAS)
    assert row["detail"].endswith("may take 50,000 a day: send it yourself")


def test_strangers__have_a_fifth_of_the_day_and_neighbours_the_rest(relaying: Relaying) -> None:
    neighbour = metered(relaying)
    relaying.door().submit(relaying.deposit(HOUSE), ASKER)
    one = relaying.rows()[0]["gas"]
    # Room for one stranger's call.
    limits = RelayLimits(gas=6 * one, account_gas=0)
    door = relaying.door(limits)
    with pytest.raises(RelayQuotaError, match="today for accounts without a meter is used up"):
        door.submit(relaying.deposit(OTHER), ASKER)
    relaying.run(relaying.service(limits))
    assert relaying.states() == ["DONE"]
    with pytest.raises(RelayQuotaError, match="today for accounts without a meter is used up"):
        door.submit(relaying.deposit(OTHER), ASKER)
    assert not door.submit(relaying.withdraw(neighbour, 1), ASKER)["is_stranger"]
    relaying.run(relaying.service(limits))
    assert relaying.states() == ["DONE", "DONE"]


def test_strangers__that_one_network_address_brings__have_a_fiftieth(relaying: Relaying) -> None:
    one = relaying.grid.gas_to_relay(OTHER.address, relaying.deposit(OTHER))
    limits = RelayLimits(gas=50 * (2 * one + 5000), account_gas=0)
    door = relaying.door(limits)
    for house in HOUSES[:2]:
        door.submit(relaying.deposit(house), ASKER)
    with pytest.raises(RelayQuotaError, match=f"a meter that {ASKER} brings is used up") as told:
        door.submit(relaying.deposit(HOUSES[2]), ASKER)
    assert 0 < told.value.seconds <= DAY
    # Neither a household with a meter, nor who asks from elsewhere, waits for it.
    door.submit(relaying.withdraw(metered(relaying), 1), ASKER)
    door.submit(relaying.deposit(HOUSES[2]), "192.0.2.2")
    relaying.tomorrow()
    door.submit(relaying.deposit(HOUSES[3]), ASKER)


def test_all_gas__used_up__everybody_waits(relaying: Relaying) -> None:
    neighbour = metered(relaying)
    for house in (HOUSE, OTHER):
        relaying.door().submit(relaying.deposit(house), ASKER)
    limits = RelayLimits(gas=sum(row["gas"] for row in relaying.rows()), account_gas=0)
    with pytest.raises(RelayQuotaError, match="the gas of today for all accounts is used up"):
        relaying.door(limits).submit(relaying.withdraw(neighbour, 1), ASKER)


def test_calls__that_were_not_sent__count_a_little(relaying: Relaying) -> None:
    """Else one account after the other would fill the store with what is void a moment later."""
    call = relaying.deposit(HOUSE)
    relaying.door().submit(call, ASKER)
    relaying.market.go_to(call.request.deadline + 1)
    relaying.run()
    assert relaying.states() == ["EXPIRED"]
    one = relaying.grid.gas_to_relay(OTHER.address, relaying.deposit(OTHER))
    short = RelayLimits(gas=5 * (one + LEAST_GAS - 1000), account_gas=0)
    with pytest.raises(RelayQuotaError, match="50,000 of"):
        relaying.door(short).submit(relaying.deposit(OTHER), ASKER)
    enough = RelayLimits(gas=5 * (one + LEAST_GAS + 1000), account_gas=0)
    relaying.door(enough).submit(relaying.deposit(OTHER), ASKER)


def test_call__that_no_node_takes__is_told_and_can_be_sent_again(relaying: Relaying) -> None:
    door, service, call = relaying.door(), relaying.service(), relaying.deposit(HOUSE)
    node, nonce = relaying.market.node, relaying.market.node.nonce(RELAY.address)
    door.submit(call, ASKER)
    limit = node.block()["gasLimit"]
    service.before_sending = lambda: node.rpc("evm_setBlockGasLimit", hex(100_000))
    relaying.run(service)
    node.rpc("evm_setBlockGasLimit", limit)
    (row,) = relaying.rows()
    assert (row["state"], row["gas"]) == ("REFUSED", LEAST_GAS)
    assert row["detail"] == "the node did not take it: send the same call again"
    assert relaying.lines[-1].startswith(f"relay: {row['id']} was not sent: the node rejects")
    door.submit(call, ASKER)
    relaying.run(service)
    assert (relaying.states(), relaying.held(HOUSE)) == (["DONE"], 20)
    assert node.nonce(RELAY.address) == nonce + 1


def test_call__that_failed_in_a_state_that_is_gone__is_told_so(relaying: Relaying) -> None:
    door, service, grid = relaying.door(), relaying.service(), relaying.grid
    market = relaying.market
    approval = grid.money.approve(grid.settlement.address, 5 * DOLLAR)
    (permit,) = grid.sign_calls(OTHER, [approval])
    for each in (relaying.deposit(HOUSE), permit):
        door.submit(each, ASKER)
    relaying.run(service)
    door.submit(relaying.withdraw(HOUSE, 20), ASKER)
    # Sent behind it, for the same account: what was short is there again.
    again = grid.settlement.deposit_for(HOUSE.address, 5 * DOLLAR)
    door.submit(relaying.signed(OTHER, again), ASKER)
    service.before_sending = lambda: market.do(
        HOUSE.address, market.settlement, "withdraw", DOLLAR, HOUSE.address
    )
    relaying.run(service)
    assert relaying.states() == ["DONE", "DONE", "FAILED", "DONE"]
    assert relaying.rows()[2]["detail"] == (
        "its contract refused it in that block, and no longer does: sign it again"
    )


def test_deadline_over__expires(relaying: Relaying) -> None:
    door = relaying.door()
    call = relaying.deposit(HOUSE)
    door.submit(call, ASKER)
    relaying.market.go_to(call.request.deadline + 1)
    relaying.run()
    (row,) = relaying.rows()
    assert (row["state"], row["detail"]) == ("EXPIRED", "its deadline is over: sign it again")
    with pytest.raises(InputError, match="the deadline of the call is over"):
        door.submit(call, ASKER)


def test_call__that_another_relay_has_sent__is_done(relaying: Relaying) -> None:
    """Anybody can send it, who sees it on its way."""
    door, call = relaying.door(), relaying.deposit(HOUSE)
    door.submit(call, ASKER)
    node = relaying.market.node
    snapshot = node.snapshot()
    (receipt,) = relaying.grid.relay_calls(Account.local(10), [call]).execute()
    service = relaying.service()
    relaying.run(service)
    (row,) = relaying.rows()
    assert (row["state"], row["gas"], row["detail"]) == ("DONE", LEAST_GAS, None)
    assert (row["transaction"], row["block"]) == (receipt.transaction, receipt.block)
    assert node.nonce(RELAY.address) == 0
    # Their block goes: the relay sends it now.
    node.revert(snapshot)
    node.mine(3)
    relaying.run(service)
    (row,) = relaying.rows()
    assert (row["state"], relaying.held(HOUSE)) == ("DONE", 20)
    assert row["transaction"] != receipt.transaction
    assert node.nonce(RELAY.address) == 1


def test_call__that_another_sends_before_the_relay__is_done(relaying: Relaying) -> None:
    door, service, call = relaying.door(), relaying.service(), relaying.deposit(HOUSE)
    door.submit(call, ASKER)
    theirs: list[str] = []

    def be_first() -> None:
        (receipt,) = relaying.grid.relay_calls(Account.local(10), [call]).execute()
        theirs.append(receipt.transaction)

    service.before_sending = be_first
    relaying.run(service)
    (row,) = relaying.rows()
    assert (row["state"], row["transaction"]) == ("DONE", theirs[0])
    # What the relay spent in vain counts.
    assert row["gas"] != LEAST_GAS
    assert relaying.market.node.nonce(RELAY.address) == 1


def test_call__that_fails_in_anothers_batch__has_failed(relaying: Relaying) -> None:
    door = relaying.door()
    door.submit(relaying.deposit(HOUSE), ASKER)
    relaying.run()
    call = relaying.withdraw(HOUSE, 50, nonce=1)
    forwarder = relaying.grid.forwarder
    door.submit(relaying.withdraw(HOUSE, 20, nonce=1), ASKER)
    batch = forwarder.execute_batch([call.request], RELAY.address)
    relaying.grid.plan(Account.local(10), batch).execute()
    relaying.run()
    # Another call had the nonce: nobody knows of the one that waited.
    assert relaying.states() == ["DONE", "REFUSED"]
    assert relaying.rows()[1]["detail"] == (
        "the nonce 1 was used in a way that the relay does not see: look whether this call took"
        " effect before you sign it again"
    )
    call = relaying.withdraw(HOUSE, 20, nonce=2)
    door.submit(call, ASKER)
    relaying.market.do(
        HOUSE.address, relaying.market.settlement, "withdraw", 10 * DOLLAR, HOUSE.address
    )
    batch = forwarder.execute_batch([call.request], RELAY.address)
    relaying.grid.plan(Account.local(10), batch).execute()
    relaying.run()
    row = relaying.rows()[2]
    assert (row["state"], row["gas"]) == ("FAILED", LEAST_GAS)
    assert row["detail"] == "its contract refused it in that block: sign it again"
    with pytest.raises(RelayOrderError, match="the nonce 1 is used, perhaps for this very"):
        door.submit(relaying.withdraw(HOUSE, 20, nonce=1), ASKER)


def test_relay_without_coin__waits_until_it_has_some(relaying: Relaying) -> None:
    relaying.door().submit(relaying.deposit(HOUSE), ASKER)
    relaying.market.node.set_balance(RELAY.address, 0)
    service = relaying.service()
    with pytest.raises(FundsMissingError):
        service.step()
    relaying.market.node.set_balance(RELAY.address, 10**21)
    relaying.run(service)
    assert relaying.states() == ["DONE"]


def test_reorganisation__the_same_bytes_come_again(relaying: Relaying) -> None:
    door, node = relaying.door(), relaying.market.node
    door.submit(relaying.deposit(HOUSE), ASKER)
    before = node.snapshot()
    service = relaying.service()
    relaying.run(service)
    transaction = relaying.rows()[0]["transaction"]
    node.revert(before)
    assert relaying.held(HOUSE) == 0
    node.mine(3)
    relaying.run(service)
    (row,) = relaying.rows()
    assert (row["state"], row["transaction"]) == ("DONE", transaction)
    assert row["block"] == int(node.receipt(transaction)["blockNumber"], 16)
    assert relaying.held(HOUSE) == 20
    # What is final is followed no more.
    node.mine(9)
    relaying.run(service)
    journal = DatabaseJournal(relaying.database, "relay", lambda: node.time)
    assert not journal.by_key


def test_killed_at_every_moment__every_call_is_made_once(
    relaying: Relaying, database: Database
) -> None:
    node, call = relaying.market.node, relaying.deposit(HOUSE)
    nonce, killed = node.nonce(RELAY.address), 0
    for moment in count(1):
        snapshot = node.snapshot()
        relaying.door().submit(call, ASKER)
        try:
            with dying(database, relaying.grid.node, moment):
                relaying.run()
        except KilledError:
            killed += 1
        else:
            break
        finally:
            relaying.run()
            (row,) = relaying.rows()
            assert (row["state"], relaying.held(HOUSE)) == ("DONE", 20), f"killed at {moment}"
            assert node.nonce(RELAY.address) == nonce + 1, f"killed at {moment}"
            assert row["gas"] == int(node.receipt(row["transaction"])["gasUsed"], 16)
            node.revert(snapshot)
            DatabaseJournal(database, "relay", lambda: node.time).forget()
            with database.writing() as connection:
                connection.execute(delete(RELAYED_CALLS))
    assert killed > 30


def test_ended_calls__are_forgotten_after_a_month(relaying: Relaying) -> None:
    relaying.door().submit(relaying.deposit(HOUSE), ASKER)
    relaying.run()
    relaying.market.node.mine(9)
    relaying.market.go_to(relaying.market.now + 29 * DAY)
    relaying.run()
    assert len(relaying.rows()) == 1
    relaying.market.go_to(relaying.market.now + 2 * DAY)
    relaying.run()
    assert not relaying.rows()
