//! A demonstration company and its people, by the steps every company goes: onboarded, signed up, invited, accepted.

use std::collections::BTreeMap;

use anyhow::Context;
use domain::App;
use domain::identity::Member;
use domain::identity::company::{Company, Input, List as Companies, Onboard};
use domain::identity::invitation::{self, Acceptance, Invite, WriteLetter};
use domain::identity::login::Begun;
use domain::identity::role::{self, Role};
use domain::identity::session::End;
use domain::identity::signup::Signup;
use domain::identity::signup_key::NewKey;
use domain::kernel::platform::Caller;
use domain::kernel::scope::{Request, Scope};
use uuid::Uuid;

use super::catalogue::{Places, all};
use super::file::{CompanyFile, Person};
use super::{DRAFT_SEATS, operator};

/// Scopes of a company's people, by what its file calls them.
pub type People = BTreeMap<String, Scope>;

fn request() -> Request {
    Request::internal("demo")
}

/// The company, if it was onboarded.
pub async fn find(app: &App, slug: &str) -> anyhow::Result<Option<Company>> {
    let asked = Companies { q: Some(slug.to_owned()), before: None, limit: 200 };
    let found = app.platform(&operator(), asked).await?;
    Ok(found.into_iter().find(|company| company.slug == slug))
}

/// The company, onboarded and signed up.
pub async fn open(app: &App, file: &CompanyFile, password: &str) -> anyhow::Result<Company> {
    let key = match find(app, &file.slug).await? {
        None => {
            let contact_email = file.admin()?.email.clone();
            let input = Input {
                name: file.name.clone(),
                slug: Some(file.slug.clone()),
                contact_email,
                seats: DRAFT_SEATS,
                locale: Some(file.locale.clone()),
            };
            Some(app.platform(&operator(), Onboard(input)).await?.signup_key)
        }
        // its key was shown to a run that was cut short
        Some(company) if company.status == "pending" => Some(app.platform(&operator(), NewKey(company.id.into())).await?.signup_key),
        Some(_) => None,
    };
    if let Some(key) = key {
        sign_up(app, file, key, password).await?;
    }
    find(app, &file.slug).await?.context("the company is gone")
}

async fn sign_up(app: &App, file: &CompanyFile, key: String, password: &str) -> anyhow::Result<()> {
    let first = file.admin()?;
    let signup = Signup {
        email: first.email.clone(),
        key,
        name: Some(first.name.clone()),
        password: password.to_owned(),
        locale: file.locale.clone(),
        time_zone: file.time_zone.name().to_owned(),
        currency: file.currency.clone(),
    };
    let (begun, _) = app.sign_up(&signup, api::rest::words(&file.locale), &request()).await?;
    leave(app, begun).await
}

/// Ends a session that nobody needs.
async fn leave(app: &App, begun: Begun) -> anyhow::Result<()> {
    let caller = Caller { account: Some(begun.account), operator: false, request: request() };
    Ok(app.platform(&caller, End(begun.session)).await?)
}

/// The scope of the company's first person.
pub async fn admin(app: &App, company: &Company, file: &CompanyFile) -> anyhow::Result<Scope> {
    let system = app.scope_of(company.id, None, request()).await?;
    let members = all::<Member>(app, &system).await?;
    scope(app, company, &members, file.admin()?).await
}

async fn scope(app: &App, company: &Company, members: &[Member], person: &Person) -> anyhow::Result<Scope> {
    let member = members.iter().find(|member| member.email.as_deref() == Some(&*person.email));
    let member = member.with_context(|| format!("{} did not join", person.email))?;
    Ok(app.scope_of(company.id, Some(member.id), request()).await?)
}

/// The scopes of the company's people; who is not in it yet is invited and accepts.
pub async fn people(
    app: &App,
    company: &Company,
    admin: &Scope,
    file: &CompanyFile,
    places: &Places,
    password: &str,
) -> anyhow::Result<People> {
    let members = all::<Member>(app, admin).await?;
    let roles = app.run(admin, role::List).await?;
    for person in &file.people {
        if !members.iter().any(|member| member.email.as_deref() == Some(&*person.email)) {
            join(app, admin, person, &roles, places, password).await.with_context(|| format!("{} cannot join", person.email))?;
        }
    }
    let members = all::<Member>(app, admin).await?;
    let mut people = People::new();
    for person in &file.people {
        people.insert(person.key.clone(), scope(app, company, &members, person).await?);
    }
    Ok(people)
}

async fn join(app: &App, admin: &Scope, person: &Person, roles: &[Role], places: &Places, password: &str) -> anyhow::Result<()> {
    let open = app.run(admin, invitation::List::open()).await?;
    let invitation = match open.into_iter().find(|invitation| invitation.email == person.email) {
        Some(invitation) => invitation,
        None => app.run(admin, Invite(invitation_of(person, roles, places)?)).await?,
    };
    let letter = app.run(admin, WriteLetter(invitation.id.into())).await?.context("the invitation is not open")?;
    let acceptance = Acceptance { token: letter.token.reveal().to_owned(), name: None, password: password.to_owned() };
    let (begun, _) = app.accept_invitation(&acceptance, &request()).await?;
    leave(app, begun).await
}

fn invitation_of(person: &Person, roles: &[Role], places: &Places) -> anyhow::Result<invitation::Input> {
    let role = roles.iter().find(|role| role.key.as_deref() == Some(&*person.role));
    let role = role.with_context(|| format!("there is no role {}", person.role))?;
    let sites: Vec<Uuid> = person.sites.iter().map(|site| places.find(site)).collect::<anyhow::Result<_>>()?;
    Ok(invitation::Input {
        email: person.email.clone(),
        name: person.name.clone(),
        role_id: role.id,
        all_sites: sites.is_empty(),
        site_ids: sites,
        locale: person.locale.clone(),
    })
}
