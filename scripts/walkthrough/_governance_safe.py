"""A Safe: an account of several owners, which holds the roles of one kind of power."""

from __future__ import annotations

from typing import Any

from eth_hash.auto import keccak

from energy_grid.chain.contract import Call, Contract
from energy_grid.chain.tx.multisig import Operation, SafeTransaction, joined
from energy_grid.client import Account, errors
from energy_grid.contracts.safe import Safe
from energy_grid.domain.enums import StopLevel
from scripts._walkthrough.stage import Impersonated, Stage

__all__ = ["several_owners"]

NOBODY = "0x" + 40 * "0"
FIRST = (
    "0x" + 39 * "0" + "1"
)  # in front of the first owner in the Safe's list, and of the first module
FREE = (0, 0, 0, NOBODY, NOBODY)  # nobody's gas is refunded
_MAGIC = bytes.fromhex("1626ba7e")


def several_owners(stage: Stage) -> None:
    """Everything of the Safe and of what comes with it. At its end it has a fourth owner."""
    safe = stage.market.require_safe("guardian")
    _signing(stage, safe)
    _checking(stage, safe)
    _at_once(stage, safe)
    _owners(stage, safe)
    _modules(stage, safe)
    _another_one(stage, safe)
    _handler(stage, safe)


def _signing(stage: Stage, safe: Safe) -> None:
    trading, relay = stage.market.trading, stage.person("a relay")
    first_owner, second_owner = Account.local(26), Account.local(27)
    pause = trading.pause()
    stage.chapter("A Safe, the guardian's: two of three owners sign")
    stage.shows("its version", safe.call("VERSION"))
    stage.shows("its owners", safe.get_owners())
    stage.shows("whether the first owner is one", safe.call("isOwner", first_owner.address))
    stage.shows("how many must sign", safe.get_threshold())
    stage.shows("the number of its next transaction", safe.nonce())
    stage.shows("what signatures are for (EIP-712)", safe.call("domainSeparator"))
    transaction = _transaction(pause, safe.nonce())
    digest = _hash(safe, transaction)
    stage.shows("what the owners sign so that trading pauses", digest)
    signatures = {one.address: one.sign(digest).long for one in (first_owner, second_owner)}
    alone = {first_owner.address: signatures[first_owner.address]}
    stage.refuses(
        "with one signature",
        errors.SafeRevert,
        relay,
        stage.market.execute_signed(relay, safe, transaction, alone).calls[0],
        text="GS020",
    )
    (both,) = stage.market.execute_signed(relay, safe, transaction, signatures).calls
    stage.does(
        "with two, which anybody can hand in",
        relay,
        both,
        "ExecutionSuccess",
    )
    stage.check(trading.stop_level() is StopLevel.PAUSED, "trading is not paused")
    stage.refuses(
        "the same signatures again",
        errors.SafeRevert,
        relay,
        both,
        text="GS026",
    )
    stage.does("the SDK signs and sends at once", stage.guardian, trading.unpause())


def _hash(safe: Safe, transaction: SafeTransaction) -> bytes:
    """What the owners sign, as the chain sees it."""
    fields = (transaction.to, transaction.value, transaction.data, transaction.operation)
    return safe.get_transaction_hash(*fields, *FREE, transaction.nonce)


def _checking(stage: Stage, safe: Safe) -> None:
    first_owner, second_owner = Account.local(26), Account.local(27)
    pause = stage.market.trading.pause()
    transaction = _transaction(pause, safe.nonce())
    digest = _hash(safe, transaction)
    approval = safe.prepare("approveHash", digest)
    stage.chapter("Approving by a transaction, and checking signatures")
    stage.refuses(
        "a stranger approves",
        errors.SafeRevert,
        stage.person("a stranger"),
        approval,
        text="GS030",
    )
    stage.does(
        "the second owner approves with a transaction",
        second_owner,
        approval,
        "ApproveHash",
    )
    stage.shows("whether it has", safe.call("approvedHashes", second_owner.address, digest))
    signed = joined({one.address: one.sign(digest).long for one in (first_owner, second_owner)})
    for what, function, arguments in (
        (
            "enough, and of owners",
            "checkSignatures(address,bytes32,bytes)",
            (NOBODY, digest, signed),
        ),
        ("as older programs ask", "checkSignatures(bytes32,bytes,bytes)", (digest, b"", signed)),
        (
            "one of them",
            "checkNSignatures(address,bytes32,bytes,uint256)",
            (NOBODY, digest, signed, 1),
        ),
        (
            "as older programs ask",
            "checkNSignatures(bytes32,bytes,bytes,uint256)",
            (digest, b"", signed, 1),
        ),
    ):
        stage.shows(f"signatures are accepted: {what}", safe.call(function, *arguments))


