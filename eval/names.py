#!/usr/bin/env python3
"""Scores how well the names of medicines are recognised in consumers' questions.

Builds a knowledge folder whose only medicines are the names of ../shared/data/eval/drug_names and
the medicines of ../shared/data/eval/lay_terms, among everyday prose, asks the questions of
medicationqa_dev with `eider ask --batch`, and compares the names recognised with the annotated
focus. A misspelt name counts as recognised when Eider asks back for it. Exact: the same words, but
for a plural; partial: a word in common. Micro-averaged. Standard library only.

    eval/names.py [--eider target/release/eider] [--data ../shared/data/eval] [--misses]
"""

import json
import re
import shutil
import subprocess
import tempfile
import tomllib
from pathlib import Path

import medicines
from common import ROOT, build_index, can_score, options
from medicines import words
from retrieval import article, lines

# Forms that the annotation counts to the name, said after it.
SPOKEN_FORMS = {"ointment", "cream", "injection", "eye drops", "drops", "patch", "rinse", "vaccine", "gel", "shot", "inhaler", "spray"}
# A name that begins with a shorter word says nothing.
MIN_FIRST = 3
# Our topics that answer a question of each type of MedicationQA. Types that no topic of ours is for
# (alternatives, comparison, pronunciation, how long something lasts) are not scored.
TOPICS = {
    "Information": ["overview", "indications"],
    "Dose": ["administration", "dose-adjustment"],
    "Dose/Potency": ["administration", "overview"],
    "Usage": ["administration"],
    "Usage/time": ["administration"],
    "Usage/duration": ["administration"],
    "Side effects": ["side-effects", "precautions"],
    "Interaction": ["interactions"],
    "Ingredient": ["overview"],
    "Indication": ["indications"],
    "Action": ["overview"],
    "Action/time": ["overview"],
    "Stopping/tapering": ["dose-adjustment"],
    "Overdose": ["overdose"],
    "Appearance": ["overview"],
    "Contraindication": ["contraindications", "precautions"],
    "Storage and disposal": ["storage"],
    "Availability": ["status", "purchase"],
}
# Passages that make the scratch knowledge base know the words of everyday English.
PROSE = "medquad"


# The question back for a misspelt name, as our own policy words it.
with open(ROOT / "knowledge" / "policy" / "replies.toml", "rb") as replies:
    DID_YOU_MEAN = tomllib.load(replies)["did_you_mean"]["text"]["en"]


def lexicon(data):
    """Returns all names of medicines, as people write them."""
    names = set(medicines.foci(data)) | set(medicines.vocabulary(data))
    for row in medicines.rows(data):
        names.update([row["brand"], medicines.brand(row["brand"]), *row["ingredients"]])
    # An 'anticholinergic agent' is an anticholinergic.
    names.update([name.removesuffix(" agent") for name in names])
    # 'Shingles (Zoster) Vaccine' is also written without the word in brackets.
    names.update([re.sub(r"\([^)]*\)", " ", name) for name in names])
    common = medicines.everyday()
    found = set()
    for name in names:
        found_words = words(name)
        without_route = [word for word in found_words if word not in medicines.ROUTES]
        for variant in (found_words, without_route, words(medicines.substance(name))):
            name = " ".join(variant)
            telling = bool(variant) and variant[0].isalpha() and len(variant[0]) >= MIN_FIRST
            if telling and medicines.is_telling(name, common) and len(variant) <= 5:
                found.add(name)
    return sorted(found)


def build(eider, names, data, work):
    drugs = work / "knowledge" / "drugs"
    for number, name in enumerate(names):
        folder = drugs / f"n{number:05}"
        folder.mkdir(parents=True)
        (folder / "drug.toml").write_text(f"name = \"n{number:05}\"\nbrands = [{json.dumps(name)}]\nclass = \"name\"\ncategory = \"general\"\n", encoding="utf-8")
    for part in ("policy", "lexicon"):
        shutil.copytree(ROOT / "knowledge" / part, work / "knowledge" / part)
    # The names that we do not cover are covered here.
    (work / "knowledge" / "lexicon" / "confusable.toml").unlink()
    (work / "knowledge" / "policy" / "conflicts.toml").unlink(missing_ok=True)
    general = work / "knowledge" / "general"
    general.mkdir()
    for passage in lines(data / PROSE, "corpus.jsonl"):
        (general / f"{passage['id']}.md").write_text(article(passage, "en"), encoding="utf-8")
    return build_index(eider, work)


def parts_of(name):
    """Returns the names in a list of names: 'acetaminophen and codeine' is two."""
    return re.split(r"[;,+/]| and ", name, flags=re.I)


