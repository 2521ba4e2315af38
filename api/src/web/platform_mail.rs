//! How messages of every company go, for operators: counts and refusals, nothing that was said.

use domain::notify::log::{Figures, Mail};
use poem::web::Query;
use poem::{Response, handler};
use serde::Deserialize;
use templates::pages::messages::{MailPage, MailRow};

use super::pages::Pages;
use super::respond::page;
use super::visitor::Operator;
use crate::http::failure::Result;

/// Days one may look back.
const SPANS: [i64; 4] = [1, 7, 30, 90];

/// The pages of this file.
pub fn pages(pages: Pages) -> Pages {
    pages.get("/platform/mail", show)
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    days: String,
}

#[handler]
async fn show(operator: Operator, Query(asked): Query<Asked>) -> Result<Response> {
    let days = asked.days.parse().ok().filter(|days| SPANS.contains(days)).unwrap_or(7);
    let rows = operator.platform(Mail { days }).await?.into_iter().map(row).collect();
    page(&operator, &MailPage { days, spans: SPANS.into(), rows }).await
}

fn row(figures: Figures) -> MailRow {
    MailRow {
        company_id: figures.company_id.to_string(),
        company: figures.company,
        channel: figures.channel,
        pending: figures.pending,
        sent: figures.sent,
        refused: figures.refused,
        skipped: figures.skipped,
        refusal: figures.refusal,
        refused_at: figures.refused_at,
    }
}
