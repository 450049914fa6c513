"""docs/score.md says what the model of the trust score says."""

from __future__ import annotations

from pathlib import Path

from tests.test_docs import script
from trustguard.model.score_weights import SIGNALS

ROOT = Path(__file__).parents[1]


def test_the_page_of_the_score_is_what_the_weights_say() -> None:
    generator = script(ROOT / "docs" / "generate_score.py")
    assert generator.PAGE.read_text(encoding="utf-8") == generator.page(), (
        "run: python docs/generate_score.py"
    )


def test_the_page_of_the_score_names_every_signal() -> None:
    page = (ROOT / "docs" / "score.md").read_text(encoding="utf-8")
    assert all(f"| `{signal.id}` | {signal.group} |" in page for signal in SIGNALS)
