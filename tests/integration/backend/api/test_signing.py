"""What the interface gives to sign, signed by a key that knows no node."""

from __future__ import annotations

from typing import Any

import pytest

from energy_grid.api.models import Quote, UnsignedCall
from energy_grid.api.signing import sign_call, sign_order
from energy_grid.api.values import time_of
from energy_grid.errors import InputError
from tests.integration.backend.api.conftest import Api
from tests.integration.exchange import HOUR
from tests.support.relaying import DOLLAR, HOUSES, Relaying, document_of

HOUSE, OTHER = HOUSES[:2]


@pytest.fixture
def relaying(api: Api) -> Relaying:
    return Relaying(api.exchange.market, api.exchange.grid, api.database)


def built(api: Api, contract: str, function: str, *arguments: Any) -> UnsignedCall:
    """An unsigned call of the house."""
    wanted = {
        "from": HOUSE.address,
        "contract": contract,
        "function": function,
        "arguments": [*arguments],
    }
    return UnsignedCall.model_validate(api.post("/calls", wanted).json())


def quoted(api: Api) -> Quote:
    """A quote for one of the exchange's traders."""
    wanted = {
        "account": api.exchange.traders[0].address,
        "side": "BUY",
        "amount_wh": 2000,
        "price_per_kwh": 200_000,
        "start": time_of(HOUR.start).isoformat(),
    }
    return Quote.model_validate(api.post("/quote", wanted).json())


def test_call__that_was_built_and_signed__is_relayed(api: Api, relaying: Relaying) -> None:
    api.post("/relay", document_of(relaying.deposit(HOUSE)))
    relaying.run()
    assert relaying.held(HOUSE) == 20
    # The nonce of the deposit is used: what is given to sign has the next one.
    call = built(api, "Settlement", "withdraw", str(5 * DOLLAR), HOUSE.address)
    answer = api.post("/relay", sign_call(HOUSE, call).model_dump(by_alias=True, mode="json"))
    assert answer.status_code == 202, answer.text
    relaying.run()
    assert api.get(f"/relay/{answer.json()['id']}").json()["state"] == "DONE"
    assert relaying.held(HOUSE) == 15


def test_call__that_no_relay_takes__cannot_be_signed_for_one(api: Api) -> None:
    call = built(api, "BalancingCoordination", "completeBalancingAction", "1")
    assert call.relay_typed_data is None
    with pytest.raises(InputError, match=r"\.completeBalancingAction cannot be relayed"):
        sign_call(HOUSE, call)


def test_call__of_another_account_or_changed__is_not_signed(api: Api) -> None:
    call = built(api, "Settlement", "withdraw", "1", HOUSE.address)
    with pytest.raises(InputError, match=f"no ForwardRequest of {OTHER.address}"):
        sign_call(OTHER, call)
    with pytest.raises(InputError, match="another call"):
        sign_call(HOUSE, call.model_copy(update={"data": "0x"}))
    assert call.relay_typed_data is not None
    order = call.relay_typed_data | {"primaryType": "EnergyOrder"}
    with pytest.raises(InputError, match=f"no ForwardRequest of {HOUSE.address}"):
        sign_call(HOUSE, call.model_copy(update={"relay_typed_data": order}))


def test_quote__signed__is_an_order(api: Api) -> None:
    order = sign_order(api.exchange.traders[0], quoted(api))
    answer = api.post("/orders", order.model_dump(by_alias=True, mode="json"))
    assert answer.status_code == 201, answer.text
    assert (answer.json()["side"], answer.json()["amount_wh"]) == ("BUY", 2000)


def test_quote__for_another_account__is_not_signed(api: Api) -> None:
    with pytest.raises(InputError, match=f"no EnergyOrder of {OTHER.address}"):
        sign_order(OTHER, quoted(api))
