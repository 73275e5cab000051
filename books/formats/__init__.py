"""Bytes become a ParsedBook here, one module per format. Nothing in this package knows Django."""
