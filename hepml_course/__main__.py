"""``python -m hepml_course`` is ``hepml``."""

from hepml_course.cli import main

main()
