"""The pages of comparisons: what they cost, what they show, what they answer to strangers."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from playground.chat.models import Conversation, Message
from playground.compare.models import Column, Comparison
from playground.compare.services.columns import add_column
from playground.compare.services.posting import post_to_all
from playground.compare.settings import ColumnSettings
from tests.chat.making import Chat, end_answer

pytestmark = pytest.mark.django_db

PAGE_QUERIES = 16  # session, person, sidebar and what the page itself needs
ADDRESSES = ["comparison", "comparison_facts"]
ACTIONS = ["comparison_post", "comparison_run", "comparison_stop", "comparison_estimate", "column_add"]
COLUMN_ACTIONS = [
    "column_settings",
    "column_chat",
    "column_pin",
    "column_preset",
    "column_run",
    "column_move",
    "column_remove",
    "column_restore",
]


def url(name: str, thing) -> str:
    return reverse(name, args=[thing.uuid])


def page_of(client, comparison) -> str:
    response = client.get(url("comparison", comparison))
    assert response.status_code == 200
    return response.content.decode()


def queries_of(client, address) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_the_page_costs_the_same_with_two_columns_and_with_eight(alice_client, comparison, alice):
    for posted in post_to_all(owner=alice, comparison=comparison, text="One"):
        end_answer(posted.answer, "Done")
    page_of(alice_client, comparison)
    two = queries_of(alice_client, url("comparison", comparison))
    for _more in range(6):
        add_column(comparison=comparison)
    page_of(alice_client, comparison)
    assert queries_of(alice_client, url("comparison", comparison)) == two
    assert two <= PAGE_QUERIES


def test_the_heads_and_figures_cost_the_same_with_two_columns_and_with_eight(htmx_client, comparison, alice):
    for posted in post_to_all(owner=alice, comparison=comparison, text="One"):
        end_answer(posted.answer, "Done")
    queries_of(htmx_client, url("comparison_facts", comparison))
    two = queries_of(htmx_client, url("comparison_facts", comparison))
    for _more in range(6):
        add_column(comparison=comparison)
    queries_of(htmx_client, url("comparison_facts", comparison))
    assert queries_of(htmx_client, url("comparison_facts", comparison)) == two


def test_only_what_differs_stands_under_the_heads(alice_client, make_comparison, model):
    same, name = {"seed": 7}, model.public_name
    comparison = make_comparison(
        ColumnSettings(name, {**same, "temperature": 0.2}),
        ColumnSettings(name, {**same, "system_prompt": "Speak like <b>Brest</b>"}),
    )
    html = page_of(alice_client, comparison)
    assert "Temperature <b>0.2</b>" in html
    assert "Temperature <b>default</b>" in html
    assert "Speak like &lt;b&gt;Brest&lt;/b&gt;" in html
    assert "Seed <b>" not in html


def test_columns_are_named_by_number_and_model(alice_client, comparison, model):
    html = page_of(alice_client, comparison)
    for number in (1, 2):
        assert f"Column {number}: {model.public_name}" in html


def test_the_best_figure_of_each_row_is_marked_once_all_have_ended(alice_client, comparison, alice):
    posted = post_to_all(owner=alice, comparison=comparison, text="One")
    end_answer(posted[0].answer, "Short")
    assert 'class="facts__mark"' not in page_of(alice_client, comparison)
    end_answer(posted[1].answer, "Longer")
    runs = [one.answer.run for one in posted]
    for run, first_token_ms in zip(runs, (300, 400), strict=True):
        type(run).objects.filter(pk=run.pk).update(
            first_token_ms=first_token_ms, completion_tokens=10, duration_ms=None
        )
    html = page_of(alice_client, comparison)
    assert html.count('class="facts__mark"') == 1  # what is the same everywhere has no best
    assert html.index("0.30 s") < html.index('class="facts__mark"') < html.index("0.40 s")


def test_posting_answers_with_what_each_column_lacks(htmx_client, comparison, columns):
    answer = htmx_client.post(url("comparison_post", comparison), {"text": "One", "request_id": "first"})
    html = answer.content.decode()
    assert answer.status_code == 200
    for column in columns:
        assert f"thread-{column.conversation.uuid}" in html
    assert html.count("<live-answer") == 2
    shown = [str(one.uuid) for one in Message.objects.filter(role="assistant")]
    for answer in Message.objects.filter(role="assistant"):
        end_answer(answer, "Done")
    more = htmx_client.post(url("comparison_post", comparison), {"text": "Two", "shown": shown}).content.decode()
    assert more.count("Done") >= 2
    assert "<p>One</p>" not in more


def test_an_empty_prompt_is_refused_by_the_form(htmx_client, comparison):
    answer = htmx_client.post(url("comparison_post", comparison), {"text": " "})
    assert answer.status_code == 422
    assert "Write a message" in answer.content.decode()


def test_without_scripts_the_page_comes_again(alice_client, comparison):
    answer = alice_client.post(url("comparison_post", comparison), {"text": "One"})
    assert answer.headers["Location"] == url("comparison", comparison)


def test_the_estimate_is_the_sum_of_all_columns(htmx_client, comparison, model):
    html = htmx_client.post(url("comparison_estimate", comparison), {"text": "How high?"}).content.decode()
    assert "2 × " in html  # noqa: RUF001
    assert "at most $" in html


def test_the_estimate_counts_what_has_no_price(htmx_client, make_comparison, model, text_model):
    text_model.prices.all().delete()
    comparison = make_comparison(ColumnSettings(model.public_name), ColumnSettings(text_model.public_name))
    html = htmx_client.post(url("comparison_estimate", comparison), {"text": "How high?"}).content.decode()
    assert "+ 1 unpriced" in html


def test_compare_in_a_chat_takes_its_settings(alice_client, alice, model):
    chat = Chat.begin(alice, model, "One", parameters={"temperature": 0.3})
    chat.end("Answer")
    answer = alice_client.post(
        reverse("comparisons"),
        {"conversation": chat.conversation.uuid, "model": model.public_name, "temperature": "0.7", "text": ""},
    )
    made = Comparison.objects.get()
    assert answer.headers["Location"] == url("comparison", made)
    settings = [(c.conversation.model_name, c.conversation.parameters) for c in made.columns.all()]
    assert settings == [(model.public_name, {"temperature": 0.7})] * 2


def test_settings_open_and_are_kept(htmx_client, columns, model):
    html = htmx_client.get(url("column_settings", columns[0])).content.decode()
    assert 'value="0.2"' in html
    data = {"model": model.public_name, "temperature": "0.5"}
    heads = htmx_client.post(url("column_settings", columns[0]), data).content.decode()
    assert "Temperature <b>0.5</b>" in heads


def test_a_removed_column_has_no_settings_any_more(htmx_client, columns):
    htmx_client.post(url("column_remove", columns[0]))
    assert htmx_client.get(url("column_settings", columns[0])).status_code == 404
    assert htmx_client.post(url("column_restore", columns[0])).status_code == 200


def test_like_must_be_a_column_of_the_same_comparison(htmx_client, comparison, make_comparison):
    other = make_comparison()
    data = {"like": other.columns.first().uuid}
    assert htmx_client.post(url("column_add", comparison), data).status_code == 404


@pytest.mark.parametrize("name", [*ADDRESSES, *ACTIONS])
def test_nobody_else_sees_or_changes_a_comparison(bob_client, comparison, name):
    ask = bob_client.get if name in ADDRESSES else bob_client.post
    assert ask(url(name, comparison), {"text": "Hello"}).status_code == 404
    assert ask(reverse(name, args=[uuid4()]), {"text": "Hello"}).status_code == 404
    assert Message.objects.count() == 0


@pytest.mark.parametrize("name", COLUMN_ACTIONS)
def test_nobody_else_sees_or_changes_a_column(bob_client, columns, name):
    before = list(Column.objects.values())
    assert bob_client.post(url(name, columns[0]), {"by": "1", "field": "temperature"}).status_code == 404
    assert bob_client.get(url("column_settings", columns[0])).status_code == 404
    assert list(Column.objects.values()) == before


def test_the_list_costs_the_same_with_many(alice_client, make_comparison):
    make_comparison()
    queries_of(alice_client, reverse("comparisons"))
    one = queries_of(alice_client, reverse("comparisons"))
    for _more in range(9):
        make_comparison()
    assert queries_of(alice_client, reverse("comparisons")) == one


def test_a_column_opens_as_a_chat_of_its_own(htmx_client, comparison, columns, alice):
    assert htmx_client.post(url("column_chat", columns[0])).status_code == 422
    for posted in post_to_all(owner=alice, comparison=comparison, text="One"):
        end_answer(posted.answer, "Done")
    answer = htmx_client.post(url("column_chat", columns[0]))
    made = Conversation.objects.listed().get()
    assert answer.headers["HX-Redirect"] == reverse("conversation", args=[made.uuid])
    assert made.title == "Branch of One"
    assert made.parameters == {"temperature": 0.2}
    assert [one.text for one in made.messages.all()] == ["One", "Done"]
