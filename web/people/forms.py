"""What the forms of this room ask for, and a sentence for each thing that is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic import field_validator as checked
from pydantic_core import ErrorDetails, PydanticCustomError

from storage.customers import CustomerKind, Profile
from storage.rules.drafts import is_address
from storage.rules.lifecycles import Lifecycle
from web.i18n import _
from web.render import url

M = TypeVar("M", bound=BaseModel)


def _none_if_empty(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


OptionalDate = Annotated[date | None, BeforeValidator(_none_if_empty)]
OptionalKey = Annotated[UUID | None, BeforeValidator(_none_if_empty)]


class Fields(BaseModel):
    """Base of the forms: spaces around a value do not count, unknown fields are left alone."""

    model_config = ConfigDict(str_strip_whitespace=True, extra="ignore", hide_input_in_errors=True)


class CustomerFields(Fields):
    """A customer as a person edits them; `version` is that of the page they were edited on."""

    name: str = Field(min_length=1, max_length=200)
    kind: CustomerKind = CustomerKind.PERSON
    address_as: str = Field(default="", max_length=120)
    email: str = Field(default="", max_length=254)
    about: str = Field(default="", max_length=20_000)
    lifecycle: Annotated[Lifecycle | None, BeforeValidator(_none_if_empty)] = None
    version: int = 1

    @checked("email")
    @classmethod
    def _address(cls, value: str) -> str:
        if value and not is_address(value):
            raise PydanticCustomError("email", "no e-mail address")
        return value

    @property
    def profile(self) -> Profile:
        """What is stored of it."""
        return Profile(
            name=self.name,
            kind=self.kind,
            address_as=self.address_as or None,
            email=self.email or None,
            about=self.about,
            lifecycle=self.lifecycle,
        )


class NewCustomerFields(CustomerFields):
    """A new customer, perhaps with a number, perhaps from a call."""

    number: str = Field(default="", max_length=80)
    label: str = Field(default="", max_length=40)
    call: OptionalKey = None


class NumberFields(Fields):
    """A number for a customer: typed, or that of a call."""

    number: str = Field(default="", max_length=80)
    label: str = Field(default="", max_length=40)
    call: OptionalKey = None
    remember: bool = False  # from now on its calls are theirs, whoever shares it


class ContactFields(Fields):
    """Who else is at the other end of a role; from a company a person, from a person a company."""

    other: UUID
    role: str = Field(default="", max_length=120)
    began_on: OptionalDate = None


class EndFields(Fields):
    """The last day of a role; today where none is given."""

    ended_on: OptionalDate = None


class NoteFields(Fields):
    """A note about a customer."""

    text: str = Field(min_length=1, max_length=20_000)
    call: OptionalKey = None


class PromiseFields(NoteFields):
    """A promise to a customer."""

    due_on: date


@dataclass(frozen=True, slots=True)
class Form(Generic[M]):
    """A form as it came: `fields` where all is well, else a sentence for each wrong field."""

    typed: Mapping[str, str]
    fields: M | None
    errors: dict[str, str] = field(default_factory=dict)


async def read(request: web.Request, model: type[M]) -> Form[M]:
    """Check the posted form against `model`."""
    posted = await request.post()
    typed = {key: value for key, value in posted.items() if isinstance(value, str)}
    try:
        return Form(typed, model.model_validate(typed))
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        return Form(typed, None, {str(one["loc"][0]): _sentence(one) for one in problems})


def key_of(request: web.Request, name: str = "id") -> UUID:
    """Return an id in the address; the routes let nothing else through."""
    return UUID(request.match_info[name])


def wants_json(request: web.Request) -> bool:
    """Whether a program of ours asks (the desk), rather than a person's browser for a page."""
    return "application/json" in request.headers.get("Accept", "")


def card_of(request: web.Request, customer_id: UUID, part: str = "") -> str:
    """Return the address of a customer's page, at one of its parts."""
    return url(request, "customers.show", id=customer_id) + (f"#{part}" if part else "")


def _sentence(problem: ErrorDetails) -> str:
    context: dict[str, Any] = problem.get("ctx", {})
    match problem["type"]:
        case "missing" | "string_too_short":
            return _("This is needed.")
        case "string_too_long":
            return _("At most {count} characters fit here.").format(count=context["max_length"])
        case "email":
            return _("This is no e-mail address.")
        case "date_from_datetime_parsing" | "date_parsing" | "date_type":
            return _("This is no date.")
        case _kind:
            return _("This cannot be used here.")
