"""The first log-in says in which language somebody is spoken to; later ones do not."""

import storage.users
from fixtures.cast import Browser

GERMAN = {"Accept-Language": "de-DE,de;q=0.9"}


async def language_of(database, user) -> str:
    async with database.reading() as session:
        return (await storage.users.get(session, user.id)).language


async def test_the_first_log_in_keeps_the_browsers_language(
    stranger: Browser, kim, log_in, database, pops
) -> None:
    assert not kim.language
    await log_in(stranger, headers=GERMAN)
    assert await language_of(database, kim) == "de"
    assert ("phones_changed", ()) in pops.told
    await log_in(stranger, headers={"Accept-Language": "en"})
    assert await language_of(database, kim) == "de"


async def test_an_administrator_may_leave_the_language_to_the_browser(sign_in, database) -> None:
    browser = await sign_in("administrator")
    assert "As the browser asks" in await browser.get("/administration/users/new")
    form = {"login": "bo", "name": "Bo", "role": "agent", "language": ""}
    assert (await browser.post("/administration/users", form)).status == 200
    async with database.reading() as session:
        made = await storage.users.by_login(session, "bo")
    assert made is not None
    assert not made.language
