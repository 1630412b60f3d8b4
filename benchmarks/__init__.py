"""Benchmarks: our product and a stock Rasa project, measured side by side as ratios. Nothing imports this package."""
