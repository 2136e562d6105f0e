"""What the reader of tutorials takes for a command, and for the same output."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.tutorials import Block, Reader, blocks_of, masked

PAGE = (
    "Words.\n\n```sh\necho a\n```\n\n```text\na\n```\n\n```sh refused\nfalse\n```\n\n```\nno\n```\n"
)


def test_blocks__are_distinguished_by_the_words_behind_their_fences() -> None:
    found = [(each.language, each.words, each.text) for each in blocks_of(PAGE)]
    assert found == [
        ("sh", "", "echo a\n"),
        ("text", "", "a\n"),
        ("sh", "refused", "false\n"),
        ("", "", "no\n"),
    ]
    second = blocks_of(PAGE)[1]
    assert PAGE[second.start :].startswith("a\n```")


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("(transaction 0x9208ffb7…)", "(transaction 0x…)"),
        ("of 0x71bE…5788", "of 0x71bE…5788"),
        ("costs 71,646 gas.", "costs … gas."),
        ("for gas  9999.999571579006037803 of", "for gas  … of"),
        ("0.366 tUSD", "0.366 tUSD"),
        ("from 2027-01-04 12:00:00 UTC", "from 2027-01-04 12:00:00 UTC"),
        ("2027-01-04 12:00 to 13:00 UTC", "2027-01-04 12:00 to 13:00 UTC"),
        ("at 2027-01-04 11:05:09 UTC", "at 2027-01-04 11:mm UTC"),
        ("at 13:00:07", "at 13:mm"),
        ("at 13:01:00", "at 13:mm"),
        ("a  \nb \n\n", "a\nb"),
    ],
)
def test_masked__what_differs_from_day_to_day_alone_is_taken_out(printed: str, shown: str) -> None:
    assert masked(printed) == shown


def read(page: str, folder: Path) -> list[tuple[Block, str]]:
    deployment = folder / "local.json"
    return Reader("http://127.0.0.1:1", deployment, folder).run(page)


def test_reader__commands_and_programs__give_what_they_print(tmp_path: Path) -> None:
    page = (
        "```sh\necho one > kept\necho two \\\n  three\n```\n```text\n```\n"
        "```python\nfrom pathlib import Path\nx = Path('kept').read_text()\n```\n"
        "```python\nprint(x, end='')\n```\n```text\n```\n"
        "```sh refused\necho no >&2; exit 2\n```\n```text\n```\n"
        "```sh setup\nexit 1\n```\n"
        "```sh\necho http://127.0.0.1:8545 deployments/local.json $ENERGY_GRID_RPC\n```\n"
        "```text\n```\n"
    )
    printed = [output for _, output in read(page, tmp_path)]
    assert printed == [
        "two three\n",
        "one\n",
        "no\n",
        "http://127.0.0.1:1 deployments/local.json http://127.0.0.1:1\n",
    ]


@pytest.mark.parametrize(
    "block", ["sh\nfalse", "sh\necho but >&2", "sh refused\ntrue", "python\nraise AssertionError"]
)
def test_reader__what_goes_otherwise_than_it_should__fails(block: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        read(f"```{block}\n```\n", tmp_path)
