"""The questions that a card asks; each is one statement."""

from typing import Any

from sqlalchemy import (
    Boolean,
    CompoundSelect,
    Select,
    String,
    Uuid,
    bindparam,
    cast,
    func,
    literal_column,
    null,
    select,
)
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import TypeEngine

from storage.callers import PEOPLE_OF_A_LINE
from storage.calls.tables import CallRecord, OfferRecord, WrapUp
from storage.contacts import Contact
from storage.customers import Customer
from storage.database import UtcDateTime
from storage.notes import Note
from storage.numbers import Number
from storage.outcomes import Outcome
from storage.users import User

Query = Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]]

MOST_CALLS = 6  # one of them may be the call that rings
MOST_NOTES = 3


def candidates() -> Query:
    """Who may be calling from :e164, as `storage.callers.owners` asks it of a session."""
    company = aliased(Customer)
    have = (
        _candidate(
            literal_column("1 = 1", Boolean), Number.chosen_at, _none(Uuid()), _none(String())
        )
        .join(Number, Number.customer_id == Customer.id)
        .where(Number.e164 == bindparam("e164"))
    )
    speak = (
        _candidate(
            literal_column("1 = 0", Boolean), _none(UtcDateTime()), Contact.company_id, Contact.role
        )
        .join(Contact, Contact.person_id == Customer.id)
        .join(Number, Number.customer_id == Contact.company_id)
        .join(company, company.id == Contact.company_id)
        .where(
            Number.e164 == bindparam("e164"),
            Contact.ended_on.is_(None),
            company.closed_at.is_(None),
        )
        .order_by(_last_contact().desc().nulls_last(), Customer.id)
        .limit(literal_column(str(PEOPLE_OF_A_LINE)))
    )
    return have.union_all(select(speak.subquery()))


def customer() -> Query:
    """The customer :customer."""
    return select(
        Customer.id,
        Customer.name,
        Customer.kind,
        Customer.address_as,
        Customer.email,
        Customer.about,
        Customer.lifecycle,
    ).where(Customer.id == bindparam("customer"))


def companies() -> Query:
    """The companies that :customer speaks for."""
    return (
        select(Customer.id, Customer.name, Contact.role)
        .join(Contact, Contact.company_id == Customer.id)
        .where(
            Contact.person_id == bindparam("customer"),
            Contact.ended_on.is_(None),
            Customer.closed_at.is_(None),
        )
        .order_by(Customer.name)
        .limit(literal_column("3"))
    )


def calls_of_customer() -> Query:
    """The last calls of :customer, newest first, a row for each wrap-up."""
    return _calls(CallRecord.customer_id == bindparam("customer"))


def calls_of_number() -> Query:
    """The last calls of the number :e164, newest first, a row for each wrap-up."""
    return _calls(CallRecord.e164 == bindparam("e164"))


def notes() -> Query:
    """The last notes on :customer, newest first."""
    return (
        select(Note.created_at, User.name, Note.text)
        .outerjoin(User, User.id == Note.user_id)
        .where(Note.customer_id == bindparam("customer"))
        .order_by(Note.created_at.desc())
        .limit(literal_column(str(MOST_NOTES)))
    )


def outcomes() -> Query:
    """What can be chosen after a call, in its order."""
    return (
        select(Outcome.id, Outcome.name)
        .where(Outcome.active)
        .order_by(Outcome.position, Outcome.name)
    )


def decision() -> Query:
    """Who :call is stored with, and whether a person said so."""
    return select(CallRecord.customer_id, CallRecord.matched_by_hand).where(
        CallRecord.id == bindparam("call")
    )


def wrap_up() -> Query:
    """What :user stored after :call."""
    return select(WrapUp.outcome_id, WrapUp.note).where(
        WrapUp.call_id == bindparam("call"), WrapUp.user_id == bindparam("user")
    )


def unfinished() -> Query:
    """Offers answered :since whose agent neither wrapped up nor put the card away."""
    wrapped = (
        select(WrapUp.id)
        .where(WrapUp.call_id == OfferRecord.call_id, WrapUp.user_id == OfferRecord.user_id)
        .exists()
    )
    return (
        select(OfferRecord.call_id, OfferRecord.id, OfferRecord.user_id)
        .where(
            OfferRecord.started_at > bindparam("since"),
            OfferRecord.answered_at.is_not(None),
            OfferRecord.dismissed_at.is_(None),
            OfferRecord.user_id.is_not(None),
            ~wrapped,
        )
        .order_by(OfferRecord.started_at)
    )


def _calls(condition: ColumnElement[bool]) -> Query:
    last = (
        select(
            CallRecord.id,
            CallRecord.started_at,
            CallRecord.direction,
            CallRecord.result,
            CallRecord.queue,
            CallRecord.talk_seconds,
            CallRecord.user_id,
        )
        .where(condition)
        .order_by(CallRecord.started_at.desc())
        .limit(literal_column(str(MOST_CALLS)))
        .subquery()
    )
    agent, writer = aliased(User), aliased(User)
    return (
        select(
            last.c.id,
            last.c.started_at,
            last.c.direction,
            last.c.result,
            last.c.queue,
            last.c.talk_seconds,
            agent.name,
            Outcome.name,
            WrapUp.note,
            writer.name,
        )
        .outerjoin(agent, agent.id == last.c.user_id)
        .outerjoin(WrapUp, WrapUp.call_id == last.c.id)
        .outerjoin(Outcome, Outcome.id == WrapUp.outcome_id)
        .outerjoin(writer, writer.id == WrapUp.user_id)
        .order_by(last.c.started_at.desc(), WrapUp.updated_at)
    )


def _candidate(owns: Any, chosen_at: Any, company: Any, role: Any) -> Select[*tuple[Any, ...]]:  # noqa: ANN401 - columns of any kind
    return select(
        Customer.id,
        Customer.name,
        Customer.kind,
        Customer.closed_at,
        owns.label("owns"),
        chosen_at.label("chosen_at"),
        company.label("company_id"),
        role.label("role"),
        _last_contact().label("last_contact"),
    )


def _none(kind: TypeEngine[Any]) -> ColumnElement[Any]:
    return cast(null(), kind)


def _last_contact() -> ColumnElement[Any]:
    return (
        select(func.max(CallRecord.started_at, type_=UtcDateTime()))
        .where(CallRecord.customer_id == Customer.id)
        .correlate(Customer)
        .scalar_subquery()
    )
