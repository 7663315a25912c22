#!/usr/bin/env python3
"""Scores retrieval on the public question sets in ../shared/data/eval.

Turns each corpus into a knowledge folder (one general article per passage), builds an index with
`eider index`, runs `eider search --batch --by article --k 100`, and prints nDCG@10, MRR@10 and
R@100 beside the baselines. Standard library only. Metrics as trec_eval: linear gains, questions
without a relevant passage left out, a question without results scores 0.
The names of medicines come from ../shared/data/eval/drug_names, as drugs without articles.

    eval/retrieval.py [--eider target/release/eider] [--data ../shared/data/eval] [SET ...]
"""

import gzip
import json
import math
import shutil
import subprocess
import tempfile
from pathlib import Path

import medicines
from common import ROOT, build_index, can_score, environment, options

# Name: question folder, corpora, language, best lexical baseline, target.
SETS = {
    "medicationqa_dev": (["medicationqa_dev", "medquad"], "en", (0.628, 0.594, 0.805), 0.68),
    "mediqa_qa_dev": (["mediqa_qa_dev"], "en", (0.549, 0.740, 0.973), 0.60),
    "zh_dev": (["zh_dev"], "zh", (0.255, 0.229, 0.555), 0.29),
}


def lines(folder, name):
    """Yields the JSON objects of `name` or `name`.gz in `folder`."""
    plain, packed = folder / name, folder / (name + ".gz")
    opened = gzip.open(packed, "rt", encoding="utf-8") if packed.exists() else open(plain, encoding="utf-8")
    with opened as file:
        for line in file:
            if line.strip():
                yield json.loads(line)


def article(passage, lang):
    """Returns a passage as an article; no line of it may look like a heading or a fence."""
    title = json.dumps(" ".join(passage["title"].split()) or passage["id"], ensure_ascii=False)
    body = "\n".join(
        " " + line if line.startswith("#") else line.replace("```", "'''")
        for line in passage["text"].splitlines()
    )
    return (
        f"---\ntitle: {title}\nlang: {lang}\nsource: evaluation set\npublished: 2020-01-01\n"
        f"reviewed: 2020-01-01\naudience: public\nstatus: published\nrank: article\n---\n{body}\n"
    )


def build(eider, data, corpora, lang, work, with_names):
    """Writes the knowledge folder and builds its index; returns the environment to ask it with."""
    if with_names:
        medicines.write(medicines.medicines(data), work / "knowledge" / "drugs")
    general = work / "knowledge" / "general"
    general.mkdir(parents=True)
    shutil.copytree(ROOT / "knowledge" / "lexicon", work / "knowledge" / "lexicon")
    for corpus in corpora:
        for passage in lines(data / corpus, "corpus.jsonl"):
            if passage["text"].strip():
                (general / f"{passage['id']}.md").write_text(article(passage, lang), encoding="utf-8")
    return build_index(eider, work)


def ask(eider, queries, env):
    """Returns the ranked article ids of each question."""
    command = [eider, "search", "--batch", str(queries), "--by", "article", "--k", "100"]
    output = subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout
    run = {}
    for line in output.splitlines():
        question, _, name, *_ = line.split()
        run.setdefault(question, []).append(name.removeprefix("general/"))
    return run


def judgements(file):
    """Returns the grades of each question's passages."""
    grades = {}
    with open(file, encoding="utf-8") as rows:
        next(rows)
        for row in rows:
            question, passage, grade = row.split()
            grades.setdefault(question, {})[passage] = int(grade)
    return {question: g for question, g in grades.items() if any(grade > 0 for grade in g.values())}


def score(run, grades):
    """Returns mean nDCG@10, MRR@10 and R@100."""
    totals = [0.0, 0.0, 0.0]
    for question, graded in grades.items():
        found = run.get(question, [])
        gains = [max(graded.get(name, 0), 0) for name in found]
        best = sorted((grade for grade in graded.values() if grade > 0), reverse=True)
        dcg = sum(gain / math.log2(at + 2) for at, gain in enumerate(gains[:10]))
        ideal = sum(gain / math.log2(at + 2) for at, gain in enumerate(best[:10]))
        first = next((at + 1 for at, gain in enumerate(gains[:10]) if gain > 0), None)
        totals[0] += dcg / ideal
        totals[1] += 1 / first if first else 0.0
        totals[2] += sum(gain > 0 for gain in gains[:100]) / len(best)
    return [total / len(grades) for total in totals]


def main():
    parser = options(__doc__)
    parser.add_argument("--keep", type=Path, help="keep knowledge folders and indexes here, and use what is there")
    parser.add_argument("--without-names", action="store_true", help="leave the lexicon of medicines out")
    parser.add_argument("sets", nargs="*", help="sets to score: " + ", ".join(SETS))
    chosen = parser.parse_args()
    if not can_score(chosen):
        return
    print(f"{'set':18} {'questions':>9}   nDCG@10  MRR@10   R@100    baseline nDCG, MRR, R    aim")
    for name in chosen.sets or SETS:
        corpora, lang, baseline, aim = SETS[name]
        with tempfile.TemporaryDirectory() as scratch:
            work = chosen.keep / name if chosen.keep else Path(scratch)
            if chosen.keep and (work / "knowledge").exists():
                env = environment(work)
            else:
                env = build(chosen.eider, chosen.data, corpora, lang, work, not chosen.without_names)
            grades = judgements(chosen.data / name / "qrels.tsv")
            ndcg, mrr, recall = score(ask(chosen.eider, chosen.data / name / "queries.jsonl", env), grades)
        against = ", ".join(f"{value:.3f}" for value in baseline)
        print(f"{name:18} {len(grades):9}   {ndcg:.3f}    {mrr:.3f}    {recall:.3f}    {against}      {aim:.2f}", flush=True)


if __name__ == "__main__":
    main()
