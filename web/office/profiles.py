"""One's own profile: the name colleagues see, and the language of the pages."""

from datetime import UTC, datetime

from aiohttp import hdrs, web
from pydantic import field_validator

import storage.access
import storage.users
from storage.rules.permissions import RoleName
from web.auth import signed_in
from web.i18n import LANGUAGES, _, language, preferred, use
from web.keys import DATABASE, POPS, VISITOR
from web.office import forms
from web.render import redirect, render, url

# each in itself, so that its speakers find it
LANGUAGE_NAMES = {"en": "English", "de": "Deutsch", "ru": "Русский"}


def languages() -> list[tuple[str, str]]:
    """Return the languages that pages can have."""
    return [(code, LANGUAGE_NAMES[code]) for code in LANGUAGES]


def known_language(code: str) -> str:
    """Return `code` where there are pages in that language or none is chosen; else ValueError."""
    if code and code not in LANGUAGES:
        raise ValueError(_("Choose one of the list."))
    return code


class Profile(forms.Fields):
    """What a person may change about themselves."""

    name: forms.Line
    language: str

    _known = field_validator("language")(known_language)


@signed_in
async def edit(request: web.Request) -> web.Response:
    """The form."""
    visitor = request[VISITOR]
    typed = {"name": visitor.name, "language": language()}
    return render(request, "profiles/edit.html", typed=typed, errors={}, languages=languages())


@signed_in
async def update(request: web.Request) -> web.Response:
    """Store name and language; role and access stay what an administrator gave."""
    form = await forms.read(request, Profile)
    if form.fields is None:
        return render(
            request,
            "profiles/edit.html",
            status=422,
            typed=form.typed,
            errors=form.errors,
            languages=languages(),
        )
    visitor = request[VISITOR]
    chosen = form.fields.language or preferred(request.headers.get(hdrs.ACCEPT_LANGUAGE, ""))
    async with request.app[DATABASE].writing() as session:
        user = await storage.users.get(session, visitor.user_id)
        await storage.access.change_user(
            session,
            user.id,
            name=form.fields.name,
            role=RoleName(user.role),
            language=chosen,
            active=user.active,
            now=datetime.now(UTC),
            by=user.id,
        )
    await request.app[POPS].phones_changed()  # cards speak the agent's language
    use(chosen)
    return redirect(request, url(request, "profiles.edit"), flash=_("Saved."))


routes = [
    web.get("/profile", edit, name="profiles.edit"),
    web.post("/profile", update, name="profiles.update"),
]
