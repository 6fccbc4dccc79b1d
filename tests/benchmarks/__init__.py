"""How fast Heed is, as ratios to frozen floors: `python -m tests.benchmarks`. See docs/benchmarks.md."""
