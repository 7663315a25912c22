"""What the evaluations on public question sets share."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def options(doc):
    """Returns a parser with the options common to all evaluations."""
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("--eider", default=str(ROOT / "target" / "release" / "eider"))
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "eval")
    return parser


def can_score(chosen):
    """Returns whether there is something to score, and says so if there is not."""
    if not chosen.data.is_dir():
        print(f"NOT SCORED: no evaluation sets at {chosen.data} (see docs/evaluation.md)")
        return False
    if not Path(chosen.eider).exists():
        sys.exit(f"no {chosen.eider}: run `cargo build --release`, or name the binary with --eider")
    return True


def environment(work):
    """Returns the environment in which eider uses the knowledge folder and index in `work`."""
    return dict(os.environ, EIDER_KNOWLEDGE=str(work / "knowledge"), EIDER_INDEX=str(work / "index"))


def build_index(eider, work):
    """Indexes the knowledge folder in `work`; returns the environment to ask it with."""
    env = environment(work)
    subprocess.run([eider, "index", "--force"], env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return env
