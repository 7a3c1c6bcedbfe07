"""Click-to-call from a page: a number, a key, and what is said of it."""

from datetime import UTC, datetime

import pytest

import storage.agents
import storage.pbxs
from pbx_bridge.ami import OutcomeUnknown
from storage.pbxs import Facts
from storage.secrets import SecretBox
from web.telephony import Fate, Outcome

KEY = "0123456789abcdef"
NUMBER = "020 7123 4567"


@pytest.fixture
async def ann(sign_in, database, settings):
    """An agent with a phone in London."""
    ann = await sign_in("agent", "ann")
    now = datetime.now(UTC)
    facts = Facts(name="lab", host="h", port=1, username="u", tls=False, tls_ca=None,
                  encoding="cp1252", region="GB", internal_digits=5, recordings_there=None,
                  recordings_here=None)  # fmt: skip
    async with database.writing() as session:
        pbx = await storage.pbxs.create(
            session, facts, secret="s", secrets=SecretBox(settings.secret_keys), now=now, by=None
        )
        await storage.agents.create(
            session, user_id=ann.user.id, pbx_id=pbx.id, extension="101", now=now, by=None
        )
    return ann


async def click(browser, number: str = NUMBER, key: str = KEY):
    response = await browser.post(
        "/dials", {"number": number, "key": key}, headers={"Accept": "application/json"}
    )
    return response.status, await response.json()


async def test_a_click_rings_the_own_phone_first(ann, controls) -> None:
    status, said = await click(ann)
    assert status == 200
    assert (said["fate"], said["key"]) == ("placed", KEY)
    assert said["done"] == "Your phone rings: lift it, and +44 20 7123 4567 is called."
    [sent] = controls.sent
    assert (sent["Channel"], sent["Exten"]) == ("PJSIP/101", "+442071234567")
    assert sent["Context"] == "ringbook-dial"
    # a softphone answers by itself what bears the key of a click of its own browser
    click_is = f"PJSIP_HEADER(add,X-Ringbook-Click)={KEY}"
    assert sent["Variable"] == ["RINGBOOK_EXTENSION=101", click_is]


async def test_a_click_that_is_repeated_is_one_call(ann, controls) -> None:
    first, again = await click(ann), await click(ann)
    other = await click(ann, key="another-click")
    assert first == again == other
    assert len(controls.sent) == 1


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("+49 30 1234567", "international"),
        ("0906 123 4567", "premium rate"),
        ("*21*030#", "service code"),
        ("Zoë", "no number"),
        ("101", "your own phone"),
    ],
)
async def test_what_may_not_be_dialled_is_refused_with_the_reason(
    ann, controls, number: str, sentence: str
) -> None:
    status, said = await click(ann, number)
    assert status == 422
    assert sentence in said["errors"][""]
    assert controls.sent == []


async def test_without_a_phone_nothing_is_dialled(sign_in, controls) -> None:
    status, said = await click(await sign_in("agent"))
    assert status == 422
    assert "No phone is assigned to you" in said["errors"][""]


async def test_a_click_without_a_key_dials_nothing(ann, controls) -> None:
    assert (await click(ann, key="1"))[0] == 422
    assert controls.sent == []


async def test_what_nobody_knows_yet_is_said_and_resolved_later(ann, controls) -> None:
    controls.refuses, controls.outcome = OutcomeUnknown("cut"), Outcome(Fate.UNKNOWN)
    _, said = await click(ann)
    assert said["fate"] == "unknown"
    assert "not known yet" in said["done"]
    controls.outcome = Outcome(Fate.NOT_PLACED)
    response = await ann.client.get(f"/dials/{KEY}")
    assert "knows of no such call" in (await response.json())["done"]


async def test_nobody_sees_what_came_of_anothers_click(ann, sign_in) -> None:
    await click(ann)
    ben = await sign_in("supervisor", "ben")
    assert (await ben.client.get(f"/dials/{KEY}")).status == 404


async def test_a_form_without_a_script_is_answered_by_a_page(ann) -> None:
    response = await ann.post("/dials", {"number": NUMBER, "key": KEY})
    assert (response.status, response.headers["Location"]) == (303, "/desk")
    assert "Your phone rings" in await ann.get("/desk")
