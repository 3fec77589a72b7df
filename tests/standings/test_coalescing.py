"""Many small questions, few round trips."""

from __future__ import annotations

import asyncio

from scoreboard.standings.coalescing import TOGETHER_MAX, Coalescer


class Asked:
    """Doubles numbers, a batch at a time, when it is told to."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.may_answer = asyncio.Event()

    async def ask_all(self, questions: list[int]) -> list[int]:
        self.batches.append(questions)
        await self.may_answer.wait()
        return [2 * question for question in questions]


async def test_what_comes_meanwhile_goes_together_in_batches_that_are_bounded() -> None:
    asked = Asked()
    questions = Coalescer(asked.ask_all)
    first = asyncio.create_task(questions.ask(-1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    rest = [asyncio.create_task(questions.ask(number)) for number in range(TOGETHER_MAX + 1)]
    await asyncio.sleep(0)
    asked.may_answer.set()
    assert await first == -2
    assert await asyncio.gather(*rest) == [2 * number for number in range(TOGETHER_MAX + 1)]
    assert [len(batch) for batch in asked.batches] == [1, TOGETHER_MAX, 1]


async def test_what_is_told_waits_for_more_or_goes_with_the_next_question() -> None:
    asked = Asked()
    asked.may_answer.set()
    questions = Coalescer(asked.ask_all)
    questions.tell(1)
    questions.tell(2)
    await asyncio.sleep(0)
    assert asked.batches == []
    assert await questions.ask(3) == 6
    assert asked.batches == [[1, 2, 3]]
    questions.tell(4)
    await questions.settle()
    assert asked.batches[1:] == [[4]]
