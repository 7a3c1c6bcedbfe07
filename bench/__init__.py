"""Speed: each figure beside a floor that was measured in the same run."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "tests"))  # the stages of the tests are ours too
