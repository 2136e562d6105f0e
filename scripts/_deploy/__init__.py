"""What `ape run deploy` and `ape run check_deployment` are made of.

Ape offers every file below scripts/ as a command, and a folder as a group of them, except where
the name begins with an underscore. A folder `deploy` would take the command's own name.

    networks/    the parameters of each network
    settings     reads and validates them
    accounts     who deploys; nobody whose key is public knowledge
    plan         which contracts, in which order, with which constructor arguments
    journal      what is planned and done, on disk before and after every transaction
    transactions signs with an Ape account, sends, waits
    steps/       one step of a deployment per file, in the order of `steps.STEPS`
    record       the file that a finished deployment leaves
    check/       proves a deployment from the chain alone
"""
