"""Every module in the browser is named by its hash: also those that other modules import."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command

SOURCES = Path(django_settings.BASE_DIR) / "frontend" / "static" / "js"
IMPORTS = re.compile(r"""(?m)^(?:import|export)\b[^'"]*?\bfrom\s*['"]([^'"]+)['"](;?)""")
COLLECTED = re.compile(r"""(?:^|;)(?:import|export)\b[^'";]*?\bfrom\s*['"]([^'"]+)['"]""")  # without its lines


@pytest.fixture
def collected(tmp_path: Path, settings: Any) -> dict[str, str]:
    """The names of the collected files, as the manifest has them."""
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = {**django_settings.STORAGES, "staticfiles": {"BACKEND": "mindory_web.lib.assets.HashedFiles"}}
    call_command("collectstatic", interactive=False, verbosity=0)
    manifest = json.loads((settings.STATIC_ROOT / "staticfiles.json").read_text())
    paths: dict[str, str] = manifest["paths"]
    return {name: str(settings.STATIC_ROOT / hashed) for name, hashed in paths.items()}


def modules() -> list[Path]:
    """Our own modules, without the admin theme's scripts."""
    return [path for path in sorted(SOURCES.rglob("*.js")) if "import " in path.read_text(encoding="utf-8")]


def test_imports_are_relative_and_end_with_a_semicolon() -> None:
    wrong = [
        f"{path.relative_to(SOURCES)}: {target}"
        for path in modules()
        for target, semicolon in IMPORTS.findall(path.read_text(encoding="utf-8"))
        if not semicolon or (not target.startswith("./") and not target.startswith("../"))
    ]
    assert wrong == []


def test_every_import_and_picture_leads_to_a_file_named_by_its_hash(collected: dict[str, str]) -> None:
    hashed = {Path(path).resolve() for path in collected.values()}
    seen = 0
    for source in modules():
        file = Path(collected[f"js/{source.relative_to(SOURCES)}"])
        for target in COLLECTED.findall(file.read_text(encoding="utf-8").replace("\n", "")):
            assert (file.parent / target).resolve() in hashed, f"{source.name} imports {target}"
            seen += 1
    assert seen > 40
    for sheet in ("cover", "controls"):
        text = Path(collected[f"css/{sheet}.css"]).read_text(encoding="utf-8")
        for target in re.findall(r'url\("?([^")]+)', text):
            assert (Path(collected[f"css/{sheet}.css"]).parent / target).resolve() in hashed, target


def test_modules_and_styles_travel_without_comments_and_others_files_as_they_came(collected: dict[str, str]) -> None:
    desk = Path(collected["js/reader/desk.js"]).read_text(encoding="utf-8")
    assert "class Desk" in desk
    assert "/**" not in desk
    assert "/*" not in Path(collected["css/tokens.css"]).read_text(encoding="utf-8")
    assert "//" in Path(collected["admin/js/core.js"]).read_text(encoding="utf-8")
