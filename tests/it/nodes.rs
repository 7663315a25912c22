//! Several nodes on one database: any of them serves any session, with a bus or without one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use eider::id::SessionId;
use eider::store::{Appended, Store};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::desk::{claim, row, with};
use crate::handoff_store::ask_for_a_person as queue;
use crate::history::{self, History, Logs, Sending};
use crate::store::{append, session};
use crate::support::{
    Answerer, Chat, Client, Colleague, Library, Pair, Proxy, Random, Schema, Visitor, Work,
    ask_for_a_person, get, nats, read_log, seed, until,
};
use crate::webhooks::{Receiver, SECRET};

/// How long delivery from one node to the other may take when nothing tells of it.
const SWEEP: Duration = Duration::from_secs(6);

/// A visitor at the first node, with a consultant at the second who has claimed the session.
struct Talk {
    visitor: Visitor,
    chat: Chat,
    desk: Chat,
    fence: i64,
}

impl Talk {
    async fn begin(pair: &Pair, consultant: &Colleague) -> Self {
        let mut desk = consultant.on_duty().await;
        let visitor = pair.visitor(0).await;
        let mut chat = visitor.join().await;
        ask_for_a_person(&mut chat).await;
        let row = row(&mut desk, &visitor, |row| row["state"] == "queued").await;
        let fence = claim(&mut desk, &visitor, &row).await;
        let open = json!({ "t": "open", "cid": "o", "session": visitor.session, "after_seq": 0 });
        assert_eq!(desk.request(open).await["t"], "opened");
        chat.find_where(|frame| frame["body"]["state"] == "claimed").await;
        desk.find_where(|frame| frame["body"]["state"] == "claimed").await;
        Self { visitor, chat, desk, fence }
    }

    fn words(&self, cid: &str, base_seq: &Value) -> Value {
        json!({
            "t": "send", "cid": cid, "session": self.visitor.session, "fence": self.fence,
            "base_seq": base_seq, "text": format!("words of {cid}"),
        })
    }

