//! Word to other systems: one task for each of them takes what is due and posts it, so that a slow
//! one holds up nobody else. What became of each attempt is written down for administrators.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tracing::warn;

use super::App;
use crate::config::Webhook;
use crate::id;
use crate::store::{self, Delivery};
use crate::webhook::{self, Post};

/// How often it is looked what is due.
const LOOK: Duration = Duration::from_millis(500);
/// Messages that one system gets at once.
const AT_ONCE: i64 = 4;
/// What a node took and did not finish (it was killed) is another's after so long.
const LEASE_SECONDS: i64 = 120;

impl App {
    /// Says in the database who wants to hear of what, and starts posting.
    pub(super) async fn post_to_others(self: &Arc<Self>) {
        let named = self.config.webhooks.iter();
        let wanted = named.map(|webhook| (webhook.name.clone(), webhook.events.clone())).collect();
        if let Err(fault) = self.desk.store.set_webhooks(wanted).await {
            warn!(error = %fault, "the webhooks could not be set");
        }
        for webhook in self.config.webhooks.clone() {
            tokio::spawn(self.clone().post_to(webhook));
        }
    }

    async fn post_to(self: Arc<Self>, webhook: Webhook) {
        while !self.is_draining() {
            match self.post_what_is_due(&webhook).await {
                Ok(0) => {}
                Ok(_) => continue,
                Err(fault) => {
                    warn!(error = %fault, webhook = webhook.name, "messages could not be read");
                }
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = self.leaving.cancelled() => {}
            }
        }
    }

    async fn post_what_is_due(&self, webhook: &Webhook) -> Result<usize, store::Error> {
        let now = self.desk.now();
        let until = now.plus_seconds(LEASE_SECONDS);
        let due = self.desk.store.take_due(&webhook.name, AT_ONCE, now, until).await?;
        let attempts = due.iter().map(|delivery| self.attempt(webhook, delivery));
        join_all(attempts).await.into_iter().collect::<Result<Vec<()>, _>>()?;
        Ok(due.len())
    }

    async fn attempt(&self, webhook: &Webhook, delivery: &Delivery) -> Result<(), store::Error> {
        let post = Post {
            url: &webhook.url,
            key: webhook.secret.bytes(),
            allow_private: webhook.allow_private,
            timeout: Duration::from_secs(webhook.timeout_seconds),
            message: &delivery.message,
            seconds: self.desk.now().as_micros() / 1_000_000,
            body: &delivery.payload,
        };
        let sent = post.send().await;
        let delivered = sent.as_ref().is_ok_and(|status| (200..300).contains(status));
        let result = match sent {
            Ok(status) if (300..400).contains(&status) => {
                format!("status {status}: redirects are not followed")
            }
            Ok(status) => format!("status {status}"),
            Err(fault) => fault.to_string(),
        };
        let [chance] = id::random_bytes::<1>();
        let wait = webhook::wait_after(delivery.attempts, chance).filter(|_| !delivered);
        if !delivered {
            let (webhook, given_up) = (&webhook.name, wait.is_none());
            warn!(
                webhook,
                result,
                given_up,
                attempts = delivery.attempts,
                "a message was not taken"
            );
        }
        let next = wait.map(|wait| self.desk.now().plus_seconds(wait));
        self.desk.store.attempted(&delivery.id, delivered, result, next).await
    }
}
