"""What the pages of every kind of blueprint do alike; a room says what is its own."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from aiohttp import web

from storage.blueprints import Blueprint, Blueprints, BlueprintVersion, ChangedMeanwhile, NotUsable
from storage.database import Session
from storage.errors import Refused
from storage.rules.permissions import Permission
from web.auth import requires
from web.drafting.parts import Changed, Posted
from web.i18n import _, gettext, told
from web.keys import DATABASE, VISITOR
from web.render import redirect, render, url

MOST_DIGITS = 8  # of a version
B = TypeVar("B", bound=Blueprint)
V = TypeVar("V", bound=BlueprintVersion)
O = TypeVar("O")  # noqa: E741 - the outline of such a blueprint


class Drafting(ABC, Generic[B, V, O]):
    """The list of one kind of blueprint and the form of each; a subclass per room."""

    room: ClassVar[str]  # of its templates and the names of its routes
    withdrawals: ClassVar[str]  # the name of that route
    may: ClassVar[Permission]  # who edits them
    published: ClassVar[str]  # what is said then
    withdrawn: ClassVar[str]

    def __init__(
        self, kept: Blueprints[B, V, O], read: Callable[[Posted, str], Changed[O]]
    ) -> None:
        self._kept = kept
        self._read = read  # what a form sends, changed by a button of it

    @abstractmethod
    async def lines(self, session: Session) -> Sequence[Any]:
        """The rows of the list."""

    @abstractmethod
    async def shown(
        self, session: Session, row: B, written: O, conflict: ChangedMeanwhile | None
    ) -> dict[str, Any]:
        """What the template of the form wants beside what every kind has."""

    async def tell(self, request: web.Request) -> None:
        """Tell the live side that another version is in use, or none."""

    async def index(
        self,
        request: web.Request,
        name: str = "",
        errors: dict[str, str] | None = None,
        *,
        status: int = HTTPStatus.OK,
    ) -> web.Response:
        """Show every blueprint, and the form for another."""
        async with request.app[DATABASE].reading() as session:
            lines = await self.lines(session)
        return render(
            request, f"{self.room}/index.html", status=status, lines=lines, written=name,
            errors=errors or {},
        )  # fmt: skip

    async def create(self, request: web.Request) -> web.Response:
        """Begin one."""
        name = str((await request.post()).get("name", ""))
        by, now = request[VISITOR].user_id, datetime.now(UTC)
        try:
            async with request.app[DATABASE].writing() as session:
                row = await self._kept.create(session, name, by=by, now=now)
        except Refused as error:
            return await self.index(request, name, {"name": told(error)}, status=422)
        return redirect(request, url(request, f"{self.room}.edit", id=row.id))

    async def update(self, request: web.Request) -> web.Response:
        """Keep it as it was written, changed by the button that was pressed."""
        posted = {name: v for name, v in (await request.post()).items() if isinstance(v, str)}
        key, by, now = key_of(request), request[VISITOR].user_id, datetime.now(UTC)
        name, deed = posted.get("name", ""), posted.get("deed", "")
        outline, part = self._read(posted, deed)
        try:
            async with request.app[DATABASE].writing() as session:
                row = await self._kept.save(
                    session, key, name, outline, version=_version(posted), by=by, now=now
                )
                version = row.version
            if deed == "publish":
                async with request.app[DATABASE].writing() as session:
                    await self._kept.publish(session, key, version=version, by=by, now=now)
                await self.tell(request)
        except ChangedMeanwhile as conflict:
            return await self.edit(request, name, outline, conflict=conflict, status=409)
        except NotUsable:
            sentence = _("Saved, but not published: some things are to be put right first.")
            return redirect(request, self.place(request), flash=sentence, kind="bad")
        except Refused as error:
            errors = {"name": told(error)}
            return await self.edit(request, name, outline, errors=errors, status=422)
        said = {"publish": gettext(self.published), "": _("Saved.")}
        return redirect(request, self.place(request, part), flash=said.get(deed, ""))

    async def withdraw(self, request: web.Request) -> web.Response:
        """Let nobody begin with it any more."""
        async with request.app[DATABASE].writing() as session:
            by = request[VISITOR].user_id
            await self._kept.withdraw(session, key_of(request), by=by)
        await self.tell(request)
        return redirect(request, self.place(request), flash=gettext(self.withdrawn))

    async def edit(
        self,
        request: web.Request,
        name: str | None = None,
        outline: O | None = None,
        *,
        conflict: ChangedMeanwhile | None = None,
        errors: dict[str, str] | None = None,
        status: int = HTTPStatus.OK,
    ) -> web.Response:
        """Show the form of one, as it is stored or as it was written."""
        async with request.app[DATABASE].reading() as session:
            row = await self._kept.get(session, key_of(request))
            versions = await self._kept.versions(session, row.id)
            written = self._kept.from_data(row.draft) if outline is None else outline
            problems = await self._kept.check(session, written)
            own = await self.shown(session, row, written, conflict)
        used = next((one.outline for one in versions if one.number == row.published), None)
        return render(
            request,
            f"{self.room}/edit.html",
            status=status,
            row=row,
            place=self.place(request),
            withdrawals=url(request, self.withdrawals, id=row.id),
            called=row.name if name is None else name,
            outline=written,
            problems=[gettext(each.text).format(**each.params) for each in problems],
            is_published_so=used == self._kept.to_data(written),
            conflict=conflict,
            errors=errors or {},
            **own,
        )

    def place(self, request: web.Request, part: str = "") -> str:
        """Return the address of the form, at one of its parts."""
        return url(request, f"{self.room}.edit", id=key_of(request)) + (f"#{part}" if part else "")


def routes_of(pages: Drafting[B, V, O], path: str, key: str) -> list[web.RouteDef]:
    """Return the routes of the list and of each one, which the path's part `key` names."""

    @requires(pages.may)
    async def index(request: web.Request) -> web.Response:
        return await pages.index(request)

    @requires(pages.may)
    async def create(request: web.Request) -> web.Response:
        return await pages.create(request)

    @requires(pages.may)
    async def edit(request: web.Request) -> web.Response:
        return await pages.edit(request)

    @requires(pages.may)
    async def update(request: web.Request) -> web.Response:
        return await pages.update(request)

    @requires(pages.may)
    async def withdraw(request: web.Request) -> web.Response:
        return await pages.withdraw(request)

    return [
        web.get(path, index, name=f"{pages.room}.index"),
        web.post(path, create, name=f"{pages.room}.create"),
        web.get(f"{path}/{key}", edit, name=f"{pages.room}.edit"),
        web.post(f"{path}/{key}", update, name=f"{pages.room}.update"),
        web.post(f"{path}/{key}/withdrawals", withdraw, name=pages.withdrawals),
    ]


def key_of(request: web.Request) -> UUID:
    """Return the blueprint in the address."""
    return UUID(request.match_info["id"])


def _version(posted: Posted) -> int:
    """Return the version that was edited; 0, which none has, where it cannot be read."""
    text = posted.get("version", "")
    is_number = text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS
    return int(text) if is_number else 0
