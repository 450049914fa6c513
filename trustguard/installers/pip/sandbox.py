"""Runs a command without network, without the user's files, and without what looks like a credential.

This file stands alone: ``python -I -S sandbox.py PLAN COMMAND…``. It restricts itself and becomes the
command, so what is denied is denied to everything that the command starts, and cannot be taken back. It asks
for no rights and for no other program: Linux's Landlock says which files can be reached, a seccomp filter
that there are no sockets. Sockets are denied as such, and not all but one: a port can be allowed, but not the
host that it must be on, and the build hooks of a package need none.

``PLAN`` is JSON: ``isolate`` (whether to restrict anything but the environment), ``read`` and ``write``
(places that may be reached), ``home`` and ``tmp`` (empty folders that take the place of the user's), and
``environ`` (further variables). With ``--probe`` in its place the sandbox is tried out, and the reason
printed where it does not hold.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import platform
import re
import socket
import stat
import struct
import sys
from collections.abc import Iterable, Mapping
from typing import NoReturn

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
MAKE_CHAR, MAKE_BLOCK = 1 << 6, 1 << 11
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
READ = EXECUTE | READ_FILE | READ_DIR
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
# What a kernel knows of, by the version of Landlock's interface: include/uapi/linux/landlock.h.
KNOWN_FROM = {1: REFER - 1, 2: REFER, 3: TRUNCATE, 5: IOCTL_DEV}
TRUNCATE_FROM, NETWORK_FROM, SCOPES_FROM = 3, 4, 6
BIND_AND_CONNECT, ABSTRACT_SOCKETS_AND_SIGNALS = 3, 3

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION, PATH_BENEATH = 1, 1
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_FILTER = 22, 38, 2

# A machine's number (include/uapi/linux/audit.h), and the system calls that are denied on it: truncate, where
# Landlock does not deny it yet; socket, open_by_handle_at, add_key, request_key, keyctl, io_uring_setup.
GENERIC = (198, 265, 217, 218, 219, 425)
MACHINES: Mapping[str, tuple[int, int, tuple[int, ...]]] = {
    "x86_64": (0xC000003E, 76, (41, 304, 248, 249, 250, 425)),
    "aarch64": (0xC00000B7, 45, GENERIC),
    "riscv64": (0xC00000F3, 45, GENERIC),
}
X32_BIT = 0x40000000
ALLOW, DENY = 0x7FFF0000, 0x00050000 | errno.EPERM

SYSTEM = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/nix", "/gnu", "/snap"),
    *(f"/proc/{name}" for name in ("cpuinfo", "filesystems", "loadavg", "meminfo", "stat", "sys", "version")),
    *("/sys", "/dev/urandom", "/dev/random"),
)
"""What may be read anywhere, besides what everybody may read in ``/etc``. Not all of ``/proc``: there stands
the environment of the same user's processes."""
OF_ALL = stat.S_IROTH | stat.S_IXOTH
"""What lets everybody read what is in a folder."""
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/shm")  # noqa: S108 - semaphores need it

NOT_FOR_BUILDS = frozenset(
    {
        *(
            "ssh",
            "private",
            "security",
            "letsencrypt",
            "wireguard",
            "openvpn",
            "ipsec.d",
            "kubernetes",
            "docker",
        ),
        *("krb5.keytab", "pip.conf", "netrc", "sudoers", "sudoers.d"),
    }
)
"""What is left out wherever it lies in ``/etc``, should everybody be let read it: keys, passwords, and the
addresses of indexes, which may hold some."""

