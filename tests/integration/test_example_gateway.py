"""The gateway of docs/howto is a package of its own that passes the kit; a broken one does not."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "docs" / "howto" / "example-gateway"
MODULE, TEST = "example_gateway.py", "test_example_gateway.py"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip has installed the example, as any package from elsewhere."""
    folder = tmp_path_factory.mktemp("example")
    source = shutil.copytree(EXAMPLE, folder / "source")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    target = folder / "installed"
    subprocess.run(
        [*command, "--no-build-isolation", "--target", str(target), str(source)],
        check=True,
        capture_output=True,
    )
    shutil.copy(EXAMPLE / TEST, target)
    return target


def broken_promises(folder: Path) -> set[str]:
    """Run the example's own test; return the names of the checks that failed."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n0", TEST]
    done = subprocess.run(
        command,
        cwd=folder,
        env={"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert re.search(r"\d+ passed", done.stdout), done.stdout + done.stderr
    return set(re.findall(r"^FAILED .*\[(.*)\]", done.stdout, re.MULTILINE))


def test_the_example_passes_the_kit_through_its_entry_point(installed: Path) -> None:
    assert len((EXAMPLE / MODULE).read_text(encoding="utf-8").splitlines()) < 100
    assert broken_promises(installed) == set()


@pytest.mark.parametrize(
    ("right", "wrong", "promises"),
    [
        (
            "except NotReached as error:\n            return not_sent(str(error))\n",
            "except (NotReached, NoAnswer) as error:\n            return not_sent(str(error))\n",
            {"send: a provider that hangs", "send: a provider that breaks the connection"},
        ),
        (
            "said = json.loads(answer.text)",
            "await self._http.request('POST', self._url); said = json.loads(answer.text)",
            {"send: taken", "send: too fast", "send: a wrong number"},
        ),
        (
            "body = {",
            "__import__('logging').getLogger('x').debug('to %s', message.to)\n        body = {",
            {"send: taken", "send: an empty answer"},
        ),
        (
            'return unknown(f"HTTP {answer.status}")',
            "return accepted(self._token)",
            {"send: taken, but no id"},
        ),
        (
            "if not hmac.compare_digest(given, self._token.encode()):",
            "if False:",
            {"receipt: of a stranger", "inbound: of a stranger", "receipt: delivered, spoiled"},
        ),
        (
            "with suppress(ValueError, TypeError, KeyError):",
            "with suppress(TypeError):",
            {"receipt: delivered, spoiled", "inbound: a reply with blanks, spoiled"},
        ),
        ('said["text"]', 'said["text"].strip()', {"inbound: a reply with blanks"}),
        ("attempts[0])", "said['state'])", {"receipts: twice and in every order"}),
        (
            "read_own_keys(ExampleKeys, settings)",
            "ExampleKeys.model_construct(**settings.own | {'timeout': timedelta(seconds=1)})",
            {"settings: an unknown key"},
        ),
    ],
    ids=[
        "sends again on a guess",
        "sends twice",
        "logs numbers",
        "makes an id up",
        "checks no token",
        "raises",
        "trims",
        "mixes messages up",
        "takes any key",
    ],
)
def test_a_gateway_that_breaks_a_promise_fails_its_check(
    installed: Path, tmp_path: Path, right: str, wrong: str, promises: set[str]
) -> None:
    folder = shutil.copytree(installed, tmp_path / "broken")
    source = (folder / MODULE).read_text(encoding="utf-8")
    assert right in source
    (folder / MODULE).write_text(source.replace(right, wrong), encoding="utf-8")
    broken = broken_promises(folder)
    assert broken >= promises
    assert "find: it cannot be asked" not in broken, "the rest still works"
