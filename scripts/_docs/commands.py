"""A page for each group of commands, from the commands themselves.

Examples are the first uses of a command in README.md and the tutorials, which tests run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from energy_grid.cli.groups import GROUPS
from energy_grid.cli.main import command_tree, group
from scripts._docs.solidity import ROOT

__all__ = ["EXAMPLES_IN", "command_pages", "commands"]

_FOLDER = Path("reference/cli")
_NOTE = "<!-- Written by `make docs` from the commands in energy_grid/: change those. -->"
_NAME = "energy-grid"
EXAMPLES_IN = (
    *(f"docs/tutorials/{name}.md" for name in ("prosumer", "plant", "grid-operator", "deployer")),
    "README.md",
)
Words = tuple[str, ...]
_EXIT_CODES = """\
| Code | Meaning |
|---|---|
| 0 | The command succeeded; of a command that sends, all calls took effect. |
| 1 | An error, such as a call that reverts. Calls that took effect before are not undone. |
| 2 | A wrong argument or option. |
| 3 | Drafted: the Safe needs more signatures. Files hold the calls, and nothing was sent. |
| 130 | Interrupted with Ctrl-C. |"""


def commands() -> dict[Words, Any]:
    """Every command that does something, by its words."""
    return dict(each for name in GROUPS for each in _below(group(name), (name,)))


def _below(command: Any, words: Words) -> Iterator[tuple[Words, Any]]:
    inner: Mapping[str, Any] | None = getattr(command, "commands", None)
    if inner is None:
        yield words, command
        return
    for name, each in inner.items():
        yield from _below(each, (*words, name))


def command_pages() -> dict[Path, str]:
    """The pages by where they are in docs/."""
    found = commands()
    examples = _examples(found)
    shared = _shared(found)
    rows = []
    pages: dict[Path, str] = {}
    for name, entry in GROUPS.items():
        path = Path(f"{name}.md")
        rows.append(f"| [{name}]({path}) | {_cell(entry.summary)} |")
        parts = [_NOTE, f"# {_NAME} {name}"]
        if (name,) not in found:
            parts.append(_prose(entry.summary))
        for words, command in found.items():
            if words[0] == name:
                parts += _command(words, command, shared, examples.get(words, []))
        pages[_FOLDER / path] = "\n\n".join(parts) + "\n"
    index = [
        _NOTE,
        "# Command line",
        f"`{_NAME}` has a group of commands for each part of the market. `--help` prints the same"
        " text as these pages. Commands that read have `--json`; commands that send name the sender"
        " with `--account`.",
        "\n".join(["| Command | What |", "|---|---|", *rows]),
        "## Exit codes",
        _EXIT_CODES,
        "## Options of many commands",
        _options([*command_tree().params, *shared.values()]),
    ]
    return {_FOLDER / "index.md": "\n\n".join(index) + "\n", **pages}


def _shared(found: Mapping[Words, Any]) -> dict[str, Any]:
    """The options that commands of at least half of the groups have, by what they are and say."""
    groups: dict[str, set[str]] = {}
    shared = {}
    for words, command in found.items():
        for each in command.params:
            if each.param_type_name == "option":
                key = _key(each)
                groups.setdefault(key, set()).add(words[0])
                shared[key] = each
    most = len({words[0] for words in found}) / 2
    return {key: each for key, each in shared.items() if len(groups[key]) >= most}


def _key(option: Any) -> str:
    return f"{option.opts[0]}: {option.help}"


def _command(
    words: Words, command: Any, shared: Mapping[str, Any], examples: list[str]
) -> Iterator[str]:
    if len(words) > 1:
        yield f"## {' '.join(words[1:])}"
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    options = [each for each in command.params if each.param_type_name == "option"]
    usage = [_NAME, *words]
    usage += [_metavar(each) if each.required else f"[{_metavar(each)}]" for each in arguments]
    usage += [f"{each.opts[0]} {_metavar(each)}".strip() for each in options if each.required]
    yield f"```console\n{' '.join(usage)}\n```"
    yield _prose(command.help)
    if arguments:
        lines = [f"| `{_metavar(each)}` | {_help_text(each)} |" for each in arguments]
        yield "\n".join(["| Argument | What |", "|---|---|", *lines])
    if own := [each for each in options if _key(each) not in shared]:
        yield _options(own)
    if common := [each for each in options if _key(each) in shared]:
        names = ", ".join(f"`{each.opts[0]}`" for each in common)
        yield f"[As many others](index.md#options-of-many-commands): {names}."
    if examples:
        yield "```sh\n" + "\n".join(examples) + "\n```"


def _options(options: list[Any]) -> str:
    lines = []
    for each in options:
        words = "`, `".join([*each.opts, *each.secondary_opts])
        metavar = _metavar(each)
        lines.append(f"| `{words}`{f' `{metavar}`' if metavar else ''} | {_help_text(each)} |")
    return "\n".join(["| Option | What |", "|---|---|", *lines])


def _metavar(parameter: Any) -> str:
    if getattr(parameter, "is_flag", False):
        return ""
    return str(parameter.metavar or parameter.name.upper())


def _help_text(parameter: Any) -> str:
    """Its help, whether it is required, its default, and its environment variable."""
    parts = [_cell(parameter.help or "")]
    default = _default(parameter)
    if parameter.required and parameter.param_type_name == "option":
        parts.append("Required.")
    if default:
        parts.append(f"Default: `{default}`.")
    if variable := getattr(parameter, "envvar", None):
        parts.append(f"Variable: `{variable}`.")
    return " ".join(filter(None, parts))


def _default(parameter: Any) -> str:
    """Its default, as one would write it; empty where there is none, or where it says nothing."""
    shown, default = getattr(parameter, "show_default", None), parameter.default
    if isinstance(shown, str):
        return shown
    if default in (None, False, (), "") or callable(default):
        return ""
    return str(parameter.opts[0] if default is True else default)


def _prose(help: str | None) -> str:
    """A help text with its examples, which are indented, as they are."""
    paragraphs = re.split(r"\n\s*\n", (help or "").replace("\b\n", "").strip())
    return "\n\n".join(
        f"```text\n{each}\n```" if each.startswith("    ") else each.replace("<", "&lt;")
        for each in paragraphs
    )


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", "\\|").replace("<", "&lt;")


def _examples(known: Mapping[Words, Any]) -> dict[Words, list[str]]:
    """The first two uses of each command."""
    found: dict[Words, list[str]] = {}
    for file in EXAMPLES_IN:
        path = ROOT / file
        text = re.sub(r"\\\n\s*", "", path.read_text())
        for example in re.findall(rf"^{_NAME} .*$", text, re.MULTILINE):
            typed = tuple(example.split()[1:])
            words = next((each for each in known if typed[: len(each)] == each), None)
            if words is not None and len(found.setdefault(words, [])) < 2:
                found[words].append(example)
    return found
