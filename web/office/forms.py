"""Reading a form: its values as they were typed, the checked model, a sentence per wrong field."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from aiohttp import web
from multidict import MultiDict
from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from storage.errors import NotFound
from web.i18n import _

M = TypeVar("M", bound=BaseModel)
Word = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=120)]


def _none_if_empty(value: object) -> object:
    return None if value == "" else value


OptionalLine = Annotated[
    Annotated[str, StringConstraints(max_length=255)] | None, BeforeValidator(_none_if_empty)
]


class Fields(BaseModel):
    """Base of every form: spaces around a value do not count, unknown fields are left alone."""

    model_config = ConfigDict(str_strip_whitespace=True, extra="ignore", hide_input_in_errors=True)


@dataclass(frozen=True, slots=True)
class Form(Generic[M]):
    """A form as it came: `fields` where all is well, else a sentence for each field."""

    typed: MultiDict[str]
    fields: M | None
    errors: dict[str, str] = field(default_factory=dict)


async def read(request: web.Request, model: type[M], *, many: tuple[str, ...] = ()) -> Form[M]:
    """Check the form against `model`; the fields in `many` are lists, and may be empty."""
    posted = await request.post()
    typed = MultiDict((key, value) for key, value in posted.items() if isinstance(value, str))
    wrong = {key: odd_character() for key, value in typed.items() if not value.isprintable()}
    if wrong:
        return Form(typed, None, wrong)
    values: dict[str, object] = {key: typed[key] for key in typed if key not in many}
    values |= {key: typed.getall(key, []) for key in many}
    try:
        return Form(typed, model.model_validate(values))
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        return Form(typed, None, {_name(problem): _sentence(problem) for problem in problems})


def key_of(request: web.Request) -> UUID:
    """Return the id in the address; one that is none is not found."""
    text = request.match_info["id"]
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("page", text) from None


def odd_character() -> str:
    """Say that a value holds what no single line can."""
    return _("There is a character here that cannot be used.")


def _name(problem: ErrorDetails) -> str:
    return str(problem["loc"][0]) if problem["loc"] else ""


def _sentence(problem: ErrorDetails) -> str:
    kind, context = problem["type"], problem.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    return _sentences(context).get(kind, _("Choose one of the list."))


def _sentences(context: Mapping[str, object]) -> dict[str, str]:
    """Return what to say for each kind of problem; `context` holds the limit that was passed."""
    not_whole = _("Write a whole number.")
    return {
        "missing": _("Fill this in."),
        "string_too_short": _("Fill this in."),
        "string_too_long": _("At most {n} characters.").format(n=context.get("max_length")),
        "string_pattern_mismatch": odd_character(),
        "int_parsing": not_whole,
        "int_from_float": not_whole,
        "greater_than_equal": _("At least {n}.").format(n=context.get("ge")),
        "less_than_equal": _("At most {n}.").format(n=context.get("le")),
    }
