"""The words of a program that are neither options nor values of options."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

_WITH_VALUES = frozenset(
    """
    --extra --no-extra --group --no-group --only-group --no-editable-package --env-file --with
    --with-editable --with-requirements --package --python-platform --index --default-index --index-url
    --extra-index-url --find-links --index-strategy --keyring-provider --upgrade-package --upgrade-group
    --resolution --prerelease --prerelease-package --fork-strategy --exclude-newer
    --exclude-newer-package --no-sources-package --reinstall-package --link-mode --config-setting
    --config-settings-package --no-build-isolation-package --no-build-package --no-binary-package
    --cache-dir --refresh-package --python --color --allow-insecure-host --directory --project
    --config-file --preview-features -w -i -f -P -C -p
    """.split()  # noqa: SIM905 - a list of words
)
"""The options of ``uv run`` behind which a value stands: the word after it is not what is run."""


def plain_words(words: Sequence[str], more: AbstractSet[str] = frozenset()) -> list[str]:
    """Those that are neither options nor values; a lone hyphen is one.

    Args:
        words: what stands behind the program.
        more: options behind which a value stands, besides those of ``uv run``.
    """
    return [
        word
        for before, word in zip(("", *words), words, strict=False)
        if not (before in _WITH_VALUES or before in more) and (word == "-" or not word.startswith("-"))
    ]
