"""Two thousand spoilt recordings: each is a picture or a line, soon, and within its memory.

Bytes of files with and without a checksum, headers and arrays under a checksum that is right, and
blocks of a recording under way. Processes of their own open them, so that memory can be told.
"""

import subprocess
import sys
from pathlib import Path

import pytest

EACH = 256  # spoilt files of each kind and seed


@pytest.mark.slow
@pytest.mark.fuzz
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", ["bytes", "content", "blocks"])
def test_any_spoilt_recording_is_a_picture_or_a_line(kind: str, seed: int, tmp_path: Path) -> None:
    """Within five seconds, and three times the file and 200 MB; there are both kinds of end."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.spoiling", kind, str(seed), str(EACH), str(tmp_path)],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )

    assert done.returncode == 0, done.stdout + done.stderr[-4000:]
    pictures, lines = map(int, done.stdout.split()[:2])
    assert pictures > 0
    assert lines > 0
    assert pictures + lines > 0.9 * EACH
