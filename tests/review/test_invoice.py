"""Reading a provider's file."""

import contextlib
import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.review import invoice as module
from playground.review.invoice import UnreadableInvoice, read_invoice

MARCH = datetime.date(2026, 3, 1)
# The shapes of OpenAI's two exports.
USAGE = """start_time,end_time,start_time_iso,end_time_iso,project_id,num_model_requests,user_id,api_key_id,model,batch,input_tokens,\
output_tokens,input_cached_tokens,input_audio_tokens,output_audio_tokens
1772323200,1772409600,2026-03-01T00:00:00+00:00,2026-03-02T00:00:00+00:00,proj_1,3,,,gpt-4.1-2025-04-14,,3000,300,1000,0,0
1772409600,1772496000,2026-03-02T00:00:00+00:00,2026-03-03T00:00:00+00:00,proj_1,1,,,gpt-4.1-2025-04-14,,500,50,0,0,0
1775001600,1775088000,2026-04-01T00:00:00+00:00,2026-04-02T00:00:00+00:00,proj_1,9,,,gpt-4.1-2025-04-14,,9999,999,0,0,0
"""
COSTS = """start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,line_item,project_id
1772323200,1772409600,2026-03-01T00:00:00+00:00,2026-03-02T00:00:00+00:00,0.0061,usd,"gpt-4.1-2025-04-14, input",proj_1
1772323200,1772409600,2026-03-01T00:00:00+00:00,2026-03-02T00:00:00+00:00,0.0005,usd,"gpt-4.1-2025-04-14, cached input",proj_1
1772323200,1772409600,2026-03-01T00:00:00+00:00,2026-03-02T00:00:00+00:00,0.0024,usd,"gpt-4.1-2025-04-14, output",proj_1
"""


def read(text, **more):
    return read_invoice(text if isinstance(text, bytes) else text.encode(), MARCH, **more)


def test_openai_usage():
    found = read(USAGE)
    billed = found.models["gpt-4.1-2025-04-14"]
    assert (billed.prompt_tokens, billed.cached_tokens, billed.completion_tokens, billed.amount) == (
        3500,
        1000,
        350,
        None,
    )
    assert (found.lines, found.other_months, found.problem_count) == (2, 1, 0)


def test_openai_costs():
    found = read(COSTS)
    assert found.columns == ("amount",)
    assert found.models["gpt-4.1-2025-04-14"].amount == Decimal("0.0090")


@pytest.mark.parametrize(
    "text",
    [
        "Model,Cost (USD)\ngpt,1.50\n",
        "model;cost\ngpt;1,50\n",
        "model\tamount\ngpt\t$1.50\n",
        "\ufeffmodel,cost\r\n\r\ngpt,1.50\r\n",
        "\n\nmodel,cost,currency\ngpt,1.50,USD\nTotal,99,\n",
        "MODEL_NAME , Total Cost\n gpt , 1.50 \n",
    ],
)
def test_plain_files(text):
    found = read(text)
    assert found.models["gpt"].amount == Decimal("1.50")
    assert found.problem_count == 0


def test_as_spreadsheets_save_it():
    assert read("model\tcost\ngpt\t1\n".encode("utf-16")).models["gpt"].amount == 1
    assert "modèle" in read("model,cost\nmodèle,1\n".encode("cp1252")).models


def test_what_cannot_be_read_is_named_by_line_and_nothing_of_it_is_added():
    found = read(
        'model,input_tokens,cost\ngpt,1,0.5\ngpt,lots,0.5\n,3,0.5\ngpt,4,"=1+1"\ngpt,,\ngpt,5,0.5,extra\ngpt\ngpt,-6,1\n'
    )
    assert [problem.line for problem in found.problems] == [3, 4, 5, 6, 8, 9]
    assert found.models["gpt"].prompt_tokens == 6
    assert found.models["gpt"].amount == 1
    assert found.lines == 2


def test_other_currencies_are_not_added():
    found = read("model,cost,currency\ngpt,1,usd\ngpt,2,eur\n")
    assert found.models["gpt"].amount == 1
    assert [problem.line for problem in found.problems] == [3]


def test_totals_are_left_out():
    found = read("model,cost\ngpt,1\nTotal,1\nSubtotal,1\n")
    assert (found.totals, found.models["gpt"].amount, found.problem_count) == (2, 1, 0)


@pytest.mark.parametrize(
    "text", ["", "\n\n", "model,comment\ngpt,x\n", "cost\n1\n", "no csv at all", "\0" * 100, b"\x89PNG\r\n\x1a\n\0\0"]
)
def test_what_is_no_invoice_is_refused(text):
    with pytest.raises(UnreadableInvoice):
        read(text)


def test_limits(monkeypatch):
    monkeypatch.setattr(module, "MOST_LINES", 3)
    monkeypatch.setattr(module, "MOST_MODELS", 2)
    monkeypatch.setattr(module, "MOST_PROBLEMS", 1)
    with pytest.raises(UnreadableInvoice):
        read("model,cost\n" + "gpt,1\n" * 4)
    found = read("model,cost\na,1\nb,1\nc,1\n")
    assert (set(found.models), found.problem_count) == ({"a", "b"}, 1)
    found = read("model,cost\na,x\nb,x\nc,x\n")
    assert (len(found.problems), found.problem_count) == (1, 3)
    monkeypatch.setattr(module, "MOST_BYTES", 10)
    with pytest.raises(UnreadableInvoice):
        read("model,cost\ngpt,1\n")


def test_a_cell_without_end_is_no_disaster():
    found = read('model,cost\ngpt,1\n"' + "x" * 200_000 + "\ngpt,1\n")
    assert found.models["gpt"].amount is not None
    assert found.problem_count <= 1


def test_control_characters_of_names_are_gone():
    assert "a b" in read("model,cost\na\x1b\u202eb,1\n").models


@given(st.binary(max_size=300))
def test_any_bytes_are_an_invoice_or_are_refused(content):
    for one in (b"model,cost,input_tokens\n" + content, content):
        with contextlib.suppress(UnreadableInvoice):
            read(one)
