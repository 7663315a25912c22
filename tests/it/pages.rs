//! The public reading pages: what is shown, what is not any more, and that nothing in an article or
//! a search becomes markup.

use crate::support::{Library, Response, TestApp, article, get, request};

async fn page(app: &TestApp, path: &str, status: u16) -> String {
    let response = get(app.address, &format!("/knowledge/{path}")).await;
    assert_eq!(response.status, status, "{path}: {}", response.text());
    assert_eq!(response.header("content-type"), Some("text/html; charset=utf-8"), "{path}");
    response.text()
}

/// The sample with a drug that has everything, in both languages.
fn library() -> Library {
    let library = Library::sample();
    let drug = "name = \"tamanol\"\nbrands = [\"Tamaris\"]\nnames.zh = [\"他马诺\"]\nclass = \"invented\"\ncategory = \"antiviral\"\nnew = true\nboxed_warning = [\"harm to the liver\"]\n";
    library.write("drugs/tamanol/drug.toml", drug);
    let body = "Kept cold.\n\n## How to keep it\n\nIn the **dark**, <b onclick=x>not</b> in [light](javascript:alert(1)).\n\n### On a journey\n\nIn a bag.";
    let keys = "drug: tamanol\ntopic: storage\nmarkets: [US]\nsource_url: https://label.example/tamanol\nrelated: [drugs/tamanol/storage-of-others, drugs/tamanol/draft]";
    library.write("drugs/tamanol/storage.md", article("Storage of tamanol", keys, body));
    let keys = "drug: tamanol\ntopic: storage\nlang: zh";
    library.write(
        "drugs/tamanol/storage.zh.md",
        article("他马诺的储存", keys, "冷藏保存。\n\n## 如何保存\n\n避光。"),
    );
    let keys = "drug: tamanol\ntopic: storage";
    library.write(
        "drugs/tamanol/storage-of-others.md",
        article("Another page on storage", keys, "Somewhere cool."),
    );
    for status in ["draft", "withdrawn"] {
        let keys = format!("drug: tamanol\ntopic: storage\nstatus: {status}");
        let text = article(&format!("A {status} page"), &keys, "Nobody may read the zebra.");
        library.write(&format!("drugs/tamanol/{status}.md"), text);
    }
    let keys = "drug: tamanol\ntopic: side-effects\nreview_by: 2026-04-01";
    library.write(
        "drugs/tamanol/side-effects.md",
        article("Side effects of tamanol", keys, "Old words."),
    );
    library.publish().unwrap();
    library
}

fn assert_holds(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "{part} is missing in:\n{page}");
    }
}

#[tokio::test]
async fn an_article_shows_passages_under_their_anchors_and_where_they_come_from() {
    let app = TestApp::over(library(), |_| {}).await;
    let shown = page(&app, "drugs/tamanol/storage", 200).await;
    assert_holds(
        &shown,
        &[
            "<title>Storage of tamanol · Medicine information</title>",
            "<section class=\"passage\" id=\"introduction\">",
            "<section class=\"passage\" id=\"how-to-keep-it\"><h2>How to keep it",
            "<section class=\"passage\" id=\"on-a-journey\"><h3>On a journey",
            "In the <strong>dark</strong>, &lt;b onclick=x&gt;not&lt;/b&gt; in light.",
            "harm to the liver",
            "href=\"https://label.example/tamanol\"",
            "4 March 2026",
            "<dd>US</dd>",
            "rel=\"canonical\" href=\"/knowledge/drugs/tamanol/storage\"",
            "hreflang=\"zh-Hans\" href=\"/knowledge/drugs/tamanol/storage.zh\"",
            "Another page on storage",
            "Emergency: call the test number.",
        ],
    );
    assert_holds(
        &shown,
        &["<script src=\"/widget.js\" data-lang=\"en\" data-drug=\"tamanol\" async=\"\"></script>"],
    );
    assert_eq!(shown.matches("<script").count(), 1, "{shown}");
    let medicine = page(&app, "drugs/tamanol/", 200).await;
    let opening = "<div lang=\"en\"><p>Old words.</p>";
    let (opens, topics) = (medicine.find(opening), medicine.find("id=\"_topics\""));
    assert!(opens.is_some() && opens < topics, "what its first article begins with:\n{medicine}");
    for ban in ["<b ", "javascript:", "A draft page", "style=", "onclick=\""] {
        assert!(!shown.contains(ban), "{ban} in:\n{shown}");
    }
    let chinese = page(&app, "drugs/tamanol/storage.zh", 200).await;
    assert_holds(
        &chinese,
        &["<html lang=\"zh-Hans\">", "冷藏保存。", "与来源核对", "2026年3月4日"],
    );
    let other = page(&app, "drugs/tamanol/storage?lang=zh", 200).await;
    assert_holds(&other, &["<html lang=\"zh-Hans\">", "以下为英文原文", "<h1 lang=\"en\">"]);
    let old = page(&app, "drugs/tamanol/side-effects", 200).await;
    assert_holds(&old, &["past its review date", "1 April 2026"]);
    app.stop().await;
}

