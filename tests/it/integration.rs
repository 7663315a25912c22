//! The API for other systems: tokens, scopes, what is shown, and that its document is true.

use eider::account::Role;
use serde_json::{Value, json};

use crate::desk::{claim, queue};
use crate::support::{Colleague, Response, TestApp, get, request};

async fn call(app: &TestApp, token: &str, method: &str, path: &str, body: &str) -> Response {
    let headers = format!("authorization: Bearer {token}\r\ncontent-type: application/json\r\n");
    request(app.address, method, path, &headers, body.as_bytes()).await
}

#[tokio::test]
async fn sessions_and_forms_are_read_by_scope_and_each_view_is_remembered() {
    let app = TestApp::start().await;
    let li = Colleague::new(&app, "li", &[Role::Consultant]).await;
    let mut desk = li.on_duty().await;
    let visitor = app.visitor().await;
    let mut chat = visitor.join().await;
    chat.ask("c", "store testamab").await;
    let form = json!({
        "t": "form", "cid": "f", "consent": { "version": "1", "lang": "en" }, "name": "A",
        "contact": "a@example.org",
    });
    chat.request(form).await;
    let alone = app.visitor().await;
    alone.join().await.ask("c", "store testamab").await;
    let waiting = queue(&mut chat, &mut desk, &visitor).await;
    claim(&mut desk, &visitor, &waiting).await;
    let note =
        json!({ "t": "note", "cid": "n", "session": visitor.session, "text": "canary-note" });
    assert_eq!(desk.request(note).await["t"], "done");
    let (store, now) = (&app.app.desk.store, app.app.desk.now());
    let (id, reads) =
        store.add_token("crm", &["sessions:read", "forms:read"], None, now).await.unwrap();
    let writes =
        store.add_token("erp", &["forms:write"], Some(now.plus_seconds(60)), now).await.unwrap().1;
    assert!(reads.starts_with("eider_") && reads.len() == 70);

    let list = call(&app, &reads, "GET", "/v1/api/sessions?reason=asked", "").await;
    assert_eq!(list.status, 200, "{}", list.text());
    let sessions = list.json()["sessions"].as_array().unwrap().clone();
    assert_eq!((sessions.len(), &sessions[0]["session"]), (1, &json!(visitor.session)));
    assert_eq!(
        (&sessions[0]["state"], &sessions[0]["assignee"]["name"]),
        (&json!("claimed"), &json!("Dr li"))
    );
    let path = format!("/v1/api/sessions/{}", visitor.session);
    let whole = call(&app, &reads, "GET", &path, "").await;
    assert_eq!(whole.json()["events"][0]["body"]["text"], "store testamab");
    assert_eq!(whole.json()["forms"][0]["contact"], "a@example.org");
    assert!(!whole.text().contains("canary-note"), "notes stay inside");
    for missing in [alone.session.as_str(), "nothing"] {
        let path = format!("/v1/api/sessions/{missing}");
        assert_eq!(call(&app, &reads, "GET", &path, "").await.status, 404, "never handed over");
    }
    let forms = call(&app, &reads, "GET", "/v1/api/forms?state=new", "").await.json();
    let form = format!("/v1/api/forms/{}", forms["forms"][0]["id"].as_str().unwrap());
    let done = r#"{"state":"done"}"#;
    assert_eq!(call(&app, &reads, "POST", &form, done).await.json()["error"], "forbidden");
    assert_eq!(call(&app, &writes, "POST", &form, r#"{"state":"lost"}"#).await.status, 400);
    assert_eq!(call(&app, &writes, "POST", &form, done).await.status, 204);
    assert_eq!(call(&app, &writes, "POST", "/v1/api/forms/none", done).await.status, 404);
    assert_eq!(call(&app, &writes, "GET", "/v1/api/forms", "").await.status, 403);
    assert_eq!(
        call(&app, &reads, "GET", "/v1/api/forms?state=new", "").await.json()["forms"],
        json!([])
    );

    // Cookies, wrong, over and revoked tokens open nothing; the answer is the same.
    let cookie = format!("cookie: {}\r\n", li.cookie);
    let mut refused = vec![request(app.address, "GET", "/v1/api/sessions", &cookie, b"").await];
    for wrong in ["", "eider_", &reads[..69], &format!("{reads}0"), &visitor.token] {
        refused.push(call(&app, wrong, "GET", "/v1/api/sessions", "").await);
    }
    app.later(61);
    refused.push(call(&app, &writes, "POST", &form, done).await);
    assert!(store.revoke_token(&id, app.app.desk.now()).await.unwrap());
    assert!(!store.revoke_token(&id, app.app.desk.now()).await.unwrap());
    refused.push(call(&app, &reads, "GET", "/v1/api/sessions", "").await);
    for refused in &refused {
        assert_eq!((refused.status, refused.text()), (401, refused_text(&refused.json())));
    }
    let audit = store.audit_rows(i64::MAX, 100).await.unwrap();
    let by_token = |actor: &str, action: &str| {
        audit.iter().filter(|row| row.actor == actor && row.action == action).count()
    };
    assert_eq!((by_token("token:crm", "view"), by_token("token:erp", "form")), (4, 1));
    let tokens = store.tokens().await.unwrap();
    assert!(tokens.iter().all(|token| token.used.is_some()));
    let library = app.stop().await;
    assert!(crate::support::files_with(library.root(), reads.as_bytes()).is_empty(), "hashed");
}

fn refused_text(body: &Value) -> String {
    assert_eq!(body["error"], "unauthorized");
    json!({ "error": "unauthorized", "message": "the token is missing, wrong, revoked or over" })
        .to_string()
}

/// Every path and method of the document is served, and what is answered has the fields that it
/// promises. That every route is in a document is checked by tests/tidy.rs.
#[tokio::test]
async fn the_document_tells_what_is_there() {
    let app = TestApp::start().await;
    let now = app.app.desk.now();
    let scopes = ["sessions:read", "forms:read", "forms:write"];
    let token = app.app.desk.store.add_token("test", &scopes, None, now).await.unwrap().1;
    let document = get(app.address, "/openapi.json").await;
    assert_eq!(document.header("content-type"), Some("application/json"));
    let document = document.json();
    let mut count = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            count += 1;
            let path = match path.as_str() {
                "/v1/search" => "/v1/search?q=store".to_owned(),
                "/v1/knowledge/{article}" => "/v1/knowledge/drugs/testamab/storage".to_owned(),
                other => other.replace("{id}", "nothing"),
            };
            let body =
                if method == "post" { r#"{"text":"x","state":"done","site":"x"}"# } else { "" };
            let answer = call(&app, &token, &method.to_uppercase(), &path, body).await;
            let told = &operation["responses"][answer.status.to_string()];
            assert!(
                told.is_object(),
                "{method} {path} answers {}: {}",
                answer.status,
                answer.text()
            );
            if answer.status == 404 {
                assert!(path.contains("nothing"), "{path} is not served");
            }
            let mut schema = &told["content"]["application/json"]["schema"];
            if let Some(name) = schema["$ref"].as_str() {
                schema = &document["components"]["schemas"][name.rsplit('/').next().unwrap()];
            }
            for field in schema["required"].as_array().into_iter().flatten() {
                let field = field.as_str().unwrap();
                assert!(answer.json().get(field).is_some(), "{method} {path} has no {field}");
            }
        }
    }
    assert!(count >= 14, "{count}");
    for (pointer, known) in [
        (
            "/components/schemas/Outcome/enum",
            eider::session::Outcome::ALL.map(eider::session::Outcome::name).to_vec(),
        ),
        ("/paths/~1v1~1api~1forms/get/parameters/0/schema/enum", vec!["new", "done"]),
    ] {
        assert_eq!(document.pointer(pointer), Some(&json!(known)));
    }
    app.stop().await;
}
