"""The thread that writes sleeps while nothing is said, and misses nothing by that."""

import time


def test_a_thread_that_sleeps_is_woken_by_the_next_message(desk, say, monkeypatch) -> None:
    monkeypatch.setattr("pbx_bridge.journal.journal.IDLE_ROUNDS", 1)
    journal = desk.journal()
    for number in range(20):
        deadline = time.monotonic() + 10
        while not journal._sleeps:
            assert time.monotonic() < deadline
            time.sleep(0.001)
        journal.hear(say(f"1.{number}"))
        while journal.waiting:  # flush() would wake it
            assert time.monotonic() < deadline
            time.sleep(0.001)
    assert journal.close()
