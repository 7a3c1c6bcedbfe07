"""What the desk gives a softphone: the own account, and leave to connect to its PBX alone."""

from datetime import UTC, datetime

import storage.agents
import storage.softphones
from storage.database import Database
from storage.pbxs import Pbx
from storage.secrets import SecretBox

NOW = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
URL, PASSWORD = "wss://pbx.example:8089/ws", "geheim-1234"
REGISTRATIONS = "/desk/softphone/registrations"


async def give(database: Database, desk, settings) -> None:
    """Give ann, and nobody else, a softphone."""
    async with database.writing() as session:
        (await session.get(Pbx, desk.stage.pbx)).softphone_url = URL
        agent = await storage.agents.create(
            session, user_id=desk.ann.user.id, pbx_id=desk.stage.pbx, extension="101", now=NOW,
            by=None,
        )  # fmt: skip
        await storage.softphones.keep(
            session, agent.id, password=PASSWORD, secrets=SecretBox(settings.secret_keys),
            now=NOW, by=None,
        )  # fmt: skip


async def policy(browser, path: str) -> str:
    response = await browser.client.get(path)
    assert response.status == 200
    return response.headers["Content-Security-Policy"]


async def test_an_agent_gets_their_own_account_and_nobody_else_does(
    desk, database, settings
) -> None:
    await give(database, desk, settings)
    answer = await desk.send(REGISTRATIONS)
    assert await answer.json() == {
        "url": URL, "address": "101@pbx.example", "account": "101", "password": PASSWORD,
    }  # fmt: skip
    assert answer.headers["Cache-Control"] == "no-store"
    assert (await desk.send(REGISTRATIONS, by=desk.bob)).status == 404


async def test_the_password_stands_in_no_page_and_is_not_had_without_the_forms_token(
    desk, database, settings
) -> None:
    await give(database, desk, settings)
    assert PASSWORD not in await desk.ann.get("/desk")
    without = await desk.ann.post(REGISTRATIONS, headers={"X-CSRF-Token": ""})
    assert without.status == 403
    assert (await desk.ann.client.get(REGISTRATIONS)).status == 405


async def test_only_a_desk_with_a_softphone_may_connect_to_its_pbx(
    desk, database, settings
) -> None:
    assert "pbx.example" not in await policy(desk.ann, "/desk")
    await give(database, desk, settings)
    assert (await policy(desk.ann, "/desk")).endswith(
        f"connect-src 'self' {settings.live_url} {URL}"
    )
    assert "pbx.example" not in await policy(desk.bob, "/desk")
    assert "pbx.example" not in await policy(desk.ann, "/customers")
