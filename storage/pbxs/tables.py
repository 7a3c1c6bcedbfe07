"""The table of PBXs."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base


class Pbx(Base):
    """One Asterisk. Its secrets are encrypted with the installation's key (`storage.secrets`)."""

    __tablename__ = "pbxs"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    host: Mapped[str] = mapped_column(String(255))
    port: Mapped[int] = mapped_column(default=5038)
    username: Mapped[str] = mapped_column(String(80))
    secret: Mapped[str] = mapped_column(String(512))  # Fernet token
    tls: Mapped[bool] = mapped_column(default=False)
    tls_ca: Mapped[str | None] = mapped_column(String(255))  # file with the authority to trust
    encoding: Mapped[str] = mapped_column(String(20), default="cp1252")  # where UTF-8 fails
    region: Mapped[str] = mapped_column(String(2), default="GB")  # of numbers written nationally
    internal_digits: Mapped[int] = mapped_column(default=5)  # numbers up to this length are ours
    recordings_there: Mapped[str | None] = mapped_column(String(255))  # as the PBX names the folder
    recordings_here: Mapped[str | None] = mapped_column(String(255))  # the same folder from here
    books_cdr: Mapped[str | None] = mapped_column(String(255))  # its books, as files from here
    books_cel: Mapped[str | None] = mapped_column(String(255))
    books_queue_log: Mapped[str | None] = mapped_column(String(255))
    books_sql: Mapped[str | None] = mapped_column(String(1024))  # Fernet token: a database's URL
    books_cdr_table: Mapped[str | None] = mapped_column(String(80))  # in that database
    books_cel_table: Mapped[str | None] = mapped_column(String(80))
    books_zone: Mapped[str | None] = mapped_column(String(64))  # of its local times; None: UTC
    softphone_url: Mapped[str | None] = mapped_column(String(255))  # wss://…, as browsers see it
    enabled: Mapped[bool] = mapped_column(default=True)
    from_file: Mapped[bool] = mapped_column(default=False)  # the settings file wins over the page
    created_at: Mapped[datetime]
