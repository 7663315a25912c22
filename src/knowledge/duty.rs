//! Duty: when consultants are there, how long a visitor waits before somebody is reminded, by when
//! a form is answered, and the words of every step of a hand-off. Editors own all of it.

use std::collections::BTreeMap;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::{Code, Problem};
use crate::text::PerLang;
use crate::time::Timestamp;

/// How far ahead an opening is looked for, in days.
const LOOK_AHEAD: i64 = 60;
/// Seconds of an hour.
const HOUR: i64 = 3600;

/// `policy/hand-off.toml` without its reasons.
#[derive(Debug, Clone, Default)]
pub struct Duty {
    /// When consultants are there; `None`: at any time.
    hours: Option<Hours>,
    /// How long somebody waits.
    pub waiting: Waiting,
    /// The consult form.
    pub form: FormRules,
    /// When the bot itself calls a person.
    pub calls: Calls,
    /// Who is given what waits.
    pub assignment: Assignment,
    words: BTreeMap<String, PerLang<String>>,
    replies: BTreeMap<String, PerLang<String>>,
}

/// How long a visitor waits before somebody is reminded, in seconds.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Waiting {
    /// For whoever asked.
    pub claim_seconds: i64,
    /// In an emergency.
    pub urgent_seconds: i64,
    /// How long a transfer is kept for the person or the team it is for.
    pub transfer_seconds: i64,
    /// How long whoever claimed a session has to write the first message …
    pub reply_seconds: i64,
    /// … and in an emergency.
    pub urgent_reply_seconds: i64,
    /// How long a session goes on waiting whose visitor is gone …
    pub left_seconds: i64,
    /// … and in an emergency.
    pub urgent_left_seconds: i64,
}

/// When the bot itself calls a person, though nobody asked and nothing is urgent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Calls {
    /// The reasons for which it does, while somebody is on duty.
    pub reasons: Vec<String>,
    /// How many questions in a row without an answer are a repeated failure; 0: none are.
    pub failures: usize,
}

/// Who is given what waits.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Assignment {
    /// Whether sessions are given to consultants; otherwise they take them.
    pub automatic: bool,
    /// How many sessions one consultant is given at once, unless the account says otherwise.
    pub capacity: usize,
}

impl Default for Calls {
    fn default() -> Self {
        let reasons = ["repeated_failure", "adverse_event"].map(str::to_owned);
        Self { reasons: reasons.into(), failures: 3 }
    }
}

impl Default for Assignment {
    fn default() -> Self {
        Self { automatic: false, capacity: 4 }
    }
}

impl Default for Waiting {
    fn default() -> Self {
        Self {
            claim_seconds: 120,
            urgent_seconds: 60,
            transfer_seconds: 60,
            reply_seconds: 300,
            urgent_reply_seconds: 120,
            left_seconds: 900,
            urgent_left_seconds: 86_400,
        }
    }
}

/// The consult form.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FormRules {
    /// Hours within which it is answered, at the end of a working day at the latest.
    pub answer_hours: i64,
    /// Services that it can be about: names of articles under `services/`.
    pub services: Vec<String>,
}

impl Default for FormRules {
    fn default() -> Self {
        Self { answer_hours: 8, services: Vec::new() }
    }
}

#[derive(Debug, Clone)]
struct Hours {
    zone: TimeZone,
    days: Vec<Weekday>,
    opens: Time,
    closes: Time,
    holidays: Vec<Date>,
}

/// The file as it is written; its reasons are read elsewhere.
#[derive(Deserialize)]
struct Written {
    hours: Option<WrittenHours>,
    #[serde(default)]
    waiting: Waiting,
    #[serde(default)]
    form: FormRules,
    #[serde(default)]
    calls: Calls,
    #[serde(default)]
    assignment: Assignment,
    #[serde(default)]
    words: BTreeMap<String, PerLang<String>>,
    #[serde(default)]
    reply: BTreeMap<String, PerLang<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenHours {
    time_zone: String,
    days: Vec<String>,
    hours: [String; 2],
    #[serde(default)]
    holidays: Vec<String>,
}

impl Duty {
    /// Returns whether consultants are there at a moment.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.hours.as_ref().is_none_or(|hours| hours.is_open(now))
    }

    /// Returns when consultants come next; `None` when no day is known.
    pub fn opens(&self, now: Timestamp) -> Option<Timestamp> {
        let hours = self.hours.as_ref()?;
        hours.days_from(now).map(|day| hours.at(day, hours.opens)).find(|opens| *opens > now)
    }

