"""One call rings at agents of several languages: each card speaks its agent's."""

from sqlalchemy import update

from storage.users import User

WITHHELD = "withheld_number_in_queue_asterisk_22"
WHY = {
    "en": "The caller withholds the number.",
    "de": "Der Anrufer unterdrückt seine Nummer.",
    "ru": "Звонящий скрывает номер.",
}


async def speak(stage, extension: str, language: str) -> None:
    async with stage.database.writing() as session:
        changed = update(User).where(User.id == stage.users[extension].id)
        await session.execute(changed.values(language=language))


async def test_each_agent_reads_the_same_offer_in_their_own_language(stage):
    languages = {"101": "de", "102": "ru"}
    for extension, language in languages.items():
        await speak(stage, extension, language)
    await stage.start()
    screens = {language: await stage.screen(e) for e, language in languages.items()}
    stage.pbx.say_act(WITHHELD, 0)
    cards = {each: await screen.hear("pop.opened") for each, screen in screens.items()}
    assert len({card["call"] for card in cards.values()}) == 1
    assert {each: card["match"]["why"] for each, card in cards.items()} == {
        each: WHY[each] for each in ("de", "ru")
    }


async def test_a_card_that_is_up_changes_its_language_with_its_agent(stage):
    await stage.start()
    ann = await stage.screen("101")
    stage.pbx.say_act(WITHHELD, 0)
    assert (await ann.hear("pop.opened"))["match"]["why"] == WHY["en"]
    await speak(stage, "101", "de")
    await stage.bridge.phones_changed()
    assert (await ann.hear("pop.changed"))["match"]["why"] == WHY["de"]
