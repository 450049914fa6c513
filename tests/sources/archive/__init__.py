"""Promises of the reader of archives, and archives that are put together by hand."""
