"""What `ape run publish` is made of: files for explorers and wallets, beside the deployment's.

builds        who compiled which contract, from which sources, with which settings
metadata      the compiler's own record of that, whose hash is in the code on the chain
verification  standard JSON, metadata and constructor arguments per contract
run           checks the deployment's code, and writes it all
"""
