"""JupyterLab through the eyes and hands of a student."""

import time

import nbformat

PATIENCE = 300.0  # seconds: three times what a lesson with training may take, for a machine with other work


def open_start_page(page, address):
    """Follow the address that the terminal shows, and wait until the start page is drawn.

    JupyterLab brings back what was open in it before; a newcomer has nothing of the kind.
    """
    page.goto(f"{address}&reset")
    page.locator(".jp-MarkdownViewer h1").wait_for()


def follow(page, title):
    """Click a lesson's title on the start page; its notebook opens beside it, with a kernel."""
    page.locator(".jp-MarkdownViewer td a", has_text=title).first.click()
    page.locator(".jp-Notebook .jp-Cell").first.wait_for()
    _wait_for_kernel(page, "Idle")


def run_all(page):
    """Run every cell and wait for the last one."""
    choose(page, "Run", "Run All Cells")
    _wait_for_kernel(page, "Busy")
    _wait_for_kernel(page, "Idle", settled=3.0)


def save(page, path):
    """Save the notebook and read it from the disk."""
    before = path.stat().st_mtime_ns
    choose(page, "File", "Save Notebook")
    end = time.monotonic() + PATIENCE
    while path.stat().st_mtime_ns == before:
        assert time.monotonic() < end, f"{path.name} was not saved"
        page.wait_for_timeout(100)
    page.wait_for_timeout(500)
    return nbformat.read(path, as_version=4)


def save_when_run(page, path):
    """Save as soon as every cell has run, or one has failed, and read the notebook from the disk.

    On a busy machine the kernel can look idle for seconds while cells still wait for it.
    """
    end = time.monotonic() + PATIENCE
    while True:
        notebook = save(page, path)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        failed = any(output.output_type == "error" for cell in code for output in cell.outputs)
        if failed or all(cell.execution_count for cell in code) or time.monotonic() > end:
            return notebook
        _wait_for_kernel(page, "Idle", settled=3.0)


def shut_down(page):
    """End the kernel, as one would before the next lesson."""
    choose(page, "Kernel", "Shut Down Kernel")


def choose(page, menu, entry):
    """Choose from a menu by the words in it."""
    page.locator(".lm-MenuBar-itemLabel", has_text=menu).first.click()
    page.get_by_role("menuitem", name=entry).first.click()


def scroll_to(page, selector):
    """Scroll the notebook down to the first such thing; JupyterLab draws only what is in sight."""
    page.keyboard.press("Escape")
    page.locator(".jp-Notebook").first.hover()
    page.mouse.wheel(0, -100_000)
    found = page.locator(f".jp-Notebook {selector}").first
    for _ in range(200):
        page.wait_for_timeout(150)
        if found.is_visible():
            found.scroll_into_view_if_needed()
            return found
        page.mouse.wheel(0, 500)
    raise AssertionError(f"no {selector} anywhere in the notebook")


def shown_around(thing):
    """Pictures and text in the outputs of the cell that holds this thing, without the thing itself."""
    cell = thing.locator("xpath=ancestor::*[contains(@class, 'jp-Cell-outputWrapper')][1]")
    return cell.evaluate(
        "cell => [...cell.querySelectorAll('img, pre')].map(one => one.src ?? one.innerText)",
    )


def move(page, slider, seconds=PATIENCE):
    """Press the arrow key on a slider; what was shown around it before, and what once it has changed."""
    before = shown_around(slider)
    slider.focus()
    slider.press("ArrowRight")
    end = time.monotonic() + seconds
    while (after := shown_around(slider)) == before and time.monotonic() < end:
        page.wait_for_timeout(200)
    return before, after


def _wait_for_kernel(page, state, settled=0.0, seconds=PATIENCE):
    """Wait until the status bar has shown this state for a while: between two cells it flickers."""
    status = page.locator("#jp-main-statusbar", has_text=f"| {state}")
    end = time.monotonic() + seconds
    since = None
    while time.monotonic() < end:
        page.wait_for_timeout(100)
        since = (since or time.monotonic()) if status.count() else None
        if since and time.monotonic() - since >= settled:
            return
    raise AssertionError(f"the kernel was not {state} within {seconds:.0f} s")
