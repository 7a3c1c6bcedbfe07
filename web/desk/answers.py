"""What the desk says to a form: JSON to its script, a page to a browser without one."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import NoReturn
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

import storage.calls
from storage.calls import Story
from storage.errors import Conflict, NotFound, Refused, StorageError
from web.errors import status_of
from web.i18n import _, told
from web.keys import DATABASE, VISITOR
from web.render import redirect, url

FOREIGN = "own call"  # what NotFound says of a call that is someone else's


class Fields(BaseModel):
    """Base of every form: spaces around a value do not count, unknown fields are left alone."""

    model_config = ConfigDict(str_strip_whitespace=True, extra="ignore", hide_input_in_errors=True)


class Unfit(Exception):
    """The form cannot be taken as it is; a sentence for each field, "" for none of them."""

    def __init__(
        self, errors: Mapping[str, str], status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    ) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = dict(errors)
        self.status = status


def wants_json(request: web.Request) -> bool:
    """Whether the desk's script asks, rather than a browser that sends a form."""
    return "application/json" in request.headers.get("Accept", "")


def done(request: web.Request, sentence: str, *, saved: UUID | None = None) -> web.Response:
    """Answer a form that was taken; the desk forgets its draft of the call `saved`."""
    if wants_json(request):
        return web.json_response({"done": sentence})
    return redirect(request, url(request, "desk.show", saved=saved), flash=sentence)


def refused(unfit: Unfit) -> web.Response:
    """Answer the script's form that was not taken."""
    return web.json_response({"errors": unfit.errors}, status=unfit.status)


def refuse(error: StorageError) -> NoReturn:
    """Raise the storage's refusal as a sentence for the whole form."""
    if isinstance(error, NotFound) and error.kind == "call":
        error = not_stored_yet()
    if isinstance(error, NotFound):
        is_foreign = error.kind == FOREIGN
        text = _("This call is not yours.") if is_foreign else _("This is no longer there.")
        raise Unfit({"": text}, HTTPStatus.NOT_FOUND) from error
    if isinstance(error, Refused | Conflict):
        raise Unfit({"": told(error)}, status_of(error)) from error
    raise error


def not_stored_yet() -> Conflict:
    """Return what to raise for a call whose storing is behind what the screens show."""
    return Conflict(_("This call is not stored yet. Try again in a moment."))


def foreign(story: Story) -> NotFound:
    """Return what to raise for a call that the visitor had no part in."""
    return NotFound(FOREIGN, story.call.id)


def wrong(error: ValidationError) -> Unfit:
    """Return what is wrong with a form, a sentence for each field."""
    problems = error.errors(include_url=False, include_input=False)
    return Unfit({str(one["loc"][0]) if one["loc"] else "": _sentence(one) for one in problems})


def call_of(request: web.Request) -> UUID:
    """Return the call in the address; raises NotFound for what is no id."""
    return _key(request, "call")


def pop_of(request: web.Request) -> UUID:
    """Return the pop in the address; raises NotFound for what is no id."""
    return _key(request, "pop")


async def own_story(request: web.Request) -> Story:
    """Return the story of the visitor's own call; raises NotFound for anyone else's."""
    key, user = call_of(request), request[VISITOR].user_id
    async with request.app[DATABASE].reading() as session:
        story = await storage.calls.get(session, key, reach=frozenset({user}))
    if user not in story.agents:
        raise NotFound(FOREIGN, key)
    return story


def _key(request: web.Request, name: str) -> UUID:
    text = request.match_info[name]
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(name, text) from None


def _sentence(problem: Mapping[str, object]) -> str:
    context = problem.get("ctx")
    limit = context.get("max_length") if isinstance(context, dict) else None
    match problem["type"]:
        case "missing" | "string_too_short":
            return _("This is needed.")
        case "string_too_long":
            return _("At most {count} characters fit here.").format(count=limit)
        case "date_from_datetime_parsing" | "date_parsing" | "date_from_datetime_inexact":
            return _("This is no date.")
        case "time_parsing" | "time_delta_parsing" | "time_type":
            return _("This is no time of day.")
        case _other:
            return _("Choose one of the list.")
