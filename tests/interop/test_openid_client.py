"""npm's openid-client 6 as an independent relying party: registration, login, tokens, logout."""

import subprocess
from pathlib import Path

import pytest

from tests.interop.conformance import Provider, clean_environment

SCRIPT = Path(__file__).with_name("openid_client.mjs")


@pytest.mark.parametrize("part", ["rs256", "es256", "singleSignOn", "publicClient", "assertions", "resources"])
def test_openid_client(provider: Provider, node: Path, part: str) -> None:
    """A certified library finds everything as it should be, by discovery and dynamic registration alone.

    OpenID Connect Core, Discovery, Registration, RP-Initiated Logout; RFC 7636, 7662, 7009, 7523, 8707.
    """
    done = subprocess.run(
        [str(node), str(SCRIPT)],
        env={
            **clean_environment(),
            "ISSUER": provider.issuer,
            "PART": part,
            "NODE_EXTRA_CA_CERTS": str(provider.certificates.ca),
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
