//! Accounts, companies, people: who gets in, and who does not.

mod invitations;
mod keys;
mod levels;
mod passwords;
mod roles;
mod seats;
mod sessions;
mod signup;
mod walk;

use uuid::Uuid;

use super::company::{Limit, Limits, Show};
use super::login::Login;
use crate::identity::company;
use crate::kernel::scope::Scope;
use crate::kernel::testing::{PASSWORD, World};

/// What the person of an address types to log in.
fn login(email: &str) -> Login {
    Login { email: email.to_owned(), password: PASSWORD.to_owned(), remember: false }
}

/// Changes a company's limits, as an operator.
async fn limit(world: &World, scope: &Scope, seats: i32, suspended: bool) -> company::Company {
    let id = scope.tenant();
    let before = world.app.platform(&world.operator(), Show(id)).await.expect("is there");
    let limits = Limits { name: before.name, contact_email: before.contact_email, seats, suspended };
    world.app.platform(&world.operator(), Limit { id, version: before.version, limits }).await.expect("limits")
}

/// One figure of the whole database.
async fn figure(world: &World, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(&mut world.superuser().await).await.expect("counts")
}

async fn account(world: &World, email: &str) -> Uuid {
    sqlx::query_scalar("SELECT id FROM platform.accounts WHERE email = $1")
        .bind(email)
        .fetch_one(&mut world.superuser().await)
        .await
        .expect("is there")
}
