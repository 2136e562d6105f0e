"""What is signed elsewhere: transactions and orders, with eth-account as the signer."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account as Wallet
from eth_account.messages import encode_typed_data

from energy_grid.client import OrderType
from tests.integration.terminal import STRANGER, Terminal, address
from tests.support.signed_orders import deploy_wallet

KEY = "0x" + "7" * 64
ELSEWHERE = Wallet.from_key(KEY).address
REGISTER = "operator register 'Village Grid' village --capacity 2MW"
_MALFORMED = (
    "this is not a signed transaction of type 2 (EIP-1559): sign the output of --dry-run --json"
)
SIGN = "order sign buy --amount 2.4 --price 0.25 --start 2024-01-02 --period daily"


@pytest.fixture
def funded(terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.chdir(tmp_path)
    terminal.market.node.set_balance(ELSEWHERE, 10**21)
    return terminal


def _signed(terminal: Terminal, command: str = REGISTER, **changes: Any) -> str:
    (planned,) = terminal.plans(ELSEWHERE, command)["transactions"]
    (unsigned,) = planned["unsigned"]["params"]
    raw = Wallet.sign_transaction({**unsigned, **changes}, KEY).raw_transaction
    return f"0x{raw.hex()}"


def test_send__what_a_dry_run_has_shown_and_a_wallet_has_signed(funded: Terminal) -> None:
    Path("signed.txt").write_text(f"{_signed(funded)}\n")
    (planned,) = funded.answers("send signed.txt --dry-run")["transactions"]
    assert (planned["outcome"], planned["function"]) == (
        "succeeds",
        "registerOperator(string,bytes32,uint256)",
    )
    assert funded.market.node.nonce(ELSEWHERE) == 0
    output = funded.says("send signed.txt")
    assert output.startswith(
        f"Sent GridOperatorVerification.registerOperator of {ELSEWHERE}: transaction 0x"
    )
    assert funded.answers(f"operator show {ELSEWHERE}")["status"] == "REGISTERED"
    # Sent again, it has happened once.
    (again,) = funded.answers("send signed.txt")["transactions"]
    assert again["transaction"] == output.rpartition(" ")[2]
    assert funded.market.node.nonce(ELSEWHERE) == 1


def test_unsigned__is_a_request_that_a_wallet_can_send(funded: Terminal) -> None:
    """Here the node has the key, as a wallet has it."""
    node = funded.market.node
    (planned,) = funded.plans(STRANGER, REGISTER)["transactions"]
    request = planned["unsigned"]
    assert (request["jsonrpc"], request["method"]) == ("2.0", "eth_sendTransaction")
    transaction = node.rpc(request["method"], *request["params"])
    node.mine()
    assert int(node.rpc("eth_getTransactionReceipt", transaction)["status"], 16) == 1
    assert funded.answers(f"operator show {STRANGER}")["name"] == "Village Grid"


def test_send__from_a_pipe_and_out_of_json(
    funded: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = json.dumps({"raw": _signed(funded), "tx": {}})
    monkeypatch.setattr(sys, "stdin", io.StringIO(document))
    assert "registerOperator" in funded.says("send -")
    assert funded.answers(f"operator show {ELSEWHERE}")["name"] == "Village Grid"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("hello", "signed.txt has no signed transaction in hexadecimal digits"),
        ("{}", "signed.txt has no signed transaction in hexadecimal digits"),
        pytest.param(
            "[" * 10**5, "signed.txt has no signed transaction in hexadecimal digits", id="deep"
        ),
        ("0x", _MALFORMED),
        ("0x02c0", _MALFORMED),
        ("0x0201", _MALFORMED),
        # A signature that is none, and an access list that is none.
        (f"0x02e4827a6980010182520894{'11' * 20}8080c0800501", _MALFORMED),
        (f"0x02e4827a6980010182520894{'11' * 20}808001800501", _MALFORMED),
    ],
)
def test_send__what_is_no_transaction__is_refused(
    funded: Terminal, content: str, says: str
) -> None:
    Path("signed.txt").write_text(content)
    assert funded.refuses("send signed.txt", code=2) == says
    assert funded.refuses("send nothing.txt", code=2) == "cannot read nothing.txt"


def test_send__for_elsewhere_or_another_turn__is_refused(funded: Terminal) -> None:
    def refusal(code: int = 2, **changes: Any) -> str:
        Path("signed.txt").write_text(_signed(funded, **changes))
        return funded.refuses("send signed.txt", code=code)

    assert refusal(chainId=5) == "the transaction is for chain 5, and this is chain 31337"
    assert refusal(to=address(STRANGER)) == (
        f"the transaction calls no function of this market, at {address(STRANGER)}"
    )
    assert refusal(data="0x12345678").startswith("the transaction calls no function of this market")
    assert refusal(nonce=7) == (
        f"it is signed for the nonce 7, and the next nonce of {ELSEWHERE} is 0: sign it again"
        " with that nonce"
    )
    Path("first.txt").write_text(_signed(funded))
    funded.says("send first.txt")
    Path("second.txt").write_text(Path("first.txt").read_text())
    refused = _refused_now(funded)
    Path("signed.txt").write_text(refused)
    assert funded.refuses("send signed.txt").startswith("GridOperatorVerification: ")
    assert funded.market.node.nonce(ELSEWHERE) == 1


def _refused_now(terminal: Terminal) -> str:
    """Registering again, with a nonce that is right and gas that is named."""
    (planned,) = terminal.plans(ELSEWHERE, "govern delegate")["transactions"]
    market = terminal.market
    call = market.operators.prepare("registerOperator", "Again", b"village".ljust(32, b"\0"), 5)
    (unsigned,) = planned["unsigned"]["params"]
    request = {**unsigned, "to": call.to, "data": f"0x{call.data.hex()}"}
    return f"0x{Wallet.sign_transaction(request, KEY).raw_transaction.hex()}"


def test_order__signed_by_a_wallet__is_added_and_authentic(funded: Terminal) -> None:
    typed = funded.says(f"{SIGN} --unsigned --account {ELSEWHERE}")
    Path("order.typed.json").write_text(typed)
    assert not Path("orders.json").exists()
    found = json.loads(typed)
    assert found["message"] | {"validUntil": 0} == {
        "trader": ELSEWHERE,
        "side": "BUY",
        "amountWh": 2400,
        "pricePerKwh": 250_000,
        "period": "DAILY",
        "deliveryStart": 1704153600,
        "validUntil": 0,
        "nonce": 0,
    }
    signature = Wallet.sign_message(encode_typed_data(full_message=found), KEY).signature
    output = funded.shows(f"order add order.typed.json 0x{signature.hex()}")
    assert output.startswith(f"Added the order of {ELSEWHERE}: buy up to 2.4 kWh")
    assert output.endswith("; orders.json has 1 order")
    (verified,) = funded.answers("order verify orders.json")
    assert (verified["authentic"], verified["signer"]) == (True, ELSEWHERE)
    again = funded.refuses(f"order add order.typed.json 0x{signature.hex()}", code=2)
    assert again == ("orders.json has an order of this trader with the nonce 0: sign another nonce")


def test_order__signed_by_somebody_else__is_not_added(funded: Terminal) -> None:
    typed = funded.says(f"{SIGN} --unsigned --account {ELSEWHERE}")
    Path("order.typed.json").write_text(typed)
    message = encode_typed_data(full_message=json.loads(typed))
    other = Wallet.from_key("0x" + "8" * 64)
    signature = Wallet.sign_message(message, other.key).signature
    assert funded.refuses(f"order add order.typed.json 0x{signature.hex()}", code=2) == (
        f"the order is not added: the signature is {other.address}'s, not its trader's"
    )
    assert funded.refuses("order add order.typed.json 0x1234", code=2) == (
        "the order is not added: its trader, a contract wallet, does not confirm the signature"
    )
    assert not Path("orders.json").exists()


def test_order__of_a_contract_wallet__is_added_if_the_wallet_confirms_it(funded: Terminal) -> None:
    wallet = deploy_wallet(funded.market, Wallet.from_key(KEY)).address
    Path("order.typed.json").write_text(funded.says(f"{SIGN} --unsigned --account {wallet}"))
    message = encode_typed_data(full_message=json.loads(Path("order.typed.json").read_text()))
    signature = Wallet.sign_message(message, KEY).signature
    funded.shows(f"order add order.typed.json 0x{signature.hex()}")
    (published,) = json.loads(Path("orders.json").read_text())
    assert (published["trader"], published["byContract"]) == (wallet, True)
    assert published["side"] == OrderType.BUY.name


def test_order_add__something_else_than_typed_data__is_refused(funded: Terminal) -> None:
    Path("order.typed.json").write_text("{}")
    assert funded.refuses("order add order.typed.json 0x12", code=2) == (
        "order.typed.json has no typed data of an order"
    )
    assert "this is not a signature: write 0x and hexadecimal digits" in funded.refuses(
        "order add order.typed.json 12", code=2
    )


def test_deposit__by_a_key_here_is_permitted_and_by_one_elsewhere_approved(
    funded: Terminal,
) -> None:
    funded.market.do(ELSEWHERE, funded.market.dollar, "faucet", 5_000_000)
    calls = funded.plans(ELSEWHERE, "money deposit --amount 5")["transactions"]
    assert [each["function"].partition("(")[0] for each in calls] == ["approve", "depositFor"]
    funded.market.give_money(address(STRANGER), 5_000_000)
    (only,) = funded.plans(STRANGER, "money deposit --amount 5")["transactions"]
    assert only["function"].startswith("depositWithPermit(")
