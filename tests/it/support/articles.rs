//! A small knowledge folder of invented medicines, so that no test depends on the product's.

use std::fs;
use std::path::{Path, PathBuf};

use eider::alarm::Watch;
use eider::engine::Engine;
use eider::knowledge::{Knowledge, Problem};
use eider::library;
use eider::publish::{Published, Shelf};
use eider::search::Index;
use eider::time::Timestamp;
use tempfile::TempDir;

/// 22 November 2026, noon.
pub(crate) fn noon() -> Timestamp {
    Timestamp::from_micros(1_795_348_800_000_000)
}

/// Returns the product's own knowledge base, ready to answer, with its index in `folder`.
pub(crate) fn product(folder: &Path) -> Engine {
    let (files, _) =
        library::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("knowledge")).unwrap();
    let (knowledge, _) = Knowledge::parse(&files);
    let (watch, _) = Watch::new(&files, &knowledge);
    Index::build(folder, &knowledge, |_| {}).unwrap();
    Engine::open(1, knowledge, watch, folder).unwrap()
}

/// A knowledge folder with an index folder beside it.
pub(crate) struct Library {
    root: TempDir,
}

impl Library {
    /// Writes two invented medicines and what else a knowledge base needs.
    pub(crate) fn sample() -> Self {
        let library = Self::empty();
        library.write("policy/replies.toml", REPLIES);
        library.write("policy/disclaimers.toml", DISCLAIMERS);
        library.write("lexicon/topics.toml", TOPICS);
        library.add_emergency_policy();
        library.write("drugs/testamab/drug.toml", drug("testamab", "Exampla"));
        library.write("drugs/placebonib/drug.toml", drug("placebonib", "Nullira"));
        library.write(
            "drugs/testamab/storage.md",
            article(
                "Storage of testamab",
                "drug: testamab\ntopic: storage",
                "Keep testamab in a refrigerator at 2–8 °C.\n\n## Travel\n\nCarry testamab in a cool bag.",
            ),
        );
        library.write(
            "drugs/testamab/side-effects.md",
            article(
                "Side effects of testamab",
                "drug: testamab\ntopic: side-effects",
                "Testamab may cause green ears.\n\n## Common\n\nCommon effects are:\n\n- humming\n- whistling",
            ),
        );
        library.write(
            "drugs/placebonib/storage.md",
            article(
                "Storage of placebonib",
                "drug: placebonib\ntopic: storage",
                "Placebonib tablets are kept at room temperature, 冷藏 is not needed.",
            ),
        );
        library.write(
            "services/remote.md",
            article("Remote consultation", "topic: remote", "A specialist's opinion from afar."),
        );
        library
    }

    /// Copies the product's emergency policy: without one nothing is published.
    fn add_emergency_policy(&self) {
        let product = Path::new(env!("CARGO_MANIFEST_DIR")).join("knowledge/policy");
        let (files, _) = library::read(&product).unwrap();
        for file in files {
            if file.path.starts_with("red-flags") || file.path.starts_with("emergency-") {
                self.write(&format!("policy/{}", file.path), file.text);
            }
        }
    }

    /// Makes an empty knowledge folder.
    pub(crate) fn empty() -> Self {
        let library = Self { root: tempfile::tempdir().unwrap() };
        fs::create_dir(library.knowledge()).unwrap();
        library
    }

    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    pub(crate) fn knowledge(&self) -> PathBuf {
        self.root().join("knowledge")
    }

    pub(crate) fn index(&self) -> PathBuf {
        self.root().join("index")
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.root().join("data")
    }

    pub(crate) fn shelf(&self) -> Shelf {
        Shelf::new(self.index())
    }

    /// Writes a file of the knowledge base.
    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.knowledge().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.knowledge().join(path)).unwrap();
    }

    /// Publishes the folder as it is.
    pub(crate) fn publish(&self) -> Result<Published, eider::publish::Error> {
        self.shelf().publish(&self.knowledge(), false, noon(), |_| {})
    }

    /// Returns every problem of the folder, as `eider check` lists them.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let (files, mut problems) = library::read(&self.knowledge()).unwrap();
        problems.extend(Knowledge::parse(&files).1);
        problems
    }
}

/// Returns an article with valid front matter; `keys` are added to it.
pub(crate) fn article(title: &str, keys: &str, body: &str) -> String {
    format!(
        "---\ntitle: {title}\n{keys}\nsource: Test leaflet\npublished: 2026-01-02\nreviewed: 2026-03-04\n---\n{body}\n"
    )
}

fn drug(name: &str, brand: &str) -> String {
    format!(
        "name = \"{name}\"\nbrands = [\"{brand}\"]\nclass = \"invented\"\ncategory = \"general\"\n"
    )
}

const REPLIES: &str = r#"
[greeting]
phrases.en = ["hello"]
text.en = "Hello from the tests."
text.zh = "测试问候。"
[not_found]
text.en = "Nothing found."
text.zh = "没有找到。"
[which_drug]
text.en = "Which medicine?"
text.zh = "哪种药？"
[not_covered]
text.en = "Not covered."
text.zh = "不在范围。"
[person_unavailable]
text.en = "Nobody is here."
text.zh = "没有人。"
[too_long]
text.en = "Too long."
text.zh = "太长。"
[failed]
text.en = "Failed."
text.zh = "失败。"
[empty]
text.en = "Empty."
text.zh = "空。"
"#;

const DISCLAIMERS: &str = r#"
[[disclaimer]]
id = "emergency"
text.en = "Emergency: call the test number."
text.zh = "紧急：请拨打测试号码。"
"#;

const TOPICS: &str = r#"
[overview]
label.en = "About"
label.zh = "概况"
clinical = true
[storage]
label.en = "Storage"
label.zh = "储存"
phrases.en = ["store", "keep", "refrigerator"]
phrases.zh = ["保存"]
clinical = true
[side-effects]
label.en = "Side effects"
label.zh = "副作用"
phrases.en = ["side effect", "adverse reaction"]
phrases.zh = ["不良反应"]
clinical = true
[remote]
label.en = "Remote consultation"
label.zh = "远程会诊"
phrases.en = ["specialist's opinion"]
service = true
"#;
