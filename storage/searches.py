"""Finding customers: by the beginning of any word of the name, by number, or page by page."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, select, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from pbx_bridge import phone
from storage.customers import Customer, CustomerKind, CustomerWord
from storage.numbers import Home, Number
from storage.rules import names

PAGE = 50
FEWEST_DIGITS = 3
FEW = 500  # matches of one word: so many are counted to see which word is the rarest
_NUMBER = re.compile(r"(?=.*\d)[\d\s+()/.*#-]+|(?:tel|sips?):.*", re.IGNORECASE)
_ABOVE_DIGITS = ":"  # the sign after 9
_ABOVE_LETTERS = "\U0010ffff"


class Place(NamedTuple):
    """Where a page of a list ends: its last sort key and customer."""

    key: str
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """Which customers a list shows."""

    kind: CustomerKind | None = None
    closed: bool | None = None  # None: both


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of customers and where the next one begins."""

    customers: Sequence[Customer]
    after: Place | None = None  # None: this is the last page


EVERYONE = Narrowing()


def is_number(text: str) -> bool:
    """Whether what someone looks for is a phone number rather than a name."""
    digits = phone.digits_of(text)
    return len(digits) >= FEWEST_DIGITS and _NUMBER.fullmatch(text.strip()) is not None


async def search(
    session: AsyncSession,
    text: str,
    *,
    home: Home,
    narrowing: Narrowing = EVERYONE,
    after: Place | None = None,
    limit: int = PAGE,
) -> Page:
    """Customers by number in any spelling (whole, its beginning or its end) or by name.

    Only a list by name has further pages: of a number one types more digits.
    """
    if is_number(text):
        page = await _by_number(session, text, home, narrowing, limit=limit)
        if page.customers:
            return page
    return await _by_name(session, names.query_words(text), narrowing, after=after, limit=limit)


async def listed(
    session: AsyncSession,
    *,
    narrowing: Narrowing = EVERYONE,
    newest_first: bool = False,
    after: Place | None = None,
    limit: int = PAGE,
) -> Page:
    """Every customer in the order of the alphabet, or the newest first."""
    query = select(Customer).where(*_conditions(narrowing)).limit(limit + 1)
    if newest_first:
        query = query.order_by(Customer.id.desc())
        query = query.where(Customer.id < after.id) if after else query
    else:
        query = query.order_by(Customer.sort_name, Customer.id)
        query = query.where(_beyond(Customer.sort_name, Customer.id, after)) if after else query
    customers = (await session.scalars(query)).all()
    return _page(customers, [Place(one.sort_name, one.id) for one in customers], limit)


async def _by_name(
    session: AsyncSession,
    words: Sequence[str],
    narrowing: Narrowing,
    *,
    after: Place | None,
    limit: int,
) -> Page:
    """Every word must begin a word of the name; listed by the word that is the rarest."""
    if not words:
        return Page(customers=())
    rarest = await _rarest(session, words)
    found, earlier = aliased(CustomerWord), aliased(CustomerWord)
    query = (
        select(found.word, Customer)
        .join(Customer, Customer.id == found.customer_id)
        .where(
            _begins(found.word, rarest, since=after.key if after else ""),
            *_conditions(narrowing),
            ~exists().where(  # a name with two words that begin so stands once
                earlier.customer_id == found.customer_id,
                _begins(earlier.word, rarest),
                earlier.word < found.word,
            ),
            *(_has_word(found.customer_id, word) for word in words if word != rarest),
        )
        .order_by(found.word, found.customer_id)
        .limit(limit + 1)
    )
    if after is not None:
        query = query.where(_beyond(found.word, found.customer_id, after))
    rows = (await session.execute(query)).all()
    places = [Place(word, customer.id) for word, customer in rows]
    return _page([customer for _word, customer in rows], places, limit)


async def _rarest(session: AsyncSession, words: Sequence[str]) -> str:
    """The word that begins the fewest words of names, as far as counting is cheap."""
    if len(words) == 1:
        return words[0]
    counts = {}
    for word in words:
        some = select(CustomerWord.word).where(_begins(CustomerWord.word, word)).limit(FEW)
        counts[word] = await session.scalar(select(func.count()).select_from(some.subquery()))
    return min(words, key=lambda word: counts[word] or 0)


async def _by_number(
    session: AsyncSession, text: str, home: Home, narrowing: Narrowing, *, limit: int
) -> Page:
    """The whole number if we have it, else numbers that begin or end with what was typed."""
    e164 = home.read(text)
    found: Sequence[Customer] = ()
    if e164:
        found = await _owners_of(session, [Number.e164 == e164], narrowing, limit)
    return Page(customers=found or await _owners_of(session, _parts(text, home), narrowing, limit))


def _parts(text: str, home: Home) -> Iterator[ColumnElement[bool]]:
    for beginning in phone.beginnings(text, home.region):
        yield and_(Number.e164 >= beginning, Number.e164 < beginning + _ABOVE_DIGITS)
    backwards = phone.digits_of(text)[::-1]
    yield and_(Number.backwards >= backwards, Number.backwards < backwards + _ABOVE_DIGITS)


async def _owners_of(
    session: AsyncSession,
    conditions: Iterable[ColumnElement[bool]],
    narrowing: Narrowing,
    limit: int,
) -> Sequence[Customer]:
    """Whose numbers meet any condition; each is one range of one index and is cut by itself."""
    ranges = [
        select(
            select(Number.customer_id)
            .join(Customer, Customer.id == Number.customer_id)
            .where(condition, *_conditions(narrowing))
            .limit(limit)
            .subquery()
        )
        for condition in conditions
    ]
    query = select(Customer).where(Customer.id.in_(union_all(*ranges)))
    return (
        await session.scalars(query.order_by(Customer.sort_name, Customer.id).limit(limit))
    ).all()


def _conditions(narrowing: Narrowing) -> Iterator[ColumnElement[bool]]:
    if narrowing.kind is not None:
        yield Customer.kind == narrowing.kind
    if narrowing.closed is not None:
        closed = Customer.closed_at
        yield closed.is_not(None) if narrowing.closed else closed.is_(None)


def _begins(
    word: InstrumentedAttribute[str], beginning: str, *, since: str = ""
) -> ColumnElement[bool]:
    return and_(word >= max(beginning, since), word < beginning + _ABOVE_LETTERS)


def _has_word(customer_id: InstrumentedAttribute[UUID], word: str) -> ColumnElement[bool]:
    other = aliased(CustomerWord)
    return exists().where(other.customer_id == customer_id, _begins(other.word, word))


def _beyond(
    key: InstrumentedAttribute[str], identity: InstrumentedAttribute[UUID], after: Place
) -> ColumnElement[bool]:
    return tuple_(key, identity) > tuple_(after.key, after.id)


def _page(customers: Sequence[Customer], places: Sequence[Place], limit: int) -> Page:
    more = len(customers) > limit
    return Page(customers=customers[:limit], after=places[limit - 1] if more else None)
