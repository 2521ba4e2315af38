//! How a member wants to be told.

use domain::identity::member::ShowOwn;
use domain::notify::kinds::{Channel, Kind, Mode};
use domain::notify::preference::{ChangePreferences, Choice, Choices, Preferences, QuietHours, ShowPreferences};
use poem::{Response, handler};
use templates::pages::messages::{ChannelCell, Family, KindRow, PreferencesPage};
use templates::pages::parts::Errors;

use super::flash::Flash;
use super::form::{Form, Wrong};
use super::pages::Pages;
use super::respond::{done, page, whole};
use super::visitor::Member;
use crate::http::failure::Result;

const PATH: &str = "notifications/preferences";

/// The pages of this file.
pub fn pages(pages: Pages) -> Pages {
    pages.get("/:company/notifications/preferences", show).post("/:company/notifications/preferences", save)
}

#[handler]
async fn show(member: Member) -> Result<Response> {
    let now = member.run(ShowPreferences).await?;
    let filled = filled(&member, &now).await?;
    page(&member, &filled).await
}

#[handler]
async fn save(member: Member, form: Form) -> Result<Response> {
    let typed = typed(&form);
    match member.edge.app.run(&member.scope, ChangePreferences(typed.clone())).await {
        Ok(_) => Ok(done(&member, &member.path(PATH), Flash::new("saved"))),
        Err(error) => {
            let wrong = Wrong::of(member.locale, error)?;
            let mut now = member.run(ShowPreferences).await?;
            for preference in &mut now.preferences {
                let chosen = typed.preferences.iter().find(|c| c.kind == preference.kind && c.channel == preference.channel);
                preference.mode = chosen.map_or(preference.mode, |choice| choice.mode);
            }
            let (from, until, zone) = (form.typed("from"), form.typed("until"), form.typed("zone"));
            let again = PreferencesPage { from, until, zone, errors: wrong.errors, ..filled(&member, &now).await? };
            whole(&member, wrong.status, &again).await
        }
    }
}

/// A select is named after kind and channel. Hours both left empty are none.
fn typed(form: &Form) -> Choices {
    let choice = |(name, value): &(String, String)| {
        let (kind, channel) = name.split_once(':')?;
        Some(Choice { kind: kind.to_owned(), channel: Channel::parse(channel)?, mode: Mode::parse(value)? })
    };
    let (from, until) = (form.text("from").trim(), form.text("until").trim());
    let zone = Some(form.text("zone").trim().to_owned()).filter(|zone| !zone.is_empty());
    let quiet_hours = (!from.is_empty() || !until.is_empty()).then(|| QuietHours { from: from.to_owned(), until: until.to_owned(), zone });
    Choices { preferences: form.pairs().iter().filter_map(choice).collect(), quiet_hours }
}

async fn filled(member: &Member, now: &Preferences) -> Result<PreferencesPage> {
    let own = member.run(ShowOwn).await?;
    let quiet = now.quiet_hours.clone();
    let (from, until, zone) = quiet.map_or_else(Default::default, |quiet| (quiet.from, quiet.until, quiet.zone.unwrap_or_default()));
    Ok(PreferencesPage {
        company: member.scope.company().name.clone(),
        company_zone: member.scope.company().zone.name().to_owned(),
        telegram: own.telegram,
        families: families(now),
        from,
        until,
        zone,
        errors: Errors::new(),
    })
}

fn families(now: &Preferences) -> Vec<Family> {
    let mut families: Vec<Family> = Vec::new();
    for kind in domain::notify::kinds::to_members() {
        let row = KindRow { key: kind.key.to_owned(), channels: Channel::ALL.map(|channel| cell(now, kind, channel)).into() };
        match families.iter_mut().find(|family| family.key == kind.family()) {
            Some(family) => family.kinds.push(row),
            None => families.push(Family { key: kind.family().to_owned(), kinds: vec![row] }),
        }
    }
    families
}

fn cell(now: &Preferences, kind: &Kind, channel: Channel) -> ChannelCell {
    let known = now.preferences.iter().find(|known| known.kind == kind.key && known.channel == channel);
    ChannelCell {
        channel: channel.as_str().to_owned(),
        mode: known.map_or(Mode::Off, |known| known.mode).as_str().to_owned(),
        modes: kind.modes(channel).iter().map(|mode| mode.as_str().to_owned()).collect(),
        taken: kind.takes(channel),
    }
}
