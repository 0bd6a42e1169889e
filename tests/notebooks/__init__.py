"""What each picture of the five notebooks must show, one check for each id of the inventory."""

from pkgutil import iter_modules

import pytest

MODULES = [f"{__name__}.{module.name}" for module in iter_modules(__path__)]

pytest.register_assert_rewrite(*MODULES)  # so that a check that fails says what it saw
