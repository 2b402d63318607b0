"""Which of other people's verifiers are here, and which are not."""

from importlib import import_module
from importlib.util import find_spec

from tests.interop import with_node
from tests.interop.claims import Verifier

# Of each Python package: our module that asks it, and what it takes to have it.
PACKAGES = {
    "pymerkle": ("with_pymerkle", "the development packages"),
    "sigstore": ("with_sigstore", "the development packages"),
    "aics_tlog": ("with_aics", "Python 3.12 or newer"),
}


def present() -> list[Verifier]:
    """Return the verifiers that can be asked here; what fails in one of them is not an absence."""
    modules = [module for package, (module, _) in PACKAGES.items() if find_spec(package)]
    found: list[Verifier] = [import_module(f"tests.interop.{module}").verifier() for module in modules]
    return found if with_node.what_is_missing() else [*found, with_node.verifier()]


def absent() -> list[str]:
    """Return a line for each verifier that cannot be asked here: its name and what it needs."""
    lines = [f"{package} needs {what}" for package, (_, what) in PACKAGES.items() if not find_spec(package)]
    missing = with_node.what_is_missing()
    return [*lines, f"@sigstore/verify needs {missing}"] if missing else lines
