"""Style sheets and scripts: packed, kept for ever by browsers, and never another folder's."""

import gzip
import re

import pytest

from web.statics import FOREVER, imports, statics

HIDDEN = ("../config.py", "%2e%2e/config.py", "css/../../config.py", "js", "", "css/none.css")


@pytest.mark.parametrize("name", ["css/all.css", "js/desk/desk.js", "icons.svg"])
async def test_a_text_is_packed_for_who_unpacks_it(stranger, name: str) -> None:
    file = statics().files[name]
    assert gzip.decompress(file.packed) == file.body
    answer = await stranger.client.get(statics().address(name), headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert await answer.read() == file.body  # the client unpacks
    plain = await stranger.client.get(
        statics().address(name), headers={"Accept-Encoding": "identity"}
    )
    assert "Content-Encoding" not in plain.headers
    assert await plain.read() == file.body


async def test_what_has_the_hash_is_kept_for_ever_and_the_rest_asked_for(stranger) -> None:
    name = "js/live.js"
    for path, kept in (
        (statics().address(name), FOREVER),
        (f"/static/{name}", "no-cache"),
        (f"/static/{'0' * 12}/{name}", "no-cache"),
    ):
        answer = await stranger.client.get(path)
        assert (answer.status, answer.headers["Cache-Control"]) == (200, kept), path
        assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
        known = {"If-None-Match": answer.headers["ETag"]}
        again = await stranger.client.get(path, headers=known)
        assert (again.status, await again.read()) == (304, b"")


@pytest.mark.parametrize("name", HIDDEN)
async def test_no_other_file_is_served(stranger, name: str) -> None:
    for prefix in ("/static/", f"/static/{statics().version}/"):
        answer = await stranger.client.get(prefix + name)
        assert answer.status == 404, prefix + name


async def test_a_page_names_all_modules_that_it_needs(sign_in) -> None:
    page = await (await sign_in("agent")).get("/desk")
    named = set(re.findall(r'(?:href|src)="/static/[0-9a-f]{12}/([^"]+\.js)"', page))
    modules = {name for name in named if name.startswith("js/") and name != "js/theme.js"}
    assert {"js/shell.js", "js/desk/desk.js", "js/desk/formats.js", "js/live.js"} <= modules
    for name in modules:
        assert set(imports(name, statics().files[name].body.decode())) <= modules


def test_one_sheet_holds_all() -> None:
    whole = statics().files["css/all.css"].body
    sheets = [name for name in statics().files if name.startswith("css/") and name != "css/all.css"]
    assert len(sheets) > 10
    for name in sheets:
        assert statics().files[name].body in whole


def test_imports_over_several_lines_are_found() -> None:
    text = 'import {\n  a,\n} from "./a.js";\nexport { b } from "../b.js";\nconst from = "./c.js";'
    assert list(imports("js/desk/x.js", text)) == ["js/desk/a.js", "js/b.js"]
