//! What editors work with, as the console sees it.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::editorial::{
    Checked, DraftView, Ended, Gap, Gaps, Job, Kind, Listed, Matter, Phase, Quoted, SIGNS, Shown,
    Tried, View, Work,
};
use crate::eval::Outcome;
use crate::id::UserId;
use crate::protocol;
use crate::store::ArticleDraft;
use crate::time::Date;

/// Days before an article is overdue from which on the list says so.
const SOON_DAYS: i32 = 30;
/// Most passages that a test of a question shows.
const MAX_CANDIDATES: usize = 12;

type Names = HashMap<UserId, String>;

pub(super) fn listed(listed: &Listed, drafts: &[ArticleDraft], today: Date) -> Value {
    let article = listed.article.as_ref();
    let due = listed.due.filter(|_| article.is_some_and(crate::knowledge::Article::is_quotable));
    let soon = today.checked_add(jiff::Span::new().days(SOON_DAYS)).unwrap_or(today);
    let age = match due {
        Some(due) if due < today => "overdue",
        Some(due) if due < soon => "soon",
        _ => "fine",
    };
    let own = drafts.iter().filter(|draft| draft.article == listed.path);
    json!({
        "path": listed.path,
        "title": article.map(|article| &article.title),
        "drug": article.and_then(|article| article.drug.as_ref()),
        "topic": article.and_then(|article| article.topic.as_ref()),
        "lang": article.map(|article| article.lang.tag()),
        "status": article.map(|article| article.status), "rank": article.map(|article| article.rank),
        "due": due.map(|due| due.to_string()), "age": age, "live": listed.is_live,
        "errors": listed.problems.0, "warnings": listed.problems.1,
        "drafts": own.map(|draft| draft.state.name()).collect::<Vec<_>>(),
    })
}

pub(super) fn view(view: &View, names: &Names, today: Date) -> Value {
    let standing = &view.standing;
    let id = crate::id::ArticleId::from(view.path.strip_suffix(".md").unwrap_or(&view.path));
    let article = standing.knowledge.article(&id);
    let due = article.map(|article| standing.knowledge.review_due(article));
    let problems: Vec<_> =
        standing.problems.iter().filter(|problem| problem.path == view.path).collect();
    let current = view.text.as_deref().map(crate::knowledge::version_of);
    let versions = view.versions.iter().map(|version| {
        json!({
            "version": version.version, "generations": version.generations, "since": version.since,
            "text": version.text,
        })
    });
    json!({
        "path": view.path, "id": id, "title": article.map(|article| &article.title),
        "status": article.map(|article| article.status), "text": view.text, "version": current,
        "live": view.live, "due": due.map(|due| due.to_string()),
        "overdue": due.is_some_and(|due| due < today), "problems": problems,
        "versions": versions.collect::<Vec<_>>(), "quoted": quoted(&view.quoted),
        "drafts": view.drafts.iter().map(|draft| outline(draft, names)).collect::<Vec<_>>(),
    })
}

fn quoted(quoted: &Quoted) -> Value {
    let counted = |groups: &[(String, usize)]| -> Vec<Value> {
        groups.iter().map(|(name, count)| json!({ "name": name, "sessions": count })).collect()
    };
    json!({
        "sessions": quoted.sessions, "passages": counted(&quoted.passages),
        "pages": counted(&quoted.pages),
    })
}

pub(super) fn checked(checked: &Checked) -> Value {
    json!({ "problems": checked.own, "elsewhere": checked.elsewhere })
}

/// A draft with its text.
pub(super) fn draft(draft: &ArticleDraft) -> Value {
    json!({
        "id": draft.id, "path": draft.article, "state": draft.state.name(),
        "revision": draft.revision, "base": draft.text.base, "base_text": draft.text.base_text,
        "text": draft.text.body, "note": draft.text.note, "changed": draft.changed.to_string(),
        "generation": draft.generation,
    })
}

/// A draft in a list.
pub(super) fn outline(draft: &ArticleDraft, names: &Names) -> Value {
    json!({
        "id": draft.id, "path": draft.article, "state": draft.state.name(), "note": draft.text.note,
        "revision": draft.revision, "author": person(&draft.author, names),
        "reviewer": draft.reviewer.as_ref().map(|id| person(id, names)),
        "changed": draft.changed.to_string(), "generation": draft.generation,
    })
}

pub(super) fn draft_view(view: &DraftView, names: &Names, reader: &UserId) -> Value {
    let steps = view.steps.iter().map(|step| {
        json!({
            "by": person(&step.person, names), "action": step.action, "revision": step.revision,
            "words": step.words, "at": step.at.to_string(),
        })
    });
    let wrote = view
        .steps
        .iter()
        .any(|step| step.person == *reader && matches!(step.action.as_str(), "begin" | "save"));
    let mut body = draft(&view.draft);
    let more = json!({
        "author": person(&view.draft.author, names),
        "reviewer": view.draft.reviewer.as_ref().map(|id| person(id, names)),
        "steps": steps.collect::<Vec<_>>(), "own": wrote, "standing": view.now,
        "standing_version": view.now.as_deref().map(crate::knowledge::version_of),
        "behind": view.is_behind && view.draft.state.is_open(),
        "problems": view.checked.own, "elsewhere": view.checked.elsewhere,
        "others": view.others.iter().map(|draft| outline(draft, names)).collect::<Vec<_>>(),
    });
    if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
        body.extend(more.clone());
    }
    json!({ "draft": body })
}

