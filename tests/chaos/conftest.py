"""How long the proofs are: a little of each in `make test`, all of it in `make prove`."""

import os

PROVING = "RINGBOOK_PROVE" in os.environ
