"""Files made to do harm: refused with a sentence and a place, in bounded time, and never a stack trace."""

from __future__ import annotations

import contextlib
import json
import threading
import time

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.presets.transfer.imported import MAX_BYTES, BadImport
from playground.presets.transfer.reading import TITLES, read_import
from playground.presets.transfer.yaml_text import read_yaml
from tests.presets.transfer.reading import only, read

OWN = '{"playground_preset": 1, "presets": [{"name": "a", "versions": [{"parameters": %s}]}]}'
CALL = "\nclient.responses.create(model='x', input='y')"

BAD = {
    "empty": b"",
    "spaces": b" \n ",
    "zip": b"PK\x03\x04rest",
    "gzip": b"\x1f\x8brest",
    "latin1": b'{"messages": "\xe9"}',
    "utf16": '{"messages": []}'.encode("utf-16"),
    "nul": b'{"messages": "\x00"}',
    "nul escaped": b'{"model": "\\u0000", "messages": []}',
    "half a pair": b'{"model": "\\ud800", "messages": []}',
    "depth": b'{"messages": ' + b"[" * 100_000,
    "depth closed": OWN.encode() % (b'{"a": ' + b"[" * 70 + b"]" * 70 + b"}"),
    "huge number": OWN.encode() % (b'{"seed": ' + b"9" * 5000 + b"}"),
    "large number": b'{"messages": [], "seed": 9223372036854775808}',
    "too large a float": OWN.encode() % b'{"temperature": 1e999}',
    "not a number": OWN.encode() % b'{"temperature": NaN}',
    "twice": b'{"messages": [], "messages": []}',
    "half": b'{"messages": [{"role": "user", "content": "x"}',
    "two": b'{"messages": []} {"messages": []}',
    "version": b'{"playground_preset": 2, "presets": []}',
    "version true": b'{"playground_preset": true, "presets": []}',
    "yaml alias": b"playground_preset: 1\na: &a [x]\nb: *a\npresets: []\n",
    "yaml bomb": b"a: &a [x]\n"
    + b"".join(b"%c: &%c [*%c,*%c]\n" % (98 + i, 98 + i, 97 + i, 97 + i) for i in range(20)),
    "yaml depth": b"playground_preset: 1\npresets: " + b"[" * 5000,
    "yaml block depth": b"".join(b" " * i + b"a:\n" for i in range(300)),
    "yaml tag": b"playground_preset: !!python/object/apply:os.system [ls]\n",
    "yaml object": b"!!python/object/new:os.system [ls]\n",
    "yaml binary": b"playground_preset: 1\npresets: !!binary aGk=\n",
    "yaml twice": b"playground_preset: 1\nplayground_preset: 1\n",
    "yaml documents": b"playground_preset: 1\n---\nplayground_preset: 1\n",
    "yaml merge": b"playground_preset: 1\n? [a]\n: b\n",
    "yaml broken": b"playground_preset: 1\npresets: [\n  - 'x\n",
    "yaml number key": b"playground_preset: 1\n1: 2\n",
    "text": b"Hello there.",
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_a_sentence(name: str):
    with pytest.raises(BadImport) as caught:
        read_import(BAD[name])
    assert caught.value.message


@pytest.mark.parametrize("name", ["half", "yaml broken", "yaml tag", "yaml alias", "yaml twice", "two"])
def test_broken_grammar_is_told_with_line_and_column(name: str):
    with pytest.raises(BadImport) as caught:
        read_import(BAD[name])
    assert caught.value.line
    assert caught.value.column


def test_the_same_yaml_would_do_harm_elsewhere():
    assert yaml.unsafe_load("!!python/object/apply:operator.add [1, 2]") == 3
    with pytest.raises(BadImport):
        read_yaml("!!python/object/apply:operator.add [1, 2]")


def test_a_file_that_is_too_large_is_refused():
    with pytest.raises(BadImport, match="5 MB"):
        read_import(b" " * (MAX_BYTES + 1))


def test_too_many_presets_versions_messages_and_variables_are_refused():
    version = {"model": "x"}
    for presets, place in [
        ([{"name": "a", "versions": [version]}] * 201, "presets"),
        ([{"name": "a", "versions": [version] * 501}], "presets[0].versions"),
        (
            [{"name": "a", "versions": [{"messages": [{"role": "user", "text": "x"}] * 51}]}],
            "presets[0].versions[0].messages",
        ),
        (
            [{"name": "a", "versions": [{"variables": [{"name": f"v{at}"} for at in range(51)]}]}],
            "presets[0].versions[0].variables",
        ),
    ]:
        with pytest.raises(BadImport) as caught:
            read({"playground_preset": 1, "presets": presets})
        assert caught.value.where == place


def test_more_images_than_a_file_may_hold_are_refused():
    image = "data:image/png;base64,"
    content = [{"type": "image_url", "image_url": {"url": f"{image}{at:04d}"}} for at in range(41)]
    with pytest.raises(BadImport, match="40"):
        read({"messages": [{"role": "user", "content": content}]})


NESTED = {
    "signs": "x = " + "-" * 100_000 + "1",
    "words": "x = " + "not " * 50_000 + "1",
    "brackets": "x = " + "(" * 50_000 + "1" + ")" * 50_000,
    "attributes": "x = a" + ".b" * 90_000,
    "sums": "x = 1" + "+1" * 90_000,
    "lambdas": "x = " + "lambda: " * 30_000 + "1",
    "branches": "if 1:\n pass\n" + "elif 1:\n pass\n" * 15_000,
    "calls": "a" + "()" * 90_000,
    "powers": "x = " + "1 ** " * 50_000 + "1",
    "choices": "x = " + "1 if 1 else " * 20_000 + "1",
    "places": 'x = f"' + "{a}" * 4_900 + '"',
    "names": 'a = ["x"]\n'
    + "\n".join(f"{chr(98 + at)} = [{', '.join([chr(97 + at)] * 10)}]" for at in range(10))
    + "\nclient.responses.create(model='x', input=k)",
    "circle": "a = b\nb = a\nclient.responses.create(model='x', input=a)",
}


@pytest.mark.parametrize("name", NESTED)
def test_python_that_would_exhaust_its_parser_is_only_refused(name: str):
    """In a thread, as a request has it: its stack may be smaller than the main one."""
    outcome: list[str] = []

    def run() -> None:
        try:
            read(NESTED[name] + CALL, "python")
            outcome.append("read")
        except BadImport:
            outcome.append("refused")

    started = time.monotonic()
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert outcome in (["read"], ["refused"])
    assert time.monotonic() - started < 30  # it takes a second; a bomb takes forever


@pytest.mark.parametrize(
    "code",
    [
        "client.responses.create({input: " + "[" * 100_000,
        "client.responses.create({input: " + "{a:" * 100_000,
        "client.responses.create({input: `" + "${" * 50_000,
        "client.responses.create({input: `" + "${'" * 50_000,
        "client.responses.create({input: " + "'a' + " * 50_000 + "'b'})",
        "const a = [1]; "
        + "".join(f"const a{at + 1} = [...a{at or ''}, ...a{at or ''}]; " for at in range(40))
        + CALL[1:],
        "client.responses.create({input: /* " + "*" * 200_000,
        '"' * 100_000,
        "\\" * 100_000,
    ],
    ids=["lists", "objects", "templates", "quoted templates", "sums", "spreads", "comment", "quotes", "slashes"],
)
def test_javascript_that_would_exhaust_a_reader_is_only_refused(code: str):
    with pytest.raises(BadImport):
        read(code, "javascript")


@pytest.mark.parametrize(
    "text",
    [
        "curl x -d " + "'" * 99_999,
        "curl x -d " + '"' * 99_999,
        "curl x -d " + "\\" * 100_000,
        'curl x -d "' + "$(cat <<EOF\n" * 10_000,
        "curl x -d @- <<EOF",
        "curl x -d <<< ",
        "curl x -d " + "$'\\" * 30_000,
        "curl x ^\n" + "^" * 100_000,
        "curl " + "-d " * 50_000,
        "curl",
        "curl x --json @-",
    ],
)
def test_odd_command_lines_are_only_refused(text: str):
    with pytest.raises(BadImport):
        read(text, "curl")


def test_texts_that_look_like_pages_or_orders_stay_texts():
    text = "<script>alert(1)</script> {{constructor}} {{__proto__}} ${7*7} {% include x %}"
    preset = only(read({"name": text, "messages": [{"role": "user", "content": text}]}))
    assert preset.latest.content.messages[0].text == text
    assert [one.name for one in preset.latest.content.variables] == ["constructor", "__proto__"]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["", *TITLES]))
def test_no_bytes_raise_anything_else(data: bytes, format_key: str):
    with contextlib.suppress(BadImport):
        read_import(data, format_key)


SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
)
WORDS = st.sampled_from(
    [
        "messages",
        "input",
        "role",
        "content",
        "type",
        "text",
        "model",
        "prompt",
        "name",
        "versions",
        "config",
        "labels",
        "tags",
        "params",
        "meta",
        "info",
        "id",
        "command",
        "presetId",
        "endpoint",
        "presets",
        "images",
        "variables",
        "parameters",
        "image_url",
        "url",
        "tools",
        "response_format",
        "json_schema",
        "examples",
        "data",
        "stop",
        "user",
        "chat",
        "system",
    ]
)
TREES = st.recursive(
    SCALARS | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(TREES, st.sampled_from(["playground", "langfuse", "librechat", "openwebui", "openai", ""]))
def test_no_tree_raises_anything_else(tree: object, format_key: str):
    if format_key == "playground" and isinstance(tree, dict):
        tree = {"playground_preset": 1, "presets": [tree], **tree}
    with contextlib.suppress(BadImport):
        read_import(json.dumps(tree).encode(), format_key)
