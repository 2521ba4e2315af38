//! What each member chose (112): how they take every kind of message by every channel, and when they want quiet. Only what
//! differs from the usual is stored, so that whoever chose nothing follows the program.

use std::collections::BTreeMap;

use chrono::NaiveTime;
use chrono_tz::Tz;
use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::kinds::{Channel, Kind, Mode, to_members};
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::{Checks, FieldError, Result};
use crate::kernel::permission::Permission;
use crate::kernel::tenant::Access;

/// How the caller takes a kind of message by a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object)]
#[oai(rename = "NotificationPreference")]
pub struct Preference {
    /// The kind's key.
    pub kind: String,
    /// The channel.
    pub channel: Channel,
    /// How it is taken.
    pub mode: Mode,
    /// How it may be taken; empty where there is nothing to choose.
    pub modes: Vec<Mode>,
}

/// What the caller chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object)]
#[oai(rename = "NotificationPreferences")]
pub struct Preferences {
    /// Every kind by every channel it may take.
    pub preferences: Vec<Preference>,
    /// Hours in which only what is urgent comes.
    pub quiet_hours: Option<QuietHours>,
}

impl Preferences {
    /// How a kind is taken by a channel; nothing where it takes none.
    pub fn mode(&self, kind: &str, channel: Channel) -> Option<Mode> {
        self.preferences.iter().find(|known| known.kind == kind && known.channel == channel).map(|known| known.mode)
    }
}

/// A choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object)]
#[oai(deny_unknown_fields, rename = "NotificationChoice")]
pub struct Choice {
    /// The kind's key.
    pub kind: String,
    /// The channel.
    pub channel: Channel,
    /// How it is to be taken; one of the modes listed for it.
    pub mode: Mode,
}

/// Hours in which only what is urgent comes; the rest waits for their end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object)]
#[oai(deny_unknown_fields)]
pub struct QuietHours {
    /// From when: `22:00`.
    pub from: String,
    /// Until when; earlier than the beginning means the next morning.
    pub until: String,
    /// A zone of the tz database; absent: the company's.
    #[serde(default)]
    pub zone: Option<String>,
}

/// What the caller chooses. A kind and channel not named is taken the usual way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object)]
#[oai(deny_unknown_fields, rename = "NotificationChoices")]
pub struct Choices {
    /// At most 300.
    #[serde(default)]
    #[oai(default)]
    pub preferences: Vec<Choice>,
    /// Hours of quiet; absent: none.
    #[serde(default)]
    pub quiet_hours: Option<QuietHours>,
}

/// Reads what the caller chose.
#[derive(Debug, Clone)]
pub struct ShowPreferences;

impl Action for ShowPreferences {
    const NEEDS: Permission = Permission::Member;
    const ACCESS: Access = Access::Read;
    type Out = Preferences;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Preferences> {
        show(cx).await
    }
}

/// What the caller chose.
pub(super) async fn show(cx: &mut Cx<'_>) -> Result<Preferences> {
    let (tenant, me) = (cx.tenant().uuid(), cx.scope().actor().id.uuid());
    let stored =
        sqlx::query!("SELECT kind, channel, mode FROM notification_preferences WHERE tenant_id = $1 AND member_id = $2", tenant, me)
            .fetch_all(cx.conn())
            .await?;
    let stored: BTreeMap<(String, String), String> = stored.into_iter().map(|row| ((row.kind, row.channel), row.mode)).collect();
    let role = cx.scope().actor().role_key.as_deref();
    let preference = |kind: &'static Kind, channel: Channel| {
        let modes = kind.modes(channel);
        let chosen = stored.get(&(kind.key.to_owned(), channel.as_str().to_owned())).and_then(|mode| Mode::parse(mode));
        let mode = chosen.filter(|mode| modes.contains(mode)).unwrap_or_else(|| kind.usual(channel, role));
        Preference { kind: kind.key.to_owned(), channel, mode, modes: modes.to_vec() }
    };
    let preferences = to_members().flat_map(|kind| kind.channels.iter().map(move |channel| (kind, *channel)));
    let preferences = preferences.map(|(kind, channel)| preference(kind, channel)).collect();
    let quiet = sqlx::query!("SELECT starts, ends, zone FROM quiet_hours WHERE tenant_id = $1 AND member_id = $2", tenant, me)
        .fetch_optional(cx.conn())
        .await?;
    let hour = |time: NaiveTime| time.format("%H:%M").to_string();
    let quiet_hours = quiet.map(|row| QuietHours { from: hour(row.starts), until: hour(row.ends), zone: row.zone });
    Ok(Preferences { preferences, quiet_hours })
}

/// Writes what the caller chooses, in place of what they chose before.
#[derive(Debug, Clone)]
pub struct ChangePreferences(
    /// The choices.
    pub Choices,
);

impl Action for ChangePreferences {
    const NEEDS: Permission = Permission::Member;
    type Out = Preferences;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Preferences> {
        let Choices { preferences, quiet_hours } = self.0;
        let mut checks = Checks::new();
        for (at, choice) in preferences.iter().enumerate().take(300) {
            check(&mut checks, at, choice);
        }
        if preferences.len() > 300 {
            checks.push(FieldError::new("preferences", "too_many").with("max", 300));
        }
        let quiet = quiet_hours.map(|quiet| hours(&mut checks, &quiet));
        checks.done()?;
        // two windows of one person take turns
        let me = cx.scope().actor().id.uuid();
        cx.hold(&format!("preferences:{me}")).await?;
        write_modes(cx, me, &preferences).await?;
        write_quiet(cx, me, quiet.flatten()).await?;
        show(cx).await
    }
}

