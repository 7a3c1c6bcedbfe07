"""Draws every part of the look with made-up data into a folder: python -m web.gallery OUT."""

import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from web.render import templates
from web.statics import FOLDER, statics

NOW = datetime(2026, 11, 22, 10, 42, tzinfo=UTC)
PAGES = ("pop", "parts", "calls", "call", "progress", "customer", "edit", "log_in", "error")

WATCHED = {"see_audit", "mend_recordings"}  # warnings that ask a server again and again

MENU = (
    ("Desk", "pop.html", "desk"),
    ("Calls", "calls.html", "calls"),
    ("In progress", "progress.html", "progress"),
    ("Customers", "customer.html", "customers"),
    ("Administration", "parts.html", "administration"),
)
OUTCOMES = (
    ("1", "Order"),
    ("2", "Question answered"),
    ("3", "Complaint"),
    ("4", "Call back"),
    ("5", "Wrong number"),
)


def draw(out: Path) -> None:
    """Write one file per page into the folder `out`, with a copy of the static files beside."""
    out.mkdir(parents=True, exist_ok=True)
    shutil.copytree(FOLDER, out / "static", dirs_exist_ok=True)
    (out / "static/css/all.css").write_bytes(statics().files["css/all.css"].body)
    environment = templates(())
    environment.globals["static"] = _static
    environment.globals["modules"] = lambda path: [_static(path)]
    for page in PAGES:
        text = environment.get_template(f"gallery/{page}.html").render(**_common(page))
        (out / f"{page}.html").write_text(text, encoding="utf-8")


def _static(path: str) -> str:
    return f"/static/{path}"


def _url(route: str, **_params: str) -> str:
    return f"#{route}"


def _ago(**ago: float) -> datetime:
    return NOW - timedelta(**ago)


def _common(page: str) -> dict[str, Any]:
    links = (
        SimpleNamespace(pbx="Berlin", status="connected", since=_ago(hours=31), why=None, lacks=()),
        SimpleNamespace(
            pbx="Kraków", status="connected", since=_ago(minutes=4), why=None, lacks=()
        ),
    )
    return {
        "url": _url,
        "static": _static,
        "user": SimpleNamespace(
            name="Jonas Weber", role="agent", can=lambda permission: permission not in WATCHED
        ),
        "csrf_token": "sample",
        "menu": [
            {"label": label, "href": href, "icon": icon, "current": href == f"{page}.html"}
            for label, href, icon in MENU
        ],
        "links": links,
        "shortages": (),
        "lang": "en",
        "live_url": "",
        "now": NOW,
        "flash": None,
        "path": f"/{page}.html",
        "phone_state": "talking" if page == "pop" else "idle",
        "outcomes": OUTCOMES,
        "ago": _ago,
    }


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
