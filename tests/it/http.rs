//! HTTP: pages, the JSON API, and requests that are none.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use eider::config::Site;

use crate::support::{Library, PATIENCE, TestApp, exchange, get, post, request};

#[tokio::test]
async fn every_file_of_the_front_end_is_served_with_its_type() {
    let app = TestApp::start().await;
    let root = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src/web/static"));
    let mut served = 0;
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(root).unwrap().to_str().unwrap();
            let file = get(app.address, &format!("/assets/{name}")).await;
            assert_eq!(file.status, 200, "{name}");
            let written = std::fs::read(&path).unwrap();
            match path.extension().and_then(|extension| extension.to_str()) {
                // Scripts lose their comments, pages name this build.
                Some("js" | "html") => {
                    let written = String::from_utf8(written).unwrap();
                    assert_eq!(file.text().lines().count(), written.lines().count(), "{name}");
                }
                _ => assert_eq!(file.body, written, "{name}"),
            }
            let expected = match path.extension().and_then(|extension| extension.to_str()) {
                Some("html") => "text/html; charset=utf-8",
                Some("js") => "text/javascript; charset=utf-8",
                Some("css") => "text/css; charset=utf-8",
                Some("svg") => "image/svg+xml",
                Some("png") => "image/png",
                _ => "application/json",
            };
            assert_eq!(file.header("content-type"), Some(expected), "{name}");
            guarded(&file);
            let etag = format!("if-none-match: {}\r\n", file.header("etag").unwrap());
            let again = request(app.address, "GET", &format!("/assets/{name}"), &etag, b"").await;
            assert_eq!((again.status, again.body.len()), (304, 0), "{name}");
            served += 1;
        }
    }
    assert!(served > 5);
    let page = get(app.address, "/").await;
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    guarded(&page);
    app.stop().await;
}