SECRET_NAME = re.compile(
    r"TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|(API|ACCESS|PRIVATE|ACCOUNT|MASTER)_?KEY|_KEY$|^KEY$|AUTH|COOKIE"
    r"|SESSION|_PAT$|_PWD$|_DSN$|CONN(ECTION)?_?STR|DATABASE_URL|WEBHOOK|NETRC|KUBECONFIG|DOCKER|DBUS|SSH_"
    r"|PASS(_|$)|PASS(FILE|CODE)|CREDS?(_|$)|JWT|BEARER|HOOK(_UR[IL])?$|BASIC(_|$)|CERT|PKCS|PFX|KEYSTORE|_PEM$"
    r"|(^|_)PIN$|(^|_)T?OTP$|GPG_|^(AWS|AZURE|GOOGLE|GCP|TRUSTGUARD|PIP|TWINE|XDG)_|^(DISPLAY|WAYLAND_DISPLAY)$",
    re.IGNORECASE,
)
HARMLESS_NAME = re.compile(r"SSL_CERT_(FILE|DIR)|PIP_CERT|\w*CA_?CERTS?(_(FILE|PATH|DIR))?", re.IGNORECASE)
"""Where the certificates lie that are trusted: everybody may know."""
SECRET_VALUE = re.compile(
    r"://[^/@\s]*:[^/@\s]+@|://hooks?\.|^eyJ[\w-]+\.eyJ|^(gh[opsur]_|github_pat_|glpat-|pypi-|npm_|xox[a-z]-|AKIA|ASIA|hf_|sk-)"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY"
)
HOMES = ("HOME", "USERPROFILE")
TEMPORARY = ("TMPDIR", "TMP", "TEMP")


class Unable(Exception):
    """The platform does not offer what is needed. The message says why."""


class RulesetAttr(ctypes.Structure):
    """``struct landlock_ruleset_attr``; how much of it is known depends on the version."""

    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class PathBeneathAttr(ctypes.Structure):
    """``struct landlock_path_beneath_attr``: packed in the kernel, which shortens it, but moves no field."""

    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


