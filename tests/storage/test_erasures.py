"""One person is erased: a token in every field of theirs is found nowhere afterwards (bar 45)."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

import storage.calls
import storage.customers
import storage.erasures
import storage.hand_overs
import storage.holds
import storage.notes
import storage.numbers
import storage.recording_comments
import storage.recordings
import storage.tags
import storage.transcripts
from fixtures.calls import NOW, Teller, set_stage
from pbx_bridge.ids import uuid7
from storage.calls import ERASED, CallRecord, LegRecord, WrapUp
from storage.customers import Customer, Profile
from storage.database import Base, Database
from storage.errors import NotFound, Refused
from storage.findings import Finding, FindingState
from storage.imports import ImportRow, ImportRun
from storage.originates import Originate, OriginateState
from storage.promises import Promise
from storage.recordings import Recording, RecordingState, Sound
from storage.rules.imports import Verdict
from storage.scripts import Script, ScriptAnswer, ScriptRun, ScriptVersion
from storage.spools import Seen
from storage.tasks.tables import Task, TaskKind
from storage.tombstones import Tombstone

TOKEN = "Cnry7Qx"
NUMBER = "+447700900999"
WORDS = (TOKEN, NUMBER.lstrip("+"), NUMBER[-9:])


async def found(database: Database) -> list[str]:
    """Where in the base the token or the number is: table and column."""
    hits = []
    async with database.reading() as session:
        for table in Base.metadata.sorted_tables:
            for row in (await session.execute(select(table))).mappings():
                for name, value in row.items():
                    said = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
                    if any(word.lower() in str(said).lower() for word in WORDS):
                        hits.append(f"{table.name}.{name}")
    return sorted(set(hits))


async def live_through(database: Database):
    """A customer with the token in every field, one call, and all that hangs on it."""
    stage = await set_stage(database)
    ann, call = stage.users[1], Teller(stage.pbx).ended()
    [recording] = call.recordings
    async with database.writing() as session:
        home = await storage.numbers.home(session)
        profile = Profile(
            name=f"Zoe {TOKEN}", about=TOKEN, email=f"{TOKEN}@example.com", address_as=TOKEN
        )
        customer = await storage.customers.create(session, profile, by=ann, now=NOW)
        await storage.numbers.add(session, customer.id, NUMBER, home=home, by=ann, now=NOW)
        context = stage.context(e164=NUMBER, customer_id=customer.id)
        await storage.calls.save(session, call, context=context)
        await session.execute(update(CallRecord).values(number=NUMBER, name=TOKEN))
        await session.execute(update(LegRecord).values(name=TOKEN))
        theirs = update(LegRecord).where(LegRecord.extension.is_(None))
        await session.execute(theirs.values(number=NUMBER, channel=f"Local/{NUMBER}@x-1"))
        sound = Sound("k", "audio/wav", 9, 60.0, "a" * 64)
        await storage.recordings.shelved(session, recording.id, sound)
        path = f"/monitor/{NUMBER}-{TOKEN}.wav"
        await session.execute(update(Recording).values(path_there=path, reason=TOKEN))
    async with database.writing() as session:
        row = await storage.recordings.get(session, recording.id)
        said = await storage.recording_comments.add(session, row, 1.0, TOKEN, by=ann, now=NOW)
        await storage.recording_comments.answer(session, said.id, TOKEN, by=ann, now=NOW)
        await storage.transcripts.keep(
            session, recording.id, shelf_key="t", said=[TOKEN.lower(), "hello"],
            windows=[], engine="test", now=NOW,
        )  # fmt: skip
        await storage.tags.put(session, call.id, TOKEN, by=ann, now=NOW)
        await storage.spools.found(
            session, stage.pbx, Seen(path=f"{NUMBER}.wav", cause="", size=1, seconds=1.0,
            changed_at=NOW, call_id=call.id), now=NOW,
        )  # fmt: skip
        await storage.notes.add(session, customer.id, TOKEN, by=ann, now=NOW, call_id=call.id)
        script = Script(id=uuid7(NOW), name="s", draft={}, version=1, created_at=NOW,
                        updated_at=NOW)  # fmt: skip
        version = ScriptVersion(id=uuid7(NOW), script_id=script.id, number=1, outline={},
                                published_at=NOW)  # fmt: skip
        run = ScriptRun(id=uuid7(NOW), call_id=call.id, script_id=script.id, version_id=version.id,
                        step="a", started_at=NOW, started_by=ann, updated_at=NOW)  # fmt: skip
        upload = ImportRun(
            id=uuid7(NOW), file_name="f", content=f"{TOKEN};{NUMBER}".encode(), encoding="utf-8",
            delimiter=";", has_header=False, region="GB", created_at=NOW, expires_at=NOW,
        )  # fmt: skip
        for made in (script, version, run, upload):
            session.add(made)
            await session.flush()
        session.add_all(
            [
                ScriptAnswer(run_id=run.id, field="f", answer=TOKEN, counts=True, user_id=ann,
                             at=NOW, version=1),
                WrapUp(id=uuid7(NOW), call_id=call.id, user_id=ann, note=TOKEN, created_at=NOW,
                       updated_at=NOW),
                Promise(id=uuid7(NOW), customer_id=customer.id, call_id=call.id, text=TOKEN,
                        due_on=date(2026, 12, 1), created_at=NOW),
                Task(id=uuid7(NOW), kind=TaskKind.CALLBACK, title=TOKEN, body=TOKEN, number=NUMBER,
                     customer_id=customer.id, call_id=call.id, created_at=NOW, updated_at=NOW),
                ImportRow(run_id=upload.id, line=1, verdict=Verdict.PRESENT, kind="person",
                          name=f"Zoe {TOKEN}", why="", params={}, draft={"n": NUMBER},
                          customer_id=customer.id),
                Originate(id=uuid7(NOW), key="k", pbx_id=stage.pbx, device="PJSIP/101",
                          exten=NUMBER, channel_id="c", claimed_at=NOW,
                          state=OriginateState.REFUSED, why=TOKEN),
                Finding(id=uuid7(NOW), pbx_id=stage.pbx, kind="talk_differs", call_id=call.id,
                        linkedid="1", at=NOW, said=TOKEN, books=NUMBER, state=FindingState.OPEN,
                        found_at=NOW),
            ]
        )  # fmt: skip
    return stage, customer.id, call


@pytest.mark.bar(45)
async def test_a_token_in_every_field_is_found_nowhere_afterwards(
    database: Database, proof
) -> None:
    stage, customer, call = await live_through(database)
    before = await found(database)
    assert len(before) >= 26, before
    async with database.writing() as session:
        scope = await storage.erasures.scope_of(session, customer)
        assert (len(scope.calls), len(scope.recordings), scope.notes, scope.tasks) == (1, 1, 1, 1)
        erasure = await storage.erasures.erase(
            session, scope, "asked by letter", messages=3, by=stage.users[0], now=NOW
        )
    async with database.writing() as session:
        for left in await storage.tombstones.unfinished(session):
            await storage.tombstones.finished(session, left.recording_id, now=NOW)
    after = await found(database)
    proof.tried(len(before), len(after), of="columns that named a person who was erased")
    assert after == []
    async with database.reading() as session:
        kept = await session.get(CallRecord, call.id)
        stone = await session.get(Tombstone, call.recordings[0].id)
        recording = await storage.recordings.get(session, call.recordings[0].id)
        assert await session.get(Customer, customer) is None
    assert (kept.talk_seconds, kept.customer_id, kept.revision) == (61.0, None, ERASED)
    assert (stone.ground, recording.state) == ("erasure", RecordingState.DELETED)
    assert (erasure.calls, erasure.recordings, erasure.messages) == (1, 1, 3)


async def test_what_is_told_again_later_writes_nothing_over_it(database: Database) -> None:
    stage, customer, call = await live_through(database)
    async with database.writing() as session:
        scope = await storage.erasures.scope_of(session, customer)
        await storage.erasures.erase(session, scope, "asked", messages=0, by=None, now=NOW)
    context = stage.context(e164=NUMBER)
    async with database.writing() as session:
        await storage.calls.save(session, call, context=context)
        await storage.calls.retell(session, call, context=context, reason="books", by=None)
    async with database.reading() as session:
        legs = list(await session.scalars(select(LegRecord)))
        kept = await session.get(CallRecord, call.id)
    assert (kept.number, kept.e164, kept.name) == ("", None, "")
    assert {leg.name for leg in legs} == {""}


async def test_a_hold_a_call_that_goes_on_and_no_reason_forbid_it(database: Database) -> None:
    _, customer, call = await live_through(database)

    async def attempt(reason: str = "asked") -> None:
        async with database.writing() as session:
            scope = await storage.erasures.scope_of(session, customer)
            await storage.erasures.erase(session, scope, reason, messages=0, by=None, now=NOW)

    with pytest.raises(Refused, match="say why"):
        await attempt(" ")
    async with database.writing() as session:
        hold = await storage.holds.place(session, "court", call_id=call.id, by=None, now=NOW)
    with pytest.raises(Refused, match="legal hold"):
        await attempt()
    async with database.writing() as session:
        await storage.holds.lift(session, hold.id, by=None, now=NOW + timedelta(days=1))
        await session.execute(update(CallRecord).values(ended_at=None))
    with pytest.raises(Refused, match="goes on"):
        await attempt()
    async with database.writing() as session:
        await session.execute(update(CallRecord).values(ended_at=NOW))
    await attempt()
    with pytest.raises(NotFound):
        await attempt()
