"""One benchmark on one database: the scene, Django in it, the module, its lines."""

import argparse
import importlib
import json
import os
import signal
import sys
from dataclasses import asdict
from pathlib import Path

import django
from django.core.management import call_command

from tests.benchmarks.comparing import table
from tests.benchmarks.listed import BENCHMARKS
from tests.benchmarks.scene import scene


def main() -> None:
    """Called by `python -m tests.benchmarks`."""
    made = argparse.ArgumentParser()
    made.add_argument("name")
    made.add_argument("database")
    made.add_argument("lines", type=Path)
    made.add_argument("--rounds", type=int, required=True)
    made.add_argument("--quick", action="store_true")
    asked = made.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    [benchmark] = [each for each in BENCHMARKS if each.name == asked.name]
    with scene(benchmark, asked.database, quick=asked.quick, rounds=asked.rounds) as found:
        os.environ.update(found.environment | {"LOG_LEVEL": "WARNING"})
        django.setup()
        call_command("migrate", verbosity=0)
        module = importlib.import_module(f"tests.benchmarks.{benchmark.name}")
        lines = module.run(found)
    sys.stdout.write(f"{table(lines)}\n")
    asked.lines.write_text(json.dumps([asdict(line) for line in lines]))


if __name__ == "__main__":
    main()