class FilterProgram(ctypes.Structure):
    """``struct sock_fprog``."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def call(what: str, function: str, *args: object) -> int:
    """Call the C library.

    Args:
        what: what it is about, for the message.
        function: the function's name.
        args: its arguments; a number is handed over as a long.

    Raises:
        Unable: it failed.
    """
    library = ctypes.CDLL(None, use_errno=True)
    words = [ctypes.c_long(arg) if isinstance(arg, int) else arg for arg in args]
    result = int(getattr(library, function)(*words))
    if result < 0:
        raise Unable(f"{what}: {os.strerror(ctypes.get_errno())}")
    return result


def landlock_version() -> int:
    """The version of Landlock's interface.

    Raises:
        Unable: the kernel has none, or it is switched off.
    """
    if not sys.platform.startswith("linux"):
        raise Unable(f"there is none for {sys.platform}")
    return call("the kernel has no Landlock", "syscall", CREATE_RULESET, None, 0, VERSION)


def restrict_files(read: Iterable[str], write: Iterable[str], version: int) -> None:
    """Leave only some places of the file system reachable; what does not exist is passed over."""
    known = sum(rights for since, rights in KNOWN_FROM.items() if since <= version)
    attr = RulesetAttr(known, BIND_AND_CONNECT, ABSTRACT_SOCKETS_AND_SIGNALS)
    size = 8 * (1 + (version >= NETWORK_FROM) + (version >= SCOPES_FROM))
    ruleset = call("Landlock takes no rules", "syscall", CREATE_RULESET, ctypes.byref(attr), size, 0)
    full = known & ~(MAKE_CHAR | MAKE_BLOCK | IOCTL_DEV)
    for rights, places in ((known & READ, read), (full, write)):
        for place in places:
            allow_beneath(ruleset, place, rights)
    call("Landlock cannot be entered", "syscall", RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def allow_beneath(ruleset: int, place: str, rights: int) -> None:
    """Let a place be reached, and what is in it."""
    try:
        descriptor = os.open(place, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there, or not for us to see, need not be allowed
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= OF_FILES
        attr = PathBeneathAttr(rights, descriptor)
        what = f"Landlock does not take {place}"
        call(what, "syscall", ADD_RULE, ruleset, PATH_BENEATH, ctypes.byref(attr), 0)
    finally:
        os.close(descriptor)


def denied_calls(machine: str, version: int) -> tuple[int, list[int]]:
    """A machine's number, and the numbers of the system calls that are denied on it.

    Raises:
        Unable: they are not known for this machine.
    """
    if machine not in MACHINES:
        raise Unable(f"there is none for {machine} machines")
    number, truncate, others = MACHINES[machine]
    return number, [*others] if version >= TRUNCATE_FROM else [truncate, *others]


def deny_calls(machine: int, calls: list[int]) -> None:
    """Have system calls fail from now on, and every call of another machine's interface (seccomp)."""
    load, equal, at_least, end = 0x20, 0x15, 0x35, 0x06
    program = [(load, 0, 0, 4), (equal, 1, 0, machine), (end, 0, 0, DENY), (load, 0, 0, 0)]
    checks = [(at_least, X32_BIT), *((equal, one) for one in calls)]
    program += [(code, len(checks) - place, 0, value) for place, (code, value) in enumerate(checks)]
    program += [(end, 0, 0, ALLOW), (end, 0, 0, DENY)]
    packed = b"".join(struct.pack("=HBBI", *one) for one in program)
    rules = FilterProgram(len(program), packed)
    call("no_new_privs is not to be had", "prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    call("seccomp takes no filter", "prctl", PR_SET_SECCOMP, SECCOMP_FILTER, ctypes.byref(rules), 0, 0)


def restrict(read: Iterable[str], write: Iterable[str]) -> None:
    """Restrict this process for good.

    Raises:
        Unable: the platform does not offer it. The process may be restricted in part, and must not go on.
    """
    version = landlock_version()
    machine, calls = denied_calls(platform.machine(), version)
    call("no_new_privs is not to be had", "prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    restrict_files(read, write, version)
    deny_calls(machine, calls)


def of_the_system() -> Iterable[str]:
    """The places of the system that everybody may read: also where root builds, no keys."""
    yield from SYSTEM
    for name in os.listdir("/etc"):
        yield from readable_by_all(os.path.join("/etc", name))[1]


def readable_by_all(path: str) -> tuple[bool, list[str]]:
    """Whether everybody may read all of a place, and what of it everybody may read.

    A rule for a folder holds for what is in it, so that one with a secret in it cannot be listed; what else
    is in it can be read.

    Args:
        path: links in it are followed; those further below lead to what has rules of its own, or none.
    """
    if os.path.basename(path) in NOT_FOR_BUILDS:
        return False, []
    try:
        mode = os.stat(path).st_mode
        if not stat.S_ISDIR(mode):
            return (True, [path]) if mode & stat.S_IROTH else (False, [])
        if mode & OF_ALL != OF_ALL:
            return False, []
        with os.scandir(path) as entries:
            below = [readable_by_all(one.path) for one in entries if not one.is_symlink()]
    except OSError:
        return False, []
    if all(whole for whole, _ in below):
        return True, [path]
    return False, [one for _, places in below for one in places]


def probe() -> str:
    """Try the sandbox out in this process; the reason why it does not hold, or nothing."""
    try:
        restrict((), ())
    except Unable as error:
        return str(error)
    for what, attempt in (("a socket", socket.socket), ("a folder", lambda: os.listdir("/"))):
        try:
            attempt()
        except PermissionError:
            continue
        return f"it does not hold: {what} can be opened"
    return ""


def environment(environ: Mapping[str, str], home: str, tmp: str) -> dict[str, str]:
    """The environment without what looks like a credential or leads to one, and with another home."""
    kept = {
        name: value
        for name, value in environ.items()
        if not (SECRET_NAME.search(name) and not HARMLESS_NAME.fullmatch(name))
        and not SECRET_VALUE.search(value)
    }
    return {**kept, **dict.fromkeys(HOMES, home), **dict.fromkeys(TEMPORARY, tmp)}


def main() -> NoReturn:
    """Do as the command line says."""
    if sys.argv[1] == "--probe":
        reason = probe()
        print(reason)
        sys.exit(1 if reason else 0)
    plan, command = json.loads(sys.argv[1]), sys.argv[2:]
    environ = {**environment(os.environ, plan["home"], plan["tmp"]), **plan["environ"]}
    if plan["isolate"]:
        try:
            restrict((*of_the_system(), *plan["read"]), (*DEVICES, *plan["write"]))
        except Unable as error:
            sys.exit(f"trustguard: nothing was built, for the sandbox cannot be entered: {error}")
    if os.name == "nt":
        import subprocess

        sys.exit(subprocess.call(command, env=environ))
    try:
        os.execve(command[0], command, environ)
    except OSError as error:
        sys.exit(f"trustguard: nothing was built, for {command[0]} cannot be run: {error.strerror}")


if __name__ == "__main__":
    main()
