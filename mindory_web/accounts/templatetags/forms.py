"""Form fields in the house's look."""

from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, PasswordInput, Select

register = template.Library()


@register.inclusion_tag("account/_field.html")
def field(bound: BoundField, prefix: str = "") -> dict[str, Any]:
    """Draw one field: label, control, hint and errors. `prefix` keeps ids apart where a page has several forms."""
    widget = bound.field.widget
    number = f"{prefix}{bound.auto_id}"
    attrs: dict[str, Any] = {"id": number}
    is_box = isinstance(widget, PasswordInput)
    if not is_box and not isinstance(widget, CheckboxInput):
        attrs["class"] = "select" if isinstance(widget, Select) else "input"
    described = [f"{number}-hint"] * bool(bound.help_text) + [f"{number}-error"] * bool(bound.errors)
    if described:
        attrs["aria-describedby"] = " ".join(described)
    return {
        "bound": bound,
        "number": number,
        "control": bound.as_widget(attrs=attrs),
        "is_hidden": bound.is_hidden,
        "is_check": isinstance(widget, CheckboxInput),
        "is_password": is_box,
    }
