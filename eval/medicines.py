"""Names of medicines for the evaluations, from ../shared/data/eval/drug_names.

The product knows the medicines of its own knowledge base only. The public question sets ask about
any medicine of the market, so the evaluations add a lexicon of them, by the means that editors
have: a drug.toml with the proper name, brands and aliases.
"""

import gzip
import json
import re

from common import ROOT

# Words of a label that people leave out.
SALTS = set(
    "hydrochloride sulfate sodium potassium calcium tartrate maleate acetate phosphate mesylate "
    "besylate fumarate citrate succinate bitartrate bromide chloride nitrate hydrobromide "
    "dihydrate monohydrate trihydrate disodium magnesium medoxomil axetil tromethamine "
    "dimesylate propionate furoate valerate dipropionate tosylate malate pamoate lactate "
    "gluconate anhydrous hemihydrate hcl oxalate camsylate napsylate enanthate decanoate cypionate "
    "palmitate pivalate benzoate dihydrochloride diphosphate isethionate hydrate tetrahydrate "
    "meglumine polistirex alfa recombinant trisodium methylbromide diacetate acetonide".split()
)
ROUTES = set(
    "injection ophthalmic topical oral nasal inhalation otic rectal vaginal transdermal buccal "
    "patch overview systemic intravenous subcutaneous intravitreal".split()
)
# Strengths, releases and packs that a brand is sold in.
PACKS = set(
    "xr er sr la cr xl cd odt hfa pm dm ds forte plus kit in and w preservative free plastic "
    "container intensol for children childrens".split()
)
# Medicines of more substances are multivitamins and infusions: their names say little.
MAX_INGREDIENTS = 3
# Shorter names say nothing.
MIN_LETTERS = 4
MAX_WORDS = 4


def words(text):
    """Returns the words of a text, in lower case."""
    return re.findall(r"[a-z0-9]+", text.lower())


def everyday():
    """Returns the words that our own lexicon sets aside, or knows as something else."""
    files = ("fillers.toml", "topics.toml")
    return set(words("".join((ROOT / "knowledge" / "lexicon" / name).read_text(encoding="utf-8") for name in files)))


def rows(data):
    """Yields the rows of Drugs@FDA."""
    with gzip.open(data / "drug_names" / "drugsfda_2019.jsonl.gz", "rt", encoding="utf-8") as packed:
        yield from map(json.loads, packed)


def foci(data):
    """Yields the names of MedlinePlus."""
    with open(data / "drug_names" / "medlineplus_drug_foci.jsonl", encoding="utf-8") as file:
        for row in map(json.loads, file):
            yield from [row["focus"], *row["synonyms"]]


def vocabulary(data):
    """Yields the vitamins, hormones and classes of medicines among the NCI's dictionary terms."""
    head = re.compile(
        r"(A|An|Any|The|One)\b[^.;:]{0,60}?\b(drugs?|medicines?|vitamin|vaccine|antibiotic|hormone|nutrient|mineral|substance once)\b"
    )
    other = re.compile(r"\b(study|studied|regimen|combination|cell|gene|type of cancer|procedure|disorder|record|trial|test)\b", re.I)
    with gzip.open(data / "lay_terms" / "nci_dictionary_of_cancer_terms.jsonl.gz", "rt", encoding="utf-8") as file:
        for row in map(json.loads, file):
            said = row["plain_alternative"][:100]
            # Abbreviations such as ALL and CAP are everyday words too.
            if head.match(said) and not other.search(said) and not row["term"].isupper():
                yield row["term"]


def substance(name):
    """Returns a name without salt and route."""
    found = words(name)
    if found and found[0] in SALTS:
        return " ".join(found)  # 'potassium chloride' is no salt of something else.
    return " ".join(word for word in found if word not in SALTS and word not in ROUTES) or name.lower()


def brand(name):
    """Returns a brand without strength, release and pack."""
    return " ".join(word for word in words(name) if word not in SALTS | ROUTES | PACKS and not word[0].isdigit())


def medicines(data):
    """Returns the names of each medicine, by its substances."""
    common = everyday()
    found = {}
    for row in rows(data):
        substances = tuple(sorted({substance(name) for name in row["ingredients"]}))
        if len(substances) <= MAX_INGREDIENTS:
            found.setdefault(substances, set()).update([substance(row["brand"]), brand(row["brand"])])
            for name in substances:
                found.setdefault((name,), set())
    telling = lambda name: is_telling(name, common) and len(name.split()) <= MAX_WORDS
    own = {substances: " and ".join(substances) for substances in found}
    return {own[key]: sorted(name for name in names if telling(name) and name != own[key]) for key, names in found.items()}


def is_telling(name, common):
    """Returns whether a name says more than everyday words do; a letter does: 'vitamin d'."""
    return len(name) >= MIN_LETTERS and any(len(word) == 1 or word not in common for word in name.split())


def write(medicines, folder):
    """Writes a drug.toml for each medicine: `folder`/<number>/drug.toml."""
    for number, (name, brands) in enumerate(medicines.items()):
        drug = folder / f"m{number:05}"
        drug.mkdir(parents=True)
        text = f'name = {json.dumps(name)}\nbrands = {json.dumps(brands)}\nclass = "name"\ncategory = "general"\n'
        (drug / "drug.toml").write_text(text, encoding="utf-8")
