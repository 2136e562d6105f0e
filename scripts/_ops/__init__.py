"""What the commands in scripts/ops have in common: who must sign, dry runs, files for a Safe."""
