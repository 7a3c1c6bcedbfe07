"""Structured logs, one line each, without secrets, card numbers or line breaks from outside."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

MASK = "[masked]"
SECRET_NAMES = re.compile(
    r"secret|password|passwd|token|cookie|authorization|api_?key", re.IGNORECASE
)
CARD_NUMBER = re.compile(r"(?<![\d+.])(?:\d[ -]?){12,18}\d(?!\d)")


def set_up(level: str, form: str, stream: TextIO = sys.stderr) -> None:
    """Send our logs and those of libraries to `stream`, as JSON or for a console."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    last: Processor = (
        structlog.processors.JSONRenderer(serializer=_json)
        if form == "json"
        else structlog.dev.ConsoleRenderer(
            colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for noisy in ("aiosqlite", "websockets", "asyncio", "aiohttp.access", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def redact(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Mask values whose name speaks of a secret, and digits that could be a payment card."""
    del logger, method
    for name in list(event):
        event[name] = _clean(name, event[name])
    return event


def _clean(name: str, value: object) -> object:
    if SECRET_NAMES.search(name):
        return MASK
    if isinstance(value, str):
        return CARD_NUMBER.sub(_mask_card, value)
    if isinstance(value, MutableMapping):
        return {key: _clean(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_clean("", inner) for inner in value]
    return value


def _mask_card(found: re.Match[str]) -> str:
    digits = [int(c) for c in found.group() if c.isdigit()]
    return MASK if _passes_luhn(digits) else found.group()


def _passes_luhn(digits: list[int]) -> bool:
    doubled = [d if n % 2 == 0 else (2 * d - 9 if d > 4 else 2 * d)  # noqa: PLR2004 - Luhn's rule
               for n, d in enumerate(reversed(digits))]  # fmt: skip
    return sum(doubled) % 10 == 0


def _json(value: Any, **_: object) -> str:  # noqa: ANN401 - whatever was logged
    return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
