"""Companion package of the course on machine learning for high-energy physics."""

import os

__version__ = "0.1.0"

# TensorFlow talks on stderr while it is imported; a lesson must not show it. The variables only
# work when set before that import, and every lesson imports this package first.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("ABSL_MIN_LOG_LEVEL", "3")
