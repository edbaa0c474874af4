"""JupyterLab on the course, opened at its start page."""

from __future__ import annotations

import os
import secrets
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from hepml_course import course

START_PAGE = "START.md"
_SETTINGS = Path(__file__).parent / "jupyter"  # the start page shown as a page, no news, no look-ups


def start(open_browser: bool | None = None, port: int | None = None) -> None:
    """Serve the course until Ctrl-C.

    Parameters
    ----------
    open_browser : bool, optional
        By default a browser opens where there is a screen to show it on.
    port : int, optional
        Port to serve at, 8888 by default. If it is taken, the next free one is used.

    Raises
    ------
    CourseError
        If there is no course here to serve.
    """
    root = course.root()
    if open_browser is None:
        open_browser = has_screen(sys.platform, os.environ)
    os.chdir(root)  # where the extensions of the server look for the course, too
    # Kernels come from this environment even if the user has a python3 kernel elsewhere.
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    # In a terminal of JupyterLab, `hepml` is this one.
    here = str(Path(sys.executable).parent)
    os.environ["PATH"] = os.pathsep.join(filter(None, [here, os.environ.get("PATH")]))
    folders = [str(_SETTINGS), os.environ.get("JUPYTER_CONFIG_PATH")]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, folders))

    from jupyterlab.labapp import LabApp

    # A token of our own, so that the address is shown once, by us, and not three times by the server.
    token = os.environ.get("JUPYTER_TOKEN") or secrets.token_hex(24)
    server = LabApp.initialize_server(argv=_arguments(root, token, open_browser, port))
    address = f"http://localhost:{server.port}{server.base_url}lab/tree/{quote(START_PAGE)}?token={token}"
    # One Ctrl-C ends server and kernels, without a question and also where there is no terminal.
    signal.signal(signal.SIGINT, lambda *_: server.stop(from_signal=True))
    message = f"The course is open at\n\n    {address}\n\nCtrl-C ends it."
    server.io_loop.add_callback(print, message, flush=True)  # when it listens
    server.start()


def has_screen(platform: str, environment: Mapping[str, str]) -> bool:
    """Whether a browser that opens here can be seen: never over SSH, on Linux only with a display."""
    if environment.get("BROWSER"):
        return True
    if "SSH_CONNECTION" in environment:
        return False
    if platform in ("darwin", "win32"):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def _arguments(root: Path, token: str, open_browser: bool, port: int | None) -> list[str]:
    arguments = [
        f"--ServerApp.root_dir={root}",
        f"--ServerApp.open_browser={open_browser}",
        f"--IdentityProvider.token={token}",
        f"--LabApp.default_url=/lab/tree/{START_PAGE}",
        "--KernelManager.transport_encryption=auto",  # else each kernel warns that it goes without
        "--LabApp.extension_manager=readonly",  # the other one asks a registry on every start
        "--Application.log_level=ERROR",
    ]
    if port is not None:
        arguments.append(f"--ServerApp.port={port}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--ServerApp.allow_root=True")  # in containers there is nobody else
    return arguments
