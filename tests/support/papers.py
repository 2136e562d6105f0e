"""What a PDF says, read as a viewer does that copies text: by each font's own table of letters."""

from __future__ import annotations

import re
import zlib

__all__ = ["text_of"]

_OBJECT = re.compile(rb"(?<=\n)(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)
_STREAM = re.compile(rb"stream\n(.*)\nendstream", re.DOTALL)
_SHOWN = re.compile(rb"/(F\d+) [\d.]+ Tf|\(((?:[^()\\]|\\.)*)\) ?Tj", re.DOTALL)
_LETTER = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]{4,8})>")


def text_of(content: bytes) -> str:
    """Its pieces of text, in their order, with a space between two."""
    objects = dict(_OBJECT.findall(content))
    letters = {name: _letters(objects, number) for name, number in _fonts(objects)}
    found, font = [], b""
    for page in re.findall(rb"/Contents (\d+) 0 R", content):
        for name, shown in _SHOWN.findall(_stream(objects[page])):
            if name:
                font = name
                continue
            codes = re.sub(rb"\\(.)", _plain, shown, flags=re.DOTALL).decode("utf-16-be")
            found.append("".join(letters[font][ord(each)] for each in codes))
    return " ".join(found)


def _plain(escaped: re.Match[bytes]) -> bytes:
    return {b"r": b"\r", b"n": b"\n"}.get(escaped[1], escaped[1])


def _fonts(objects: dict[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    return [each for value in objects.values() for each in re.findall(rb"/(F\d+) (\d+) 0 R", value)]


def _letters(objects: dict[bytes, bytes], font: bytes) -> dict[int, str]:
    (table,) = re.findall(rb"/ToUnicode (\d+) 0 R", objects[font])
    pairs = _LETTER.findall(_stream(objects[table]))
    return {int(code, 16): bytes.fromhex(to.decode()).decode("utf-16-be") for code, to in pairs}


def _stream(value: bytes) -> bytes:
    (found,) = _STREAM.findall(value)
    return zlib.decompress(found) if b"FlateDecode" in value else found
