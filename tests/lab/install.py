"""Install what the tests need beside Python packages: `python -m lab.install`, as root."""

import os
import shutil
import subprocess
import sys

from lab import folders

# A Debian package and the program that shows it is there.
PACKAGES = {
    "mmdebstrap": "mmdebstrap",
    "sip-tester": "sipp",
    "sox": "sox",
    "espeak-ng": "espeak-ng",
    "chromium": "chromium",
    "postgresql-15": "/usr/lib/postgresql/15/bin/postgres",
    "mariadb-client-core": "my_print_defaults",
    "mariadb-server-core": "/usr/sbin/mariadbd",
    "nginx-light": "/usr/sbin/nginx",
    "util-linux": "setpriv",
}


def missing() -> list[str]:
    """Return the packages whose program is not on this machine."""
    return [package for package, program in PACKAGES.items() if shutil.which(program) is None]


def install() -> None:
    """Bring what is missing, and build the folders; Unavailable names what cannot be had."""
    wanted = missing()
    unbuilt = [version for version in folders.SUITES if not folders.folder(version).exists()]
    _announce(wanted, unbuilt)
    if wanted or unbuilt:
        _insist_on_root()
    if wanted:
        _apt(wanted)
    for version in folders.SUITES:
        root = folders.built(version)
        _say(f"Asterisk {folders.full_version(version)} in {root}")


def _announce(packages: list[str], versions: list[int]) -> None:
    if packages:
        _say(f"The tests need these Debian packages, installed by apt-get: {' '.join(packages)}.")
    for version in versions:
        root, suite = folders.folder(version), folders.SUITES[version]
        _say(f"The tests need Asterisk {version}: mmdebstrap puts Debian {suite}'s into {root}.")


def _insist_on_root() -> None:
    if os.geteuid() != 0:
        raise folders.Unavailable("this needs root; run it again as root")


def _apt(packages: list[str]) -> None:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    update = ["apt-get", "-qq", "update"]
    bring = ["apt-get", "-qq", "install", "--yes", "--no-install-recommends", *packages]
    for command in (update, bring):
        if subprocess.run(command, env=quiet, stdout=sys.stderr, check=False).returncode != 0:
            raise folders.Unavailable(f"{' '.join(command)} failed")
    if still := missing():
        raise folders.Unavailable(f"apt-get installed them, but these are not here: {still}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        install()
    except folders.Unavailable as reason:
        sys.exit(f"The tests cannot run here: {reason}")
