"""The wheel: who installs the package without a clone has the datasets."""

import os
import shutil
import subprocess
import sys
import zipfile

import pytest

from hepml_course.course import root
from hepml_course.data import trained
from hepml_course.data.samples import FILES

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of this clone. Its build tool comes from the network; skipped where there is none."""
    uv = shutil.which("uv")
    if uv is None:
        pytest.skip("uv is not installed")
    folder = tmp_path_factory.mktemp("dist")
    command = [uv, "build", "--wheel", "--quiet", "--out-dir", folder, root()]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    if "Failed to fetch" in built.stderr or "error sending request" in built.stderr:
        pytest.skip("no network to fetch the build tool")
    assert built.returncode == 0, built.stderr
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_every_dataset_and_its_card(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    for name in [*FILES, *trained.files()]:
        card = name.rpartition(".")[0] + ".yml"
        assert {f"hepml_course/_datasets/{name}", f"hepml_course/_datasets/{card}"} <= names
    assert not [name for name in names if name.endswith(".part")]


def test_an_installed_wheel_loads_its_own_datasets(wheel, tmp_path):
    """Installed beside the dependencies of this environment, used from a folder that is no clone."""
    target = tmp_path / "site"
    install = ["uv", "pip", "install", "--quiet", "--offline", "--no-deps", "--target", target, wheel]
    subprocess.run([*install, "--python", sys.executable], check=True)
    code = (
        "from hepml_course import data; print(data.__file__);"
        "print(*(data.file(entry.file) for entry in data.catalogue()), sep='\\n');"
        "assert all(finding.ok for finding in data.verify()), data.verify();"
        "assert len(data.load('ztautau', columns=['vis_mass'])) == 8"
    )
    variables = {key: value for key, value in os.environ.items() if key != "HEPML_DATA"}
    run = [sys.executable, "-W", "error", "-c", code]
    shown = subprocess.run(
        run,
        cwd=tmp_path,
        env=variables | {"PYTHONPATH": str(target)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.returncode == 0, shown.stderr
    paths = shown.stdout.split()
    assert len(paths) == 1 + len(FILES)
    assert all(path.startswith(str(target / "hepml_course")) for path in paths)
