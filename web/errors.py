"""Our errors become a status and a sentence for the user; unexpected ones a log line and a 500."""

from http import HTTPStatus
from uuid import uuid4

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler
from sqlalchemy.exc import OperationalError

from storage.errors import (
    Conflict,
    DatabaseAbsent,
    NotFound,
    NotLeader,
    Refused,
    StorageError,
    Unconfirmed,
)
from web.i18n import _, told
from web.render import render

PROBLEM = "application/problem+json"
log = structlog.get_logger(__name__)

STATUS: dict[type, int] = {
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    Refused: HTTPStatus.UNPROCESSABLE_ENTITY,
    Unconfirmed: HTTPStatus.GATEWAY_TIMEOUT,
    NotLeader: HTTPStatus.SERVICE_UNAVAILABLE,
    DatabaseAbsent: HTTPStatus.SERVICE_UNAVAILABLE,
}


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what was raised into the page or the JSON that the asker can read."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < HTTPStatus.BAD_REQUEST or error.content_type == PROBLEM:
            raise
        response = tell(request, error.status, error.text or error.reason)
        if hdrs.WWW_AUTHENTICATE in error.headers:
            response.headers[hdrs.WWW_AUTHENTICATE] = error.headers[hdrs.WWW_AUTHENTICATE]
        return response
    except StorageError as error:
        return tell(request, status_of(error), told(error))
    except OperationalError:
        log.exception("database_failed", path=request.path)
        return tell(request, HTTPStatus.SERVICE_UNAVAILABLE, _("The database does not answer."))
    except Exception as error:
        if isinstance(error, ConnectionError) and _is_gone(request):
            log.info("request_given_up", path=request.path)  # a page was left while it sent
            return web.Response(status=HTTPStatus.BAD_REQUEST)  # that nobody reads
        reference = uuid4().hex[:8]
        log.exception("request_failed", path=request.path, reference=reference)
        text = _("Something went wrong here. Reference: {reference}").format(reference=reference)
        return tell(request, HTTPStatus.INTERNAL_SERVER_ERROR, text)


def _is_gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


def status_of(error: StorageError) -> int:
    """Return the status of an error, or of the kind of error that it is."""
    known = (STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    return next(known, HTTPStatus.BAD_REQUEST)


def tell(request: web.Request, status: int, sentence: str) -> web.Response:
    """Answer with `sentence`: problem JSON for a program, a page or a fragment for a person."""
    if request.path.startswith("/api/"):
        problem = {"status": int(status), "title": HTTPStatus(status).phrase, "detail": sentence}
        return web.json_response(problem, status=status, content_type=PROBLEM)
    if "application/json" in request.headers.get("Accept", "").split(",")[0]:
        return web.json_response({"errors": {"": sentence}}, status=status)
    if request.headers.get("HX-Request"):
        return render(request, "errors/_sentence.html", status=status, sentence=sentence)
    return render(request, "errors/page.html", status=status, sentence=sentence, code=int(status))
