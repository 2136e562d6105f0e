"""Administration in a browser: the Safe's queue, votes, roles, the deployment."""

from __future__ import annotations

from playwright.sync_api import expect

from energy_grid.chain.accounts import Account
from energy_grid.chain.roles import Role
from energy_grid.domain.enums import StopLevel, Support
from tests.integration.frontend.conftest import Site, window

_FIRST, _SECOND = Account.local(26), Account.local(27)
_PAUSE = {"contract": "Settlement", "function": "pause", "arguments": []}


def _enter(site: Site, who: Account) -> None:
    site.api.exchange.market.node.set_balance(who.address, 10**21)
    site.give_wallet(who)
    site.go("/administration")
    site.sign_in()
    site.page.locator("#who data").wait_for()


def test_administration__of_everybody__shows_who_may_do_what_and_where(site: Site) -> None:
    grid, page = site.api.exchange.grid, site.page
    site.api.post("/safes/guardian/transactions", {"calls": [_PAUSE]}, _FIRST)
    site.go("/administration")
    safe, registrar = grid.require_safe("guardian"), grid.require_safe("registrar")
    assert site.values("#safe-guardian")[0] == safe.address
    expect(page.locator("#safe-guardian")).to_contain_text("2 of 3 owners")
    expect(page.locator("#safe-guardian")).to_contain_text(
        "Its owners sign in to see what waits for them."
    )
    expect(page.locator("article")).to_have_count(0)
    held = {role: site.values(f"#role-{role.name}") for role in Role}
    assert held[Role.METER_REGISTRAR] == [registrar.address]
    assert held[Role.GUARDIAN] == [safe.address]
    assert held[Role.ADMIN] == [grid.timelock.address]
    assert held[Role.KEEPER] == [site.api.exchange.market.roles[Role.KEEPER]]
    contracts = site.api.get("/market").json()["contracts"]
    names = sorted(contracts, key=str.lower)
    assert site.values("#deployment") == [contracts[name] for name in names]
    assert site.values("#health")[1] == "0"


def test_queue__is_signed_sent_and_forgotten(site: Site) -> None:
    grid, page = site.api.exchange.grid, site.page
    first = site.api.post("/safes/guardian/transactions", {"calls": [_PAUSE]}, _SECOND).json()
    site.api.post("/safes/guardian/transactions", {"calls": [_PAUSE, _PAUSE]}, _SECOND)
    _enter(site, _FIRST)
    waiting = page.locator(f"#safe-guardian-{first['nonce']}")
    later = page.locator(f"#safe-guardian-{first['nonce'] + 1}")
    expect(waiting).to_contain_text("pause Settlement")
    expect(waiting).to_contain_text(first["hash"])
    expect(later).to_contain_text("Tried now, it fails: EmergencyStop: the level of the emergency")
    expect(later).to_contain_text("Those before it come first.")
    waiting.get_by_role("button", name="Sign").click()
    expect(page.locator("#said")).to_have_text("Done: your signature is there.")
    expect(waiting).to_contain_text("Signed by 1 of 2.")
    expect(waiting.get_by_role("button", name="Sign")).to_have_count(0)
    later.get_by_role("button", name="Forget").click()
    expect(page.locator("#said")).to_have_text("Done: it is forgotten here.")
    expect(later).to_have_count(0)
    other = window(site)
    _enter(other, _SECOND)
    other.page.get_by_role("button", name="Send: that is your signature").click()
    expect(other.page.locator("#said")).to_have_text("Done: the Safe has carried it out.")
    assert grid.settlement.stop_level() == StopLevel.PAUSED


