"""Which calls rules pick: by chance that anyone can draw again, and by what happened in them."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from storage.rules.picks import Facts, Rule, RuleKind, draw, pick

RULE, ANN, BOB = UUID(int=7), UUID(int=101), UUID(int=102)
MONDAY = datetime(2026, 11, 16, 9, tzinfo=UTC)
AFTER, DURING = date(2026, 11, 23), date(2026, 11, 20)


def calls(count: int, agent: UUID = ANN, first: int = 1) -> list[Facts]:
    return [
        Facts(call=UUID(int=n), agent=agent, at=MONDAY + timedelta(minutes=n))
        for n in range(first, first + count)
    ]


def chosen(rule: Rule, facts: list[Facts], today: date = DURING) -> list[UUID]:
    return [one.call for one in pick(rule, facts, zone=UTC, today=today)]


def test_chance_is_the_same_each_time_and_whatever_is_looked_at_first() -> None:
    rule = Rule(id=RULE, kind=RuleKind.RANDOM, share=10)
    facts = calls(500)
    whole = set(chosen(rule, facts))
    assert set(chosen(rule, facts[::-1])) == whole
    assert set(chosen(rule, facts[:250])) | set(chosen(rule, facts[250:])) == whole
    assert 25 < len(whole) < 80
    assert set(chosen(Rule(id=UUID(int=8), kind=RuleKind.RANDOM, share=10), facts)) != whole


def test_a_share_of_all_is_all_and_of_nothing_none() -> None:
    facts = calls(20)
    assert len(chosen(Rule(id=RULE, kind=RuleKind.RANDOM, share=100), facts)) == 20
    assert chosen(Rule(id=RULE, kind=RuleKind.RANDOM, share=0), facts) == []


def test_why_a_call_was_drawn_can_be_drawn_again() -> None:
    rule = Rule(id=RULE, kind=RuleKind.RANDOM, share=20)
    for one in pick(rule, calls(50), zone=UTC, today=DURING):
        assert one.why["drew"] == pytest.approx(draw(RULE, one.call, one.agent), abs=1e-6)
        assert (one.why["week"], one.why["share"]) == ("2026-11-16", 20)
        assert one.why["drew"] < 0.2


def test_each_agent_has_so_many_of_a_week_once_it_is_over() -> None:
    rule = Rule(id=RULE, kind=RuleKind.RANDOM, share=0, least=2)
    facts = calls(9) + calls(1, BOB, first=50)
    assert chosen(rule, facts, DURING) == []
    picked = pick(rule, facts, zone=UTC, today=AFTER)
    assert sorted(one.agent.int for one in picked) == [101, 101, 102]
    lowest = sorted(facts[:9], key=lambda one: draw(RULE, one.call, ANN))[:2]
    assert {one.call for one in picked if one.agent == ANN} == {one.call for one in lowest}
    assert {one.why["place"] for one in picked} == {1, 2}


def test_a_share_that_gives_enough_is_not_filled_up() -> None:
    facts = calls(40)
    share = Rule(id=RULE, kind=RuleKind.RANDOM, share=50)
    both = Rule(id=RULE, kind=RuleKind.RANDOM, share=50, least=3)
    assert set(chosen(both, facts, AFTER)) == set(chosen(share, facts, AFTER))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        pytest.param(RuleKind.HOLD, "hold", id="long hold"),
        pytest.param(RuleKind.WAIT, "wait", id="long wait"),
        pytest.param(RuleKind.TALK, "talk", id="long talk"),
        pytest.param(RuleKind.HANDS, "hands", id="many hands"),
        pytest.param(RuleKind.COMMENTS, "comments", id="key moments"),
    ],
)
def test_a_limit_that_is_reached_picks_the_call(kind: RuleKind, value: str) -> None:
    rule = Rule(id=RULE, kind=kind, limit=3)
    facts = [
        Facts(call=UUID(int=n), agent=ANN, at=MONDAY, **{"hands": 1} | {value: n})
        for n in range(1, 6)
    ]
    assert [call.int for call in chosen(rule, facts)] == [3, 4, 5]
    [first, *_] = pick(rule, facts, zone=UTC, today=DURING)
    assert first.why == {"value": 3, "limit": 3}
    assert chosen(Rule(id=RULE, kind=kind), facts) == []  # without a limit nothing is asked


def test_an_outcome_or_a_low_answer_picks_the_call() -> None:
    no, yes = "11", "22"
    facts = [
        Facts(call=UUID(int=1), agent=ANN, at=MONDAY, outcomes=frozenset({no, "33"})),
        Facts(call=UUID(int=2), agent=ANN, at=MONDAY, outcomes=frozenset({yes})),
        Facts(call=UUID(int=3), agent=ANN, at=MONDAY, answers={("s", "f2"): 4.0}),
        Facts(call=UUID(int=4), agent=ANN, at=MONDAY, answers={("s", "f2"): 4.5, ("t", "f2"): 1}),
    ]
    refused = Rule(id=RULE, kind=RuleKind.OUTCOME, outcomes=frozenset({no}))
    assert pick(refused, facts, zone=UTC, today=DURING)[0].why == {"outcomes": [no]}
    assert [call.int for call in chosen(refused, facts)] == [1]
    low = Rule(id=RULE, kind=RuleKind.FEEDBACK, limit=4, script="s", question="f2")
    assert [call.int for call in chosen(low, facts)] == [3]


def test_a_rule_keeps_to_its_queues_and_teams() -> None:
    rule = Rule(
        id=RULE, kind=RuleKind.TALK, limit=1, queues=frozenset({"q"}), teams=frozenset({"t"})
    )
    facts = [
        Facts(call=UUID(int=1), agent=ANN, at=MONDAY, talk=9, queue="q", teams=frozenset({"t"})),
        Facts(call=UUID(int=2), agent=ANN, at=MONDAY, talk=9, queue="x", teams=frozenset({"t"})),
        Facts(call=UUID(int=3), agent=ANN, at=MONDAY, talk=9, queue="q"),
    ]
    assert [call.int for call in chosen(rule, facts)] == [1]
