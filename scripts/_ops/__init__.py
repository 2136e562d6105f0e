"""The common parts of the commands in scripts/ops: signers, dry runs, files for a Safe."""