#[tokio::test]
async fn what_is_not_published_is_not_shown_anywhere() {
    let app = TestApp::over(library(), |_| {}).await;
    let absent = [
        ("drugs/tamanol/draft", 404),
        ("drugs/tamanol/withdrawn", 410),
        ("drugs/tamanol/nothing", 404),
        ("drugs/nothing/", 404),
        ("category/nothing/", 404),
        ("drugs/..%2f..%2fpolicy/replies.toml", 404),
        ("%00", 404),
    ];
    for (path, status) in absent {
        let shown = page(&app, path, status).await;
        assert!(!shown.contains("zebra"), "{path}");
        assert_holds(&shown, &["noindex", "/knowledge/"]);
    }
    for path in
        ["", "drugs/tamanol/", "drugs/tamanol/storage", "search?q=zebra", "category/antiviral/"]
    {
        let shown = page(&app, path, 200).await;
        for ban in ["A draft page", "A withdrawn page", "Nobody may read"] {
            assert!(!shown.contains(ban), "{ban} on {path}");
        }
    }
    // An article that is taken back is gone with the publication that says so.
    let site = app.stop().await;
    let keys = "drug: tamanol\ntopic: storage\nstatus: withdrawn";
    site.write("drugs/tamanol/storage.md", article("Storage of tamanol", keys, "Kept cold."));
    site.publish().unwrap();
    let app = TestApp::over(site, |_| {}).await;
    page(&app, "drugs/tamanol/storage", 410).await;
    app.stop().await;
}

#[tokio::test]
async fn lists_lead_to_every_article_in_the_readers_language() {
    let app = TestApp::over(library(), |_| {}).await;
    let home = page(&app, "", 200).await;
    assert_holds(&home, &["/knowledge/category/antiviral/", "/knowledge/drugs/tamanol/", ">New<"]);
    let home = page(&app, "?lang=zh", 200).await;
    assert_holds(&home, &["他马诺", "/knowledge/drugs/tamanol/?lang=zh", "抗病毒药"]);
    let drug = page(&app, "drugs/tamanol/", 200).await;
    assert_holds(
        &drug,
        &[
            "harm to the liver",
            "/knowledge/drugs/tamanol/storage\"",
            "Test leaflet",
            "Another page on storage",
            "past its review date",
        ],
    );
    let drug = page(&app, "drugs/tamanol/?lang=zh", 200).await;
    assert_holds(
        &drug,
        &[
            "/knowledge/drugs/tamanol/storage.zh\"",
            "/knowledge/drugs/tamanol/side-effects?lang=zh\"",
        ],
    );
    assert!(!drug.contains("/knowledge/drugs/tamanol/storage?lang=zh"), "each article once");
    let bare = get(app.address, "/knowledge/drugs/tamanol").await;
    assert_eq!((bare.status, bare.header("location")), (308, Some("/knowledge/drugs/tamanol/")));
    assert_eq!(get(app.address, "/knowledge").await.header("location"), Some("/knowledge/"));
    app.stop().await;
}

#[tokio::test]
async fn a_search_says_what_was_found_and_what_was_not() {
    let app = TestApp::over(library(), |_| {}).await;
    let found = page(&app, "search?q=tamanol+kept+cold", 200).await;
    assert_holds(&found, &["/knowledge/drugs/tamanol/storage#introduction", "<mark>cold</mark>"]);
    assert!(!found.contains("Not in any passage"), "{found}");
    let partly = page(&app, "search?q=tamanol+xylophone", 200).await;
    assert_holds(&partly, &["Not in any passage shown below: xylophone"]);
    let nothing = page(&app, "search?q=xylophone", 200).await;
    assert_holds(&nothing, &["it only means that we have nothing to show"]);
    let chinese = page(&app, "search?q=%E9%81%BF%E5%85%89", 200).await;
    assert_holds(&chinese, &["<html lang=\"zh-Hans\">", "<mark>避光</mark>", "storage.zh#"]);
    let hostile = page(&app, "search?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E", 200).await;
    assert_eq!(hostile.matches("<script").count(), 1, "only the chat's: {hostile}");
    page(&app, "search", 200).await;
    page(&app, &format!("search?q={}", "x".repeat(5000)), 200).await;
    app.stop().await;
}

#[tokio::test]
async fn a_search_that_sounds_like_an_emergency_gets_the_card_first() {
    let library = Library::sample();
    library.publish().unwrap();
    let app = TestApp::over(library, |_| {}).await;
    let shown = page(&app, "search?q=crushing+chest+pain+and+a+cold+sweat", 200).await;
    assert_holds(&shown, &["<section class=\"emergency\" role=\"alert\">"]);
    app.stop().await;
}

#[tokio::test]
async fn pages_may_be_kept_but_searches_are_not() {
    let app = TestApp::over(library(), |_| {}).await;
    let first = get(app.address, "/knowledge/drugs/tamanol/storage").await;
    let etag = first.header("etag").unwrap().to_owned();
    let again = |headers: String| async move {
        request(app.address, "GET", "/knowledge/drugs/tamanol/storage", &headers, b"").await
    };
    let unchanged: Response = again(format!("if-none-match: {etag}\r\n")).await;
    assert_eq!((unchanged.status, unchanged.body.len()), (304, 0));
    let policy = first.header("content-security-policy").unwrap();
    assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{policy}");
    let search = get(app.address, "/knowledge/search?q=tamanol").await;
    assert_eq!(search.header("cache-control"), Some("no-store"));
}
