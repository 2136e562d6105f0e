"""The chain: connections, transactions, deployments, accounts. It knows no single contract."""
