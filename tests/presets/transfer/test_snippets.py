"""Pasted code: every way in which people write the same request, read without running any of it."""

from __future__ import annotations

import json

import pytest

from playground.presets.content import Content, Picture, Starter, Variable
from playground.presets.transfer.imported import BadImport
from tests.presets.transfer.reading import noted, only, read

KEY = "sk-canary-4417"
BODY = {
    "model": "gpt-4.1",
    "messages": [
        {"role": "system", "content": 'Be brief; it\'s "fine".'},
        {"role": "user", "content": "100 % of $5 \\ 2\nline é"},
    ],
    "temperature": 0.2,
}
CONTENT = Content(
    "gpt-4.1",
    {"system_prompt": 'Be brief; it\'s "fine".', "temperature": 0.2},
    (Starter("user", "100 % of $5 \\ 2\nline é"),),
)
URL = "https://api.openai.com/v1/chat/completions"
HEAD = f"curl {URL} -H 'Content-Type: application/json' -H \"Authorization: Bearer {KEY}\" "


def single(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def double(text: str) -> str:
    for sign in ("\\", '"', "$", "`"):
        text = text.replace(sign, f"\\{sign}")
    return f'"{text}"'


def ansi(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("é", "\\xc3\\xa9").replace("%", "\\u0025")
    return f"$'{escaped}'"


def windows(text: str) -> str:
    """As Chrome's "Copy as cURL (cmd)"."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return '^"' + "".join(f"^{sign}" if sign in '\\"%{}[]' else sign for sign in quoted) + '^"'


JSON = json.dumps(BODY, ensure_ascii=False)
INDENTED = json.dumps(BODY, ensure_ascii=False, indent=2)
CURLS = {
    "single": HEAD + "-d " + single(JSON),
    "double": HEAD + "--data " + double(JSON),
    "ansi": HEAD + "--data-raw " + ansi(JSON),
    "lines": HEAD.replace(" -H", " \\\n  -H") + "\\\n  --data-binary " + single(INDENTED),
    "json": f"curl --json {single(JSON)} {URL}",
    "joined": f"curl -sSXPOST {URL} -H'Authorization: Bearer {KEY}' -d{single(JSON)}",
    "heredoc": HEAD + f"-d @- <<'EOF'\n{INDENTED}\nEOF\n",
    "heredoc-first": f"curl -d @- {URL} << EOF | jq .\n{INDENTED}\nEOF\n",
    "herestring": HEAD + f"--data @- <<< {single(JSON)}",
    "cat": HEAD + f"-d \"$(cat <<'EOF'\n{INDENTED}\nEOF\n)\"",
    "prompt": "$ export OPENAI_API_KEY=sk-x\n$ " + HEAD + "-d " + single(JSON) + "\n",
    "piped": HEAD + "-d " + single(JSON) + " | jq -r .choices && echo '-d {}'",
    "windows": f'curl ^"{URL}^" ^\r\n  -H ^"Authorization: Bearer {KEY}^" ^\r\n  --data-raw {windows(JSON)}\r\n',
    "fenced": "```bash\n" + HEAD + "-d " + single(JSON) + "\n```",
}


@pytest.mark.parametrize("style", CURLS)
def test_a_curl_command_in_every_style(style: str):
    reading = read(CURLS[style])
    assert reading.format == "curl"
    preset = only(reading)
    assert preset.latest.content == CONTENT
    assert [note.text for note in preset.notes if "shell" not in note.text] == []


@pytest.mark.parametrize("style", CURLS)
def test_no_key_is_anywhere_in_what_was_read(style: str):
    assert KEY not in repr(read(CURLS[style]))


@pytest.mark.parametrize(
    "text",
    [
        f"curl {URL} -H 'Authorization: Bearer {KEY}",
        f"curl {URL} -H 'Authorization: Bearer {KEY}'",
        f"curl {URL} -H 'Authorization: Bearer {KEY}' -d '{{'",
        f"curl {URL} -H 'Authorization: Bearer {KEY}' -d @{KEY.replace('sk', 'file')}",
    ],
)
def test_no_key_is_in_what_is_said_of_a_bad_command(text: str):
    with pytest.raises(BadImport) as caught:
        read(text)
    assert KEY not in str(caught.value)


def test_the_deployment_in_an_azure_address_is_the_model():
    url = "https://me.openai.azure.com/openai/deployments/my%20gpt/chat/completions?api-version=2024-10-21"
    assert only(read(f"curl '{url}' -d '{{\"messages\": []}}'")).latest.content.model == "my gpt"


def test_what_the_shell_would_fill_in_stays_and_is_told():
    preset = only(read(f'curl {URL} -d "{{\\"messages\\": [{{\\"role\\": \\"user\\", \\"content\\": \\"$NAME\\"}}]}}"'))
    assert preset.latest.content.messages[0].text == "$NAME"
    assert "shell" in noted(preset)["-d"]


def test_a_body_in_another_file_is_asked_for():
    with pytest.raises(BadImport, match=r"body\.json"):
        read(f"curl {URL} -d @body.json")


def test_a_mistake_in_the_body_has_its_line():
    with pytest.raises(BadImport) as caught:
        read(f'curl {URL} -d \'{{\n  "model": "x",\n  oops\n}}\'')
    assert (caught.value.where, caught.value.line, caught.value.column) == ("-d", 3, 3)


PYTHON = '''
import os
from openai import OpenAI

client = OpenAI(api_key=os.environ["OPENAI_API_KEY"])
MODEL: str = "gpt-4.1"
system = ("Be "
          "brief.")
history = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello" + "!"}]

def ask(question, name):
    response = client.chat.completions.create(
        model=MODEL,
        messages=[
            {"role": "system", "content": system},
            *history,
            {"role": "user", "content": f"I am {name}, {{really}} {question.upper()!r}."},
            {"role": "user", "content": question},
            {"role": "user", "content": [
                {"type": "text", "text": """Look
here"""},
                {"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": "high"}},
                {"type": "image_url", "image_url": {"url": encode("b.png")}},
            ]},
        ],
        temperature=-0.5 + 1,
        presence_penalty=-1.5,
        max_tokens=64,
        stop=("a", "b"),
        stream=True,
        timeout=30,
        response_format={"type": "json_object"},
        **options,
    )
    return response.choices[0].message.content
'''


def test_a_python_call():
    reading = read(PYTHON)
    assert reading.format == "python"
    preset = only(reading)
    content = preset.latest.content
    assert content.parameters == {
        "system_prompt": "Be brief.",
        "presence_penalty": -1.5,
        "max_completion_tokens": 64,
        "stop": ["a", "b"],
        "stream": True,
        "response_format": "json_object",
    }
    assert content.messages == (
        Starter("user", "Hi"),
        Starter("assistant", "Hello!"),
        Starter("user", "I am {{name}}, {really} {question.upper()}."),
        Starter("user", "Look\nhere", (Picture(url="https://example.com/a.png", detail="high"),)),
    )
    assert content.variables == (Variable("name"),)
    notes = noted(preset)
    assert "-0.5 + 1" in notes["temperature"]
    assert "options" in notes["**options"]
    assert "question.upper()" in notes["messages[3].content"]
    assert "“question” in line 18" in notes["messages[4].content"]
    assert "messages[5].content[2].image_url.url" in notes


@pytest.mark.parametrize(
    "code",
    [
        "openai.responses.create(model='gpt-4.1', input='Hi', instructions='Be brief.')",
        "await client.responses.create(**{'model': 'gpt-4.1', 'input': 'Hi', 'instructions': 'Be brief.'})",
        (
            "requests.post(URL, headers={'Authorization': 'Bearer x'}, json={'model': 'gpt-4.1', 'input': 'Hi', "
            "'instructions': 'Be brief.'})"
        ),
        "httpx.post(URL, data=json.dumps({'model': 'gpt-4.1', 'input': 'Hi', 'instructions': 'Be brief.'}))",
        "body = {'model': 'gpt-4.1', 'input': 'Hi'}\nclient.responses.create(**body, extra_body={'instructions': 'Be brief.'})",
        "with client.responses.stream(model='gpt-4.1', input='Hi', instructions='Be brief.') as s: pass",
    ],
)
def test_other_python_calls(code: str):
    reading = read(code)
    assert reading.format == "python"
    expected = Content("gpt-4.1", {"system_prompt": "Be brief."}, (Starter("user", "Hi"),))
    assert only(reading).latest.content == expected


@pytest.mark.parametrize(
    "code",
    [
        "client = OpenAI(api_key='{0}')\nclient.responses.create(model='m', input=ask('{0}'), api_key='{0}', extra_headers={{'a': '{0}'}})",
        "const c = new OpenAI({{ apiKey: '{0}' }}); c.responses.create({{ model: 'm', input: ask('{0}'), ...opts('{0}') }})",
        "fetch(u, {{ headers: {{ Authorization: 'Bearer {0}' }}, body: JSON.stringify({{ model: 'm', input: ask(`{0}`) }}) }})",
    ],
)
def test_no_key_is_anywhere_in_what_was_read_of_code(code: str):
    key = "sk-proj-Abcdefghijklmnop0123456789ABCDEFGH"
    reading = read(code.format(key))
    assert only(reading).latest.content.model == "m"
    assert key not in repr(reading)


def test_a_name_that_is_set_twice_is_not_guessed():
    code = "m = 'a'\nm = 'b'\nclient.responses.create(model=m, input='Hi')"
    preset = only(read(code))
    assert preset.latest.content.model == ""
    assert "“m” in line 3" in noted(preset)["model"]


def test_a_mistake_in_python_has_its_line():
    with pytest.raises(BadImport) as caught:
        read("from openai import OpenAI\nclient.responses.create(model='x', input=='Hi',\n  = 3)")
    assert caught.value.line == 3


JAVASCRIPT = """
import OpenAI from "openai";
const client = new OpenAI({ apiKey: process.env.OPENAI_API_KEY, baseURL: "https://x" });
const MODEL = 'gpt-4.1'; // const MODEL = "no"
/* client.chat.completions.create({ model: "no" }) */
const history: Message[] = [
  { role: "user", content: "Hi" },
  { role: "assistant", content: "Hello" + '!' },
]

async function ask(question: string, name) {
  const response = await client.chat.completions.create({
    model: MODEL,
    messages: [
      { role: "system", content: `Be
brief: \\`\\u00e9\\`.` },
      ...history,
      { role: "user", content: `I am ${name} ${question.toUpperCase()}.` },
      { role: "user", content: question },
      { "role": "user", content: [
        { type: 'text', text: "Look\\nhere" },
        { type: "image_url", image_url: { url: "https://example.com/a.png", detail: "high" } },
      ] },
    ],
    temperature: .5,
    presence_penalty: -1.5,
    max_tokens: 1_024,
    seed: 0x10,
    stop: ["a", "b",],
    stream: true,
    top_p: getTopP({ a: [1, 2] }, ")"),
    ...options,
    response_format: { type: "json_object" },
  }, { timeout: 1000 });
  return response.choices[0].message.content;
}
"""


def test_a_javascript_call():
    reading = read(JAVASCRIPT)
    assert reading.format == "javascript"
    preset = only(reading)
    content = preset.latest.content
    assert content.model == "gpt-4.1"
    assert content.parameters == {
        "system_prompt": "Be\nbrief: `é`.",
        "temperature": 0.5,
        "presence_penalty": -1.5,
        "max_completion_tokens": 1024,
        "seed": 16,
        "stop": ["a", "b"],
        "stream": True,
        "response_format": "json_object",
    }
    assert content.messages == (
        Starter("user", "Hi"),
        Starter("assistant", "Hello!"),
        Starter("user", "I am {{name}} ${question.toUpperCase()}."),
        Starter("user", "Look\nhere", (Picture(url="https://example.com/a.png", detail="high"),)),
    )
    assert content.variables == (Variable("name"),)
    notes = noted(preset)
    assert "getTopP" in notes["top_p"]
    assert "options" in notes["options"]
    assert "question.toUpperCase()" in notes["messages[3].content"]


def test_a_fetch():
    code = """
    const answer = await fetch("https://api.openai.com/v1/responses", {
      method: "POST", headers: { Authorization: `Bearer ${key}` },
      body: JSON.stringify({ model: 'gpt-4.1', input: 'Hi' })
    })"""
    reading = read(code)
    assert reading.format == "javascript"
    assert only(reading).latest.content == Content("gpt-4.1", {}, (Starter("user", "Hi"),))


def test_a_javascript_call_on_one_line_is_no_python():
    assert read("client.responses.create({'model': 'gpt-4.1', input: 'Hi'})").format == "javascript"


def test_lines_without_semicolons_and_commas():
    code = "const model = 'gpt-4.1'\nlet x = 1\nclient.responses.create({\n  model\n  input: 'a' +\n    'b',\n})\nfoo()"
    assert only(read(code)).latest.content == Content("gpt-4.1", {}, (Starter("user", "ab"),))


@pytest.mark.parametrize(
    "text",
    [
        JSON,
        INDENTED,
        "{ model: 'gpt-4.1', temperature: 0.2, // as code has it\n messages: "
        + json.dumps(BODY["messages"], ensure_ascii=False)
        + ", }",
    ],
)
def test_a_body_by_itself(text: str):
    reading = read(text)
    assert reading.format == "openai"
    assert only(reading).latest.content == CONTENT


@pytest.mark.parametrize(
    "code",
    [
        "client.responses.create({ model: 'x', input: ",
        "client.responses.create({ model: 'x', input: 'y",
        "client.responses.create({ model: )",
        "client.responses.create(",
        "client.responses.create(options)",
    ],
)
def test_javascript_that_breaks_off_is_refused(code: str):
    with pytest.raises(BadImport):
        read(code, "javascript")
