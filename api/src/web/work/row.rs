//! A work order as lists, boards and its own page show it.

use chrono::{DateTime, Utc};
use domain::maintenance::work_order::{Row, WorkOrder};
use templates::pages::work::WorkRow;

use super::life::Life;
use crate::web::happenings::person;
use crate::web::visitor::Member;

/// What every row is shown with.
pub struct Rows<'a> {
    member: &'a Member,
    /// States and steps in words.
    pub life: &'a Life,
    now: DateTime<Utc>,
}

impl<'a> Rows<'a> {
    /// For a reader, now.
    pub fn new(member: &'a Member, life: &'a Life) -> Self {
        Self { member, life, now: member.edge.app.clock().now() }
    }

    /// A line of a list.
    pub fn row(&self, row: Row) -> WorkRow {
        let number = row.spoken();
        WorkRow {
            href: href(self.member, &number),
            number,
            state: self.life.state(&row.state),
            overdue: self.overdue(row.due_at, &row.category),
            title: row.title,
            priority: row.priority,
            asset: row.asset,
            location: Some(row.location),
            assignee: row.assignee.as_deref().map(person),
            due: row.due_at,
            sla: row.sla_status,
        }
    }

    /// One order.
    pub fn order(&self, order: &WorkOrder) -> WorkRow {
        WorkRow {
            number: order.number.clone(),
            href: href(self.member, &order.number),
            title: order.title.clone(),
            state: self.life.state(&order.state),
            priority: order.priority.clone(),
            asset: order.asset.clone(),
            location: Some(order.location.clone()),
            assignee: order.assignee.as_deref().map(person),
            due: order.due_at,
            overdue: self.overdue(order.due_at, &order.category),
            sla: order.sla_status.clone(),
        }
    }

    fn overdue(&self, due: Option<DateTime<Utc>>, category: &str) -> bool {
        matches!(category, "todo" | "doing" | "waiting") && due.is_some_and(|due| due < self.now)
    }
}

/// The page of an order.
pub fn href(member: &Member, number: &str) -> String {
    member.path(&format!("work-orders/{number}"))
}
