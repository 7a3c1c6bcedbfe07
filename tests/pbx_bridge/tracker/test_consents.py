"""What the dialplan tells of the caller's consent: a refusal stays, and goes with the call."""

from typing import Any

import pytest

from pbx_bridge import events


def say(stage: Any, word: str, leg: str = "a") -> None:
    stage.wait(1)
    stage.cue(events.ConsentTold, leg, word=word)


def test_a_later_announcement_takes_back_no_refusal(stage: Any) -> None:
    stage.inbound()
    assert (stage.call.consent, stage.call.consent_at) == ("", None)
    say(stage, "announced")
    say(stage, "refused")
    at = stage.now
    say(stage, "announced")
    say(stage, "unknown")
    assert (stage.call.consent, stage.call.consent_at) == ("refused", at)
    say(stage, "refused")  # once more: a person may have corrected it meanwhile
    assert stage.call.consent_at == stage.now


def test_the_same_announcement_is_no_news(stage: Any) -> None:
    stage.inbound()
    say(stage, "announced")
    at, revision = stage.now, stage.call.revision
    say(stage, "announced")
    assert (stage.call.consent_at, stage.call.revision) == (at, revision)


@pytest.mark.parametrize(
    ("customers", "consulted", "then"),
    [
        pytest.param(["refused"], [], "refused", id="the customer's call was refused"),
        pytest.param([], ["refused"], "refused", id="the other half was"),
        pytest.param(["refused"], ["announced"], "refused", id="a later announcement is less"),
        pytest.param(["announced"], ["unknown"], "unknown", id="else the last word"),
        pytest.param([], [], "", id="nothing was told"),
    ],
)
def test_what_was_told_goes_with_a_call_that_is_handed_over(
    stage: Any, customers: list[str], consulted: list[str], then: str
) -> None:
    """The agent asks a colleague in a second call, and hands over."""
    stage.inbound()
    stage.begin("b", "PJSIP/101", call="a")
    stage.dial("b", "a")
    stage.answer("b")
    stage.enter("room", "a", "b")
    for word in customers:
        say(stage, word, "a")
    stage.wait(1)
    stage.begin("c", "PJSIP/101", calls=True, exten="102")
    stage.begin("d", "PJSIP/102", call="c")
    stage.dial("d", "c")
    stage.answer("d")
    stage.enter("aside", "c", "d")
    for word in consulted:
        say(stage, word, "c")
    stage.leave("room", "b")
    stage.leave("aside", "d")
    stage.enter("room", "d")
    stage.hang_up("b", "c")
    [join] = stage.joins
    call = stage.tracker.call(join.call.id)
    assert (call.consent, join.gone in call.aliases) == (then, True)
