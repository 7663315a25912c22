//! The second factor: enrolled, asked for, never taken twice; recovery; proving again before what
//! takes much out.

use eider::account::{Role, Secret};
use serde_json::{Value, json};

use crate::support::{Colleague, PASSWORD, Response, TestApp, call};

async fn sign_in(app: &TestApp, login: &str, code: Option<&str>) -> Response {
    let mut body = json!({ "login": login, "password": PASSWORD });
    if let Some(code) = code {
        body["code"] = json!(code);
    }
    let origin = format!("origin: http://{}\r\n", app.address);
    call(app.address, "POST", "/v1/login", &origin, Some(&body)).await
}

/// Enrols; returns the secret and the recovery codes.
async fn enrol(app: &TestApp, person: &Colleague) -> (Secret, Vec<String>) {
    let begun = person.post("/v1/me/second-factor", &json!({})).await;
    assert_eq!(begun.status, 200, "{}", begun.text());
    let secret = Secret::stored(begun.json()["secret"].as_str().unwrap()).unwrap();
    assert_eq!(begun.json()["uri"], secret.uri("li"));
    let rows = begun.json()["qr"].as_array().unwrap().clone();
    assert!(rows.len() > 20 && rows.iter().all(|row| row.as_str().unwrap().len() == rows.len()));
    let wrong = person.post("/v1/me/second-factor/confirm", &json!({ "code": "000000" })).await;
    assert_eq!((wrong.status, &wrong.json()["error"]), (401, &json!("bad_code")));
    let code = secret.code(app.app.desk.now());
    let confirmed = person.post("/v1/me/second-factor/confirm", &json!({ "code": code })).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text());
    let codes = confirmed.json()["recovery"].as_array().unwrap().clone();
    (secret, codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect())
}

#[tokio::test]
async fn a_code_is_asked_for_and_good_once() {
    let app = TestApp::start().await;
    let li = Colleague::new(&app, "li", &[Role::Consultant]).await;
    assert_eq!(sign_in(&app, "li", Some("123456")).await.status, 200, "without one it is ignored");
    assert_eq!(li.get("/v1/me/second-factor").await.json()["on"], false);
    let (secret, recovery) = enrol(&app, &li).await;
    let state = li.get("/v1/me/second-factor").await.json();
    assert_eq!((&state["on"], &state["recovery_left"]), (&json!(true), &json!(10)));
    let missing = sign_in(&app, "li", None).await;
    assert_eq!((missing.status, &missing.json()["error"]), (401, &json!("code_required")));
    assert!(missing.header("set-cookie").is_none());
    // The code that enrolled is used up; the next one is good once.
    let used = secret.code(app.app.desk.now());
    assert_eq!(sign_in(&app, "li", Some(&used)).await.json()["error"], "bad_code");
    app.later(30);
    let code = secret.code(app.app.desk.now());
    assert_eq!(sign_in(&app, "li", Some(&code)).await.status, 200);
    assert_eq!(sign_in(&app, "li", Some(&code)).await.status, 401);
    // A recovery code, however it is typed, is good once too.
    let typed = recovery[0].to_uppercase().replace('-', " ");
    assert_eq!(sign_in(&app, "li", Some(&typed)).await.status, 200);
    assert_eq!(sign_in(&app, "li", Some(&typed)).await.json()["error"], "bad_code");
    assert_eq!(li.get("/v1/me/second-factor").await.json()["recovery_left"], 9);
    // Neither secret nor codes are to be found in the audit log, or the codes on the disk.
    let audit = app.app.desk.store.audit_rows(i64::MAX, 100).await.unwrap();
    let actions: Vec<&str> = audit.iter().map(|row| row.action.as_str()).collect();
    assert!(actions.contains(&"second_factor_on") && actions.contains(&"recovery_code"));
    let library = app.stop().await;
    let plain = recovery[1].replace('-', "");
    assert!(crate::support::files_with(library.root(), plain.as_bytes()).is_empty());
}

