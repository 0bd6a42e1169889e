"""The modules of the player, which a page holds joined into one script."""

import re
from collections import Counter

from tests.node import PLAYER, STUDIO, SWEEPS

MODULES = [*PLAYER.glob("*.js"), *STUDIO.glob("*.js"), *SWEEPS.glob("*.js")]

_IMPORT = re.compile(r'import \{ [\w, ]+ \} from "(\.|\.\./\.\./page/player)/\w+\.js";')
_NAMED = re.compile(
    r"^(?:export )?(?:async )?(?:function\*?|class|const|let) (\[[^\]]*\]|\w+)", re.M
)


def test_no_name_is_given_in_two_modules() -> None:
    """Joined, they share one scope: what a second module calls by a name would be the first's."""
    names: Counter[str] = Counter()
    for module in MODULES:
        for found in _NAMED.findall(module.read_text(encoding="utf-8")):
            names.update(re.findall(r"\w+", found))

    assert names
    assert [name for name, count in names.items() if count > 1] == []


def test_imports_are_such_as_can_be_left_out() -> None:
    """Each in a line, from a module beside it or of the player, by the names that it has there."""
    for module in MODULES:
        for line in module.read_text(encoding="utf-8").splitlines():
            if line.startswith("import"):
                assert re.fullmatch(
                    r'import \{ [\w, ]+ \} from "(\.|\.\./\.\./page/player)/\w+\.js";', line
                ), line
