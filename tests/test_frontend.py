"""The build hook: npm is asked only when needed, and says plainly when it fails."""

import importlib.util
import json
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def hook(monkeypatch):
    if not (ROOT / "hatch_build.py").exists():
        pytest.skip("only in a checkout")
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def checkout(tmp_path):
    (tmp_path / "package.json").write_text((ROOT / "package.json").read_text())
    return tmp_path


def fake_npm(hook, monkeypatch, *, code=0, stderr=""):
    calls = []

    def run(command, cwd, **_):
        calls.append(command)
        for source in hook.COPIES:
            target = Path(cwd) / "node_modules" / source
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(source) if "." in target.name else target.mkdir(exist_ok=True)
        return subprocess.CompletedProcess(command, code, "", stderr)

    monkeypatch.setattr(hook.subprocess, "run", run)
    return calls


def test_libraries_are_fetched_once_and_again_when_a_version_changes(hook, checkout, monkeypatch):
    calls = fake_npm(hook, monkeypatch)
    assert hook.fetch(checkout)
    assert not hook.fetch(checkout)
    package = json.loads((checkout / "package.json").read_text())
    package["dependencies"]["bootstrap"] = "5.3.0"
    (checkout / "package.json").write_text(json.dumps(package))
    assert hook.fetch(checkout)
    assert len(calls) == 2


def test_a_missing_file_is_fetched_again(hook, checkout, monkeypatch):
    fake_npm(hook, monkeypatch)
    hook.fetch(checkout)
    (checkout / hook.VENDOR / "htmx.min.js").unlink()
    assert hook.fetch(checkout)


def test_an_unreachable_registry_is_one_clear_line(hook, checkout, monkeypatch):
    fake_npm(
        hook, monkeypatch, code=1, stderr="npm error code ENOTFOUND\nnpm error network no route\n"
    )
    with pytest.raises(SystemExit) as stopped:
        hook.fetch(checkout)
    message = str(stopped.value)
    assert "ENOTFOUND" in message
    assert "\n" not in message
    assert not (checkout / hook.VENDOR).exists()


def test_every_version_is_pinned_exactly():
    package = json.loads((ROOT / "package.json").read_text())
    for versions in (package["dependencies"], package["devDependencies"]):
        for name, version in versions.items():
            assert version.replace(".", "").isdigit(), f"{name}: {version}"
