"""What tokens have in common: ERC-20, and the permits of EIP-2612, shown of each of them."""

from __future__ import annotations

from energy_grid.chain.signing import sign_permit
from energy_grid.client import Account, errors
from energy_grid.contracts.erc20_permit import ERC20Permit
from energy_grid.domain.units import format_money
from energy_grid.market.signing import domain_of
from scripts._walkthrough.stage import Impersonated, Stage

__all__ = ["CENT", "DOLLAR", "NOBODY", "dollars", "exact", "show_erc20", "show_permits"]

# Base units of one test dollar, which is the money of local markets.
DOLLAR = 10**6
CENT = DOLLAR // 100
# No key controls this address; a local chain alone lets it act.
NOBODY = Impersonated("0x" + "0" * 40)

# The order of the curve that keys are points of: the other ``s`` of a signature is this less ``s``.
_CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_HOUR = 3600


def dollars(amount: int) -> str:
    """An amount of test dollars, in words."""
    return format_money(amount, 6, "tUSD")


def exact(amount: int) -> str:
    """Exact money, in thousandths of a base unit, in words."""
    return format_money(amount, 9, "tUSD")


def show_erc20(stage: Stage, token: ERC20Permit, holder: Account, amount: int) -> None:
    """A chapter on a token that is handed over; its holder gets everything back at the end.

    Args:
        amount: base units that the holder moves, of at least 1; it has as many or more.
    """
    stage.chapter(f"{token.name}: an ERC-20 like any other")
    friend = stage.person("a friend")
    name, symbol = token.name_(), token.symbol()
    stage.shows("its name and symbol", (name, symbol))
    decimals = token.decimals()
    stage.shows("digits after the point", decimals)
    stage.shows("base units of all accounts", token.total_supply())
    held = token.balance_of(holder.address)
    stage.shows("base units of the holder", held)
    words = format_money(amount, decimals, symbol)
    stage.does(f"{words} for a friend", holder, token.transfer(friend.address, amount), "Transfer")
    stage.check(
        token.balance_of(holder.address) == held - amount
        and token.balance_of(friend.address) == amount,
        f"{words} were not moved",
    )
    stage.does(
        "the friend allows the holder to take them back",
        friend,
        token.approve(holder.address, amount),
        "Approval",
    )
    stage.shows("what may be taken", token.allowance(friend.address, holder.address))
    stage.refuses(
        "a unit more than that",
        errors.ERC20InsufficientAllowance,
        holder,
        token.transfer_from(friend.address, holder.address, amount + 1),
        allowance=amount,
        needed=amount + 1,
    )
    stage.does(
        "taken back",
        holder,
        token.transfer_from(friend.address, holder.address, amount),
        "Transfer",
    )
    stage.check(token.balance_of(holder.address) == held, f"{words} did not come back")
    stage.check(token.allowance(friend.address, holder.address) == 0, "more can be taken")
    _show_refusals(stage, token, friend)


def show_permits(stage: Stage, token: ERC20Permit, holder: Account, amount: int) -> None:
    """A chapter on allowances by signature; nothing is moved.

    Args:
        amount: base units that the holder allows a friend to take, of at least 1.
    """
    stage.chapter(f"{token.name}: an allowance by signature (EIP-2612)")
    stage.says("The holder signs, which costs no gas; whoever wants the allowance sends it.")
    friend, deadline = stage.person("a friend"), stage.now + _HOUR
    stage.shows("what the signature is for, this token on this chain", domain_of(token))
    stage.shows("the hash of it", token.domain_separator())
    nonce = token.nonces(holder.address)
    stage.shows("the number that the holder's next permit carries", nonce)
    terms = (holder.address, friend.address, amount)
    signature = sign_permit(holder, friend.address, amount, nonce, deadline, domain_of(token))
    r, s = signature.r.to_bytes(32), signature.s.to_bytes(32)
    stage.refuses(
        "the same for twice as much",
        errors.ERC2612InvalidSigner,
        friend,
        token.permit(holder.address, friend.address, 2 * amount, deadline, signature.v, r, s),
        owner=holder.address,
    )
    stage.refuses(
        "a v that is neither 27 nor 28",
        errors.ECDSAInvalidSignature,
        friend,
        token.permit(*terms, deadline, 0, r, s),
    )
    twin = (_CURVE_ORDER - signature.s).to_bytes(32)
    stage.refuses(
        "the other form of the signature, which anyone can compute",
        errors.ECDSAInvalidSignatureS,
        friend,
        token.permit(*terms, deadline, 55 - signature.v, r, twin),
        s=twin,
    )
    stage.refuses(
        "a permit whose time is over",
        errors.ERC2612ExpiredSignature,
        friend,
        token.permit(*terms, stage.now - 1, signature.v, r, s),
        deadline=stage.now - 1,
    )
    permit = token.permit(*terms, deadline, signature.v, r, s)
    stage.does("the friend sends it", friend, permit, "Approval")
    stage.shows("what may be taken", token.allowance(holder.address, friend.address))
    stage.check(token.allowance(holder.address, friend.address) == amount, "it is not allowed")
    stage.check(token.nonces(holder.address) == nonce + 1, "the permit could be used again")
    stage.refuses("a second time", errors.ERC2612InvalidSigner, friend, permit)
    stage.does("the holder takes it back", holder, token.approve(friend.address, 0), "Approval")


def _show_refusals(stage: Stage, token: ERC20Permit, friend: Account) -> None:
    nobody = NOBODY.address
    stage.refuses(
        "the friend gives what it has not",
        errors.ERC20InsufficientBalance,
        friend,
        token.transfer(stage.person("a stranger").address, 1),
        balance=0,
        needed=1,
    )
    for what, error, call in (
        ("given to nobody", errors.ERC20InvalidReceiver, token.transfer(nobody, 0)),
        ("an approval of the zero address", errors.ERC20InvalidSpender, token.approve(nobody, 1)),
    ):
        stage.refuses(what, error, friend, call)
    stage.says("No key controls the zero address. This chain lets it act, to show the error:")
    for what, error, call in (
        ("nobody gives", errors.ERC20InvalidSender, token.transfer(friend.address, 0)),
        ("nobody allows", errors.ERC20InvalidApprover, token.approve(friend.address, 1)),
    ):
        stage.refuses(what, error, NOBODY, call)
