"""``hepml lab``: an address that works, the next port, one Ctrl-C."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest
from jupyter_client.blocking import BlockingKernelClient

from hepml_course import course, lab

OTHER_KERNEL = {
    "argv": ["/no/such/python", "-f", "{connection_file}"],
    "display_name": "Other",
    "language": "python",
}


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("linux", {"DISPLAY": ":10", "SSH_CONNECTION": "a b"}, False),
        ("linux", {"BROWSER": "firefox"}, True),
        ("darwin", {}, True),
        ("win32", {}, True),
        ("darwin", {"SSH_CONNECTION": "a b"}, False),
    ],
)
def test_a_browser_opens_where_it_can_be_seen(platform, environment, expected):
    assert lab.has_screen(platform, environment) == expected


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch):
    for name in [name for name in os.environ if name.startswith("JUPYTER")]:
        monkeypatch.delenv(name)


@pytest.fixture
def home(tmp_path):
    """The home of somebody who has registered a kernel of the same name for another Python."""
    folder = tmp_path / "home" / ".local" / "share" / "jupyter" / "kernels" / "python3"
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(OTHER_KERNEL))
    return tmp_path / "home"


@pytest.fixture
def serve(home):
    """Start ``hepml lab`` as on a machine without a screen; it is ended after the test."""
    hidden = ("DISPLAY", "WAYLAND", "BROWSER")
    started = []

    def start(*arguments):
        environment = {key: value for key, value in os.environ.items() if not key.startswith(hidden)}
        process = subprocess.Popen(
            [sys.executable, "-m", "hepml_course", "lab", *arguments],
            env={**environment, "HOME": str(home), "JUPYTER_RUNTIME_DIR": str(home / "runtime")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        address = next(line.strip() for line in process.stdout if "http" in line)
        return process, address

    yield start
    for process in started:
        process.kill()
        process.communicate()


def ask(address, path, method="GET", body=None):
    base, token = re.fullmatch(r"(http://[^/]+)/.*\?token=(\w+)", address).groups()
    request = urllib.request.Request(
        base + path, method=method, data=body, headers={"Authorization": f"token {token}"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def wait_until_ready(connection_file):
    client = BlockingKernelClient(connection_file=str(connection_file))
    client.load_connection_file()
    client.start_channels()
    client.wait_for_ready(timeout=120)
    client.stop_channels()


def free_port():
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return probe.getsockname()[1]


def test_the_course_is_served_and_one_interrupt_ends_it(serve, home):
    process, address = serve("--port", str(free_port()))
    assert "/lab/tree/START.md?token=" in address
    assert "START.md" in [item["name"] for item in ask(address, "/api/contents")["content"]]
    assert (course.root() / "START.md").exists()

    with pytest.raises(urllib.error.HTTPError, match="403"):
        ask(re.sub(r"token=\w+", "token=wrong", address), "/api/contents")

    specs = ask(address, "/api/kernelspecs")
    assert specs["kernelspecs"]["python3"]["spec"]["display_name"] != OTHER_KERNEL["display_name"]
    kernel = ask(address, "/api/kernels", "POST", b'{"name": "python3"}')
    wait_until_ready(home / "runtime" / f"kernel-{kernel['id']}.json")
    kernels = psutil.Process(process.pid).children(recursive=True)
    # What starts here, a terminal, too, finds the `hepml` of this environment first.
    assert kernels[0].environ()["PATH"].startswith(str(Path(sys.executable).parent) + os.pathsep)

    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=30)
    assert process.returncode == 0
    assert stderr == ""
    assert psutil.wait_procs(kernels, timeout=10)[1] == []


def test_where_the_port_is_taken_it_is_the_next_one(serve):
    port = free_port()
    with socket.socket() as taken:
        taken.bind(("localhost", port))
        taken.listen()
        _, address = serve("--port", str(port))
    assert port < int(re.search(r":(\d+)/", address)[1]) <= port + 5
    assert ask(address, "/api/contents")["content"]


def test_a_token_of_the_user_is_kept(serve, monkeypatch):
    monkeypatch.setenv("JUPYTER_TOKEN", "mine")
    _, address = serve("--port", str(free_port()))
    assert address.endswith("?token=mine")


@pytest.mark.parametrize("open_browser", [True, False])
def test_whether_a_browser_opens_is_said_to_the_server(open_browser):
    arguments = lab._arguments(Path("course"), "secret", open_browser, port=None)
    assert f"--ServerApp.open_browser={open_browser}" in arguments
    assert not any(argument.startswith("--ServerApp.port=") for argument in arguments)
