"""Whom we believe to be an index: the contexts of TLS. Made only when there is something to verify."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

from trustguard.model.errors import SourceRefused
from trustguard.sources.http_settings import HttpSettings

_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def verified(settings: HttpSettings) -> ssl.SSLContext:
    """A context that verifies.

    ``ca_file`` replaces every other certificate. Where the environment counts, the two variables that pip's
    HTTP library reads do the same. Otherwise it is pip's own choice: the system's store, and certifi's.

    Raises:
        SourceRefused: a file cannot be read, or is not what it should be.
    """
    bundle = settings.ca_file or _bundle(settings)
    context = _with_system_store() if bundle is None else _with_bundle(bundle)
    _present(context, settings.client_cert)
    return context


def unverified(settings: HttpSettings) -> ssl.SSLContext:
    """A context for trusted hosts: TLS, but with anybody.

    Raises:
        SourceRefused: the client certificate cannot be read, or is none.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    _present(context, settings.client_cert)
    return context


def _bundle(settings: HttpSettings) -> Path | None:
    if not settings.use_env_proxies or settings.proxy is not None:
        return None
    named = next(filter(None, map(os.environ.get, _BUNDLES)), None)
    return Path(named) if named else None


def _with_bundle(bundle: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        if bundle.is_dir():
            context.load_verify_locations(capath=bundle)
        else:
            context.load_verify_locations(cafile=bundle)
    except OSError as error:
        raise _unusable(bundle, "as a bundle of CA certificates", "--cert takes a PEM file") from error
    return context


def _with_system_store() -> ssl.SSLContext:
    import certifi  # noqa: PLC0415

    try:
        from pip._vendor import truststore  # noqa: PLC0415
    except ImportError:  # a distributor's pip without its vendored libraries
        context = ssl.create_default_context()
    else:
        context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(certifi.where())
    return context


def _present(context: ssl.SSLContext, certificate: Path | None) -> None:
    if certificate is None:
        return
    try:
        # An empty password: OpenSSL would otherwise ask for one at the terminal.
        context.load_cert_chain(certificate, password="")
    except OSError as error:
        hint = "--client-cert takes a PEM file with a certificate and its key, not encrypted"
        raise _unusable(certificate, "as a client certificate", hint) from error


def _unusable(file: Path, purpose: str, hint: str) -> SourceRefused:
    return SourceRefused(f"{file} cannot be used {purpose}", hint=hint)
