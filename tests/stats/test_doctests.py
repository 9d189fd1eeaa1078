"""The examples in the docstrings."""

import doctest
import pkgutil
from importlib import import_module

import pytest

import reviewtool.stats


def _modules() -> list[str]:
    names = [m.name for m in pkgutil.walk_packages(reviewtool.stats.__path__, "reviewtool.stats.")]
    return ["reviewtool.stats", *names]


@pytest.mark.parametrize("name", _modules())
def test_the_examples_of_a_module_are_true(name: str) -> None:
    result = doctest.testmod(import_module(name))
    assert result.failed == 0
