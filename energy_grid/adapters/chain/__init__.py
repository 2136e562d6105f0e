"""The chain through web3.py: one typed wrapper per contract, signing, sending, deployments.

    connection   Node: JSON-RPC over one kept-alive session; DevNode adds Anvil's own methods
    anvil        Anvil: a local node as a context manager
    abi          the ABIs shipped with the package, and what is encoded and decoded with them
    errors       contract refusals as Python exceptions, one class per custom error (custom_errors,
                 made from the contracts; refusals, what all have in common)
    events       what contracts tell, one class per event (made too); event_log, what all have
    quantities   the units of what refusals tell
    contract     Contract, the base of the wrappers; Call, what a transaction is to do
    accounts     Account: a private key that signs
    sender       Sender: signs, sends in batches, and sees every transaction through to its end;
                 its parts are courier, flights, journal, receipts, fees, policy, transactions
    multisig     Multisig: a Safe that acts wherever an account does; safe_file, signed apart
    signing      EIP-712 readings, meter registrations, permits
    networks     the networks that are known by name
    deployments  deployments/<network>.json

Wrappers: settlement, trading, metering, grid, operators, load, balancing, stability,
demand_response, oracles, tokens, access, governance, safe. Reads return typed values; writes return
a `Call`, which a `Sender` carries out or `Contract.simulate` only tries.
"""
