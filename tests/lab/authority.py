"""The certificate authority of a private Sigstore: such as Fulcio issues, for a key of minutes."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from .identity import GITHUB_REF
from .transparency import LogKey, certificate_timestamps

if TYPE_CHECKING:
    from .identity import Identity

FOUNDED = datetime(2015, 1, 1, tzinfo=timezone.utc)
CLOSED = datetime(2045, 1, 1, tzinfo=timezone.utc)
LIFETIME = timedelta(minutes=10)
"""How long a certificate is valid."""
OCTET_STRING = 0x04
UTF8_STRING = 0x0C
_FULCIO = "1.3.6.1.4.1.57264.1"
_TIMESTAMPS = ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")


class Authority:
    """A root and an intermediate certificate that signs for identities, each seen by a certificate log."""

    def __init__(self, organization: str, log: LogKey) -> None:
        """Make new keys and certificates.

        Args:
            organization: for the names in the certificates.
            log: the key of the log that sees each certificate before it is signed.

        """
        self._log = log
        self._key = ec.generate_private_key(ec.SECP384R1())
        root_key = ec.generate_private_key(ec.SECP384R1())
        root = _authority_name(organization, "lab-root")
        self._name = _authority_name(organization, "lab-intermediate")
        self._root = _authority_certificate(root, root_key, root, root_key, path_length=1)
        self._certificate = _authority_certificate(root, root_key, self._name, self._key, path_length=0)

    @property
    def chain(self) -> list[bytes]:
        """The certificates of the authority in DER, the root last."""
        return [one.public_bytes(Encoding.DER) for one in (self._certificate, self._root)]

    def issue(  # noqa: PLR0913 - each is one thing that a test may want otherwise
        self,
        identity: Identity,
        key: ec.EllipticCurvePublicKey,
        moment: datetime,
        *,
        log: LogKey | None = None,
        seen: bool = True,
        code_signing: bool = True,
    ) -> x509.Certificate:
        """Return a certificate.

        Args:
            identity: whom it names.
            key: whose signatures it stands for.
            moment: from when on it is valid (aware).
            log: a key that signs the log's timestamp in the place of the right one.
            seen: whether there is a timestamp at all.
            code_signing: whether it is for signing code.

        """
        builder = self._precertificate(identity, key, moment, code_signing=code_signing)
        if seen:
            precertificate = builder.sign(self._key, hashes.SHA384()).tbs_certificate_bytes
            issuer_key = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            timestamps = certificate_timestamps(
                log or self._log, precertificate, issuer_key, moment, log_id=self._log.id
            )
            value = der(OCTET_STRING, timestamps)
            builder = builder.add_extension(x509.UnrecognizedExtension(_TIMESTAMPS, value), critical=False)
        return builder.sign(self._key, hashes.SHA384())

    def _precertificate(
        self, identity: Identity, key: ec.EllipticCurvePublicKey, moment: datetime, *, code_signing: bool
    ) -> x509.CertificateBuilder:
        usage = ExtendedKeyUsageOID.CODE_SIGNING if code_signing else ExtendedKeyUsageOID.CLIENT_AUTH
        subject = x509.SubjectAlternativeName([_general_name(identity.subject)])
        builder = (
            _builder(self._name, x509.Name([]), key, moment, moment + LIFETIME)
            .add_extension(_usage(digital_signature=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(_identifier_of(self._key), critical=False)
            .add_extension(subject, critical=True)
        )
        for number, text in sorted(identity.claims.items()):
            if text:
                value = text.encode() if number <= GITHUB_REF else der(UTF8_STRING, text.encode())
                claim = x509.UnrecognizedExtension(ObjectIdentifier(f"{_FULCIO}.{number}"), value)
                builder = builder.add_extension(claim, critical=False)
        return builder


def der(tag: int, content: bytes) -> bytes:
    """Return one value in DER (X.690, 8.1 and 10.1): tag, length in its shortest form, content."""
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def _authority_name(organization: str, common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _authority_certificate(
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    *,
    path_length: int,
) -> x509.Certificate:
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        _builder(issuer, subject, key.public_key(), FOUNDED, CLOSED)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(identifier, critical=False)
        .add_extension(_identifier_of(issuer_key), critical=False)
        .sign(issuer_key, hashes.SHA384())
    )


def _builder(
    issuer: x509.Name, subject: x509.Name, key: ec.EllipticCurvePublicKey, start: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
    )


def _usage(
    *, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


def _identifier_of(key: ec.EllipticCurvePrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _general_name(subject: str) -> x509.GeneralName:
    if "://" in subject:
        return x509.UniformResourceIdentifier(subject)
    return x509.RFC822Name(subject)
