"""Key files: made, imported, shown, never overwritten, and never with a key on the command line."""

from __future__ import annotations

import io
import json
import stat
import sys
from functools import partial
from pathlib import Path

import pytest
from eth_account import Account as Keystore

from energy_grid.chain.accounts import Account
from energy_grid.chain.files import created, rewritten
from energy_grid.cli.accounts import account_of, signers_of
from energy_grid.cli.main import main

Output = pytest.CaptureFixture[str]
KEY = "0x" + "7" * 64
ADDRESS = Account.from_key(KEY).address


@pytest.fixture
def password(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("ENERGY_GRID_PASSWORD", "secret")
    return "secret"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "operator.json"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are stretched by next to nothing; the first test shows how they are."""
    encrypt = partial(Keystore.encrypt, kdf="pbkdf2", iterations=2)
    monkeypatch.setattr(Keystore, "encrypt", encrypt)


def _typed(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """Somebody types these; gives what was asked."""
    left, asked = list(answers), []
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.delenv("ENERGY_GRID_PASSWORD", raising=False)
    monkeypatch.delenv("ENERGY_GRID_PASSWORD_FILE", raising=False)
    monkeypatch.setattr("getpass.getpass", lambda prompt: asked.append(prompt) or left.pop(0))
    return asked


def test_new__writes_a_key_that_only_its_user_reads_and_the_password_opens(
    file: Path, password: str, capsys: Output
) -> None:
    assert main(["key", "new", str(file)]) == 0
    output = capsys.readouterr().out
    account = account_of(str(file))
    assert output == f"{file} holds the key of {account.address}: name it with --account {file}\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    crypto = json.loads(file.read_text())["crypto"]
    assert (crypto["kdf"], crypto["kdfparams"]["n"]) == ("scrypt", 2**18)
    assert main(["key", "show", str(file)]) == 0
    assert capsys.readouterr().out == f"{account.address}\n"


def test_new__asks_for_a_password_twice(
    file: Path, quick: None, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    asked = _typed(monkeypatch, "secret", "secret")
    assert main(["key", "new", str(file)]) == 0
    assert asked == ["A password for the new file: ", "The same again: "]
    assert Account.from_keystore(file, "secret").address in capsys.readouterr().out


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        (("secret", "other"), "the two passwords differ: nothing is written"),
        (("",), "a key file needs a password"),
    ],
)
def test_new__bad_passwords__nothing_is_written(
    answers: tuple[str, ...],
    says: str,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Output,
) -> None:
    _typed(monkeypatch, *answers)
    assert main(["key", "new", str(file)]) == 2
    assert capsys.readouterr().err == f"energy-grid: {says}\n"
    assert not file.exists()


def test_new__nobody_to_ask__says_where_a_password_can_be(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    _typed(monkeypatch)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    assert main(["key", "new", str(file)]) == 2
    assert capsys.readouterr().err == (
        "energy-grid: A password for the new file is missing: set ENERGY_GRID_PASSWORD, or"
        " ENERGY_GRID_PASSWORD_FILE\n"
    )
    assert not file.exists()


@pytest.mark.parametrize("command", ["new", "import"])
def test_keys__are_never_overwritten(
    command: str, file: Path, password: str, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(KEY))
    file.write_text("precious")
    assert main(["key", command, str(file)]) == 2
    assert (
        "exists already: choose another name; a key file is never overwritten"
        in capsys.readouterr().err
    )
    assert file.read_text() == "precious"
    link = file.with_name("link.json")
    link.symlink_to(file.with_name("elsewhere.json"))
    assert main(["key", command, str(link)]) == 2
    assert not link.exists()


def test_import__from_a_pipe_or_a_hidden_prompt(
    file: Path, quick: None, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    asked = _typed(monkeypatch, KEY, "secret", "secret")
    assert main(["key", "import", str(file)]) == 0
    assert asked[0] == "The key, which is not shown: "
    assert KEY[2:] not in capsys.readouterr().out
    assert Account.from_keystore(file, "secret").address == ADDRESS
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{KEY[2:]}\n"))
    monkeypatch.setenv("ENERGY_GRID_PASSWORD", "other")
    piped = file.with_name("piped.json")
    assert main(["key", "import", str(piped)]) == 0
    assert Account.from_keystore(piped, "other").address == ADDRESS


def test_import__what_is_no_key__is_refused_and_not_repeated(
    file: Path, password: str, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(KEY[:-1]))
    assert main(["key", "import", str(file)]) == 2
    assert capsys.readouterr().err == "energy-grid: a private key is 64 hexadecimal digits\n"
    assert not file.exists()
    # The key itself can be named nowhere on the line.
    assert main(["key", "import", str(file), KEY]) == 2
    assert KEY[2:] not in capsys.readouterr().err


def test_show__no_file__says_how_to_make_one(file: Path, capsys: Output) -> None:
    assert main(["key", "show", str(file)]) == 2
    assert capsys.readouterr().err == (
        f"energy-grid: there is no key file {file}: energy-grid key new {file} makes one\n"
    )


def test_show__something_else__is_refused(file: Path, password: str, capsys: Output) -> None:
    file.write_text("[" * 10**5)
    assert main(["key", "show", str(file)]) == 2
    assert capsys.readouterr().err == (
        f"energy-grid: {file} is no keystore, or the password is wrong\n"
    )


def test_signers__of_a_local_account__are_of_no_file_with_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dry run would name, and try, another one than the one that sends."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MY_KEY", KEY)
    for word, own in (("local:2", Account.local(2).address), ("env:MY_KEY", ADDRESS)):
        Path(word).write_text(json.dumps({"address": "11" * 20}))
        assert signers_of(word).addresses == (own,)


def test_password__of_a_file__is_its_first_line(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    _typed(monkeypatch)
    words = tmp_path / "words"
    words.write_text("secret\nsomething else\n")
    monkeypatch.setenv("ENERGY_GRID_PASSWORD_FILE", str(words))
    file.write_text(json.dumps(Keystore.encrypt(KEY, "secret", kdf="pbkdf2", iterations=2)))
    assert account_of(str(file)).address == ADDRESS
    monkeypatch.setenv("ENERGY_GRID_PASSWORD_FILE", str(tmp_path / "nothing"))
    assert main(["key", "new", str(tmp_path / "new.json")]) == 2
    assert "cannot read the password in ENERGY_GRID_PASSWORD_FILE=" in capsys.readouterr().err


def test_account__of_ape_s_keystore(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ape writes what eth-account encrypts, into ~/.ape/accounts."""
    folder = tmp_path / ".ape" / "accounts"
    folder.mkdir(parents=True)
    content = Keystore.from_key(KEY).encrypt("secret", kdf="pbkdf2", iterations=2)
    (folder / "deployer.json").write_text(json.dumps(content))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("ENERGY_GRID_PASSWORD", "secret")
    assert account_of("~/.ape/accounts/deployer.json").address == ADDRESS
    monkeypatch.delenv("ENERGY_GRID_PASSWORD")
    assert signers_of("~/.ape/accounts/deployer.json").addresses == (ADDRESS,)


def test_signers__by_address_and_of_the_safe() -> None:
    assert signers_of(ADDRESS.lower()).addresses == (ADDRESS,)
    whole = signers_of("safe")
    assert (whole.safe, whole.addresses) == (True, ())
    some = signers_of(f"safe:local:2, {ADDRESS}")
    assert (some.safe, some.addresses) == (True, (Account.local(2).address, ADDRESS))


def test_files__follow_no_link_and_leave_nothing_half_written(tmp_path: Path) -> None:
    secret, file = tmp_path / "secret", tmp_path / "orders.json"
    secret.write_text("kept")
    file.symlink_to(secret)
    with pytest.raises(FileExistsError), created(file):
        pytest.fail("a link was followed")
    with rewritten(file) as out:
        out.write("new")
    assert (secret.read_text(), file.read_text(), file.is_symlink()) == ("kept", "new", False)
    with pytest.raises(TypeError), rewritten(file) as out:
        out.writelines(["half", 7])  # type: ignore[list-item]
    with pytest.raises(TypeError), created(tmp_path / "other") as out:
        out.writelines(["half", 7])  # type: ignore[list-item]
    assert file.read_text() == "new"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["orders.json", "secret"]
