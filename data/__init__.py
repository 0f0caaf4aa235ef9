"""Small tables; what makes them is in `data.make`."""

from pathlib import Path

FOLDER = Path(__file__).parent
