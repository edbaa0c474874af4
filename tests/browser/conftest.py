"""JupyterLab as a newcomer gets it, in a headless Chromium."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Beside the clone's own files; nothing of it is needed to look at the course.
NOT_COPIED = (".git", ".venv", "production", "build", "dist", "__pycache__", ".*_cache", ".ipynb_checkpoints")


@pytest.fixture(scope="session")
def chromium():
    """The browser on this machine; without one the tests are skipped, except in CI."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        complain = pytest.fail if os.environ.get("CI") else pytest.skip
        complain(f"no Chromium on the PATH: none of {', '.join(CHROMIUM)}")
    return found


@pytest.fixture(scope="module")  # Playwright's event loop must be gone before other tests start theirs
def browser(chromium):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser, request, tmp_path):
    """A page of a laptop's size; what it looked like when a test failed is kept."""
    context = browser.new_context(viewport={"width": 1366, "height": 850})
    page = context.new_page()
    page.set_default_timeout(120_000)
    failed_before = request.session.testsfailed
    yield page
    if request.session.testsfailed > failed_before:
        page.screenshot(path=tmp_path / "failed.png")
        print(f"screenshot: {tmp_path / 'failed.png'}")
    context.close()


@pytest.fixture(scope="session")
def course_copy(tmp_path_factory):
    """A copy of the course, so that a browser that saves a notebook does not touch the clone."""
    here = Path(__file__).parents[2]
    copy = tmp_path_factory.mktemp("clone") / "course"
    shutil.copytree(here, copy, ignore=shutil.ignore_patterns(*NOT_COPIED))
    return copy


@pytest.fixture(scope="module")
def address(course_copy, tmp_path_factory):
    """What ``hepml lab`` prints when it serves the copy to somebody who has never used Jupyter."""
    home = tmp_path_factory.mktemp("home")
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("JUPYTER", "IPYTHON"))
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "hepml_course", "lab", "--no-browser"],
        cwd=course_copy,  # the package that lies there is the one that runs
        env={**environment, "HOME": str(home)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield _printed_address(server)
    finally:
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=30)


def _printed_address(server, seconds=120):
    begin = time.monotonic()
    for line in server.stdout:
        if "http" in line:
            return line.strip()
        if time.monotonic() - begin > seconds:
            break
    pytest.fail("hepml lab printed no address")