def test_vote__is_cast_on_what_the_calls_do(site: Site) -> None:
    market, page = site.api.exchange.market, site.page
    grid = site.api.exchange.grid
    known = [Account.local(number) for number in range(20)]
    voter, *others = (each for each in known if grid.votes.balance_of(each.address))
    for each in (voter, *others):
        market.node.set_balance(each.address, 10**21)
    call = grid.carbon.set_emission_factor(300)
    made = grid.propose(voter, [call], "it is cleaner <b>now</b>").execute()
    site.api.live()
    market.go_to(made.vote_start + 2)
    site.api.live()
    _enter(site, voter)
    shown = page.locator(f"#proposal-{made.number}")
    expect(shown).to_contain_text("set the emission factor to 300 g CO2e per kWh")
    expect(shown).to_contain_text("Because: it is cleaner <b>now</b>")
    shown.get_by_role("button", name="Vote for it").click()
    expect(page.locator("#said")).to_have_text("Done: your vote counts.")
    tally = grid.proposal(made.number).tally
    assert tally.for_votes == grid.votes.get_votes(voter.address) > 0
    for each in others:
        grid.vote(each, made, Support.FOR).execute()
    market.go_to(made.vote_end + 1)
    site.go("/administration")
    shown.get_by_role("button", name="Let it wait for its time").click()
    expect(page.locator("#said")).to_have_text("Done: it waits for its time.")
    market.go_to(grid.proposal(made.number).eta + 1)
    site.go("/administration")
    shown.get_by_role("button", name="Carry it out").click()
    expect(page.locator("#said")).to_have_text("Done: it is carried out.")
    assert grid.carbon.emission_factor_of(grid.node.time // 86_400 + 30) == 300
    expect(shown.locator("data").first).to_have_attribute("value", "EXECUTED")


def test_proposal__says_what_it_waits_for_and_the_safe_can_stop_it(site: Site) -> None:
    grid, market, page = site.api.exchange.grid, site.api.exchange.market, site.page
    voters = [Account.local(number) for number in (5, 8)]
    for each in (*voters, _FIRST, _SECOND):
        market.node.set_balance(each.address, 10**21)
    former = grid.propose(voters[0], [grid.carbon.set_emission_factor(300)], "Cleaner").execute()
    limit = grid.settlement.set_outflow_limit(7)
    later = grid.propose(voters[0], [limit], "And less", after=[former]).execute()
    for made in (former, later):
        for each in voters:
            grid.vote(each, made, Support.FOR, wait=True).execute()
    grid.queue_proposal(voters[0], former, wait=True).execute()
    site.api.live()
    _enter(site, _FIRST)
    first, second = (page.locator(f"#proposal-{each.number}") for each in (former, later))
    expect(second).to_contain_text(f"only after proposal {former.number} is executed")
    expect(second).to_contain_text(f"It waits until proposal {former.number} is done.")
    expect(second.get_by_role("button", name="Have the guardian's Safe stop it")).to_have_count(0)
    first.get_by_role("button", name="Have the guardian's Safe stop it").click()
    expect(page.locator("#said")).to_have_text("Done: the Safe's owners can sign that it stops.")
    expect(page.locator("#safe-guardian")).to_contain_text("cancel")
    page.locator("#safe-guardian").get_by_role("button", name="Sign").click()
    expect(page.locator("#said")).to_have_text("Done: your signature is there.")
    other = window(site)
    _enter(other, _SECOND)
    other.page.get_by_role("button", name="Send: that is your signature").click()
    expect(other.page.locator("#said")).to_have_text("Done: the Safe has carried it out.")
    site.go("/administration")
    expect(first.locator("data").first).to_have_attribute("value", "CANCELED")
    expect(second).to_contain_text("It can never be carried out")


def test_payout__that_waits__is_shown_and_the_guardian_can_stop_it(site: Site) -> None:
    grid, market, page = site.api.exchange.grid, site.api.exchange.market, site.page
    treasury = [Account.local(number) for number in (23, 24)]
    for each in (*treasury, _FIRST):
        market.node.set_balance(each.address, 10**21)
    grid.plan(_FIRST, grid.money.faucet(5)).execute()
    grid.plan(_FIRST, grid.money.approve(grid.settlement.address, 5)).execute()
    grid.plan(_FIRST, grid.settlement.fund_grid(5)).execute()
    actor = grid.acting_safe(treasury)
    for amount in (3, 2):
        collect = grid.settlement.collect(amount, _SECOND.address)
        grid.delayed(grid.plan(actor, collect)).execute()
    site.api.live()
    site.go("/administration")
    expect(page.locator("#scheduled article")).to_have_count(2)
    waiting = page.locator("#scheduled-1")
    expect(waiting).to_contain_text("pay 0.000003 tUSD of fees and grid revenue")
    expect(waiting).to_contain_text("Announced by Safe (treasury)")
    expect(waiting).to_contain_text("It can be done from")
    expect(page.locator("#scheduled button")).to_have_count(0)
    _enter(site, _FIRST)
    waiting.get_by_role("button", name="Have the guardian's Safe stop it").click()
    expect(page.locator("#said")).to_have_text("Done: the Safe's owners can sign that it stops.")
    expect(page.locator("#safe-guardian")).to_contain_text(
        "cancel the scheduled call: pay 0.000003"
    )
    market.go_to(market.now + 90_001)
    site.api.live()
    other = window(site)
    _enter(other, treasury[0])
    due = other.page.locator("#scheduled-2")
    expect(due).to_contain_text("It can be done until")
    due.get_by_role("button", name="Have the Safe do it").click()
    expect(other.page.locator("#said")).to_have_text("Done: the Safe's owners can sign it.")
    queue = other.page.locator("#safe-treasury")
    expect(queue).to_contain_text("make the scheduled call: pay 0.000002 tUSD")
    expect(queue).to_contain_text("Tried now, it works.")
