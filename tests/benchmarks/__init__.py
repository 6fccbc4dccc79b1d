"""How fast Heed is, as ratios to frozen floors: `python -m tests.benchmarks`. docs/benchmarks.md explains each."""
