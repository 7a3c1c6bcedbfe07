"""`ringbook live`: an agent's pops in a terminal, over the live protocol."""

import asyncio
import os
import random
from collections.abc import Callable
from typing import Any

import click
import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from web.live.messages import VERSION, Close, Kind, Seen
from web.live.view import View

SILENCE_SECONDS = 12.0
FIRST_PAUSE = 0.25
LONGEST_PAUSE = 5.0
DEFAULT_URL = "ws://127.0.0.1:8081/"
UNWELCOME = {
    401: "the token is not valid: `ringbook token create --user NAME --scope live` makes one",
    403: "the token lacks the scope live, or its user may not use the desk",
}
STRANGE = "".join(map(chr, [*range(32), *range(127, 160), 0x2028, 0x2029, *range(0x202A, 0x202F)]))
PLAIN = str.maketrans(dict.fromkeys(STRANGE, " "))


class Ended(Exception):
    """There is no use in coming back; the message says why."""


class Follower:
    """Connects, comes back, and says a line for each piece of news."""

    def __init__(self, url: str, token: str, say: Callable[[str], None]) -> None:
        self._url = url
        self._token = token
        self._say = say
        self._seen: Seen | None = None
        self._view = View()
        self._tries = 0

    async def follow(self) -> None:
        """Follow until it is of no use any more; raises Ended."""
        while True:
            try:
                await self._once()
            except InvalidStatus as error:
                status = error.response.status_code
                if status in UNWELCOME:
                    raise Ended(UNWELCOME[status]) from None
                self._say(f"-- not connected: the server answers {status}")
            except (OSError, InvalidHandshake, TimeoutError) as error:
                self._say(f"-- not connected: {error or type(error).__name__}")
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0**self._tries)
            self._tries += 1
            await asyncio.sleep(pause * (0.5 + random.random() / 2))  # noqa: S311 - spreads retries

    async def _once(self) -> None:
        headers = {"Authorization": f"Bearer {self._token}"}
        async with connect(self._url, additional_headers=headers, max_size=2**22) as socket:
            await self._greet(socket)
            try:
                while True:
                    async with asyncio.timeout(SILENCE_SECONDS):
                        message = orjson.loads(await socket.recv())
                    if not self._hear(message):
                        self._seen = None
                        return
            except ConnectionClosed as end:
                code = end.rcvd.code if end.rcvd else None
                if code == Close.ACCESS_ENDED:
                    raise Ended("the token was revoked, or its user closed") from None
                self._say(f"-- connection lost ({code or 'cut'})")

    async def _greet(self, socket: ClientConnection) -> None:
        hello: dict[str, Any] = {"v": VERSION, "type": "hello"}
        if self._seen is not None:
            hello |= {"epoch": self._seen.epoch, "n": self._seen.n}
        await socket.send(orjson.dumps(hello), text=True)

    def _hear(self, message: dict[str, Any]) -> bool:
        """Take one message; False where one is missing before it."""
        kind, data, n = message["type"], message["data"], message["n"]
        if message["v"] != VERSION or kind == Kind.BYE:
            return True
        if kind == Kind.SNAPSHOT:
            self._view = View.of(data)
            self._tries = 0
            for line in snapshot_lines(self._view):
                self._say(line)
        else:
            step = 0 if kind in {Kind.BEAT, Kind.RESUMED} else 1
            if self._seen != Seen(message["epoch"], n - step):
                return False
            self._tries = 0
            self._view.apply(kind, data)
            if news := news_line(kind, data):
                self._say(news)
        self._seen = Seen(message["epoch"], n)
        return True


def snapshot_lines(view: View) -> list[str]:
    """Return what a screen shows when it is opened."""
    links = [f"-- {link['name']}: {link['status']}" for link in view.links.values()]
    return [*links, *(pop_line(pop) for pop in view.pops.values())]


def news_line(kind: str, data: Any) -> str | None:  # noqa: ANN401 - JSON
    """Return a line for one piece of news, None for what need not be said."""
    match kind:
        case Kind.POP_OPENED | Kind.POP_CHANGED:
            return pop_line(data)
        case Kind.POP_CLOSED:
            return plain(f"{data['why']:<11} {data['name'] or data['number']['written']}")
        case Kind.PHONE_CHANGED:
            return f"-- phone {plain(data['extension'])}: {data['state']}"
        case Kind.LINK_CHANGED:
            return plain(f"-- {data['name']}: {data['status']} {data['why'] or ''}").rstrip()
        case Kind.STORAGE_CHANGED:
            return "-- storing is behind" if data["behind"] else "-- storing has caught up"
        case _:
            return None


def pop_line(pop: Any) -> str:  # noqa: ANN401 - JSON
    """Return a card as one line."""
    number = pop["number"]["e164"] or pop["number"]["written"] or "number withheld"
    customer = pop["customer"]
    who = customer["name"] if customer else pop["name"] or "?"
    company = customer["company"]["name"] if customer and customer["company"] else ""
    parts = [who, company, number, pop["match"]["level"], pop["queue"] or ""]
    return plain(f"{pop['state']:<11} " + " · ".join(part for part in parts if part))


def plain(text: str) -> str:
    """Return a stranger's text without what a terminal would obey."""
    return text.translate(PLAIN)


@click.command()
@click.option("--url", default=DEFAULT_URL, show_default=True, help="Address of the live socket.")
@click.option(
    "--token",
    help="An API token with the scope live; better given as RINGBOOK_TOKEN, which no list shows.",
)
def live(url: str, token: str | None) -> None:
    """Print an agent's pops as they come; Ctrl-C ends it."""
    secret = token or os.environ.get("RINGBOOK_TOKEN")
    if not secret:
        raise click.UsageError("give a token: RINGBOOK_TOKEN=… or --token")
    try:
        asyncio.run(Follower(url, secret, click.echo).follow())
    except Ended as end:
        raise click.ClickException(str(end)) from None
    except KeyboardInterrupt:
        click.echo()
