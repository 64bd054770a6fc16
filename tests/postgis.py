"""A PostgreSQL server with PostGIS for the tests, made from Debian's packages and thrown away."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.requirements import do_without

USER, PASSWORD = "planner", "sécret p@ss"
_ACCOUNT = "postgres"  # the server refuses to run as root; Debian's package makes this account


@contextmanager
def postgis_server() -> Iterator[str]:
    """Give the address of a server that wants a password; skip (or fail) without the packages."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not programs or not list(Path("/usr/share/postgresql").glob("*/extension/postgis.control")):
        do_without("no PostgreSQL with PostGIS (Debian package postgresql-postgis)")
    programs_folder = programs[-1].parent
    folder = Path(tempfile.mkdtemp(prefix="siting-postgis-"))
    try:
        data, port = folder / "data", _free_port()
        secret = folder / "secret"
        secret.write_text(f"{PASSWORD}\n", encoding="utf-8")
        if os.getuid() == 0:
            for path in (folder, secret):
                shutil.chown(path, pwd.getpwnam(_ACCOUNT).pw_uid)
        _do(programs_folder / "initdb", "-D", data, "-A", "scram-sha-256", "-U", USER,
            f"--pwfile={secret}", "-E", "UTF8", "--locale=C.UTF-8")  # fmt: skip
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        _do(
            programs_folder / "pg_ctl",
            "-D",
            data,
            "-w",
            "-o",
            options,
            "-l",
            folder / "log",
            "start",
        )
        try:
            yield _prepared(port)
        finally:
            _do(programs_folder / "pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prepared(port: int) -> str:
    import psycopg  # noqa: PLC0415 - of the extra postgis

    plain = f"host=127.0.0.1 port={port} user={USER} password='{PASSWORD}' dbname=postgres"
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION postgis")
    return f"postgresql://{USER}:s%C3%A9cret%20p%40ss@127.0.0.1:{port}/postgres"


def _do(program: Path, *arguments: object) -> None:
    command = [str(program), *map(str, arguments)]
    if os.getuid() == 0:
        command = ["runuser", "-u", _ACCOUNT, "--", *command]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