def _at_once(stage: Stage, safe: Safe) -> None:
    market = stage.market
    multi_send = Contract(
        stage.node, market.deployment.address("MultiSendCallOnly"), "MultiSendCallOnly"
    )
    stoppable = (market.trading, market.settlement, market.spot)
    stage.chapter("Several calls with the signatures of one")
    batch = stage.guardian.batch([one.pause() for one in stoppable])
    through = Call(
        contract="MultiSendCallOnly", function="multiSend", to=multi_send.address, data=batch.data
    )
    stage.does(
        "the whole market pauses, all of it or nothing", stage.guardian, batch, within=[through]
    )
    stage.refuses(
        "once more: nothing of it is done",
        errors.EmergencyStop_WrongLevel,
        stage.guardian,
        batch,
        level=StopLevel.PAUSED,
    )
    stage.does(
        "it goes on", stage.guardian, stage.guardian.batch([one.unpause() for one in stoppable])
    )
    del safe


def _owners(stage: Stage, safe: Safe) -> None:
    first_owner = Account.local(26)
    new_owner, replacement = stage.person("the new owner"), stage.person("the replacement")
    stage.chapter("Owners come and go, by the Safe's own transactions")
    stage.refuses(
        "one owner alone adds the new owner",
        errors.SafeRevert,
        first_owner,
        safe.prepare("addOwnerWithThreshold", new_owner.address, 1),
        text="GS031",
    )
    for what, call, event in (
        (
            "two owners add the new owner",
            safe.prepare("addOwnerWithThreshold", new_owner.address, 2),
            "AddedOwner",
        ),
        (
            "the replacement takes its place",
            safe.prepare("swapOwner", FIRST, new_owner.address, replacement.address),
            "RemovedOwner",
        ),
        (
            "the replacement leaves",
            safe.prepare("removeOwner", FIRST, replacement.address, 2),
            "RemovedOwner",
        ),
        ("two must sign, as before", safe.prepare("changeThreshold", 2), "ChangedThreshold"),
    ):
        stage.does(what, stage.guardian, call, event)
    stage.refuses(
        "as many signatures as there are no owners",
        errors.SafeRevert,
        stage.guardian,
        safe.prepare("changeThreshold", 4),
        text="GS201",
    )


def _modules(stage: Stage, safe: Safe) -> None:
    module = Impersonated(stage.person("a module").address)
    stage.chapter("Modules, guards and what stands behind the Safe")
    stage.says("This market uses none of them; they are the Safe's, and only its owners can set")
    stage.says("them.")
    stage.does(
        "a module may act without signatures",
        stage.guardian,
        safe.prepare("enableModule", module.address),
        "EnabledModule",
    )
    stage.shows("whether it may", safe.call("isModuleEnabled", module.address))
    stage.shows("all modules", safe.call("getModulesPaginated", FIRST, 5)[0])
    pause, go_on = stage.market.trading.pause(), stage.market.trading.unpause()
    for function, call in (
        ("execTransactionFromModule", pause),
        ("execTransactionFromModuleReturnData", go_on),
    ):
        stage.does(
            f"it {'pauses trading' if call is pause else 'resumes it'}",
            module,
            safe.prepare(function, call.to, 0, call.data, Operation.CALL),
            "ExecutionFromModuleSuccess",
        )
    stage.does(
        "the owners end that",
        stage.guardian,
        safe.prepare("disableModule", FIRST, module.address),
        "DisabledModule",
    )
    stage.does("no guard checks its transactions", stage.guardian, safe.prepare("setGuard", NOBODY))
    stage.does("none at modules", stage.guardian, safe.prepare("setModuleGuard", NOBODY))
    handler = stage.market.deployment.address("CompatibilityFallbackHandler")
    stage.does("who answers for it", stage.guardian, safe.prepare("setFallbackHandler", handler))
    stage.shows("a word of its storage: the code behind it", safe.call("getStorageAt", 0, 1)[12:])
    message = keccak(b"a message")
    stage.shows(
        "whether its owners have signed a message on the chain",
        safe.call("signedMessages", message),
    )
    stage.refuses(
        "trying out what it could do leaves nothing behind",
        errors.UnknownRevert,
        stage.person("anybody"),
        safe.prepare("simulateAndRevert", safe.address, b""),
    )