fn guarded(response: &crate::support::Response) {
    let policy = response.header("content-security-policy").unwrap();
    for part in [
        "default-src 'none'",
        "script-src 'self'",
        "frame-ancestors 'self'",
        "require-trusted-types-for 'script'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(response.header("referrer-policy"), Some("no-referrer"));
}

#[tokio::test]
async fn only_a_registered_site_may_frame_the_chat() {
    let site = |id: &str| Site { id: id.into(), origins: vec![format!("https://{id}.example")] };
    let sites = vec![site("tern"), site("plover")];
    let app = TestApp::over(Library::sample(), |config| config.sites = sites).await;
    for (query, allowed) in [
        ("?site=tern&lang=zh", "frame-ancestors 'self' https://tern.example;"),
        ("?site=gull", "frame-ancestors 'self' ;"),
        ("", "frame-ancestors 'self' ;"),
    ] {
        let chat = get(app.address, &format!("/chat{query}")).await;
        assert_eq!(chat.status, 200, "{query}");
        let policy = chat.header("content-security-policy").unwrap();
        assert!(policy.contains(allowed), "{query}: {policy}");
        assert_eq!(chat.text().contains("https://tern.example"), query.contains("tern"), "{query}");
        guarded(&chat);
    }
    let loader = get(app.address, "/widget.js").await;
    assert_eq!(loader.header("content-type"), Some("text/javascript; charset=utf-8"));
    assert_eq!(loader.header("cross-origin-resource-policy"), Some("cross-origin"));
    assert!(!loader.text().contains("\nimport "), "one classic script");
    app.stop().await;
}

#[tokio::test]
async fn nothing_outside_the_front_end_is_served() {
    let app = TestApp::start().await;
    for path in [
        "/nothing",
        "/v1",
        "/v1/nothing",
        "/assets/",
        "/assets/nothing.js",
        "/assets/../api.rs",
        "/assets/%2e%2e/api.rs",
        "/assets/..%2fapi.rs",
        "/assets//etc/passwd",
        "/assets/%2fetc%2fpasswd",
        "/assets/demo/%00",
        "/v1/knowledge/nothing",
        "/v1/knowledge/../../Cargo",
        "/v1/knowledge/%2e%2e",
    ] {
        let response = get(app.address, path).await;
        assert_eq!(response.status, 404, "{path}: {}", response.text());
        guarded(&response);
    }
    for (method, path) in
        [("GET", "/v1/sessions"), ("GET", "/v1/ask"), ("POST", "/"), ("DELETE", "/v1/knowledge")]
    {
        let response = request(app.address, method, path, "", b"").await;
        assert_eq!(response.status, 405, "{method} {path}");
        guarded(&response);
    }
    app.stop().await;
}

#[tokio::test]
async fn what_is_not_there_is_said_in_words() {
    let app = TestApp::start().await;
    let refused = get(app.address, "/v1/search").await;
    assert_eq!((refused.status, &refused.json()["error"]), (400, &json!("bad_frame")));
    let page = request(app.address, "GET", "/nope", "accept: text/html,*/*\r\n", b"").await;
    assert_eq!(page.status, 404);
    assert!(page.text().contains("This page does not exist."), "{}", page.text());
    guarded(&page);
    app.stop().await;
}

#[tokio::test]
async fn bodies_that_are_none_are_refused_in_json() {
    let app = TestApp::start().await;
    let json_type = "content-type: application/json\r\n";
    let nested = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    let deep = format!("{{\"text\":{nested},\"consent\":{nested}}}");
    for path in ["/v1/sessions", "/v1/ask"] {
        for (headers, body, status) in [
            (json_type, &b"{"[..], 400),
            (json_type, b"", 400),
            (json_type, b"\xff\xfe", 400),
            (json_type, b"[]", 422),
            (json_type, b"{\"text\": 1, \"consent\": 1}", 422),
            (json_type, deep.as_bytes(), 400),
            ("", b"{}", 415),
            ("content-type: text/plain\r\n", b"{}", 415),
            (json_type, &vec![b' '; 64 * 1024 + 1], 413),
        ] {
            let response = request(app.address, "POST", path, headers, body).await;
            let shown = String::from_utf8_lossy(&body[..body.len().min(40)]);
            // Nested lists are no text, whichever of the two is noticed first.
            let same =
                response.status == status || body == deep.as_bytes() && response.status == 422;
            assert!(same, "{path} {shown}: {}", response.status);
            assert_eq!(response.json()["error"], "bad_frame", "{path} {shown}");
            guarded(&response);
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn a_question_needs_no_session() {
    let app = TestApp::start().await;
    let answer = post(app.address, "/v1/ask", &json!({ "text": "how do I store testamab?" })).await;
    assert_eq!((answer.status, &answer.json()["kind"]), (200, &json!("answer")));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let zh =
        post(app.address, "/v1/ask", &json!({ "text": "保存", "drug": "testamab", "lang": "zh" }))
            .await;
    assert_eq!((&zh.json()["lang"], &zh.json()["drugs"]), (&json!("zh"), &json!(["testamab"])));
    for (body, status) in [
        (json!({ "text": "x".repeat(4001) }), 400),
        (json!({ "text": "x".repeat(4000) }), 200),
        (json!({ "text": "" }), 200),
        (json!({ "text": "(".repeat(4000) }), 200),
        (json!({ "text": "store", "drug": "no such drug", "lang": "tlh", "region": "\u{0}" }), 200),
    ] {
        assert_eq!(post(app.address, "/v1/ask", &body).await.status, status, "{body}");
    }
    app.stop().await;
}

#[tokio::test]
async fn passages_can_be_searched() {
    let app = TestApp::start().await;
    let found = get(app.address, "/v1/search?q=refrigerator").await.json();
    assert_eq!(found["generation"], 1);
    assert_eq!(found["results"][0]["article"], "drugs/testamab/storage");
    let few = get(app.address, "/v1/search?q=testamab&k=1").await.json();
    assert_eq!(few["results"].as_array().unwrap().len(), 1);
    let other = get(app.address, "/v1/search?q=storage&drug=placebonib").await.json();
    assert_eq!(other["results"][0]["article"], "drugs/placebonib/storage");
    for (path, status) in [
        ("/v1/search", 400),
        ("/v1/search?q=testamab&k=-1", 400),
        ("/v1/search?q=testamab&k=x", 400),
        ("/v1/search?q=testamab&k=0", 200),
        ("/v1/search?q=testamab&k=99999999", 200),
        ("/v1/search?q=", 200),
        ("/v1/search?q=%ff%fe", 200),
        ("/v1/search?q=((((:^~*", 200),
        ("/v1/search?q=x&drug=none", 200),
        (&format!("/v1/search?q={}", "a+b+".repeat(2000)), 200),
    ] {
        let response = get(app.address, path).await;
        let shown = &path[..path.len().min(60)];
        assert!(
            response.status == status || path.contains("%ff") && response.status == 400,
            "{shown}: {}",
            response.status
        );
        guarded(&response);
    }
    app.stop().await;
}

#[tokio::test]
async fn the_knowledge_base_can_be_read() {
    let app = TestApp::start().await;
    app.site.write(
        "drugs/testamab/draft.md",
        crate::support::article("A draft", "drug: testamab\nstatus: draft", "Not yet true."),
    );
    app.site.publish().unwrap();
    let app = {
        let library = app.stop().await;
        TestApp::over(library, |_| {}).await
    };
    let all = get(app.address, "/v1/knowledge").await.json();
    assert_eq!(all["drugs"].as_array().unwrap().len(), 2);
    assert_eq!(all["articles"].as_array().unwrap().len(), 4, "drafts are not shown");
    let one = get(app.address, "/v1/knowledge/drugs/testamab/storage").await.json();
    assert_eq!(
        (&one["title"], &one["passages"][1]["heading"]),
        (&json!("Storage of testamab"), &json!(["Travel"]))
    );
    assert_eq!(get(app.address, "/v1/knowledge/drugs/testamab/draft").await.status, 404);
    app.stop().await;
}

#[tokio::test]
async fn readiness_and_metrics_tell_the_truth() {
    let app = TestApp::start().await;
    assert_eq!(get(app.address, "/healthz").await.text(), "ok\n");
    let ready = get(app.address, "/readyz").await;
    let mut told = ready.json();
    let manifest = told["manifest"].take();
    assert!(manifest.as_str().is_some_and(|hash| hash.starts_with("sha256:")), "{manifest}");
    let expected = json!({
        "ready": true, "store": true, "generation": 1, "manifest": null, "bus": "none",
    });
    assert_eq!((ready.status, told), (200, expected));
    let visitor = app.visitor().await;
    let mut chat = visitor.join().await;
    chat.ask("c", "store testamab").await;
    chat.request(json!({ "t": "send", "cid": "c", "text": "store testamab" })).await;
    chat.request(json!({ "t": "send", "cid": "d", "text": "" })).await;
    let metrics = get(app.address, "/metrics").await.text();
    for line in [
        "eider_sockets 1",
        "eider_sessions_total 1",
        "eider_messages_accepted_total 1",
        "eider_messages_duplicate_total 1",
        "eider_messages_rejected_total 1",
        "eider_generation 1.0",
        "eider_accept_seconds_count 1",
    ] {
        assert!(metrics.lines().any(|known| known == line), "{line} in {metrics}");
    }
    app.stop().await;
}

#[tokio::test]
async fn without_a_generation_messages_are_kept_and_answered_in_few_words() {
    let app = TestApp::over(Library::sample(), |_| {}).await;
    let ready = get(app.address, "/readyz").await;
    assert_eq!((ready.status, &ready.json()["ready"]), (503, &json!(false)));
    for path in ["/v1/search?q=x", "/v1/knowledge", "/v1/knowledge/drugs/testamab/storage"] {
        assert_eq!(get(app.address, path).await.status, 503, "{path}");
    }
    let visitor = app.visitor().await;
    let mut chat = visitor.join().await;
    let (seq, [_, answer]) = chat.ask("c", "store testamab").await;
    assert_eq!((seq, &answer["body"]["kind"]), (1, &json!("not_found")));
    assert!(!answer["body"]["text"].as_str().unwrap().is_empty());
    assert!(
        !answer["body"]["disclaimers"].as_array().unwrap().is_empty(),
        "the emergency line is there"
    );
    assert_eq!(chat.request(json!({ "t": "handoff", "cid": "h" })).await["t"], "accepted");
    app.stop().await;
}

#[tokio::test]
async fn a_slow_head_is_cut_off() {
    let app = TestApp::start().await;
    let begun = Instant::now();
    let mut dribbled = TcpStream::connect(app.address).await.unwrap();
    let mut idle = TcpStream::connect(app.address).await.unwrap();
    let dribble = async {
        for byte in "GET / HTTP/1.1\r\nhost: slow and slower and slower and slower".bytes().cycle()
        {
            if dribbled.write_all(&[byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    let idling = async {
        let mut rest = Vec::new();
        let _ = tokio::time::timeout(PATIENCE, idle.read_to_end(&mut rest)).await.expect("closed");
    };
    tokio::join!(dribble, idling);
    assert!(begun.elapsed() < Duration::from_secs(20), "after {:?}", begun.elapsed());
    app.stop().await;
}

#[tokio::test]
async fn heads_that_are_none_are_refused() {
    let app = TestApp::start().await;
    let many = "x-some: y\r\n".repeat(65);
    let large = format!("x-large: {}\r\n", "y".repeat(17 * 1024));
    for (head, statuses) in [
        (format!("GET / HTTP/1.1\r\nhost: a\r\n{many}\r\n"), &[431][..]),
        (format!("GET / HTTP/1.1\r\nhost: a\r\n{large}\r\n"), &[431]),
        ("GET / HTTP/9\r\n\r\n".to_owned(), &[400, 505]),
        ("\u{0}\u{1}\r\n\r\n".to_owned(), &[400]),
    ] {
        let response = exchange(app.address, head.as_bytes()).await;
        assert!(
            statuses.contains(&response.status),
            "{}: {}",
            response.status,
            &head[..20.min(head.len())]
        );
    }
    // Not a handshake, or one of another protocol.
    assert_eq!(get(app.address, "/v1/chat").await.status, 400);
    app.stop().await;
}