fn person(id: &UserId, names: &Names) -> Value {
    json!({ "id": id, "name": names.get(id).map_or("", String::as_str) })
}

pub(super) fn job(job: &Job) -> Value {
    let (stage, done, of) = match job.phase {
        Phase::Reading => ("reading", 0, 0),
        Phase::Indexing(done, of) => ("indexing", done, of),
        Phase::Asking(done, of) => ("asking", done, of),
    };
    let kind = match job.kind {
        Kind::Preview => "preview",
        Kind::Publish => "publish",
    };
    json!({
        "kind": kind, "draft": job.draft, "revision": job.revision, "stage": stage, "done": done,
        "of": of, "ended": job.ended.as_ref().map(ended),
    })
}

fn ended(ended: &Ended) -> Value {
    match ended {
        Ended::Previewed(preview, hidden) => json!({
            "result": "previewed", "articles": preview.articles, "passages": preview.passages,
            "asked": preview.asked, "changes": preview.changes, "hidden": hidden,
            "failed": failed(&preview.failed),
        }),
        Ended::Published(generation, committed) => json!({
            "result": "published", "generation": generation,
            "commit": committed.as_ref().ok(), "git_fault": committed.as_ref().err(),
        }),
        Ended::Faulty(problems) => json!({ "result": "faulty", "problems": problems }),
        Ended::Golden(outcomes) => json!({ "result": "golden", "failed": failed(outcomes) }),
        Ended::Failed(why) => json!({ "result": "failed", "why": why }),
    }
}

fn failed(outcomes: &[Outcome]) -> Vec<Value> {
    let failed = outcomes.iter();
    failed.map(|one| json!({ "ask": one.ask, "at": one.at, "misses": one.misses })).collect()
}

/// A question that was tried out: the answer as a visitor would get it, and why.
pub(super) fn tried(tried: &Tried, question: &str) -> Value {
    let knowledge = &tried.engine.knowledge;
    let (answer, generation) = (&tried.answer, tried.engine.generation);
    let answer = protocol::answer("trial".to_owned(), answer, question, knowledge, generation);
    let asked = &tried.why.understanding;
    let concepts = asked.concepts.iter().map(|concept| {
        let words: Vec<String> = concept.alternatives.all().map(|words| words.join(" ")).collect();
        json!({ "need": format!("{:?}", concept.need), "words": words })
    });
    let candidates = tried.why.candidates.iter().take(MAX_CANDIDATES).map(|candidate| {
        let (article, passage) = candidate.get(knowledge);
        json!({
            "article": article.id, "heading": article.headings(passage), "anchor": article.anchor(passage),
            "score": candidate.score, "coverage": candidate.coverage,
            "likeness": candidate.likeness, "topic": format!("{:?}", candidate.topic),
        })
    });
    json!({
        "generation": generation,
        "answer": answer.ok().and_then(|body| serde_json::to_value(body).ok()),
        "why": {
            "lang": asked.lang.tag(), "drugs": asked.drugs, "assumed": asked.assumed,
            "others": asked.others, "topics": asked.topics,
            "concepts": concepts.collect::<Vec<_>>(), "candidates": candidates.collect::<Vec<_>>(),
            "triage": { "level": tried.why.verdict.level, "rules": tried.why.verdict.rules },
        },
    })
}

pub(super) fn gaps(gaps: &Gaps) -> Value {
    let gap = |gap: &Gap| {
        let signs: serde_json::Map<String, Value> = SIGNS
            .iter()
            .zip(&gap.signs)
            .map(|(name, count)| ((*name).to_owned(), json!(count)))
            .collect();
        let questions = gap.questions.iter();
        let questions: Vec<Value> =
            questions.map(|one| json!({ "text": one.text, "sessions": one.sessions })).collect();
        json!({
            "drug": gap.drug, "topic": gap.topic, "sessions": gap.sessions, "signs": signs,
            "questions": questions,
        })
    };
    json!({
        "gaps": gaps.gaps.iter().map(gap).collect::<Vec<_>>(), "others": gaps.others,
        "least": gaps.least, "shows_questions": gaps.shows_questions,
    })
}

pub(super) fn work(work: &Work) -> Value {
    let mut body = match &work.matter {
        Matter::Error(problem) => json!({ "kind": "error", "problem": problem }),
        Matter::Conflict(problem) => json!({ "kind": "conflict", "problem": problem }),
        Matter::Overdue(day) => json!({ "kind": "overdue", "day": day.to_string() }),
        Matter::Soon(day) => json!({ "kind": "soon", "day": day.to_string() }),
        Matter::Label { old, new, sections } => {
            json!({ "kind": "label", "old": old, "new": new, "sections": sections })
        }
    };
    body["path"] = json!(work.path);
    body["title"] = json!(work.title);
    body
}

pub(super) fn shown(shown: &Shown) -> Value {
    json!({
        "session": shown.session, "seq": shown.seq, "at": shown.at.to_string(), "role": shown.role,
        "open": shown.is_open,
    })
}
