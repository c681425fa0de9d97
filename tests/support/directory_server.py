"""A private LDAP directory with made-up accounts: Debian's slapd, on loopback, over TLS."""

import socket
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.interop.certificates import Certificates
from tests.support.process import ServerFailed, ServerProcess, free_port

BASE = "ou=people,dc=example,dc=test"
READER, READER_PASSWORD = "cn=reader,dc=example,dc=test", "reads-and-nothing-else"
_SCHEMAS = Path("/etc/ldap/schema")
_CONFIG = """
include {schemas}/core.schema
include {schemas}/cosine.schema
include {schemas}/inetorgperson.schema
pidfile {home}/slapd.pid
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCACertificateFile {tls.ca}
TLSCertificateFile {tls.cert}
TLSCertificateKeyFile {tls.key}
database mdb
suffix "dc=example,dc=test"
rootdn "cn=admin,dc=example,dc=test"
maxsize 10485760
directory {home}/data
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{reader}" read by * none
"""
_TOP = f"""dn: dc=example,dc=test
objectClass: dcObject
objectClass: organization
dc: example
o: made up

dn: {READER}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: reader
userPassword: {READER_PASSWORD}

dn: {BASE}
objectClass: organizationalUnit
ou: people

"""


@dataclass(frozen=True, slots=True)
class Directory:
    """A running directory: its addresses, plain and with TLS."""

    plain: str
    tls: str
    process: ServerProcess

    def stop(self) -> None:
        """End the server."""
        self.process.stop()


def start_directory(slapd: Path, home: Path, certificates: Certificates, people: Sequence[str]) -> Directory:
    """Return a directory that holds `people`, an LDIF entry each; raises ServerFailed."""
    (home / "data").mkdir()
    config = home / "slapd.conf"
    config.write_text(_CONFIG.format(schemas=_SCHEMAS, home=home, tls=certificates, reader=READER))
    entries = home / "people.ldif"
    entries.write_text(_TOP + "\n".join(people))
    filled = subprocess.run(
        [str(slapd), "-Ta", "-f", str(config), "-l", str(entries)], capture_output=True, text=True, check=False
    )
    if filled.returncode:
        raise ServerFailed(f"slapadd: {filled.stderr.strip()[-600:]}")
    plain, tls = free_port(), free_port()
    addresses = f"ldap://127.0.0.1:{plain} ldaps://127.0.0.1:{tls}"
    process = ServerProcess(
        [str(slapd), "-f", str(config), "-h", addresses, "-d", "0"], log=home / "log", is_ready=lambda: _answers(tls)
    )
    process.start()
    return Directory(f"ldap://127.0.0.1:{plain}", f"ldaps://127.0.0.1:{tls}", process)


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