    /// Each writes and the other reads; returns how long each way took.
    async fn exchange(&mut self, name: &str) -> [Duration; 2] {
        let begun = Instant::now();
        let (asked, said) = (format!("v{name}"), format!("c{name}"));
        self.chat.say(&asked, "is anybody there?").await;
        let seen = self.desk.find_where(|frame| frame["cid"] == *asked).await;
        let there = begun.elapsed();
        let begun = Instant::now();
        self.desk.send(&self.words(&said, &seen["seq"])).await;
        let answer = self.chat.find_where(|frame| frame["cid"] == *said).await;
        assert_eq!(answer["body"]["text"], format!("words of {said}"));
        [there, begun.elapsed()]
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_bus_each_node_finds_what_the_other_did() {
    let Some(schema) = Schema::make().await else { return };
    let pair = Pair::over(schema, None, |url| url).await;
    let [li, wu] = pair.consultants([("li", 1), ("wu", 0)]).await;
    let mut talk = Talk::begin(&pair, &li).await;
    for round in ["1", "2"] {
        let took = talk.exchange(round).await;
        assert!(took.iter().all(|took| *took < SWEEP), "{took:?}");
    }
    // That the visitor is connected to the other node shows, and so does their leaving.
    let Talk { visitor, chat, mut desk, fence } = talk;
    drop(chat);
    desk.find_where(|frame| frame["t"] == "presence" && frame["online"] == false).await;
    // A note of a colleague at the other node. Whoever has had a session may see it.
    let session = &visitor.session;
    let command = |t: &str, fence: i64| json!({ "t": t, "cid": format!("{t}{fence}"), "session": session, "fence": fence });
    assert_eq!(desk.request(command("release", fence)).await["t"], "done");
    let (mut other, _) = wu.desk().await;
    let note =
        json!({ "t": "note", "cid": "n", "session": session, "text": "allergic to nothing" });
    assert_eq!(other.request(note).await["t"], "done");
    let note = desk.find("note").await;
    assert_eq!(note["note"]["text"], "allergic to nothing");
    // Erased at the other node: it leaves the page here, and the visitor's other socket.
    let mut chat = visitor.join().await;
    let elsewhere = Visitor { address: pair.nodes[1].address, ..visitor.clone() };
    let mut second = elsewhere.join().await;
    assert_eq!(second.request(json!({ "t": "erase", "cid": "e" })).await["t"], "erased");
    let begun = Instant::now();
    chat.expect_close(4503).await;
    assert!(begun.elapsed() < SWEEP, "{:?}", begun.elapsed());
    desk.find_where(|frame| frame["t"] == "closed" && frame["why"] == "erased").await;
    assert_eq!(get(pair.nodes[1].address, "/readyz").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_emergency_in_pieces_at_two_nodes_is_judged_as_one() {
    let Some(schema) = Schema::make().await else { return };
    let pair = Pair::over(schema, None, |url| url).await;
    for [first, second] in PIECES {
        let visitor = pair.visitor(0).await;
        let elsewhere = Visitor { address: pair.nodes[1].address, ..visitor.clone() };
        let (mut here, mut there) = (visitor.join().await, elsewhere.join().await);
        here.say("a", first).await;
        here.find("accepted").await;
        there.say("b", second).await;
        let answer = there.find_where(|frame| frame["cid"] == "bot:3").await;
        let level = &answer["body"]["triage"]["level"];
        assert_eq!(*level, 3, "{first} / {second}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_restore_everybody_reads_the_log_anew_at_both_nodes() {
    let Some(schema) = Schema::make().await else { return };
    let pair = Pair::over(schema, None, |url| url).await;
    let [li] = pair.consultants([("li", 1)]).await;
    let mut talk = Talk::begin(&pair, &li).await;
    let elsewhere = Visitor { address: pair.nodes[1].address, ..talk.visitor.clone() };
    let mut second = elsewhere.join().await;
    // What the start of a node on a restored copy writes.
    pair.run("UPDATE meta SET value = 'restored' WHERE name = 'epoch'").await;
    for chat in [&mut talk.chat, &mut second, &mut talk.desk] {
        chat.expect_close(4006).await;
    }
    for visitor in [&talk.visitor, &elsewhere] {
        let (mut chat, welcome) = visitor.resume(2).await;
        assert_eq!((&welcome["mode"], &welcome["epoch"]), (&json!("resync"), &json!("restored")));
        assert_eq!(chat.find("event").await["seq"], 1, "from the beginning");
    }
}

/// Both nodes look for what waits and for what other systems are to be told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_both_nodes_do_by_themselves_is_done_once() {
    let Some(schema) = Schema::make().await else { return };
    let receiver = Receiver::start("204 No Content").await;
    let library = Library::sample();
    library.write("policy/hand-off.toml", "[assignment]\nautomatic = true\ncapacity = 3\n");
    let webhook = format!(
        "[[webhooks]]\nname = \"crm\"\nurl = \"http://{}/\"\nsecret = \"{SECRET}\"\n\
         events = [\"session.queued\", \"session.claimed\"]\nallow_private = true\n",
        receiver.address
    );
    std::fs::write(library.root().join("eider.toml"), webhook).unwrap();
    let pair = Pair::serving(library, schema, None, |url| url).await;
    let people = pair.consultants([("li", 0), ("wu", 1)]).await;
    let mut desks = Vec::new();
    for person in &people {
        desks.push(person.on_duty().await);
    }
    let (mut visitors, mut chats) = (Vec::new(), Vec::new());
    for number in 0..10 {
        let visitor = pair.visitor(number % 2).await;
        let mut chat = visitor.join().await;
        ask_for_a_person(&mut chat).await;
        visitors.push(visitor);
        chats.push(chat);
    }
    let messages = || -> Vec<String> {
        receiver.got().iter().map(|got| got.header("webhook-id").to_owned()).collect()
    };
    until("six are given out, and everything is told", async || messages().len() >= 16).await;
    // Each node looks twice more.
    tokio::time::sleep(Duration::from_secs(4)).await;
    let told = messages();
    assert_eq!((told.len(), told.iter().collect::<BTreeSet<_>>().len()), (16, 16));
    let (logs, mut held) = (logs(&pair).await, BTreeMap::<String, usize>::new());
    for visitor in &visitors {
        let log = &logs[&visitor.session];
        let claims: Vec<_> =
            log.iter().filter(|event| event["body"]["state"] == "claimed").collect();
        assert!(claims.len() <= 1, "{claims:#?}");
        for claim in claims {
            *held.entry(claim["body"]["by"]["id"].to_string()).or_default() += 1;
        }
    }
    assert_eq!(held.into_values().collect::<Vec<_>>(), [3, 3]);
}

/// Neither is an emergency alone.
const PIECES: [[&str; 2]; 2] = [["i cant", "breathe"], ["i took 30", "paracetamol tablets"]];

/// A bus that drops, doubles and reorders, and one that is away, at the start and later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_becomes_of_the_bus_everything_is_delivered() {
    let (Some(schema), Some(server)) = (Schema::make().await, nats().await) else { return };
    let proxy = Proxy::lying(server, seed(5)).await;
    proxy.cut();
    let bus = format!("nats://{}", proxy.address);
    let pair = Pair::over(schema, Some(bus), |url| url).await;
    let [li] = pair.consultants([("li", 1)]).await;
    assert_eq!(get(pair.nodes[0].address, "/readyz").await.json()["bus"], "away");
    let mut talk = Talk::begin(&pair, &li).await;
    let away = talk.exchange("away").await;
    proxy.mend();
    reach(&pair, "connected").await;
    let begun = Instant::now();
    while proxy.lies().kinds() < 3 {
        let took = talk.exchange(&format!("lie{:?}", begun.elapsed().as_micros())).await;
        assert!(took.iter().all(|took| *took < SWEEP), "{took:?}");
        assert!(begun.elapsed() < Duration::from_mins(1), "the proxy lies");
    }
    proxy.cut();
    reach(&pair, "away").await;
    let again = talk.exchange("again").await;
    assert!(away.iter().chain(&again).all(|took| *took < SWEEP), "{away:?} {again:?}");
    let metrics = get(pair.nodes[0].address, "/metrics").await.text();
    assert!(metrics.contains("eider_bus_connected 0"), "{metrics}");
}

/// With a bus that works, nobody waits for the next look: ten exchanges would take ten seconds.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bus_tells_at_once() {
    let (Some(schema), Some(server)) = (Schema::make().await, nats().await) else { return };
    let pair = Pair::over(schema, Some(format!("nats://{server}")), |url| url).await;
    let [li] = pair.consultants([("li", 1)]).await;
    reach(&pair, "connected").await;
    let mut talk = Talk::begin(&pair, &li).await;
    let mut took = Duration::ZERO;
    for n in 0..10 {
        took += talk.exchange(&n.to_string()).await.iter().sum::<Duration>();
    }
    assert!(took < Duration::from_secs(5), "{took:?}");
    talk.chat.send(&json!({ "t": "typing" })).await;
    talk.desk.find("typing").await;
}

async fn reach(pair: &Pair, wanted: &str) {
    for node in &pair.nodes {
        until("the bus", async || get(node.address, "/readyz").await.json()["bus"] == wanted).await;
    }
}

/// Visitors and a consultant who never give up, over two nodes, a bus that lies, and a database
/// that both reach by a proxy: each node is killed, then the bus and the database go away.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_accepted_is_lost_or_doubled_whatever_goes_away() {
    let (Some(schema), Some(server)) = (Schema::make().await, nats().await) else { return };
    let (seed, database) = (seed(7), Proxy::before(schema.place()).await);
    let bus = Proxy::lying(server, seed).await;
    let address = database.address.to_string();
    let place = schema.place();
    let reached = |url: String| url.replacen(&place, &address, 1);
    let mut pair = Pair::over(schema, Some(format!("nats://{}", bus.address)), reached).await;
    let [li] = pair.consultants([("li", 1)]).await;
    let mut desk = li.on_duty().await;
    let (work, mut clients) = (Arc::new(Work::default()), Vec::new());
    let mut fences = BTreeMap::new();
    for name in 0..6 {
        // Two for each session; those of the last session have the bot to themselves.
        let visitor = match clients.last() {
            Some((last, _)) if name % 2 == 1 => Visitor::clone(last),
            _ => pair.visitor(name % 4 / 2).await,
        };
        if name == 0 || name == 2 {
            let mut chat = visitor.join().await;
            ask_for_a_person(&mut chat).await;
            let row = row(&mut desk, &visitor, |row| row["state"] == "queued").await;
            fences.insert(visitor.session.clone(), claim(&mut desk, &visitor, &row).await);
        }
        clients.push((visitor, name));
    }
    drop(desk);
    let nodes = pair.addresses().to_vec();
    let clients: Vec<_> = clients
        .into_iter()
        .map(|(visitor, name)| Client::new(name, visitor, nodes.clone(), work.clone()))
        .map(|client| tokio::spawn(client.run()))
        .collect();
    let answerer = tokio::spawn(Answerer::new(li, nodes, fences, work.clone()).run());
    let mut random = Random::new(seed);
    for node in [0, 1, 0, 1] {
        accepted(&work, 10 + random.below(30)).await;
        pair.nodes[node].kill();
        accepted(&work, 10).await;
        pair.restart(node);
    }
    for node in &mut pair.nodes {
        node.ready().await;
    }
    bus.cut();
    accepted(&work, 20).await;
    database.cut();
    // What was on its way may still arrive.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let before = work.accepted();
    tokio::time::sleep(Duration::from_millis(9_500)).await;
    assert_eq!(work.accepted(), before, "nothing is accepted without the database");
    database.mend();
    let mended = Instant::now();
    accepted(&work, 20).await;
    println!("{:?} after the database came back 20 messages are accepted", mended.elapsed());
    bus.mend();
    accepted(&work, 20).await;
    work.done.store(true, Ordering::Relaxed);

    let mut history = History::default();
    let mut at_rest = Vec::new();
    for client in clients {
        at_rest.push(tokio::time::timeout(Duration::from_mins(1), client).await.unwrap().unwrap());
    }
    let answerer = tokio::time::timeout(Duration::from_mins(1), answerer).await.unwrap().unwrap();
    for mut client in at_rest {
        client.finish().await;
        history.sendings.extend(client.sendings);
        history.views.push(client.view);
    }
    let answers = answerer.sendings.len();
    history.sendings.extend(answerer.sendings);
    history.views.extend(answerer.views.into_values());
    println!(
        "{} messages accepted, {answers} of them a consultant's; {} connections",
        history.sendings.len(),
        work.connections.load(Ordering::Relaxed)
    );
    assert!(answers > 20, "the consultant answered");
    assert!(history.sendings.iter().all(|sending| !sending.accepted.is_empty()));
    let logs = logs(&pair).await;
    let faults = history::faults(&history, &logs);
    assert!(faults.is_empty(), "{faults:#?}");
    for view in &history.views[..6] {
        assert_eq!(view.events.len(), logs[&view.session].len(), "at rest every view is the log");
    }
}

/// Waits until so many more messages were accepted.
async fn accepted(work: &Work, more: u64) {
    let wanted = work.accepted() + usize::try_from(more).unwrap();
    until("messages are accepted", async || work.accepted() >= wanted).await;
}

async fn logs(pair: &Pair) -> Logs {
    let (store, mut logs) = (pair.open().await, Logs::new());
    for session in store.session_ids().await.unwrap() {
        logs.insert(session.to_string(), read_log(&store, session.as_str()).await);
    }
    store.close().await;
    logs
}

/// Sessions that are raced for at a time …
const WAVE: usize = 100;
/// … and how often.
const WAVES: usize = 20;

/// Two consultants at each of two nodes claim every session at once, while its visitor writes and
/// the bot's answer is on its way; then all of them write with the winner's fence, and whoever won
/// gives some back and writes with the fence they had.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_all_who_claim_a_session_at_two_nodes_one_has_it() {
    let Some(schema) = Schema::make().await else { return };
    let pair = Pair::over(schema, None, |url| url).await;
    let people = [("li", 0), ("wu", 0), ("yu", 1), ("ma", 1)];
    let mut desks = Vec::new();
    for person in pair.consultants(people).await {
        desks.push(person.on_duty().await);
    }
    let (store, mut history) = (Arc::new(pair.open().await), History::default());
    let (mut wins, mut stale) = (vec![0; desks.len()], 0);
    for wave in 0..WAVES {
        let sessions = join_all((0..WAVE).map(|_| session(&store))).await;
        join_all(sessions.iter().map(|session| queue(&store, session))).await;
        let racing =
            desks.iter_mut().zip(0..).map(|(desk, who)| race(desk, who, &sessions, "claim", 1));
        let (claimed, written) = tokio::join!(join_all(racing), write_all(&store, &sessions));
        for (at, session) in sessions.iter().enumerate() {
            let won: Vec<usize> =
                (0..desks.len()).filter(|who| claimed[*who][at]["t"] == "done").collect();
            let told = || claimed.iter().map(|answers| &answers[at]).collect::<Vec<_>>();
            assert_eq!(won.len(), 1, "wave {wave}: {session}: {:#?}", told());
            wins[won[0]] += 1;
        }
        history.sendings.extend(written);
        let won = |who: usize, at: usize| claimed[who][at]["t"] == "done";
        let saying =
            desks.iter_mut().zip(0..).map(|(desk, who)| race(desk, who, &sessions, "send", 2));
        let said = join_all(saying).await;
        let some = &sessions[..20];
        let releasing =
            desks.iter_mut().zip(0..).map(|(desk, who)| race(desk, who, some, "release", 2));
        join_all(releasing).await;
        let saying = desks.iter_mut().zip(0..).map(|(desk, who)| race(desk, who, some, "late", 2));
        for late in join_all(saying).await.iter().flatten() {
            assert_eq!(late["t"], "refused", "{late}");
            stale += usize::from(late["code"] == "stale_fence");
        }
        for (who, said) in said.iter().enumerate() {
            for (at, answer) in said.iter().enumerate() {
                assert_eq!(answer["t"] == "done", won(who, at), "{answer}");
                if won(who, at) {
                    history.sendings.push(said_by_winner(&sessions[at], answer));
                }
            }
        }
    }
    store.close().await;
    println!("wins {wins:?}, {stale} stale fences");
    assert!(wins.iter().all(|wins| *wins > 0), "everybody races: {wins:?}");
    assert!(stale >= 20 * WAVES, "whoever had it has a stale fence: {stale}");
    let mut logs = logs(&pair).await;
    for log in logs.values_mut() {
        // How they came to wait is no visitor's message.
        log.iter_mut()
            .filter(|event| event["cid"] == "ask")
            .for_each(|event| event["kind"] = json!("state"));
    }
    let faults = history::faults(&history, &logs);
    assert!(faults.is_empty(), "{} faults: {:#?}", faults.len(), &faults[..faults.len().min(5)]);
}

/// Sends a command for every session at once; returns the answers, in order.
async fn race(
    desk: &mut Chat,
    who: usize,
    sessions: &[SessionId],
    what: &str,
    fence: i64,
) -> Vec<Value> {
    let is_words = ["send", "late"].contains(&what);
    let cid = |session: &SessionId| format!("{what}-{who}-{}", &session.as_str()[..12]);
    for session in sessions {
        let t = if is_words { "send" } else { what };
        let mut command =
            json!({ "t": t, "cid": cid(session), "session": session.as_str(), "fence": fence });
        if is_words {
            command = with(command, json!({ "base_seq": i64::MAX, "text": "words" }));
        }
        desk.send(&command).await;
    }
    let mut answers = Vec::new();
    for session in sessions {
        let cid = cid(session);
        answers.push(desk.find_where(|frame| frame["cid"] == *cid && frame["t"] != "event").await);
    }
    answers
}

/// Writes a visitor's message with an answer of the bot into every session.
async fn write_all(store: &Store, sessions: &[SessionId]) -> Vec<Sending> {
    let writing = sessions.iter().map(|session| async move {
        let written = store.append(append(session, "v", "still there?")).await.unwrap();
        let Appended::Written(events) = written else { panic!("{written:?}") };
        sending("visitor", session, "v", "still there?", events[0].seq)
    });
    join_all(writing).await
}

fn said_by_winner(session: &SessionId, answer: &Value) -> Sending {
    let cid = answer["cid"].as_str().unwrap();
    sending("consultant", session, cid, "words", answer["seq"].as_i64().unwrap())
}

fn sending(role: &'static str, session: &SessionId, cid: &str, text: &str, seq: i64) -> Sending {
    let (session, cid, text) = (session.to_string(), cid.to_owned(), text.to_owned());
    Sending { role, session, cid, text, accepted: vec![seq], refused: false }
}
