"""A call accounted for: read from the journal why it is told as it is, and said in words.

The journal is read in a thread of its own, one call after the other: a page may wait, a pop not.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from pbx_bridge.journal import (
    Difference,
    Entry,
    Explanation,
    Kind,
    Range,
    differences,
    explain,
)
from pbx_bridge.matching import Reason, msgid
from storage.calls import CallRecord, Story
from web import filters
from web.config import Settings
from web.i18n import gettext
from web.journey import blackbox
from web.journey.stored import call_of

T = TypeVar("T")

MOST_MESSAGES = 10_000  # about one call; what is beyond is not read
NEAR = timedelta(minutes=15)  # the PBX's clock is mostly as right
_THREAD = ThreadPoolExecutor(1, thread_name_prefix="accounts")
_SEVERAL = frozenset({"who", "ours"})
_PEOPLE = frozenset({"who", "ours", "by", "phone", "target", "given", "number", "dialled", "exten"})

NO_JOURNAL = msgid("There is no journal of this PBX here: it is not kept, or lies elsewhere.")
TOO_OLD = msgid("The journal goes back {days} days, and this call is older.")
NOTHING = msgid("The journal holds nothing about this call: it was erased, or was never heard.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Why a call is what it is, as far as its messages are still there."""

    explanation: Explanation
    nothing: Reason | None = None  # why there are no messages
    troubles: Sequence[str] = ()  # of the journal
    lost: int = 0  # messages of that time that found no room in it
    is_cut: bool = False  # there are more messages than are read
    otherwise: Sequence[Difference] = ()  # what is stored, and these messages tell otherwise


async def account(settings: Settings, story: Story, *, encoding: str) -> Account:
    """Read and explain, in the thread of accounts."""
    return await in_turn(lambda: account_for(settings, story, encoding))


async def in_turn(work: Callable[[], T]) -> T:
    """Read something of a journal, after what others have asked for."""
    return await asyncio.get_running_loop().run_in_executor(_THREAD, work)


def account_for(settings: Settings, story: Story, encoding: str) -> Account:
    """Read and explain; takes its time."""
    call = story.call
    reader = blackbox.reader(settings, call.pbx_id)
    ids = {leg.uniqueid for leg in story.legs}
    entries: list[Entry] = []
    for within in (_near(call), blackbox.around(call)):
        entries = reader.telling(ids, call.started_at - NEAR, within, most=MOST_MESSAGES)
        if entries:
            break
    phones = reader.phones(call.started_at - NEAR) if entries else {}
    found = explain(call.pbx_id, entries, ids, phones=phones, encoding=encoding)
    messages = sum(entry.kind is Kind.MESSAGE for entry in entries)
    is_over = call.ended_at is not None and found.call is not None
    return Account(
        explanation=found,
        nothing=None if found.call else _nothing(settings, call),
        troubles=tuple(reader.troubles),
        lost=sum(int(one.facts["count"]) for one in entries if one.kind is Kind.LOST),
        is_cut=messages >= MOST_MESSAGES,
        otherwise=differences(call_of(story), found.call) if is_over and found.call else (),
    )


def phone_names(story: Story) -> dict[str, str]:
    """Return how each phone of ours is called: its agent of then, and its extension."""
    users = {leg.extension: leg.user_id for leg in story.legs if leg.extension and leg.user_id}
    users |= {offer.extension: offer.user_id for offer in story.offers if offer.user_id}
    return {
        extension: f"{story.names[user]} · {extension}"
        for extension, user in users.items()
        if user in story.names
    }


def spoken(reason: Reason, phones: Mapping[str, str], queues: Mapping[str, str]) -> str:
    """Say a reason as pages say it: agents by name, numbers as people write them."""
    words = {key: _word(key, value, phones, queues) for key, value in reason.params.items()}
    return gettext(reason.text).format(**words)


def _word(key: str, value: str, phones: Mapping[str, str], queues: Mapping[str, str]) -> str:
    if key in _PEOPLE:
        parts = value.split(", ") if key in _SEVERAL else [value]
        return ", ".join(phones.get(part) or filters.phone(part) for part in parts)
    if key == "queue":
        return queues.get(value, value)
    if key == "why":
        return gettext(value)  # one of tracker.faults
    return filters.duration(float(value)) if key == "seconds" else value


def _near(call: CallRecord) -> Range:
    until = call.ended_at + NEAR if call.ended_at else None
    return Range(since=call.started_at - NEAR, until=until)


def _nothing(settings: Settings, call: CallRecord) -> Reason:
    days = settings.journal_days
    if not blackbox.folder(settings, call.pbx_id).is_dir():
        return Reason(text=NO_JOURNAL)
    if call.started_at < datetime.now(UTC) - timedelta(days=days):
        return Reason(text=TOO_OLD, params={"days": str(days)})
    return Reason(text=NOTHING)
