"""Gatebook: the open gate book of doors, locks and cameras."""

__version__ = "0.1.0"
