"""What is inside a wheel or an sdist: gathered in one pass, judged elsewhere.

The specifications are those of the binary distribution format (PEP 427), of recording installed projects
(PEP 376, 627), of entry points, and of start-up files (``site``; PEP 829). Nothing is executed or unpacked.
"""

from trustguard.sources.contents.examination import examine, unsound

__all__ = ["examine", "unsound"]
