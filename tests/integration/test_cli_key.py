"""Signing in at a backend, as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

from energy_grid.chain.accounts import Account, message_digest
from tests.integration.terminal import Terminal, address

WHO = "local:10"
MESSAGE = (
    f"grid.example wants you to sign in with your Ethereum account:\n{address(WHO)}\n\nShow me."
)


def test_sign_in__a_challenge__is_what_a_session_takes(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "challenge.json"
    file.write_text(json.dumps({"message": MESSAGE, "expires_at": "2027-01-04T11:00:00Z"}))
    command = f"key sign-in {file} --account {WHO} --origin"
    found = json.loads(terminal.says(f"{command} https://grid.example/"))
    signed = Account.local(10).sign(message_digest(MESSAGE)).long.hex()
    assert found == {"message": MESSAGE, "signature": f"0x{signed}"}
    other = terminal.refuses(f"{command} https://other.example", 2)
    assert "the message to sign is not for https://other.example" in other
    file.write_text("{}")
    assert terminal.refuses(f"{command} https://grid.example", 2) == (
        f"{file} is no answer of POST /api/v1/session/challenge"
    )
