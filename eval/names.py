#!/usr/bin/env python3
"""Scores how well the names of medicines are recognised in consumers' questions.

Builds a knowledge folder whose only medicines are the names of ../shared/data/eval/drug_names, asks
the questions of medicationqa_dev with `eider ask --batch`, and compares the names recognised with
the annotated focus. A misspelt name counts as recognised when Eider asks back for it. Exact: the
same words; partial: a word in common. Micro-averaged. Standard library only.

    eval/names.py [--eider target/release/eider] [--data ../shared/data/eval] [--misses]
"""

import gzip
import json
import re
import shutil
import subprocess
import tempfile
import tomllib
from pathlib import Path

from common import ROOT, build_index, can_score, options

# Words of a label that people leave out.
SALTS = set(
    "hydrochloride sulfate sodium potassium calcium tartrate maleate acetate phosphate mesylate "
    "besylate fumarate citrate succinate bitartrate bromide chloride nitrate hydrobromide "
    "dihydrate monohydrate trihydrate disodium magnesium medoxomil axetil tromethamine".split()
)
ROUTES = set(
    "injection ophthalmic topical oral nasal inhalation otic rectal vaginal transdermal buccal "
    "patch overview systemic intravenous subcutaneous intravitreal".split()
)
# Forms that people say together with a name.
FORMS = {"OINTMENT": "ointment", "CREAM": "cream", "SOLUTION/DROPS": "eye drops", "INJECTABLE": "injection", "PATCH": "patch", "FILM, EXTENDED RELEASE": "patch"}
# Shorter names, and names that begin with an everyday word, say nothing.
MIN_LETTERS = 4
MIN_FIRST = 3


# The question back for a misspelt name, as our own policy words it.
with open(ROOT / "knowledge" / "policy" / "replies.toml", "rb") as replies:
    DID_YOU_MEAN = tomllib.load(replies)["did_you_mean"]["text"]["en"]


def words(text):
    return re.findall(r"[a-z0-9]+", text.lower())


def everyday():
    """Returns the words that our own lexicon sets aside, or knows as something else."""
    lexicon = "".join((ROOT / "knowledge" / "lexicon" / name).read_text(encoding="utf-8") for name in ("fillers.toml", "topics.toml"))
    return set(words(lexicon))


def lexicon(data):
    """Returns all names of medicines, as people write them."""
    names = set()
    for line in open(data / "drug_names" / "medlineplus_drug_foci.jsonl", encoding="utf-8"):
        row = json.loads(line)
        names.update([row["focus"], *row["synonyms"]])
    with gzip.open(data / "drug_names" / "drugsfda_2019.jsonl.gz", "rt", encoding="utf-8") as rows:
        for line in rows:
            row = json.loads(line)
            names.update([row["brand"], *row["ingredients"]])
            for form in row["forms"]:
                spoken = FORMS.get(form)
                if spoken and len(row["ingredients"]) == 1:
                    base = [word for word in words(row["ingredients"][0]) if word not in SALTS]
                    names.update([f"{row['ingredients'][0]} {spoken}", " ".join([*base, spoken])])
    # 'Shingles (Zoster) Vaccine' is also written without the word in brackets.
    names.update([re.sub(r"\([^)]*\)", " ", name) for name in names])
    common = everyday()
    found = set()
    for name in names:
        found_words = words(name)
        without_route = [word for word in found_words if word not in ROUTES]
        base = [word for word in without_route if word not in SALTS]
        for variant in (found_words, without_route, base):
            name = " ".join(variant)
            telling = bool(variant) and variant[0].isalpha() and len(variant[0]) >= MIN_FIRST
            telling = telling and variant[0] not in common
            if len(name) >= MIN_LETTERS and telling and len(variant) <= 5:
                found.add(name)
    return sorted(found)


def build(eider, names, work):
    drugs = work / "knowledge" / "drugs"
    for number, name in enumerate(names):
        folder = drugs / f"n{number:05}"
        folder.mkdir(parents=True)
        (folder / "drug.toml").write_text(f"name = {json.dumps(name)}\nclass = \"name\"\ncategory = \"general\"\n", encoding="utf-8")
    for part in ("policy", "lexicon"):
        shutil.copytree(ROOT / "knowledge" / part, work / "knowledge" / part)
    # The names that we do not cover are covered here.
    (work / "knowledge" / "lexicon" / "confusable.toml").unlink()
    (work / "knowledge" / "policy" / "conflicts.toml").unlink(missing_ok=True)
    return build_index(eider, work)


def foci(question):
    """Returns the annotated names; an annotation may list several."""
    parts = [part for focus in question["focus"] for part in re.split(r"[;,+/]| and ", focus)]
    return sorted({" ".join(words(part)) for part in parts if words(part)})


def recognised(question, answer, names):
    """Returns the names in the question that an answer is about, or a name it asks back for."""
    text = f" {' '.join(words(question['text']))} "
    found = set()
    for drug in answer["drugs"]:
        name = names[int(drug[1:])]
        # The first word of a longer name is recognised as the name.
        for written in (name, name.split()[0]):
            if f" {written} " in text:
                found.add(written)
                break
    if not found and answer["ask"] and answer["ask"]["text"] == DID_YOU_MEAN:
        found.add(" ".join(words(answer["ask"]["options"][0]["label"])))
    # A name inside a longer one that was recognised too is not another name.
    return sorted(name for name in found if not any(f" {name} " in f" {other} " for other in found - {name}))


def f1(pairs, same):
    """Returns precision, recall and F1 over all names."""
    right = sum(any(same(name, focus) for focus in gold) for gold, found in pairs for name in found)
    met = sum(any(same(name, focus) for name in found) for gold, found in pairs for focus in gold)
    precision = right / max(1, sum(len(found) for _, found in pairs))
    recall = met / max(1, sum(len(gold) for gold, _ in pairs))
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def main():
    parser = options(__doc__)
    parser.add_argument("--misses", action="store_true", help="print the questions that were not exact")
    chosen = parser.parse_args()
    if not can_score(chosen):
        return
    names = lexicon(chosen.data)
    questions = [json.loads(line) for line in open(chosen.data / "medicationqa_dev" / "queries.jsonl", encoding="utf-8")]
    with tempfile.TemporaryDirectory() as scratch:
        env = build(chosen.eider, names, Path(scratch))
        batch = Path(scratch) / "questions.jsonl"
        batch.write_text("".join(json.dumps({"id": q["id"], "text": q["text"]}) + "\n" for q in questions), encoding="utf-8")
        output = subprocess.run([chosen.eider, "ask", "--batch", str(batch)], env=env, check=True, capture_output=True, text=True).stdout
    answers = {answer["id"]: answer for answer in map(json.loads, output.splitlines())}
    pairs = [(foci(q), recognised(q, answers[q["id"]], names)) for q in questions]
    print(f"{len(names)} names, {len(questions)} questions")
    exact = f1(pairs, lambda a, b: a == b)
    partial = f1(pairs, lambda a, b: bool(set(a.split()) & set(b.split())))
    for label, score, record, aim in (("exact", exact, 0.74, 0.80), ("partial", partial, 0.90, 0.92)):
        print(f"{label:8} P {score[0]:.3f}  R {score[1]:.3f}  F1 {score[2]:.3f}    published {record:.2f}    aim {aim:.2f}")
    if chosen.misses:
        for q, (gold, found) in zip(questions, pairs):
            if gold != found:
                print(f"{q['text'][:70]!r}: {gold} / {found}")


if __name__ == "__main__":
    main()