    /// Returns by when a form that came now is answered.
    pub fn due(&self, now: Timestamp) -> Timestamp {
        let soonest = now.plus_seconds(self.form.answer_hours * HOUR);
        let Some(hours) = &self.hours else { return soonest };
        let mut closings = hours.days_from(now).map(|day| hours.at(day, hours.closes));
        closings.find(|closing| *closing >= soonest).unwrap_or(soonest)
    }

    /// Returns when the day of the business hours began.
    pub fn day_start(&self, now: Timestamp) -> Timestamp {
        let zone = self.hours.as_ref().map_or(TimeZone::UTC, |hours| hours.zone.clone());
        let start = moment(now).to_zoned(zone).start_of_day();
        start.map_or(now, |start| Timestamp::from_micros(start.timestamp().as_microsecond()))
    }

    /// Returns a moment as people there read it.
    pub fn local(&self, at: Timestamp) -> String {
        let zone = self.hours.as_ref().map_or(TimeZone::UTC, |hours| hours.zone.clone());
        moment(at).to_zoned(zone).strftime("%Y-%m-%d %H:%M (%Q)").to_string()
    }

    /// Returns what both sides are told at a step.
    pub fn words(&self, step: &str) -> Option<&PerLang<String>> {
        self.words.get(step)
    }

    /// Returns what open sessions can be told of an article that was corrected, by name.
    pub fn notices(&self) -> impl Iterator<Item = (&str, &PerLang<String>)> {
        let notices = self.words.iter().filter(|(name, _)| name.starts_with("notice_"));
        notices.map(|(name, text)| (name.as_str(), text))
    }

    /// Returns the consultants' canned replies by name.
    pub fn replies(&self) -> impl Iterator<Item = (&str, &PerLang<String>)> {
        self.replies.iter().map(|(id, text)| (id.as_str(), text))
    }

    pub(super) fn parse(path: &str, text: &str, problems: &mut Vec<Problem>) -> Self {
        // A syntax error is reported with the reasons, which stand in the same file.
        let Ok(written) = toml::from_str::<Written>(text) else { return Self::default() };
        let hours = written.hours.and_then(|hours| match Hours::read(&hours) {
            Ok(hours) => Some(hours),
            Err(what) => {
                problems.push(Problem::error(Code::Duty,
                    path,
                    0,
                    format!("[hours]: {what}"),
                    "write a time zone such as \"Asia/Shanghai\", days such as \"mon\", hours such as \"09:00\", dates such as \"2026-12-25\"",
                ));
                None
            }
        });
        let known = |reason: &&String| !Calls::default().reasons.contains(reason);
        if let Some(unknown) = written.calls.reasons.iter().find(known) {
            problems.push(Problem::error(Code::Duty,
                path,
                0,
                format!("[calls]: \"{unknown}\" is nothing that a person can be called for"),
                "write \"repeated_failure\", \"adverse_event\", both or none; an urgent message always calls somebody",
            ));
        }
        let Written { waiting, form, calls, assignment, words, reply: replies, .. } = written;
        Self { hours, waiting, form, calls, assignment, words, replies }
    }
}

impl Hours {
    fn read(written: &WrittenHours) -> Result<Self, String> {
        let time = |text: &str| {
            text.parse::<Time>().map_err(|_| format!("\"{text}\" is no time of the day"))
        };
        let [opens, closes] = &written.hours;
        let hours = Self {
            zone: TimeZone::get(&written.time_zone)
                .map_err(|_| format!("unknown time zone \"{}\"", written.time_zone))?,
            days: written.days.iter().map(|day| weekday(day)).collect::<Result<_, _>>()?,
            opens: time(opens)?,
            closes: time(closes)?,
            holidays: written
                .holidays
                .iter()
                .map(|day| day.parse().map_err(|_| format!("\"{day}\" is no date")))
                .collect::<Result<_, _>>()?,
        };
        if hours.opens < hours.closes {
            Ok(hours)
        } else {
            Err("they end before they begin".into())
        }
    }

    fn is_open(&self, now: Timestamp) -> bool {
        let local = moment(now).to_zoned(self.zone.clone());
        self.is_working_day(local.date()) && (self.opens..self.closes).contains(&local.time())
    }

    fn is_working_day(&self, day: Date) -> bool {
        self.days.contains(&day.weekday()) && !self.holidays.contains(&day)
    }

    fn days_from(&self, now: Timestamp) -> impl Iterator<Item = Date> {
        let today = moment(now).to_zoned(self.zone.clone()).date();
        let days = (0..LOOK_AHEAD).filter_map(move |ahead| {
            today.checked_add(jiff::Span::new().try_days(ahead).ok()?).ok()
        });
        days.filter(|day| self.is_working_day(*day))
    }

