import asyncio

from playground.lib import tasks


async def test_a_task_that_swallows_a_cancellation_is_asked_again(monkeypatch):
    monkeypatch.setattr(tasks, "AGAIN_S", 0.01)
    swallowed = []

    async def stubborn():
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if len(swallowed) == 2:
                    raise
                swallowed.append(1)

    async def fails():
        raise ValueError("a bug")

    running = [asyncio.create_task(stubborn()), asyncio.create_task(fails())]
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await tasks.end_tasks(running)
    assert len(swallowed) == 2
    assert all(task.done() for task in running)


async def test_nothing_to_end_is_fine():
    await tasks.end_tasks([])
