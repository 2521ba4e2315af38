//! Seats, and what became of invitations.

use chrono::TimeDelta;

use super::limit;
use crate::identity::company::Show;
use crate::identity::invitation::{Acceptance, Input, Invitation, Invite, List, Revoke, Seats, ShowSeats, State, Which};
use crate::kernel::error::{Error, Result};
use crate::kernel::testing::{Company, PASSWORD, World};

async fn invite(world: &World, company: &Company, name: &str) -> Result<Invitation> {
    let input = Input {
        email: format!("{name}@north.example"),
        name: name.to_owned(),
        role_id: company.role("viewer"),
        all_sites: true,
        site_ids: Vec::new(),
        locale: "kk".to_owned(),
    };
    world.app.run(&company.admin, Invite(input)).await
}

async fn seats(world: &World, company: &Company) -> Seats {
    let seen = world.app.run(&company.admin, ShowSeats).await.expect("counts");
    let operators = world.app.platform(&world.operator(), Show(company.admin.tenant())).await.expect("shows");
    assert_eq!((i64::from(operators.seats), operators.seats_used, operators.seats_left), (seen.seats, seen.used, seen.left));
    seen
}

#[tokio::test]
async fn given_seats_when_people_are_invited_come_and_go_then_those_taken_and_left_are_told() {
    let world = World::new().await;
    let company = world.company("north").await;
    limit(&world, &company.admin, 3, false).await;
    let told = |used, left| Seats { seats: 3, used, left };
    assert_eq!(seats(&world, &company).await, told(1, 2));
    let zere = invite(&world, &company, "zere").await.expect("invites");
    invite(&world, &company, "abai").await.expect("invites");
    assert_eq!(seats(&world, &company).await, told(3, 0));
    assert!(matches!(invite(&world, &company, "dina").await, Err(Error::Conflict("seats_exhausted"))));
    world.app.run(&company.admin, Revoke(zere.id.into())).await.expect("takes back");
    assert_eq!(seats(&world, &company).await, told(2, 1));
    world.clock.advance(TimeDelta::hours(73));
    assert_eq!(seats(&world, &company).await, told(1, 2), "an expired invitation holds no seat");
}

#[tokio::test]
async fn given_fewer_seats_when_an_invitation_is_accepted_then_nobody_comes_in_beyond_them() {
    let world = World::new().await;
    let company = world.company("north").await;
    limit(&world, &company.admin, 3, false).await;
    for name in ["zere", "abai"] {
        invite(&world, &company, name).await.expect("invites");
    }
    let accept = async |name: &str| {
        let token = world.letter(&company, &format!("{name}@north.example")).await;
        let acceptance = Acceptance { token, name: None, password: PASSWORD.to_owned() };
        world.app.accept_invitation(&acceptance, &world.request()).await.map(drop)
    };
    limit(&world, &company.admin, 2, false).await;
    accept("zere").await.expect("the second seat is theirs");
    assert!(matches!(accept("abai").await, Err(Error::Conflict("seats_exhausted"))));
    assert_eq!(seats(&world, &company).await, Seats { seats: 2, used: 3, left: 0 });
    limit(&world, &company.admin, 3, false).await;
    accept("abai").await.expect("the invitation was not used up");
}

#[tokio::test]
async fn given_invitations_when_they_end_then_the_past_tells_how_and_when() {
    let world = World::new().await;
    let company = world.company("north").await;
    let mut ids = Vec::new();
    for name in ["zere", "abai", "dina"] {
        ids.push(invite(&world, &company, name).await.expect("invites").id);
    }
    world.clock.advance(TimeDelta::hours(1));
    let token = world.letter(&company, "zere@north.example").await;
    let acceptance = Acceptance { token, name: None, password: PASSWORD.to_owned() };
    world.app.accept_invitation(&acceptance, &world.request()).await.expect("accepts");
    world.app.run(&company.admin, Revoke(ids[1].into())).await.expect("takes back");
    let ended = world.app.clock().now();
    world.clock.advance(TimeDelta::hours(72));
    invite(&world, &company, "dina").await.expect("may be invited anew");
    let open = world.app.run(&company.admin, List::open()).await.expect("lists");
    assert_eq!(open.iter().map(|each| (&*each.name, each.state)).collect::<Vec<_>>(), [("dina", State::Pending)]);
    let past = |before| List { which: Which::Past, before, limit: 2 };
    let first = world.app.run(&company.admin, past(None)).await.expect("lists");
    let second = world.app.run(&company.admin, past(Some(first[1].id))).await.expect("lists on");
    let seen: Vec<_> = first.iter().chain(&second).map(|each| (&*each.name, each.state, each.ended_at)).collect();
    let expired = first[0].expires_at;
    assert_eq!(
        seen,
        [("dina", State::Expired, Some(expired)), ("abai", State::Revoked, Some(ended)), ("zere", State::Accepted, Some(ended))]
    );
    assert!(matches!(world.app.run(&company.admin, Revoke(ids[0].into())).await, Err(Error::NotFound)), "what is past stays");
}
