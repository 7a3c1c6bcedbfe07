"""A thread with a loop of its own: what is deciphered there keeps no pop waiting."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
STOPS = 5.0  # seconds in which the thread must end


class Loop:
    """Runs coroutines for threads that may block; begun when it is first needed."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._main: asyncio.Task[None] | None = None

    def start(self, main: Callable[[], Coroutine[Any, Any, None]]) -> asyncio.AbstractEventLoop:
        """Run `main` in the thread, unless it runs already; gives the loop."""
        with self._lock:
            if self._loop is None:
                ready = threading.Event()
                self._thread = threading.Thread(
                    target=self._run, args=(main, ready), name=self._name, daemon=True
                )
                self._thread.start()
                ready.wait()
            if self._loop is None:
                raise RuntimeError("the thread did not begin")
            return self._loop

    def call(self, work: Coroutine[Any, Any, T], *, patience: float) -> T:
        """Do the work in the thread; blocks. Raises TimeoutError, and what it raises."""
        if self._loop is None:
            raise RuntimeError("not started")
        asked = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return asked.result(patience)
        except TimeoutError:
            asked.cancel()
            raise

    def stop(self) -> None:
        """End the thread; blocks for a moment."""
        with self._lock:
            loop, thread, main = self._loop, self._thread, self._main
            self._loop = self._thread = None
        if loop is not None and main is not None:
            loop.call_soon_threadsafe(main.cancel)
        if thread is not None:
            thread.join(STOPS)

    def _run(self, main: Callable[[], Coroutine[Any, Any, None]], ready: threading.Event) -> None:
        async def work() -> None:
            self._loop, self._main = asyncio.get_running_loop(), asyncio.current_task()
            ready.set()
            await main()

        try:
            asyncio.run(work())
        except asyncio.CancelledError:
            return
        finally:
            ready.set()
