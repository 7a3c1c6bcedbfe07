"""Is a PBX set up as Ringbook needs it? Findings are sentences with advice."""

from pbx_bridge.checkup.books import of_books
from pbx_bridge.checkup.examine import examine
from pbx_bridge.checkup.findings import Finding, Mark, of_last_step

__all__ = ["Finding", "Mark", "examine", "of_books", "of_last_step"]
