"""Carrying out an import: every chosen row in one transaction, in batches, or none at all."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, Table, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

import storage.imports
from pbx_bridge.ids import uuid7
from storage import audit
from storage.contacts import Contact
from storage.customers import Customer, CustomerKind, CustomerWord, sort_name, word_rows
from storage.errors import Refused
from storage.imports import ImportRow, ImportRun, ImportState
from storage.numbers import Number
from storage.rules.imports import Verdict

BATCH = 500  # rows


@dataclass(slots=True)
class Made:
    """The rows of one batch for each table, before they are inserted."""

    customers: list[dict[str, Any]] = field(default_factory=list)
    words: list[dict[str, Any]] = field(default_factory=list)
    numbers: list[dict[str, Any]] = field(default_factory=list)
    contacts: list[dict[str, Any]] = field(default_factory=list)


async def carry_out(
    session: AsyncSession, run_id: UUID, *, with_doubtful: bool, by: UUID | None, now: datetime
) -> ImportRun:
    """Import the accepted rows, and the doubtful ones where asked; the file is then let go.

    A row whose customer was added since the dry run adds nothing. Raises Refused before the dry
    run and after the import.
    """
    run = await storage.imports.get(session, run_id, now=now)
    if run.state is not ImportState.CHECKED:
        raise Refused("There is no dry run to import.")
    importer = _Importer(session, now)
    verdicts = [Verdict.ACCEPTED, *([Verdict.DOUBTFUL] if with_doubtful else [])]
    for kind in (CustomerKind.COMPANY, CustomerKind.PERSON):  # people may speak for the former
        query = select(ImportRow).where(
            ImportRow.run_id == run_id, ImportRow.verdict.in_(verdicts), ImportRow.kind == kind
        )
        await importer.take_all(query)
    await importer.complete_present(run_id)
    run.state, run.done_at, run.content = ImportState.DONE, now, b""
    run.counts = run.counts | {"doubtful_taken": with_doubtful, **importer.counts}
    await session.execute(delete(ImportRow).where(ImportRow.run_id == run_id))
    audit.record(session, "import.done", by=by, key=run_id, **importer.counts)
    await session.flush()
    return run


class _Importer:
    def __init__(self, session: AsyncSession, now: datetime) -> None:
        self.session = session
        self.now = now
        self.companies: dict[str, UUID] = {}  # by folded name
        self.counts = {"customers": 0, "companies": 0, "numbers": 0, "contacts": 0}

    async def take_all(self, query: Select[ImportRow]) -> None:
        """Add the customers of the rows, batch by batch."""
        line = 0
        while batch := await self._batch(query, line):
            line = batch[-1].line
            await self._take(batch)

    async def complete_present(self, run_id: UUID) -> None:
        """Give those who were there already the numbers they lack."""
        query = select(ImportRow).where(
            ImportRow.run_id == run_id,
            ImportRow.verdict == Verdict.PRESENT,
            ImportRow.customer_id.is_not(None),
        )
        line = 0
        while batch := await self._batch(query, line):
            line = batch[-1].line
            made = Made()
            for row in batch:
                if row.customer_id is not None:
                    self._add_numbers(made, row, row.customer_id)
            await self._insert(await self._without_present(made))

    async def _batch(self, query: Select[ImportRow], line: int) -> Sequence[ImportRow]:
        page = query.where(ImportRow.line > line).order_by(ImportRow.line).limit(BATCH)
        rows = (await self.session.scalars(page)).all()
        for row in rows:
            self.session.expunge(row)
        return rows

    async def _take(self, batch: Sequence[ImportRow]) -> None:
        made = Made()
        arrived = await self._arrived(batch)
        await self._find_companies({row.draft["company"] for row in batch if row.draft["company"]})
        for row in batch:
            fold = sort_name(row.name)
            if any((phone[0], fold) in arrived for phone in row.draft["phones"]):
                continue
            customer_id = self._add_customer(made, row.kind, row.name, row.draft)
            self._add_numbers(made, row, customer_id)
            if row.kind == CustomerKind.COMPANY:
                self.companies.setdefault(fold, customer_id)
            elif company := row.draft["company"]:
                self._add_contact(made, customer_id, company, row.draft["role"])
        await self._insert(made)

    async def _arrived(self, batch: Sequence[ImportRow]) -> set[tuple[str, str]]:
        """Numbers and names that someone added since the dry run, or an earlier row did."""
        numbers = {phone[0] for row in batch for phone in row.draft["phones"]}
        query = (
            select(Number.e164, Customer.sort_name)
            .join(Customer, Customer.id == Number.customer_id)
            .where(Number.e164.in_(numbers))
        )
        return {(e164, fold) for e164, fold in (await self.session.execute(query)).all()}

    async def _find_companies(self, company_names: set[str]) -> None:
        folds = {sort_name(name) for name in company_names} - self.companies.keys()
        query = (
            select(Customer.sort_name, Customer.id)
            .where(Customer.kind == CustomerKind.COMPANY, Customer.sort_name.in_(folds))
            .order_by(Customer.closed_at.is_not(None), Customer.id)
        )
        for fold, key in (await self.session.execute(query)).all():
            self.companies.setdefault(fold, key)

    def _add_customer(self, made: Made, kind: str, name: str, values: dict[str, Any]) -> UUID:
        key = uuid7(self.now)
        email = values.get("email") or None
        made.customers.append(
            {
                "id": key,
                "kind": CustomerKind(kind),
                "name": name,
                "sort_name": sort_name(name),
                "address_as": values.get("address_as") or None,
                "email": email,
                "about": values.get("about", ""),
                "lifecycle": values.get("lifecycle") or None,
                "version": 1,
                "created_at": self.now,
                "updated_at": self.now,
            }
        )
        made.words += word_rows(key, name, email)
        return key

    def _add_numbers(self, made: Made, row: ImportRow, customer_id: UUID) -> None:
        made.numbers += (
            {
                "id": uuid7(self.now),
                "e164": e164,
                "backwards": e164[::-1],
                "written": written,
                "label": label,
                "customer_id": customer_id,
                "created_at": self.now,
            }
            for e164, written, label in row.draft["phones"]
        )

    def _add_contact(self, made: Made, person_id: UUID, company: str, role: str) -> None:
        fold = sort_name(company)
        if fold not in self.companies:
            self.companies[fold] = self._add_customer(made, CustomerKind.COMPANY, company, {})
            self.counts["companies"] += 1
        made.contacts.append(
            {
                "id": uuid7(self.now),
                "person_id": person_id,
                "company_id": self.companies[fold],
                "role": role,
            }
        )

    async def _without_present(self, made: Made) -> Made:
        """Leave out the numbers that their customers have by now."""
        owners = {row["customer_id"] for row in made.numbers}
        query = select(Number.e164, Number.customer_id).where(Number.customer_id.in_(owners))
        have = {(e164, key) for e164, key in (await self.session.execute(query)).all()}
        fresh = {(row["e164"], row["customer_id"]): row for row in made.numbers}
        made.numbers = [row for pair, row in fresh.items() if pair not in have]
        return made

    async def _insert(self, made: Made) -> None:
        for noun, rows in (
            (Customer, made.customers),
            (CustomerWord, made.words),
            (Number, made.numbers),
            (Contact, made.contacts),
        ):
            if rows:
                await self.session.execute(insert(cast("Table", noun.__table__)), rows)
        self.counts["customers"] += len(made.customers)
        self.counts["numbers"] += len(made.numbers)
        self.counts["contacts"] += len(made.contacts)