#[tokio::test]
async fn guessing_codes_is_slow_also_for_whoever_has_the_password() {
    let app = TestApp::start().await;
    let li = Colleague::new(&app, "li", &[Role::Consultant]).await;
    let (secret, _) = enrol(&app, &li).await;
    app.later(60);
    let mut answers = Vec::new();
    for guess in 0..8 {
        sign_in(&app, "li", None).await;
        answers.push(sign_in(&app, "li", Some(&format!("{guess:06}"))).await.status);
    }
    assert!(answers.iter().filter(|status| **status == 401).count() <= 5, "{answers:?}");
    assert_eq!(answers.last(), Some(&429));
    let code = secret.code(app.app.desk.now());
    assert_eq!(sign_in(&app, "li", Some(&code)).await.status, 429, "it has to wait as well");
    app.stop().await;
}

#[tokio::test]
async fn what_takes_much_out_needs_a_fresh_proof() {
    let app = TestApp::start().await;
    let head = Colleague::new(&app, "li", &[Role::Administrator]).await;
    let wu = Colleague::new(&app, "wu", &[Role::Consultant]).await;
    assert_eq!(head.get("/v1/desk/export").await.status, 200, "signed in just now");
    assert_eq!(wu.get("/v1/desk/export").await.json()["error"], "forbidden");
    app.later(601);
    let export = async || {
        let answer = head.get("/v1/desk/export").await;
        (
            answer.status,
            if answer.status == 200 { Value::Null } else { answer.json()["error"].clone() },
        )
    };
    let look = async || {
        let other = head.get("/v1/desk/sessions/00000000000000000000000000000000?reason=x").await;
        other.json()["error"].clone()
    };
    assert_eq!(
        (export().await, look().await),
        ((403, json!("proof_required")), json!("proof_required"))
    );
    assert_eq!(
        head.post("/v1/me/second-factor", &json!({})).await.json()["error"],
        "proof_required"
    );
    let prove = async |proof: Value| head.post("/v1/me/prove", &proof).await.status;
    assert_eq!(prove(json!({ "password": "not the password" })).await, 401);
    assert_eq!(prove(json!({ "password": PASSWORD })).await, 204);
    assert_eq!((export().await.0, look().await), (200, json!("not_found")));
    // With a second factor the password is no proof.
    let (secret, _) = enrol(&app, &head).await;
    app.later(630);
    assert_eq!(prove(json!({ "password": PASSWORD })).await, 401);
    assert_eq!(export().await.0, 403);
    assert_eq!(prove(json!({ "code": secret.code(app.app.desk.now()) })).await, 204);
    assert_eq!(export().await.0, 200);
    let audit = app.app.desk.store.audit_rows(i64::MAX, 100).await.unwrap();
    assert_eq!(audit.iter().filter(|row| row.action == "export").count(), 3);
    // Taken away by oneself, or by the operator.
    assert_eq!(head.post("/v1/me/second-factor", &json!({})).await.json()["error"], "in_use");
    assert_eq!(head.post("/v1/me/second-factor/remove", &json!({})).await.status, 204);
    assert_eq!(sign_in(&app, "li", None).await.status, 200);
    app.stop().await;
}

#[tokio::test]
async fn where_it_is_required_nobody_sees_the_desk_without() {
    let app = TestApp::with(|config| config.second_factor_required = true).await;
    let li = Colleague::new(&app, "li", &[Role::Consultant]).await;
    assert_eq!(li.get("/v1/me").await.status, 200);
    for path in ["/v1/desk/sessions", "/v1/desk/forms", "/v1/desk/figures"] {
        assert_eq!(li.get(path).await.json()["error"], "second_factor_required", "{path}");
    }
    let ticket = li.post("/v1/desk/ticket", &json!({})).await;
    assert_eq!(ticket.json()["error"], "second_factor_required");
    enrol(&app, &li).await;
    assert_eq!(li.get("/v1/desk/figures").await.status, 200);
    li.on_duty().await;
    assert!(app.app.desk.store.drop_factor(&li.id, "operator", app.app.desk.now()).await.unwrap());
    assert_eq!(li.get("/v1/desk/figures").await.status, 403);
    app.stop().await;
}
