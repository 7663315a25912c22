//! Two editors and an administrator, and what they do with drafts.

use std::fs;

use eider::account::Role;
use serde_json::{Value, json};

use super::{Chat, Colleague, Response, TestApp, article, get, until};

/// The article that the tests edit.
pub(crate) const STORAGE: &str = "drugs/testamab/storage.md";

/// Returns that article in other words.
pub(crate) fn storage(words: &str) -> String {
    let keys = "drug: testamab\ntopic: storage";
    article("Storage of testamab", keys, &format!("Keep testamab {words}."))
}

/// A site with two editors and an administrator.
pub(crate) struct Office {
    pub(crate) app: TestApp,
    pub(crate) li: Colleague,
    pub(crate) ana: Colleague,
}

impl Office {
    pub(crate) async fn open() -> Self {
        Self::over(TestApp::start().await).await
    }

    pub(crate) async fn over(app: TestApp) -> Self {
        let li = Colleague::new(&app, "li", &[Role::Editor]).await;
        let ana = Colleague::new(&app, "ana", &[Role::Editor, Role::Administrator]).await;
        Self { app, li, ana }
    }

    pub(crate) fn on_disk(&self, path: &str) -> String {
        fs::read_to_string(self.app.site.knowledge().join(path)).unwrap_or_default()
    }

    pub(crate) async fn version(&self, path: &str) -> String {
        let view = self.li.get(&format!("/v1/edit/article?path={path}")).await.json();
        view["version"].as_str().unwrap_or_default().to_owned()
    }

    /// Begins a draft; returns it.
    pub(crate) async fn draft(&self, by: &Colleague, path: &str, text: &str) -> Value {
        let base = self.version(path).await;
        let body = json!({ "path": path, "base": base, "text": text, "note": "Say it better" });
        let begun = by.post("/v1/edit/drafts", &body).await;
        assert_eq!(begun.status, 200, "{}", begun.text());
        begun.json()["draft"].clone()
    }

    pub(crate) async fn step(
        &self,
        by: &Colleague,
        draft: &Value,
        step: &str,
        more: Value,
    ) -> Response {
        let mut body = json!({ "revision": draft["revision"] });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let id = draft["id"].as_str().unwrap();
        by.post(&format!("/v1/edit/drafts/{id}/{step}"), &body).await
    }

    pub(crate) async fn approved(&self, path: &str, text: &str) -> Value {
        let draft = self.draft(&self.li, path, text).await;
        let submitted = self.step(&self.li, &draft, "submit", json!({})).await;
        assert_eq!(submitted.status, 200, "{}", submitted.text());
        let approved = self.step(&self.ana, &draft, "approve", json!({})).await;
        assert_eq!(approved.status, 200, "{}", approved.text());
        draft
    }

    /// Waits for what is under way; returns what came of it.
    pub(crate) async fn ended(&self) -> Value {
        let mut ended = Value::Null;
        until("the work ends", async || {
            let publication = self.li.get("/v1/edit/publication").await.json();
            ended = publication["job"]["ended"].clone();
            !ended.is_null()
        })
        .await;
        ended
    }

    pub(crate) async fn serves(&self, generation: u64) {
        until("the generation is served", async || {
            get(self.app.address, "/readyz").await.json()["generation"] == generation
        })
        .await;
    }
}

/// Asks about that article; returns what is quoted first.
pub(crate) async fn quoted(chat: &mut Chat, cid: &str) -> String {
    let (_, events) = chat.ask(cid, "how do I store testamab?").await;
    events[1]["body"]["quotes"][0]["text"].as_str().unwrap_or_default().to_owned()
}
