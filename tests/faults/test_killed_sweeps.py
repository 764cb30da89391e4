"""kill -9 in the middle of a sweep: what was answered stays, what was cut off is asked again, nothing twice and nothing lost."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import closing
from pathlib import Path

from tests.fake_openai import FakeOpenAI, Reply
from tests.safety.product import Person, Rows, assert_one_entry_a_run, wait_until
from tests.servers import Server

CELLS, AT_ONCE, ANSWERED = 12, 3, 4


def test_a_sweep_goes_on_after_a_kill(fake: FakeOpenAI, tmp_path: Path):
    with Server(tmp_path / "site", openai_base_url=fake.base_url) as server, closing(Person(server)) as person:
        fake.play(*(Reply.text("Whole.") for _number in range(ANSWERED)))
        fake.play(*(Reply.text(["Half ", "of it"]).hold_after(1) for _number in range(AT_ONCE)))
        started = person.post(
            "/compare/sweeps/",
            text="Why?",
            model="openai/gpt-4.1",
            axis1="temperature",
            axis1_values="0 0.1 0.2 0.3 0.4 0.5",
            repeats="2",
            concurrency=str(AT_ONCE),
        )
        assert started.status_code == 302, started.text[:500]
        path = started.headers["Location"]

        def cells() -> list[dict[str, object]]:
            found: list[dict[str, object]] = json.loads(person.get(f"{path}export.json").text)["cells"]
            return found

        def states() -> Counter[object]:
            return Counter(cell["state"] for cell in cells())

        wait_until(lambda: states()["done"] == ANSWERED and states()["running"] == AT_ONCE, "the middle of the sweep")
        before = {cell["run"] for cell in cells() if cell["state"] == "done"}
        server.kill()
        fake.reset()
        server.start()
        wait_until(lambda: states()["done"] == CELLS, "the rest of the sweep")
        after = cells()
        assert before <= {cell["run"] for cell in after}
        assert len({cell["run"] for cell in after}) == CELLS
        assert sorted(cell["attempts"] for cell in after) == [1] * (CELLS - AT_ONCE) + [2] * AT_ONCE
        # Since the restart: the rest, and those that were cut off. Nothing that had its answer.
        assert len(fake.completions) == CELLS - ANSWERED
        wait_until(lambda: "Done" in person.get(path).text, "the sweep to be done")
        assert_one_entry_a_run(Rows(server))
