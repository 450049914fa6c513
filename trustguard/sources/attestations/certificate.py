"""The identity in a signing certificate: what Fulcio has written into it, and nothing that anybody else says.

Fulcio's directory of these extensions is docs/oid-info.md in its repository: 1 to 6 are raw text, 8 and those
that follow are UTF8Strings in DER. 23 (deployment environment) and 24 (the token's subject) are younger than
most certificates.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from trustguard.model.provenance import Publisher, PublisherKind
from trustguard.model.record import record
from trustguard.model.repository import Repository, parse_repository
from trustguard.sources.attestations.document import Rejected

if TYPE_CHECKING:
    from cryptography.x509 import Certificate, GeneralName

_ARC = "1.3.6.1.4.1.57264.1."
ISSUER, SIGNER, SOURCE, DIGEST, REF, CONFIG, ENVIRONMENT, SUBJECT = 8, 9, 12, 13, 14, 18, 23, 24
_RUNNER, _REPOSITORY_ID, _OWNER_ID, _TRIGGER, _VISIBILITY = 11, 15, 17, 20, 22
_FIRST_IN_DER = 8
_LEGACY = {1: ISSUER, 2: _TRIGGER, 3: DIGEST, 6: REF}
"""Which extension has taken the place of which raw one; certificates from before 2023 have these alone."""
_LEGACY_SOURCE = 5

GITHUB, GITLAB = "https://token.actions.githubusercontent.com", "https://gitlab.com"
GOOGLE, CIRCLECI = "https://accounts.google.com", "https://oidc.circleci.com"
_KINDS: Mapping[str, PublisherKind] = MappingProxyType(
    {
        GITHUB: "GitHub",
        GITLAB: "GitLab",
        GOOGLE: "Google",
        CIRCLECI: "CircleCI",
        "https://platform.activestate.com/api/v1/oauth/oidc": "ActiveState",
    }
)
_WORKFLOWS = "/.github/workflows/"
_UTF8_STRING = 0x0C
_LONG_FORM = 0x80
_IN_SUBJECT = re.compile(r":environment:([^:]+)")


@record
class Definition:
    """Where a build's definition lies, taken from its address.

    Args:
        repository: in which repository; None where that cannot be told.
        path: at which path there.
        version: at which reference or commit.
    """

    repository: Repository | None
    path: str
    version: str


@record
class Identity:
    """What a certificate says.

    Args:
        publisher: in the model's words.
        claims: the extensions' texts, by the last number of their OIDs.
    """

    publisher: Publisher
    claims: Mapping[int, str]

    @property
    def environment(self) -> str:
        """The deployment environment; empty where the certificate does not say."""
        stated = self.claims.get(ENVIRONMENT, "")
        found = _IN_SUBJECT.search(self.claims.get(SUBJECT, ""))
        return stated or (found[1].replace("%3A", ":") if found else "")

    @property
    def definition(self) -> Definition | None:
        """The build's definition that was started, which may have called on others."""
        return _definition(self.claims.get(CONFIG) or self.claims.get(SIGNER, ""))


def identity_of(certificate: Certificate) -> Identity:
    """Read a certificate that has been verified.

    Raises:
        Rejected: it has no identity, or an extension that is not what Fulcio writes.
    """
    claims = _claims(certificate)
    issuer = claims.get(ISSUER, "")
    source = parse_repository(claims.get(SOURCE, ""), labelled=True)
    definition = _definition(claims.get(CONFIG) or claims.get(SIGNER, ""))
    runner = claims.get(_RUNNER, "")
    publisher = Publisher(
        kind=_KINDS.get(issuer, "other"),
        issuer=issuer,
        identity=_subject(certificate),
        repository=source,
        repository_id=claims.get(_REPOSITORY_ID, ""),
        owner_id=claims.get(_OWNER_ID, ""),
        workflow=definition.path if definition else "",
        workflow_repository=_elsewhere(claims, source),
        ref=claims.get(REF, ""),
        commit=claims.get(DIGEST, ""),
        trigger=claims.get(_TRIGGER, ""),
        runner=runner.strip('"'),  # CircleCI's is a pair of quotation marks
        visibility=claims.get(_VISIBILITY, ""),
    )
    return Identity(publisher, claims)


def _elsewhere(claims: Mapping[int, str], source: Repository | None) -> Repository | None:
    """The repository that the build's definition, or the part that signed, is from, if it is another one."""
    for number in (SIGNER, CONFIG):
        definition = _definition(claims.get(number, ""))
        if definition and definition.repository not in {None, source}:
            return definition.repository
    return None


def _definition(address: str) -> Definition | None:
    """Take ``https://HOST/OWNER/NAME/.github/workflows/FILE@REF`` apart, or GitLab's, which has ``//``."""
    place, _, version = address.partition("@")
    scheme, _, rest = place.partition("://")
    if "//" in rest:
        home, _, path = rest.partition("//")
    elif _WORKFLOWS in rest:
        home, _, name = rest.partition(_WORKFLOWS)
        path = f"{_WORKFLOWS[1:]}{name}"
    else:
        return None
    return Definition(parse_repository(f"{scheme}://{home}", labelled=True), path, version)


def _claims(certificate: Certificate) -> Mapping[int, str]:
    found: dict[int, str] = {}
    for extension in certificate.extensions:
        arc, _, number = extension.oid.dotted_string.rpartition(".")
        if f"{arc}." == _ARC:
            raw: bytes = extension.value.public_bytes()
            found[int(number)] = _text(raw, in_der=int(number) >= _FIRST_IN_DER)
    for old, new in _LEGACY.items():
        if old in found:
            found.setdefault(new, found[old])
    if _LEGACY_SOURCE in found and found.get(ISSUER) == GITHUB:
        found.setdefault(SOURCE, f"https://github.com/{found[_LEGACY_SOURCE]}")
    return MappingProxyType(found)


def _text(raw: bytes, *, in_der: bool) -> str:
    try:
        return (_utf8_string(raw) if in_der else raw).decode()
    except (ValueError, IndexError):
        raise Rejected("its certificate has an extension that is no text") from None


def _utf8_string(der: bytes) -> bytes:
    """The content of a UTF8String in DER (X.690, 8.23 and 10.1).

    Raises:
        ValueError: it is not one, or there is something behind it.
        IndexError: it ends too early.
    """
    length, begin = der[1], 2
    if length & _LONG_FORM:
        begin += length & ~_LONG_FORM
        length = int.from_bytes(der[2:begin], "big")
    if der[0] != _UTF8_STRING or len(der) != begin + length:
        raise ValueError
    return der[begin:]


def _subject(certificate: Certificate) -> str:
    """The certificate's one subject alternative name."""
    from cryptography.x509 import ExtensionNotFound, SubjectAlternativeName  # noqa: PLC0415 - loaded by now

    try:
        names = list(certificate.extensions.get_extension_for_class(SubjectAlternativeName).value)
    except ExtensionNotFound:
        raise Rejected("its certificate names nobody") from None
    if len(names) != 1:
        raise Rejected("its certificate names more than one identity")
    return _named(names[0])


def _named(name: GeneralName) -> str:
    from cryptography.x509 import OtherName  # noqa: PLC0415 - loaded by now

    if isinstance(name, OtherName):  # a user's name at an organisation's own identity provider
        return _text(name.value, in_der=True)
    return str(name.value)
