"""Track finding on the pixel plane: baselines, the limit, and networks."""
