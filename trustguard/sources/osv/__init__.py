"""Advisories in OSV's format: records, and the export that has all of PyPI's."""

from trustguard.sources.osv.export import Limits, read_export
from trustguard.sources.osv.reading import record_from_json
from trustguard.sources.osv.record import AdvisoryRecord

__all__ = ["AdvisoryRecord", "Limits", "read_export", "record_from_json"]
