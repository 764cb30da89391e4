"""JSON from strangers: strict, storable, bounded."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.lib.json_input import BadJson, is_storable, read_json

BAD = {
    "empty": b"",
    "space": b"  ",
    "cut": b'{"a": 1',
    "two values": b"{} {}",
    "trailing comma": b"[1,]",
    "single quotes": b"{'a': 1}",
    "comment": b"{} // x",
    "NaN": b'{"a": NaN}',
    "Infinity": b"[-Infinity]",
    "1e999": b"[1e999]",
    "-1e999": b"[-1e999]",
    "long integer": b"[" + b"9" * 5000 + b"]",
    "41 digits": b"9" * 41,
    "depth 65": b"[" * 65 + b"]" * 65,
    "depth 100000": b"[" * 100_000,
    "object depth": b'{"a":' * 100_000,
    "NUL": b'"a\\u0000b"',
    "raw NUL": b'"a\x00b"',
    "NUL in key": b'{"a\\u0000": 1}',
    "surrogate": b'"\\ud800"',
    "low surrogate": b'"\\udc00"',
    "surrogates reversed": b'"\\udc00\\ud800"',
    "surrogate in key": b'{"\\ud83d": 1}',
    "same key twice": b'{"a": 1, "a": 2}',
    "same key in depth": b'[{"a": {"b": 1, "b": 1}}]',
    "BOM": b"\xef\xbb\xbf{}",
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "latin-1": b'"\xe9"',
    "overlong": b'"\xc0\x80"',
    "surrogate in UTF-8": b'"\xed\xa0\x80"',
    "control character": b'"a\nb"',
    "bad escape": b'"\\x41"',
    "unfinished string": b'"' + b"\\" * 99_999,
    "brackets in an open string": b'"' + b"[" * 100_000,
}


@pytest.mark.parametrize("name", BAD)
def test_bad_json_is_one_typed_error(name):
    with pytest.raises(BadJson) as caught:
        read_json(BAD[name])
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"{}", {}),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        ('"ä😀"'.encode(), "ä😀"),
        (b"[" * 64 + b"]" * 64, None),
        (b'"[[[[' + b"[" * 100 + b'"', "[[[[" + "[" * 100),
        (b'["\\"", "[", "\\\\"]', ['"', "[", "\\"]),
        (b"-0", 0),
        (b"1.5e3", 1500.0),
        (b'{"a": null, "b": [true, false]}', {"a": None, "b": [True, False]}),
    ],
)
def test_good_json_is_read(body, value):
    read = read_json(body)
    assert value is None or read == value


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(10**30), 10**30)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
        max_leaves=20,
    )
)
def test_whatever_is_storable_comes_back_and_the_rest_is_refused(value):
    body = json.dumps(value).encode()
    if is_storable(json.dumps(value, ensure_ascii=False).replace("\\u0000", "\x00")):
        assert read_json(body) == value
    else:
        with pytest.raises(BadJson):
            read_json(body)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body):
    with contextlib.suppress(BadJson):
        read_json(body)
