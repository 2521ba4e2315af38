//! The buttons of a work order: every way out of its state, with its form, or with what stands in the way.

use domain::maintenance::work_order::WorkOrder;
use domain::workflow::{Blocked, Explanation, TransitionView};
use templates::i18n::exists;
use templates::pages::parts::{Choice, Errors, Field, Text, Widget};
use templates::pages::work::{Action, Blocker, FixLink, Reason, Weight};
use uuid::Uuid;
use workflows::{Bound, Category, FieldKind, FormField, Value, Workflow};

use super::life::Life;
use super::row::href;
use super::show::{Pressed, decides};
use crate::http::failure::Result;
use crate::http::words;
use crate::web::form::sought;
use crate::web::listed::value;
use crate::web::options;
use crate::web::visitor::Member;

/// Longer texts get several lines.
const ONE_LINE: i64 = 200;

/// The buttons, in the definition's order.
pub async fn actions(
    member: &Member,
    life: &Life,
    order: &WorkOrder,
    explained: &Explanation,
    pressed: &Pressed,
    edit_href: Option<&str>,
) -> Result<Vec<Action>> {
    let panel = explained.approval.as_ref().filter(|request| decides(explained, request));
    let in_panel = |name: &str| panel.is_some_and(|request| request.transition == name || request.on_reject.as_deref() == Some(name));
    let steps: Vec<&TransitionView> = explained.transitions.iter().filter(|step| step.in_state && !in_panel(&step.name)).collect();
    let usual = if panel.is_some() { None } else { usual(life, &order.state, &steps) };
    let mut actions = Vec::new();
    for step in steps {
        let here = pressed.transition == step.name;
        let typed = if here { pressed.typed.as_slice() } else { &[] };
        actions.push(Action {
            id: step.name.clone(),
            label: life.transition(&step.name),
            href: format!("{}/transitions/{}", href(member, &order.number), step.name),
            allowed: step.allowed,
            weight: weight(life, step, usual),
            fields: fields(member, life, order.site_id, step, typed).await?,
            reason: match step.reason {
                workflows::Reason::None => Reason::None,
                workflows::Reason::Optional => Reason::Optional,
                workflows::Reason::Required => Reason::Required,
            },
            reason_text: value(typed, "reason").to_owned(),
            blockers: step.blockers.iter().map(|found| blocker(member, &explained.definition, found, edit_href)).collect(),
            open: here,
            errors: if here { pressed.errors.clone() } else { Errors::new() },
        });
    }
    Ok(actions)
}

fn category(life: &Life, step: &TransitionView) -> Option<Category> {
    life.workflow.state(step.to.as_deref()?).map(|state| state.category)
}

/// The usual next step: the open one that leads nearest to the end.
fn usual<'a>(life: &Life, state: &str, steps: &[&'a TransitionView]) -> Option<&'a str> {
    let rank = |step: &TransitionView| match category(life, step)? {
        Category::Done => Some(3),
        Category::Doing => Some(2),
        Category::Todo => Some(1),
        Category::Waiting => Some(0),
        Category::Cancelled => None,
    };
    let onward = steps.iter().filter(|step| step.allowed && step.to.as_deref() != Some(state));
    onward.filter_map(|step| Some((rank(step)?, step.name.as_str()))).max_by_key(|(rank, _)| *rank).map(|(_, name)| name)
}

fn weight(life: &Life, step: &TransitionView, usual: Option<&str>) -> Weight {
    if category(life, step) == Some(Category::Cancelled) {
        Weight::Destructive
    } else if usual == Some(&step.name) {
        Weight::Primary
    } else {
        Weight::Plain
    }
}

fn blocker(member: &Member, file: &Workflow, found: &Blocked, edit_href: Option<&str>) -> Blocker {
    let mendable = edit_href.filter(|_| found.blocker.code == "required");
    Blocker {
        text: Text::raw(words::blocker(member.locale, file, &found.blocker)),
        who_can: found.who_can.clone(),
        fix: mendable.map(|href| FixLink { label: Text::key("work_order.edit"), href: href.to_owned() }),
    }
}

async fn fields(member: &Member, life: &Life, site: Uuid, step: &TransitionView, typed: &[(String, String)]) -> Result<Vec<Field>> {
    let mut fields = Vec::new();
    // a step that is not open shows no form
    for asked in step.form.iter().filter(|_| step.allowed) {
        fields.push(field(member, life, site, asked, typed).await?);
    }
    Ok(fields)
}

async fn field(member: &Member, life: &Life, site: Uuid, asked: &FormField, typed: &[(String, String)]) -> Result<Field> {
    let (least, most) = (literal(asked.min.as_ref()), literal(asked.max.as_ref()));
    let mut field = Field::new(&asked.name, life.field(&asked.name), widget(&asked.kind, most), value(typed, &asked.name));
    field.required = asked.required;
    match &asked.kind {
        FieldKind::Text | FieldKind::String => field.max_length = most.and_then(|most| most.to_string().parse().ok()),
        FieldKind::Int | FieldKind::Decimal => {
            field.min = least.map(ToString::to_string);
            field.max = most.map(ToString::to_string);
        }
        FieldKind::Money => field.currency = Some(member.scope.company().currency.clone()),
        FieldKind::Choice(offered) => field.options = offered.iter().map(|option| word(member, &asked.name, option)).collect(),
        // who does not work there would not be shown the order
        FieldKind::Ref(subject) if subject == "member" => field.options = options::assignees(member, Some(site), &field.value).await?,
        FieldKind::Ref(subject) => {
            let list = format!("{subject}s");
            options::offer(member, &list, &mut field, sought(typed, &asked.name)).await?;
        }
        FieldKind::Bool | FieldKind::Date | FieldKind::Time | FieldKind::Files => {}
    }
    Ok(field)
}

/// An end of a range that is the same for every record.
fn literal(bound: Option<&Bound>) -> Option<&Value> {
    match bound? {
        Bound::Literal(value) => Some(value),
        Bound::Field(_) => None,
    }
}

fn widget(kind: &FieldKind, most: Option<&Value>) -> Widget {
    match kind {
        FieldKind::Text if matches!(most, Some(Value::Int(most)) if *most <= ONE_LINE) => Widget::Text,
        // live files have no field for files yet: the checker refuses it
        FieldKind::String | FieldKind::Files => Widget::Text,
        FieldKind::Text => Widget::Textarea,
        FieldKind::Int | FieldKind::Decimal => Widget::Number,
        FieldKind::Bool => Widget::Checkbox,
        FieldKind::Date => Widget::Date,
        FieldKind::Time => Widget::DateTime,
        FieldKind::Money => Widget::Money,
        FieldKind::Choice(_) | FieldKind::Ref(_) => Widget::Select,
    }
}

fn word(member: &Member, field: &str, option: &str) -> Choice {
    let key = format!("work_order.{field}.{option}");
    let label = if exists(member.locale, &key) { Text::key(key) } else { Text::raw(option) };
    Choice::new(option, label)
}