def _another_one(stage: Stage, safe: Safe) -> None:
    factory = Contract(
        stage.node, stage.market.deployment.address("SafeProxyFactory"), "SafeProxyFactory"
    )
    singleton = stage.market.deployment.address("Safe")
    anybody, owner = stage.person("anybody"), stage.person("an owner")
    handler = stage.market.deployment.address("CompatibilityFallbackHandler")
    terms: tuple[Any, ...] = ([owner.address], 1, NOBODY, b"", handler, NOBODY, 0, NOBODY)
    setup = safe.prepare("setup", *terms)
    stage.chapter("Another Safe")
    stage.shows("the chain that it is for", factory.call("getChainId"))
    stage.shows("bytes of a proxy's code", len(factory.call("proxyCreationCode")))
    ways = (
        ("made by the factory", "createProxyWithNonce"),
        ("at another address on each chain", "createChainSpecificProxyWithNonce"),
        ("with an event of all its terms", "createProxyWithNonceL2"),
        ("both", "createChainSpecificProxyWithNonceL2"),
    )
    for salt, (what, function) in enumerate(ways):
        make = factory.prepare(function, singleton, setup.data, salt)
        stage.does(what, anybody, make, "ProxyCreation")
    made = stage.does(
        "one that is not set up yet",
        anybody,
        factory.prepare("createProxyWithNonce", singleton, b"", len(ways)),
        "ProxyCreation",
    )
    fresh = Safe(stage.node, next(one for one in made if one.event == "ProxyCreation")["proxy"])
    stage.watch("Safe", fresh.address)
    stage.does("set up by the first caller", anybody, fresh.prepare("setup", *terms), "SafeSetup")
    stage.refuses(
        "the market's own, by a stranger",
        errors.SafeRevert,
        anybody,
        safe.prepare("setup", *terms),
        text="GS200",
    )


def _handler(stage: Stage, safe: Safe) -> None:
    address = stage.market.deployment.address("CompatibilityFallbackHandler")
    handler = Contract(stage.node, address, "CompatibilityFallbackHandler")
    first_owner, second_owner = Account.local(26), Account.local(27)
    anybody = stage.person("anybody").address
    call = stage.market.trading.pause()

    def asks(function: str, *arguments: Any) -> Any:
        """The Safe hands what it does not know to its handler, in its own name."""
        return handler.call(function, *arguments, sender=safe.address)

    stage.chapter("What its handler answers for the Safe")
    message = b"We, the operators, agree."
    stage.shows("what owners sign of a message", asks("getMessageHash", message))
    digest = handler.call("getMessageHashForSafe", safe.address, message)
    stage.shows("the same, for any Safe", digest)
    stage.shows(
        "before it is hashed", handler.call("encodeMessageDataForSafe", safe.address, message)
    )
    hashed = keccak(message)
    signed_digest = handler.call("getMessageHashForSafe", safe.address, hashed)
    both = joined(
        {one.address: one.sign(signed_digest).long for one in (first_owner, second_owner)}
    )
    answer = asks("isValidSignature", hashed, both)
    stage.check(answer == _MAGIC, f"two owners' signature is answered with {answer!r}")
    stage.shows("that two have signed it (EIP-1271)", answer)
    encoded = asks("encodeTransactionData", call.to, 0, call.data, 0, *FREE, safe.nonce())
    stage.check(
        keccak(encoded) == _hash(safe, _transaction(call, safe.nonce())),
        "the hash of a transaction is another one",
    )
    stage.shows("a transaction before it is hashed", encoded)
    stage.shows("its modules", asks("getModules"))
    for what, function, arguments in (
        ("an NFT", "onERC721Received", (anybody, anybody, 1, b"")),
        ("other tokens", "onERC1155Received", (anybody, anybody, 1, 1, b"")),
        ("several of them", "onERC1155BatchReceived", (anybody, anybody, [1], [1], b"")),
        ("ERC-777 tokens", "tokensReceived", (anybody, anybody, anybody, 1, b"", b"")),
    ):
        stage.shows(f"whether it takes {what}", asks(function, *arguments))
    stage.shows(
        "whether it says so (ERC-165)", asks("supportsInterface", bytes.fromhex("150b7a02"))
    )
    level = stage.market.trading.prepare("stopLevel")
    stage.shows(
        "what a call would return, tried and undone", asks("simulate", level.to, level.data)
    )


def _transaction(call: Call, nonce: int) -> SafeTransaction:
    return SafeTransaction(
        to=call.to, value=call.value, data=call.data, operation=Operation.CALL, nonce=nonce
    )
