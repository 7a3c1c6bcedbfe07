"""The chain of custody: whatever is changed, removed, swapped or added shows at its first entry."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from storage.rules.custody import (
    START,
    Act,
    Break,
    Broken,
    Entry,
    Walk,
    digest,
    from_line,
    to_line,
)

BEGAN = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
ONE, TWO, ANN = UUID(int=1), UUID(int=2), UUID(int=3)
TOLD = [
    (Act.STORED, ONE), (Act.PLAYED, ONE), (Act.STORED, TWO), (Act.RESEALED, ONE),
    (Act.DOWNLOADED, TWO), (Act.DELETED, TWO), (Act.PLAYED, ONE),
]  # fmt: skip


def chain(told=TOLD) -> list[Entry]:
    found: list[Entry] = []
    for number, (act, recording) in enumerate(told, start=1):
        entry = Entry(
            number=number, at=BEGAN + timedelta(minutes=number), act=act, recording_id=recording,
            call_id=None, user_id=ANN, sha256=str(recording.int) * 64,
            details={"key": f"k{number}"}, previous=found[-1].hash if found else START,
        )  # fmt: skip
        found.append(replace(entry, hash=digest(entry)))
    return found


def walked(entries: list[Entry], anchors: dict[int, str] | None = None) -> Broken | None:
    walk = Walk(anchors or {})
    for entry in entries:
        walk.feed(entry)
    return walk.end()


def resealed(entries: list[Entry]) -> list[Entry]:
    """The same entries with numbers and hashes made anew: what a patient forger does."""
    forged: list[Entry] = []
    for number, entry in enumerate(entries, start=1):
        bare = replace(entry, number=number, previous=forged[-1].hash if forged else START)
        forged.append(replace(bare, hash=digest(bare)))
    return forged


def test_a_chain_that_nobody_touched_holds_and_says_what_is_kept() -> None:
    walk = Walk()
    assert all(walk.feed(entry) for entry in chain())
    assert walk.end() is None
    assert (walk.number, walk.hash) == (7, chain()[-1].hash)
    assert {key: kept.key for key, kept in walk.kept.items()} == {ONE: "k4"}
    assert walked([]) is None


@pytest.mark.parametrize("number", range(1, 8))
@pytest.mark.parametrize(
    "change",
    [
        {"at": BEGAN}, {"act": Act.SHARED}, {"recording_id": ANN}, {"call_id": ANN},
        {"user_id": None}, {"sha256": "f" * 64}, {"details": {}}, {"hash": "e" * 64},
    ],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_an_entry_that_was_changed_is_named(number: int, change: dict) -> None:
    entries = chain()
    entries[number - 1] = replace(entries[number - 1], **change)
    assert walked(entries) == Broken(Break.CHANGED, number, entries[number - 1].recording_id)


def test_one_that_was_changed_and_hashed_anew_shows_at_the_next() -> None:
    entries = chain()
    bare = replace(entries[1], user_id=None)
    entries[1] = replace(bare, hash=digest(bare))
    assert walked(entries) == Broken(Break.DETACHED, 3, TWO)


@pytest.mark.parametrize("number", range(1, 7))
def test_an_entry_that_was_removed_is_named(number: int) -> None:
    entries = chain()
    del entries[number - 1]
    found = walked(entries)
    assert found is not None
    assert (found.what, found.number) == (Break.MISSING, number)


def test_entries_that_were_swapped_or_added_are_named() -> None:
    entries = chain()
    entries[2], entries[3] = entries[3], entries[2]
    assert walked(entries) == Broken(Break.MISSING, 3, ONE)
    entries = chain()
    entries[2], entries[3] = replace(entries[3], number=3), replace(entries[2], number=4)
    assert walked(entries) == Broken(Break.DETACHED, 3, ONE)
    entries = chain()
    entries.insert(4, entries[3])
    assert walked(entries) == Broken(Break.DETACHED, 4, ONE)


def test_an_end_that_was_cut_off_needs_an_anchor_to_show() -> None:
    entries, short = chain(), chain()[:5]
    assert walked(short) is None
    anchors = {7: entries[6].hash}
    assert walked(entries, anchors) is None
    assert walked(short, anchors) == Broken(Break.CUT_OFF, 6)
    assert walked([], anchors) == Broken(Break.CUT_OFF, 1)


def test_a_chain_that_was_forged_from_some_entry_on_is_not_the_one_that_was_noted() -> None:
    anchors = {5: chain()[4].hash}
    forged = resealed([*chain()[:1], replace(chain()[1], user_id=None), *chain()[2:]])
    assert walked(forged) is None
    assert walked(forged, anchors) == Broken(Break.REPLACED, 5, TWO)


@pytest.mark.parametrize(
    "told",
    [
        pytest.param([(Act.PLAYED, ONE)], id="heard before it was stored"),
        pytest.param(
            [(Act.STORED, ONE), (Act.DELETED, ONE), (Act.PLAYED, ONE)],
            id="heard after it was deleted",
        ),
    ],
)
def test_what_cannot_be_is_strange(told) -> None:
    assert walked(chain(told)) == Broken(Break.STRANGE, len(told), ONE)


def test_a_file_that_was_replaced_and_stored_again_is_strange() -> None:
    entries = chain([(Act.STORED, ONE), (Act.STORED, ONE)])
    entries = resealed([entries[0], replace(entries[1], sha256="f" * 64)])
    assert walked(entries) == Broken(Break.STRANGE, 2, ONE)


def test_a_line_of_an_export_is_the_entry() -> None:
    for entry in chain():
        assert from_line(to_line(entry)) == entry
    for odd in ("", "[]", "{}", '{"number": 1}', to_line(chain()[0]).replace("-", "!")):
        with pytest.raises(ValueError, match=r"entry|isoformat|UUID"):
            from_line(odd)


def test_another_form_is_kept_beside_and_may_take_the_place_of_what_came() -> None:
    told = chain([(Act.STORED, ONE), (Act.TRANSCODED, ONE), (Act.REPLACED, ONE), (Act.PLAYED, ONE)])
    form = "f" * 64
    told[1] = replace(told[1], details={"key": "o", "form": form})
    told[2] = replace(told[2], sha256=form, details={"key": "o", "was": "1" * 64})
    told[3] = replace(told[3], sha256=form)
    walk = Walk()
    assert all(walk.feed(entry) for entry in resealed(told))
    assert walk.kept[ONE].key == "o"
    assert walk.kept[ONE].sha256 == walk.kept[ONE].forms["o"] == form
    told[2] = replace(told[2], details={"key": "o", "was": "2" * 64})
    assert walked(resealed(told)) == Broken(Break.STRANGE, 3, ONE)
