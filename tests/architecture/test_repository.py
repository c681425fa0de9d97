"""What holds for every file of the repository, whatever is in it."""

import ast
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent.parent
MAX_LINES = 300

# In pieces, because this file is one of those that are searched.
DOWNLOAD_HOSTS = [
    ".".join(pieces)
    for pieces in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmmirror", "com"),
        ("yarnpkg", "com"),
        ("jsdelivr", "net"),
        ("unpkg", "com"),
        ("cdnjs", "cloudflare", "com"),
        ("googleapis", "com"),
        ("gstatic", "com"),
        ("deb", "debian", "org"),
        ("security", "debian", "org"),
        ("archive", "ubuntu", "com"),
        ("docker", "io"),
        ("ghcr", "io"),
        ("quay", "io"),
        ("raw", "githubusercontent", "com"),
        ("codeload", "github", "com"),
        ("playwright", "dev"),
        ("tuna", "tsinghua"),
        ("mirrors", "aliyun"),
        ("mirrors", "cloud", "tencent"),
        ("mirrors", "ustc"),
        ("repo", "huaweicloud"),
        ("https://mirror", ""),
    )
]
# A folder of the machine on which somebody worked, at the root of its file system.
BUILD_PATHS = re.compile(r"(?<![\w.~/}$>)-])/(?:" + "|".join(("roo" + "t", "hom" + "e", "wor" + "k")) + r")/[\w.]")


# What .gitignore leaves out, for a checkout that came without git.
IGNORED = {".git", ".venv", "node_modules", "build", "var", "__pycache__", ".hypothesis"}


def tracked_files() -> list[Path]:
    """Return every file of the repository that git tracks or would track."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    if shutil.which("git") and (CHECKOUT / ".git").exists():
        listed = subprocess.run(command, cwd=CHECKOUT, capture_output=True, check=True).stdout.decode()
        paths = {CHECKOUT / name for name in listed.split("\0") if name}
    else:
        paths = set(walk(CHECKOUT))
    return sorted(path for path in paths if path.is_file() and not path.is_symlink())


def walk(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder but for what was made there."""
    for path in folder.iterdir():
        if path.name in IGNORED or path.name.endswith(("_cache", ".egg-info", ".pyc")):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from walk(path)
        else:
            yield path


def test_walk_finds_what_git_lists():
    """Without git the same files are looked at."""
    assert set(tracked_files()) <= set(walk(CHECKOUT))


def texts() -> list[tuple[str, str]]:
    """Return the name and the content of every text file."""
    found = []
    for path in tracked_files():
        content = path.read_bytes()
        if b"\0" not in content:
            found.append((str(path.relative_to(CHECKOUT)), content.decode(errors="replace")))
    return found


def python_files() -> list[tuple[str, str]]:
    """Return the name and the content of every Python file that is no test."""
    return [(name, text) for name, text in texts() if name.endswith(".py") and not name.startswith("tests/")]


def test_no_download_host_is_named():
    """Packages come from where the machine is set to fetch them: no file names a host."""
    found = [(name, host) for name, text in texts() for host in DOWNLOAD_HOSTS if host in text.lower()]
    assert found == []


@pytest.mark.parametrize("host", ["https://files." + "pythonhosted" + ".org/x", "registry." + "npmjs" + ".org"])
def test_download_hosts_are_recognised(host):
    """The search finds what it is for."""
    assert any(needle in host for needle in DOWNLOAD_HOSTS)


def test_no_path_of_a_build_machine_is_named():
    """No file names a folder of the machine on which it was written."""
    found = [(name, match.group()) for name, text in texts() for match in BUILD_PATHS.finditer(text)]
    assert found == []


def test_build_paths_are_recognised():
    """The search finds a folder at the root, and not the end of another path."""
    folder = "/ho" + "me/somebody"
    assert BUILD_PATHS.search(f"open('{folder}/x')")
    assert not BUILD_PATHS.search(f"https://portal.example{folder}")


def test_help_lists_every_target():
    """`make help` names each target that `.PHONY` declares."""
    makefile = (CHECKOUT / "Makefile").read_text()
    declared = {name for line in re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE) for name in line.split()}
    printed = subprocess.run(["make", "help"], cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    listed = set(re.findall(r"^  make ([a-z0-9-]+) +\S", printed, re.MULTILINE))
    assert listed == declared
    assert {"setup", "run", "test", "lint", "types", "layers", "i18n", "migrate", "seed"} <= declared


@pytest.mark.parametrize(("name", "least"), [("runtime.txt", 20), ("pkcs11.txt", 2), ("dev.txt", 20)])
def test_requirements_are_pinned_and_hashed(name, least):
    """Every requirement is one version with its hashes, and no address stands in the file."""
    text = (CHECKOUT / "requirements" / name).read_text()
    entries = re.split(r"\n(?=\S)", text.replace("\\\n", " ").strip())
    assert len(entries) >= least
    assert [entry for entry in entries if "==" not in entry.split()[0] or "--hash=sha256:" not in entry] == []
    assert "://" not in text


def test_tests_run_what_is_shipped():
    """dev.txt holds every requirement of runtime.txt and pkcs11.txt at the same version."""
    shipped, optional, tested = (
        set(re.findall(r"^(\S+==\S+)", (CHECKOUT / "requirements" / name).read_text(), re.MULTILINE))
        for name in ("runtime.txt", "pkcs11.txt", "dev.txt")
    )
    assert (shipped | optional) - tested == set()


def test_node_packages_are_hashed_without_addresses():
    """The lock file of the Node packages carries digests and no addresses to fetch from."""
    packages = json.loads((CHECKOUT / "package-lock.json").read_text())["packages"]
    outside = {name: entry for name, entry in packages.items() if name}
    assert outside
    assert [name for name, entry in outside.items() if "integrity" not in entry or "resolved" in entry] == []


def test_node_packages_are_pinned():
    """package.json names exact versions."""
    named = json.loads((CHECKOUT / "package.json").read_text())["devDependencies"]
    assert [name for name, version in named.items() if not re.fullmatch(r"[0-9]+(\.[0-9]+){2}", version)] == []


def test_python_files_are_short():
    """A file holds one thing: at most 300 lines."""
    lengths = {name: len(text.splitlines()) for name, text in python_files()}
    assert {name: length for name, length in lengths.items() if length > MAX_LINES} == {}


def test_python_files_say_what_they_hold():
    """Each file begins with a docstring."""
    silent = [name for name, text in python_files() if not ast.get_docstring(ast.parse(text))]
    assert silent == []