    fn at(&self, day: Date, time: Time) -> Timestamp {
        let zoned = day.to_datetime(time).to_zoned(self.zone.clone());
        let micros = zoned.map_or(i64::MAX, |zoned| zoned.timestamp().as_microsecond());
        Timestamp::from_micros(micros)
    }
}

fn weekday(name: &str) -> Result<Weekday, String> {
    const DAYS: [(&str, Weekday); 7] = [
        ("mon", Weekday::Monday),
        ("tue", Weekday::Tuesday),
        ("wed", Weekday::Wednesday),
        ("thu", Weekday::Thursday),
        ("fri", Weekday::Friday),
        ("sat", Weekday::Saturday),
        ("sun", Weekday::Sunday),
    ];
    let found = DAYS.iter().find(|(known, _)| *known == name);
    found.map(|(_, day)| *day).ok_or_else(|| format!("\"{name}\" is no day"))
}

fn moment(at: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_microsecond(at.as_micros()).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOURS: &str = r#"
        [hours]
        time_zone = "Asia/Shanghai"
        days = ["mon", "tue", "wed", "thu", "fri"]
        hours = ["09:00", "18:00"]
        holidays = ["2026-11-24"]
    "#;

    fn duty(text: &str) -> (Duty, Vec<Problem>) {
        let mut problems = Vec::new();
        let duty = Duty::parse("policy/hand-off.toml", text, &mut problems);
        (duty, problems)
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::from_micros(text.parse::<jiff::Timestamp>().unwrap().as_microsecond())
    }

    #[test]
    fn hours_days_and_holidays_decide() {
        let (duty, problems) = duty(HOURS);
        assert_eq!(problems, []);
        // Shanghai is eight hours ahead. The 22nd of November 2026 is a Sunday.
        let cases = [
            ("2026-11-22T12:00:00Z", false, "2026-11-23T01:00:00Z"),
            ("2026-11-23T00:59:59Z", false, "2026-11-23T01:00:00Z"),
            ("2026-11-23T01:00:00Z", true, "2026-11-25T01:00:00Z"),
            ("2026-11-23T09:59:59Z", true, "2026-11-25T01:00:00Z"),
            ("2026-11-23T10:00:00Z", false, "2026-11-25T01:00:00Z"),
            ("2026-11-24T03:00:00Z", false, "2026-11-25T01:00:00Z"),
        ];
        for (now, open, opens) in cases {
            assert_eq!(
                (duty.is_open(at(now)), duty.opens(at(now))),
                (open, Some(at(opens))),
                "{now}"
            );
        }
        assert_eq!(duty.local(at("2026-11-23T01:00:00Z")), "2026-11-23 09:00 (Asia/Shanghai)");
        assert_eq!(duty.day_start(at("2026-11-22T17:00:00Z")), at("2026-11-22T16:00:00Z"));
    }

    #[test]
    fn a_form_is_answered_by_the_end_of_a_working_day() {
        let (duty, _) = duty(HOURS);
        let cases = [
            ("2026-11-22T12:00:00Z", "2026-11-23T10:00:00Z"),
            ("2026-11-23T01:00:00Z", "2026-11-23T10:00:00Z"),
            ("2026-11-23T05:00:00Z", "2026-11-25T10:00:00Z"),
        ];
        for (now, due) in cases {
            assert_eq!(duty.due(at(now)), at(due), "{now}");
        }
    }

    #[test]
    fn without_hours_somebody_may_be_there_at_any_time() {
        let (duty, problems) = duty("");
        let now = at("2026-11-22T12:00:00Z");
        assert!(duty.is_open(now) && problems.is_empty());
        assert_eq!(duty.due(now), at("2026-11-22T20:00:00Z"));
    }

    #[test]
    fn the_bot_calls_for_what_there_are_words_for() {
        let (duty, problems) = duty("[calls]\nreasons = [\"adverse_event\", \"weather\"]");
        assert!(problems.len() == 1 && problems[0].message.contains("weather"), "{problems:?}");
        assert_eq!((duty.calls.reasons.len(), duty.calls.failures), (2, 3));
    }

    #[test]
    fn mistakes_are_named() {
        for (right, wrong, named) in [
            ("Asia/Shanghai", "Asia/Nowhere", "time zone"),
            ("\"mon\"", "\"moon\"", "no day"),
            ("18:00", "08:00", "before they begin"),
            ("18:00", "soon", "no time"),
            ("2026-11-24", "24.11.2026", "no date"),
        ] {
            let (_, problems) = duty(&HOURS.replace(right, wrong));
            assert!(problems.len() == 1 && problems[0].message.contains(named), "{problems:?}");
        }
    }
}
