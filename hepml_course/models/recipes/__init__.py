"""One module for each trained model that the course ships; it holds a `hepml_course.models.Recipe`.

The module defines ``RECIPE`` and is entered in ``RECIPES`` in ``hepml_course/data/trained.py``. It also
defines or imports the layers of its network that are not Keras' own, each registered by
``@keras.saving.register_keras_serializable(package="hepml_course")``: loading the model imports the module
first, and reads the file in safe mode.
"""
