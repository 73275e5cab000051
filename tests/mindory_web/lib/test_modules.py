"""What a page's own module imports is named in the page, so that a browser need not find it file by file."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template

from mindory_web.lib.modules import modules_of

STATIC = Path(settings.BASE_DIR) / "frontend" / "static"
PAGES = sorted(f"js/pages/{path.name}" for path in (STATIC / "js" / "pages").glob("*.js"))


@pytest.mark.parametrize("page", PAGES)
def test_all_that_a_page_imports_is_found_once(page: str) -> None:
    found = modules_of(page)
    assert found[0] == page
    assert len(set(found)) == len(found)
    wanted = {
        str((STATIC / name).parent.joinpath(target).resolve().relative_to(STATIC.resolve()))
        for name in found
        for target in re.findall(r"""(?m)\bfrom ['"](\.[^'"]+)['"];$""", (STATIC / name).read_text(encoding="utf-8"))
    }
    assert wanted <= set(found)
    assert wanted or len(found) == 1


def test_what_is_fetched_when_it_is_wanted_is_not_fetched_before() -> None:
    assert "js/reader/leaves.js" in modules_of("js/pages/reader.js")
    assert "js/reader/sheet_view.js" not in modules_of("js/pages/reader.js")  # printed pages alone need it


def test_a_module_that_two_scripts_of_a_page_need_is_named_once() -> None:
    page = Template('{% load parts %}{% module "js/pages/site.js" %}{% module "js/pages/library.js" %}')
    html = page.render(Context())
    links = re.findall(r'<link rel="modulepreload" href="/static/(js/[^"]+)">', html)
    names = [re.sub(r"\.[0-9a-f]{12}\.js$", ".js", link) for link in links]
    assert len(set(names)) == len(names)
    assert set(names) == {*modules_of("js/pages/site.js"), *modules_of("js/pages/library.js")}
    assert html.index("site.js") < html.index("<script") < html.rindex("library.js")
