"""Checks of lesson 13: counting weights, sizes, convolution, pooling, a whole layer, occlusion, mirrors.

Images have the shape (rows, columns) or (rows, columns, channels), kernels (rows, columns, channels,
filters).
No image and, where it can be avoided, no kernel of a check is square, so that swapped axes show.
"""

# The order in which the exercise asks for them; importing a module registers its tasks.
from hepml_course.checks.convolutions import counting, images, layer, occlusion, mirror  # isort: skip

__all__ = ["counting", "images", "layer", "mirror", "occlusion"]
