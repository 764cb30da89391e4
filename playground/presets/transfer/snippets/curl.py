"""A curl command: its body is a request. Headers are looked at for nothing, so that no key goes anywhere.

Options: curl's own manual (curl/curl, `docs/cmdline-opts`).
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext as _

from playground.presets.transfer.fields import Notes
from playground.presets.transfer.imported import BadImport, refuse
from playground.presets.transfer.snippets.body import parse_body
from playground.presets.transfer.snippets.shell import read_posix
from playground.presets.transfer.snippets.windows import is_windows, read_windows
from playground.presets.transfer.snippets.words import Command, Word

DATA = ("-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json")
READS_FILES = ("-d", "--data", "--data-binary", "--data-ascii", "--json")
# Options that take a value and say nothing about what is asked: how to reach the server, and who asks.
WITH_VALUE = frozenset(
    (
        *(
            "-X",
            "-H",
            "-u",
            "-A",
            "-e",
            "-b",
            "-c",
            "-o",
            "-m",
            "-x",
            "-w",
            "-D",
            "-E",
            "-K",
            "-r",
            "-y",
            "-Y",
            "-z",
            "-U",
        ),
        *("--request", "--header", "--user", "--user-agent", "--referer", "--cookie", "--cookie-jar", "--output"),
        *("--max-time", "--connect-timeout", "--proxy", "--proxy-header", "--write-out", "--dump-header", "--cert"),
        *("--key", "--cacert", "--capath", "--retry", "--retry-delay", "--retry-max-time", "--resolve", "--interface"),
        *("--limit-rate", "--oauth2-bearer", "--config", "--max-redirs", "--ciphers", "--connect-to", "--aws-sigv4"),
        *("--keepalive-time", "--speed-time", "--speed-limit", "--unix-socket", "--proxy-user", "--noproxy"),
    )
)
NOT_A_BODY = ("-F", "--form", "--form-string", "-T", "--upload-file", "--data-urlencode", "--url-query")
_START = re.compile(r"(?:^|[\s;&(])(curl(?:\.exe)?)(?=[\s^\\])")
_DEPLOYMENT = re.compile(r"/deployments/([^/]+)/")


def is_curl(text: str) -> bool:
    return _START.search(text[:20_000]) is not None


def read_curl(text: str, notes: Notes) -> dict[str, Any]:
    """The JSON body of the first curl command in `text`. Raises BadImport."""
    match = _START.search(text)
    if match is None:
        refuse("", _("No curl command was found."))
    command = text[match.start(1) :]
    found = _Options(notes)
    found.read(read_windows(command) if is_windows(command) else read_posix(command))
    body = found.body()
    if deployment := _DEPLOYMENT.search(urlsplit(found.url).path if found.url else ""):
        body.setdefault("model", unquote(deployment.group(1)))
    return body


class _Options:
    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._data: list[Word] = []
        self._input: Word | None = None
        self.url = ""

    def read(self, command: Command) -> None:
        self._input = command.standard_input
        words = iter(command.words[1:])
        for word in words:
            name, value = _split(word)
            if name is None:
                self.url = self.url or word.text[:2000]
            elif name == "--url":
                self.url = (value or next(words, Word())).text[:2000]
            elif name in DATA:
                self._take(name, value or next(words, Word()))
            elif name in NOT_A_BODY:
                self._notes.add(name, _("what it sends is no JSON body: it was left out"))
            if name in (*NOT_A_BODY, *WITH_VALUE) and value is None:
                next(words, None)  # its value is passed over

    def body(self) -> dict[str, Any]:
        if not self._data:
            refuse("", _("This command has no body: there is no -d, --data-raw or --json."))
        text = "&".join(word.text for word in self._data)
        if any(word.has_variable for word in self._data):
            self._notes.add("-d", _("what the shell would fill in ($NAME, `…`) was left as it stands"))
        try:
            value = parse_body(text)
        except BadImport as error:
            raise BadImport(error.where or "-d", error.message, error.line, error.column) from None
        if not isinstance(value, dict):
            refuse("-d", _("This must be an object."))
        return value

    def _take(self, name: str, word: Word) -> None:
        if name in READS_FILES and word.text.startswith("@"):
            if word.text != "@-":
                refuse(name, _("The body is in the file “%(file)s”: paste what is in it.") % {"file": word.text[1:81]})
            if self._input is None:
                refuse(name, _("The body comes from another command: paste the body itself."))
            word = self._input
        self._data.append(word)


def _split(word: Word) -> tuple[str | None, Word | None]:
    """The option's name and, when it stands in the same word, its value. (None, None) for what is no option."""
    text = word.text
    if not text.startswith("-") or text == "-":
        return None, None
    if text.startswith("--"):
        return text, None
    # -sSd '…', -XPOST: flags in a row; the first that takes a value ends them.
    for at in range(1, len(text)):
        name = f"-{text[at]}"
        if name in WITH_VALUE or name in DATA or name in NOT_A_BODY:
            rest = text[at + 1 :]
            return name, Word(rest, word.has_variable) if rest else None
    return text, None