fn check(checks: &mut Checks, at: usize, choice: &Choice) {
    let field = |name: &str| format!("preferences/{at}/{name}");
    let Some(kind) = to_members().find(|kind| kind.key == choice.kind) else {
        checks.push(FieldError::new(field("kind"), "unknown_reference"));
        return;
    };
    let modes = kind.modes(choice.channel);
    if modes.is_empty() && kind.takes(choice.channel) {
        // a form that sends everything back sends this, too
        if choice.mode != Mode::Now {
            checks.push(FieldError::new(field("mode"), "mandatory_message"));
        }
    } else if !modes.contains(&choice.mode) {
        let options = modes.iter().map(|mode| mode.as_str()).collect::<Vec<_>>().join(", ");
        checks.push(FieldError::new(field("mode"), "not_one_of").with("options", options));
    }
}

type Hours = (NaiveTime, NaiveTime, Option<Tz>);

fn hours(checks: &mut Checks, quiet: &QuietHours) -> Option<Hours> {
    let mut time = |field: &str, text: &str| {
        let read = NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
        if read.is_none() {
            checks.push(FieldError::new(field, "not_an_hour"));
        }
        read
    };
    let (from, until) = (time("quiet_hours/from", &quiet.from), time("quiet_hours/until", &quiet.until));
    if from.is_some() && from == until {
        checks.push(FieldError::new("quiet_hours/until", "same_hour"));
    }
    let zone = match quiet.zone.as_deref().map(str::trim).filter(|zone| !zone.is_empty()) {
        None => None,
        Some(zone) => {
            let read = zone.parse::<Tz>().ok();
            if read.is_none() {
                checks.push(FieldError::new("quiet_hours/zone", "bad_zone"));
            }
            read
        }
    };
    Some((from?, until?, zone))
}

async fn write_modes(cx: &mut Cx<'_>, me: Uuid, choices: &[Choice]) -> Result<()> {
    let role = cx.scope().actor().role_key.as_deref();
    // the last of two choices for the same counts
    let chosen: BTreeMap<(&str, Channel), Mode> = choices.iter().map(|choice| ((&*choice.kind, choice.channel), choice.mode)).collect();
    let unusual = |(kind, channel): &(&str, Channel), mode: &Mode| {
        Kind::find(kind).is_some_and(|kind| !kind.modes(*channel).is_empty() && kind.usual(*channel, role) != *mode)
    };
    let rows: Vec<_> = chosen.iter().filter(|(of, mode)| unusual(of, mode)).collect();
    let ids: Vec<Uuid> = rows.iter().map(|_| Uuid::now_v7()).collect();
    let kinds: Vec<&str> = rows.iter().map(|row| row.0.0).collect();
    let channels: Vec<&str> = rows.iter().map(|row| row.0.1.as_str()).collect();
    let modes: Vec<&str> = rows.iter().map(|row| row.1.as_str()).collect();
    let tenant = cx.tenant().uuid();
    sqlx::query!(
        "DELETE FROM notification_preferences p WHERE p.tenant_id = $1 AND p.member_id = $2
           AND NOT EXISTS (SELECT FROM unnest($3::text[], $4::text[]) AS n (kind, channel) WHERE n.kind = p.kind AND n.channel = p.channel)",
        tenant,
        me,
        &kinds as &[&str],
        &channels as &[&str],
    )
    .execute(cx.conn())
    .await?;
    sqlx::query!(
        "INSERT INTO notification_preferences AS p (tenant_id, id, member_id, kind, channel, mode)
         SELECT $1, n.id, $2, n.kind, n.channel, n.mode FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[]) AS n (id, kind, channel, mode)
         ON CONFLICT (tenant_id, member_id, kind, channel) DO UPDATE SET mode = excluded.mode WHERE p.mode <> excluded.mode",
        tenant,
        me,
        &ids,
        &kinds as &[&str],
        &channels as &[&str],
        &modes as &[&str],
    )
    .execute(cx.conn())
    .await?;
    Ok(())
}

async fn write_quiet(cx: &mut Cx<'_>, me: Uuid, quiet: Option<Hours>) -> Result<()> {
    let tenant = cx.tenant().uuid();
    let Some((from, until, zone)) = quiet else {
        sqlx::query!("DELETE FROM quiet_hours WHERE tenant_id = $1 AND member_id = $2", tenant, me).execute(cx.conn()).await?;
        return Ok(());
    };
    sqlx::query!(
        "INSERT INTO quiet_hours (tenant_id, id, member_id, starts, ends, zone) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (tenant_id, member_id) DO UPDATE SET starts = excluded.starts, ends = excluded.ends, zone = excluded.zone",
        tenant,
        Uuid::now_v7(),
        me,
        from,
        until,
        zone.map(Tz::name),
    )
    .execute(cx.conn())
    .await?;
    Ok(())
}

/// Turns kinds off for the caller by one channel, as a link in a letter does; what is mandatory must not be among them.
pub(super) async fn turn_off(cx: &mut Cx<'_>, kinds: &[&str], channel: Channel) -> Result<()> {
    let ids: Vec<Uuid> = kinds.iter().map(|_| Uuid::now_v7()).collect();
    sqlx::query!(
        "INSERT INTO notification_preferences (tenant_id, id, member_id, kind, channel, mode)
         SELECT $1, n.id, $2, n.kind, $5, 'off' FROM unnest($3::uuid[], $4::text[]) AS n (id, kind)
         ON CONFLICT (tenant_id, member_id, kind, channel) DO UPDATE SET mode = 'off'",
        cx.tenant().uuid(),
        cx.scope().actor().id.uuid(),
        &ids,
        kinds as &[&str],
        channel.as_str(),
    )
    .execute(cx.conn())
    .await?;
    Ok(())
}