def foci(question):
    """Returns the annotated names; an annotation may list several."""
    parts = [part for focus in question["focus"] for part in parts_of(focus)]
    return sorted({" ".join(words(part)) for part in parts if words(part)})


def recognised(question, answer, names):
    """Returns the names in the question that an answer is about, or a name it asks back for."""
    text = f" {' '.join(words(question['text']))} "
    found = set()
    for drug in answer["drugs"]:
        name = names[int(drug[1:])]
        for written in (name, f"{name}s"):
            if f" {written} " in text:
                forms = [form for form in SPOKEN_FORMS if f" {written} {form} " in text]
                found.add(f"{written} {forms[0]}" if forms else written)
    if not found and answer["ask"] and answer["ask"]["text"] == DID_YOU_MEAN:
        # The label is the number with the name in brackets.
        found.add(" ".join(words(answer["ask"]["options"][0]["label"])[1:]))
    found = {part.strip() for name in found for part in parts_of(name)}
    # A name inside a longer one that was recognised too is not another name.
    return sorted(name for name in found if not any(f" {name} " in f" {other} " for other in found - {name}))


def f1(pairs, same):
    """Returns precision, recall and F1 over all names."""
    right = sum(any(same(name, focus) for focus in gold) for gold, found in pairs for name in found)
    met = sum(any(same(name, focus) for name in found) for gold, found in pairs for focus in gold)
    precision = right / max(1, sum(len(found) for _, found in pairs))
    recall = met / max(1, sum(len(gold) for gold, _ in pairs))
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def topic_accuracy(questions, answers):
    """Returns how many questions of a known type there are, and of how many a fitting topic was
    recognised, any topic, and a fitting one before all others."""
    scored = [(q, [topic for kind in q["type"] for topic in TOPICS.get(kind, [])]) for q in questions]
    scored = [(answers[q["id"]]["topics"], fitting) for q, fitting in scored if fitting]
    right = sum(any(topic in fitting for topic in named) for named, fitting in scored)
    first = sum(named[0] in fitting for named, fitting in scored if named)
    return len(scored), right, sum(bool(named) for named, _ in scored), first


def main():
    parser = options(__doc__)
    parser.add_argument("--misses", action="store_true", help="print the questions that were not exact")
    chosen = parser.parse_args()
    if not can_score(chosen):
        return
    names = lexicon(chosen.data)
    questions = [json.loads(line) for line in open(chosen.data / "medicationqa_dev" / "queries.jsonl", encoding="utf-8")]
    with tempfile.TemporaryDirectory() as scratch:
        env = build(chosen.eider, names, chosen.data, Path(scratch))
        batch = Path(scratch) / "questions.jsonl"
        batch.write_text("".join(json.dumps({"id": q["id"], "text": q["text"]}) + "\n" for q in questions), encoding="utf-8")
        output = subprocess.run([chosen.eider, "ask", "--batch", str(batch)], env=env, check=True, capture_output=True, text=True).stdout
    answers = {answer["id"]: answer for answer in map(json.loads, output.splitlines())}
    pairs = [(foci(q), recognised(q, answers[q["id"]], names)) for q in questions]
    print(f"{len(names)} names, {len(questions)} questions")
    exact = f1(pairs, lambda a, b: a.removesuffix("s") == b.removesuffix("s"))
    partial = f1(pairs, lambda a, b: bool(set(a.split()) & set(b.split())))
    for label, score, record, aim in (("exact", exact, 0.74, 0.80), ("partial", partial, 0.90, 0.92)):
        print(f"{label:8} P {score[0]:.3f}  R {score[1]:.3f}  F1 {score[2]:.3f}    published {record:.2f}    aim {aim:.2f}")
    whole = sum(all(any(set(gold.split()) & set(name.split()) for name in found) for gold in gold_names) for gold_names, found in pairs)
    print(f"all annotated names of a question met, in part at least: {whole} of {len(pairs)} ({whole / len(pairs):.3f})")
    asked, right, some, first = topic_accuracy(questions, answers)
    print(f"topics: {asked} questions; a fitting topic in {right} ({right / asked:.3f}), first in {first}; any topic in {some}")
    if chosen.misses:
        for q in questions:
            fitting = [topic for kind in q["type"] for topic in TOPICS.get(kind, [])]
            if fitting and not any(topic in fitting for topic in answers[q["id"]]["topics"]):
                print(f"topic {q['type']} {answers[q['id']]['topics']}: {q['text'][:80]!r}")
        for q, (gold, found) in zip(questions, pairs):
            if gold != found:
                print(f"{q['text'][:70]!r}: {gold} / {found}")


if __name__ == "__main__":
    main()
