"""The tests: `python3 -m unittest` in `clients/python`, with `handfast` in the path."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
