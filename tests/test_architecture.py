"""The house holds: sizes, names, marks and documents, read from the source itself."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent
PACKAGES = ("pbx_bridge", "storage", "recordings", "web")
WALL = 250  # lines of a file
LONGEST = 45  # lines of a function
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager"}
LAW = tomllib.loads((TOP / "pyproject.toml").read_text())
PURE = next(
    contract["source_modules"]
    for contract in LAW["tool"]["importlinter"]["contracts"]
    if contract["name"] == "Rules do no I/O"
)


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns],
        cwd=TOP, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [TOP / name for name in listed.stdout.split("\0") if name and (TOP / name).is_file()]


def sources() -> list[Path]:
    return [
        path
        for path in tracked(*(f"{package}/*.py" for package in PACKAGES))
        if "migrations/versions" not in path.as_posix()
    ]


def name_of(path: Path) -> str:
    return path.relative_to(TOP).as_posix()


def named(found: list[str]) -> str:
    return "\n".join(found)


def test_the_source_is_there() -> None:
    assert len(sources()) > 40


def test_no_file_is_longer_than_the_wall() -> None:
    everything = [*sources(), *tracked("tests/*.py")]
    lines = {name_of(path): len(path.read_text().splitlines()) for path in everything}
    assert not (found := [f"{name}: {n}" for name, n in lines.items() if n > WALL]), named(found)


def test_no_function_is_longer_than_a_screen() -> None:
    found = [
        f"{name_of(path)}:{node.lineno} {node.name} {node.end_lineno - node.lineno + 1}"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > LONGEST
    ]
    assert not found, named(found)


def test_every_module_says_what_it_is() -> None:
    found = [name_of(p) for p in sources() if ast.get_docstring(ast.parse(p.read_text())) is None]
    assert not found, named(found)


def test_every_public_class_and_long_public_function_says_what_it_is() -> None:
    found = []
    for path in sources():
        for node in ast.parse(path.read_text()).body:
            if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if not node.name.startswith("_") and ast.get_docstring(node) is None:
                found.append(f"{name_of(path)}:{node.lineno} {node.name}")
    assert not found, named(found)


def test_a_file_is_named_for_what_it_holds() -> None:
    allowed = {"pbx_bridge/events/base.py", "pbx_bridge/ami/manager.py"}
    found = [name_of(path) for path in sources() if path.stem in BANNED_NAMES]
    assert not (found := [name for name in found if name not in allowed]), named(found)


def _modules(prefix: str) -> list[Path]:
    path = TOP / prefix.replace(".", "/")
    return sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]


@pytest.mark.parametrize("module", PURE)
def test_a_pure_file_reads_no_clock(module: str) -> None:
    paths = _modules(module)
    assert paths
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in paths
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today", "monotonic"}
    ]
    assert not found, named(found)


def test_every_page_says_who_may_see_it() -> None:
    from web.app import _rooms

    routes = [route for room in _rooms() for route in room.routes]
    assert routes
    found = [str(route) for route in routes if not hasattr(route.handler, "requires")]
    assert not found, named(found)


def test_every_route_has_a_name() -> None:
    from web.app import _rooms

    routes = [route for room in _rooms() for route in room.routes]
    found = [route.path for route in routes if not route.kwargs.get("name")]
    # a resource is named once; its other methods may go without
    named_paths = {route.path for route in routes if route.kwargs.get("name")}
    assert not (found := [path for path in found if path not in named_paths]), named(found)


def test_every_room_has_tests_of_its_own() -> None:
    from web.app import ROOMS

    found = [room for room in ROOMS if not list((TOP / "tests/web" / room).glob("test_*.py"))]
    assert not found, named(found)


def test_templates_carry_no_inline_script_or_style() -> None:
    inline = re.compile(
        r"<script(?![^>]*\bsrc=)[^>]*>|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE
    )
    data = re.compile(r"<script type=\"application/(?:ld\+)?json\"")
    found = [
        f"{name_of(path)}:{number}"
        for path in tracked("web/*.html")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if inline.search(line) and not data.search(line)
    ]
    assert not found, named(found)


def test_scripts_never_write_markup() -> None:
    sink = re.compile(r"\.(?:innerHTML|outerHTML)\s*=|insertAdjacentHTML|document\.write|\beval\(")
    found = [
        f"{name_of(path)}:{number}"
        for path in tracked("web/static/js/*.js")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if sink.search(line)
    ]
    assert not found, named(found)


def test_nobody_imports_the_unsafe_parts_of_panoramisk() -> None:
    unsafe = re.compile(r"panoramisk\.?\s*(?:import)?\s*(?:fast_agi|call_manager|utils)")
    found = [name_of(path) for path in sources() if unsafe.search(path.read_text())]
    assert not found, named(found)


def test_no_test_can_be_skipped() -> None:
    skips = re.compile(r"pytest\.(?:mark\.)?(?:skip|skipif|xfail|importorskip)\b")
    this = Path(__file__)
    found = [name_of(p) for p in tracked("tests/*.py") if p != this and skips.search(p.read_text())]
    assert not found, named(found)


def test_no_fixture_waits_on_another_loop_than_its_tests() -> None:
    """What the tests' loop holds meanwhile, a lock of SQLite say, would never be let go of."""
    session = re.compile(r"pytestmark = .*?asyncio\(loop_scope=\"session\"\)", re.DOTALL)
    other = re.compile(r"^@pytest\.fixture.*\nasync def (\w+)", re.MULTILINE)
    texts = {name_of(path): path.read_text() for path in tracked("tests/*.py")}
    found = [
        f"{name}: {fixture}"
        for name, text in texts.items() if session.search(text)
        for fixture in other.findall(text)
    ]  # fmt: skip
    assert not found, named(found)


def test_every_setting_is_documented() -> None:
    from web.config import Settings

    text = (TOP / "docs/settings.md").read_text()
    found = [name for name in Settings.model_fields if f"RINGBOOK_{name.upper()}" not in text]
    assert not found, named(found)


def test_every_ami_event_we_use_is_documented() -> None:
    from pbx_bridge import translate

    text = (TOP / "ARCHITECTURE.md").read_text()
    found = [name.decode() for name in translate.INTERESTS if name.decode() not in text]
    assert not found, named(sorted(found))


def test_the_locks_name_no_download_address() -> None:
    for lock in (TOP / "requirements").glob("*.txt"):
        text = lock.read_text()
        assert "--hash=sha256:" in text
        assert "://" not in text


def test_every_test_asserts() -> None:
    found = []
    for path in tracked("tests/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if node.name.startswith("test_") and not _asserts(node):
                found.append(f"{name_of(path)}:{node.lineno} {node.name}")
    assert not found, named(found)


def _asserts(node: ast.AST) -> bool:
    """An assert, an expected error, or a call of a function that is named for asserting."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Assert):
            return True
        if isinstance(inner, ast.Call):
            words = ast.unparse(inner.func)
            if re.search(r"raises|assert_|expect|^check_|\.check_|must_|_must", words):
                return True
    return False
