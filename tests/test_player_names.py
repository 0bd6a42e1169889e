"""The modules of the player are joined into one script, in which no name may stand twice."""

import re
from collections import Counter
from importlib.resources import files

_NAMES = re.compile(
    r"^(?:export )?(?:async )?(?:const|let|function\*?|class) (\w+|\{[^}]*\})", re.M
)


def test_no_two_modules_of_a_player_have_a_name_in_common() -> None:
    """Of modules, or of what these declare: the later one would take the place of the other."""
    places = files("nnanim.page").joinpath("player"), files("nnanim.studio").joinpath("player")
    modules = [each for place in places for each in place.iterdir() if each.name.endswith(".js")]
    declared = [name for each in modules for name in _NAMES.findall(each.read_text("utf-8"))]

    for names in ([each.name for each in modules], declared):
        assert len(names) > 40
        assert [name for name, count in Counter(names).items() if count > 1] == []
