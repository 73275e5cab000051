"""Small parts of a page: icons, covers, faces, and the theme a reader chose."""

import hashlib
from collections.abc import Mapping
from typing import Any

from django import template
from django.template.context import Context
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from books.covers import cover_of, picture_of
from books.models import Book
from books.views.library import sidebar_of
from mindory_web.lib.modules import modules_of

register = template.Library()

THEMES = {"paper": "#FBFAF7", "sepia": "#F5EBD8", "dark": "#191816"}  # with --page of css/tokens.css


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """Draw an icon of icons.svg; `size` is "s", "l" or nothing. It is decoration: words stand beside it."""
    return format_html(
        '<svg class="icon{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        f" {size}" if size else "",
        static("icons.svg"),
        name,
    )


@register.simple_tag(takes_context=True)
def module(context: Context, name: str) -> SafeString:
    """Run a module, and have all that it imports fetched at once. No module is named twice on a page."""
    kept: Any = context.render_context
    told: set[str] = kept.setdefault("modules", set())
    new = [each for each in modules_of(name) if each not in told]
    told.update(new)
    links = format_html_join("", '<link rel="modulepreload" href="{}">', ((static(each),) for each in new))
    return format_html('{}<script type="module" src="{}"></script>', links, static(name))


@register.simple_tag(takes_context=True)
def theme_attribute(context: Mapping[str, Any]) -> SafeString:
    """Write data-theme when the reader chose one; without it the page follows the system."""
    theme = _theme(context)
    return format_html(' data-theme="{}"', theme) if theme else SafeString("")


@register.simple_tag(takes_context=True)
def theme_colours(context: Mapping[str, Any]) -> SafeString:
    """Tell the browser the colour of the page, for what it draws around it."""
    theme = _theme(context)
    if theme:
        return format_html('<meta name="theme-color" content="{}">', THEMES[theme])
    return format_html(
        '<meta name="theme-color" content="{}" media="(prefers-color-scheme: light)">'
        '<meta name="theme-color" content="{}" media="(prefers-color-scheme: dark)">',
        THEMES["paper"],
        THEMES["dark"],
    )


def _theme(context: Mapping[str, Any]) -> str:
    """Return the theme of this browser, else the one its reader likes; "" follows the system."""
    request = context.get("request")
    if request is None:
        return ""
    liked = getattr(getattr(request, "user", None), "reading", {}).get("theme", "")
    theme = request.COOKIES.get("theme") or liked
    return theme if theme in THEMES else ""


@register.inclusion_tag("parts/_cover.html")
def cover(book: Book, size: str = "") -> dict[str, Any]:
    """Draw a book's cover; `size` may be "mini"."""
    author = book.authors[0] if book.authors else ""
    drawn = cover_of(book.pk, title=book.title, author=author)
    return {"cover": drawn, "picture": picture_of(book), "size": size, "language": book.language}


@register.inclusion_tag("library/_sidebar.html", takes_context=True)
def sidebar(context: Mapping[str, Any]) -> dict[str, Any]:
    """Draw the part of the sidebar that changes with the shelf: the pages, and the reader's collections."""
    request = context["request"]
    return {"request": request, **sidebar_of(request, request.user)}


@register.simple_tag
def face(name: str, size: str = "") -> SafeString:
    """Draw the initial of a reader; the colour follows from the name."""
    colour = "abcdef"[hashlib.sha256(name.encode()).digest()[0] % 6]
    return format_html(
        '<span class="face {}" aria-hidden="true">{}</span>', f"{colour} {size}".strip(), name[:1].upper()
    )


@register.filter
def lang(code: str) -> SafeString:
    """Write a lang attribute for words that come from a book; nothing when its language is not known."""
    return format_html(' lang="{}"', code) if code else SafeString("")
