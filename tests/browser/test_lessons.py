"""A newcomer opens the course, runs a lesson and moves what there is to move."""

import pytest
import student

from hepml_course import course

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LESSONS = course.lessons()


def test_the_start_page_is_shown_as_a_page(page, address):
    student.open_start_page(page, address)
    for lesson in LESSONS:
        link = page.get_by_role("link", name=lesson.title, exact=True)
        row = page.locator(".jp-MarkdownViewer tr", has=link)
        assert f"{lesson.minutes}\N{NO-BREAK SPACE}min" in row.inner_text()
    assert page.locator(".jp-FileEditor").count() == 0
    assert page.get_by_text("Would you like to").count() == 0  # no news, no questions


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_a_lesson_runs_and_its_slider_moves(lesson, page, address, course_copy):
    student.open_start_page(page, address)
    student.follow(page, lesson.title)
    student.run_all(page)

    notebook = student.save_when_run(page, course_copy / "notebooks" / lesson.notebook.name)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    errors = [output for cell in code for output in cell.outputs if output.output_type == "error"]
    assert errors == []

    slider = student.scroll_to(page, ".noUi-handle")
    place = slider.bounding_box()["x"]  # the value read aloud is rounded to one digit
    before, after = student.move(page, slider)
    assert before  # there is a picture or a text to change
    assert after != before
    assert slider.bounding_box()["x"] > place
    student.shut_down(page)
