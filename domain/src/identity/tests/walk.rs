//! A long random walk of grants: whoever tries whatever, the rules of levels hold after every step that succeeds.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use uuid::Uuid;

use crate::identity::invitation::{self, Invite};
use crate::identity::{member, role};
use crate::kernel::error::Error;
use crate::kernel::permission::{Permission, Permissions};
use crate::kernel::scope::Scope;
use crate::kernel::testing::World;

/// A role as it stands.
#[derive(Debug, Clone, sqlx::FromRow)]
struct Standing {
    id: Uuid,
    level: i32,
    permissions: Vec<String>,
    version: i32,
}

/// A person as they stand.
#[derive(Debug, Clone, sqlx::FromRow)]
struct Person {
    id: Uuid,
    role_id: Uuid,
    version: i32,
    active: bool,
}

struct Now {
    roles: Vec<Standing>,
    people: Vec<Person>,
}

impl Now {
    async fn of(conn: &mut sqlx::PgConnection) -> Self {
        let roles = sqlx::query_as("SELECT id, level, permissions, version FROM roles ORDER BY id")
            .fetch_all(&mut *conn)
            .await
            .expect("reads roles");
        let people = sqlx::query_as("SELECT id, role_id, version, active FROM members WHERE kind = 'person' ORDER BY id")
            .fetch_all(conn)
            .await
            .expect("reads people");
        Self { roles, people }
    }

    fn role(&self, id: Uuid) -> &Standing {
        self.roles.iter().find(|role| role.id == id).expect("is there")
    }
}

/// Whether an actor may give, take or change a role.
fn within(actor: &Scope, role: &Standing) -> bool {
    let covered = actor.permissions().covers(Permissions::from_keys(&role.permissions));
    covered && (role.level < actor.actor().level || actor.actor().level >= role::TOP)
}

fn some_permissions(rng: &mut StdRng) -> Vec<String> {
    let all: Vec<Permission> = Permission::grantable().collect();
    (0..rng.random_range(0..4)).map(|_| all.choose(rng).expect("there are some").key().to_owned()).collect()
}

#[tokio::test]
async fn given_anybody_when_they_try_any_grant_then_none_that_succeeds_breaks_a_rule() {
    let world = World::new().await;
    let company = world.company("north").await;
    for (role, name) in [("admin", "ada"), ("manager", "marat"), ("fleet_manager", "fatima"), ("technician", "timur")] {
        world.member(&company, role, name).await;
    }
    let (app, tenant) = (&world.app, company.admin.tenant().uuid());
    let mut conn = world.superuser().await;
    let mut rng = StdRng::seed_from_u64(18);
    let (mut done, mut refused) = (0, 0);
    for step in 0..250 {
        let now = Now::of(&mut conn).await;
        let actor = now.people.choose(&mut rng).expect("somebody").clone();
        let Ok(scope) = app.scope_of(tenant, Some(actor.id), world.request()).await else { continue };
        let target = now.people.choose(&mut rng).expect("somebody").clone();
        let wanted = now.roles.choose(&mut rng).expect("some role").clone();
        let (outcome, allowed) = match rng.random_range(0..3) {
            0 => {
                let input = member::Input { role_id: wanted.id, all_sites: true, site_ids: Vec::new(), active: rng.random_bool(0.8) };
                let change = member::Change { id: target.id.into(), version: target.version, input };
                let old = now.role(target.role_id);
                (app.run(&scope, change).await.map(drop), target.id != actor.id && within(&scope, old) && within(&scope, &wanted))
            }
            1 => {
                let input = role::Input {
                    name: format!("role {step}"),
                    level: rng.random_range(-1..=101),
                    permissions: some_permissions(&mut rng),
                };
                let below = input.level < scope.actor().level && scope.permissions().covers(Permissions::from_keys(&input.permissions));
                let new = rng.random_bool(0.3);
                let id = (!new).then_some((wanted.id.into(), wanted.version));
                (app.run(&scope, role::Save { id, input }).await.map(drop), below && (new || within(&scope, &wanted)))
            }
            _ => {
                let input = invitation::Input {
                    email: format!("p{step}@north.example"),
                    name: "P".into(),
                    role_id: wanted.id,
                    all_sites: true,
                    site_ids: Vec::new(),
                    locale: "tr".into(),
                };
                (app.run(&scope, Invite(input)).await.map(drop), within(&scope, &wanted))
            }
        };
        match outcome {
            Ok(()) => {
                assert!(allowed, "step {step}: {actor:?} reached beyond themselves: {target:?} {wanted:?}");
                done += 1;
            }
            Err(Error::Forbidden(_) | Error::Invalid(_) | Error::Conflict(_)) => refused += 1,
            Err(other) => panic!("step {step}: {other:?}"),
        }
        let after = Now::of(&mut conn).await;
        let admins = after.people.iter().filter(|person| person.active && after.role(person.role_id).level >= role::TOP).count();
        assert!(admins > 0, "step {step}: nobody is left who may do everything");
    }
    assert!(done > 20 && refused > 20, "the walk tries both ways: {done} done, {refused} refused");
}
