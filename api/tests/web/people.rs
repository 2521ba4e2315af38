//! People, invitations, roles.

use domain::identity::member;
use domain::identity::role;
use domain::kernel::listing::{List, Query};

use crate::browser::{Browser, Site};

#[tokio::test]
async fn people_are_found_by_name_and_state() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let serik = site.world.member(&company, "technician", "Серік-Н").await;
    let admin = site.admin(&company).await;
    admin.get("/north/people").await.expect(200).says(&["Admin north", "Серік-Н", "2 records", "All sites"]);
    admin.get("/north/people?q=%D0%A1%D0%B5%D1%80").await.expect(200).says(&["Серік-Н"]).hides(&["admin@north.example</span>"]);
    admin.get("/north/people?state=deactivated").await.expect(200).says(&["Nothing matches"]);
    let path = format!("/north/people/{}", serik.actor().id);
    let page = admin.complete(&format!("{path}/deactivate"), &[]).await;
    page.says(&["Серік-Н can no longer log in here.", "Reactivate"]);
    admin.get("/north/people?state=deactivated").await.expect(200).says(&["Серік-Н"]);
    let kept_out = site.browser();
    kept_out.log_in("серік-н@north.example").await.expect(303);
    kept_out.get("/north/notifications").await.expect(404);
    admin.complete(&format!("{path}/reactivate"), &[]).await.says(&["Серік-Н can log in again."]);
    kept_out.get("/north/notifications").await.expect(200);
    admin.get("/north/people?cursor=nonsense").await.expect(422);
}

#[tokio::test]
async fn a_role_and_sites_are_changed_at_the_version_read() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let serik = site.world.member(&company, "technician", "serik").await;
    let admin = site.admin(&company).await;
    let path = format!("/north/people/{}", serik.actor().id);
    let page = admin.get(&path).await.expect(200);
    let (version, site_id) = (page.value("version").to_owned(), page.value("site_ids").to_owned());
    let role = company.role("storekeeper").to_string();
    let fields = [("role_id", &*role), ("site_ids", &*site_id), ("version", &*version)];
    let nowhere = [("role_id", &*role), ("site_ids", "01938700-0000-7000-8000-000000000000"), ("version", &*version)];
    let none = [("role_id", &*role), ("all_sites", "false"), ("version", &*version)];
    admin.submit(&path, &none).await.expect(422).says(&["site_ids-error", "value=\"false\" checked"]);
    let both = [("role_id", &*role), ("all_sites", "true"), ("site_ids", &*site_id), ("version", &*version)];
    admin.submit(&path, &both).await.expect(422).says(&["Choose either all sites or some of them."]);
    admin.submit(&path, &nowhere).await.expect(422).says(&["There is no such record."]);
    admin.submit(&path, &[("role_id", ""), ("version", &version)]).await.expect(422).says(&["Fill in this field."]);
    admin.complete(&path, &fields).await.says(&["Changes saved.", &format!("value=\"{role}\" selected")]);
    admin.submit(&path, &fields).await.expect(412).says(&["Somebody changed this record", "Last changed by Admin north"]);
    let person = site.world.app.run(&company.admin, member::Show(serik.actor().id)).await.expect("is there");
    assert_eq!((person.role_id, person.active, person.all_sites, person.site_ids.len()), (company.role("storekeeper"), true, false, 1));
}

#[tokio::test]
async fn nobody_changes_those_above_or_themselves() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let manager = site.member(&company, "manager", "aru").await;
    let admin = site.admin(&company).await;
    let own = format!("/north/people/{}", company.admin.actor().id);
    manager.get(&own).await.expect(200).says(&["not below yours"]).hides(&["/deactivate"]);
    manager.submit(&format!("{own}/deactivate"), &[]).await.expect(403);
    admin.get(&own).await.expect(200).says(&["You cannot change your own role."]);
    let refused = admin.submit(&format!("{own}/deactivate"), &[]).await.expect(409);
    assert_eq!(refused.place(), own, "language and theme lead back to a page that can be read");
    // a role above one's own is neither offered nor accepted
    let invite = manager.get("/north/invitations/new").await.expect(200);
    let top = company.role("admin").to_string();
    invite.hides(&[&top]).says(&[&company.role("technician").to_string()]);
    let fields = [("email", "x@north.example"), ("name", "X"), ("role_id", &*top), ("locale", "kk"), ("all_sites", "true")];
    manager.submit("/north/invitations/new", &fields).await.expect(403);
}

#[tokio::test]
async fn without_the_right_the_pages_say_so() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let viewer = site.member(&company, "viewer", "kana").await;
    for path in ["/north/people", "/north/invitations", "/north/invitations/new", "/north/roles", "/north/roles/new"] {
        viewer.get(path).await.expect(403).says(&["You may not do this"]).hides(&["href=\"/north/people\""]);
    }
    let technician = company.role("technician").to_string();
    let fields = [("email", "x@north.example"), ("name", "X"), ("role_id", &*technician), ("locale", "kk")];
    viewer.submit("/north/invitations/new", &fields).await.expect(403);
    viewer.submit("/north/roles/new", &[("name", "X"), ("level", "5")]).await.expect(403);
    let dispatcher = site.member(&company, "dispatcher", "dina").await;
    dispatcher.get("/north/people").await.expect(200).hides(&["/north/invitations/new"]);
    dispatcher.get("/north/invitations").await.expect(200).hides(&["/north/invitations/new"]);
    dispatcher.get("/north/invitations/new").await.expect(403);
    dispatcher.get("/north/roles/new").await.expect(403);
    let id = company.role("viewer");
    dispatcher.get(&format!("/north/roles/{id}")).await.expect(200).says(&["You can look at this role but not change it."]);
}

async fn wrong_invitations(admin: &Browser<'_>, role: &str) {
    let empty =
        admin.submit("/north/invitations/new", &[("email", "серік"), ("name", ""), ("role_id", ""), ("locale", "kk")]).await.expect(422);
    empty.says(&["value=\"серік\"", "f-role_id-error"]);
    let wrong = [("email", "серік"), ("name", ""), ("role_id", role), ("locale", "kk")];
    let page = admin.submit("/north/invitations/new", &wrong).await.expect(422);
    page.says(&["f-email-error", "f-name-error", &format!("value=\"{role}\" selected")]);
}

#[tokio::test]
async fn invitations_are_sent_once_and_expire() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let admin = site.admin(&company).await;
    admin.get("/north/invitations").await.expect(200).says(&["No invitations yet"]);
    let role = company.role("technician").to_string();
    wrong_invitations(&admin, &role).await;
    let fields = [("email", "serik@north.example"), ("name", "Серік <b>"), ("role_id", &*role), ("locale", "kk"), ("all_sites", "true")];
    admin.complete("/north/invitations/new", &fields).await.says(&["Серік &lt;b&gt;", "Pending"]).hides(&["Серік <b>"]);
    admin.submit("/north/invitations/new", &fields).await.expect(422).says(&["f-email-error", "serik@north.example"]);
    let member = [("email", "admin@north.example"), ("name", "A"), ("role_id", &*role), ("locale", "kk"), ("all_sites", "true")];
    admin.submit("/north/invitations/new", &member).await.expect(422).says(&["This person is in the company already."]);
    site.world.clock.advance(chrono::TimeDelta::hours(73));
    let admin = site.admin(&company).await;
    admin.get("/north/invitations").await.expect(200).says(&["Seats taken: 1 of 50; left: 49"]).hides(&["Серік"]);
    admin.get("/north/invitations?past=true").await.expect(200).says(&["Серік &lt;b&gt;", "Expired"]).hides(&["/revoke"]);
}

#[tokio::test]
async fn a_company_without_seats_is_told_so() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let operator = site.operator().await;
    let path = format!("/platform/companies/{}", company.admin.tenant());
    let version = operator.get(&path).await.expect(200).value("version").to_owned();
    operator
        .submit(&path, &[("name", "North"), ("contact_email", "a@north.example"), ("seats", "1"), ("version", &version)])
        .await
        .expect(303);
    let mut admin = site.admin(&company).await;
    admin.submit("/preferences", &[("locale", "kk")]).await.expect(303);
    admin.language = "kk";
    let role = company.role("technician").to_string();
    let fields = [("email", "serik@north.example"), ("name", "Серік"), ("role_id", &*role), ("locale", "kk"), ("all_sites", "true")];
    admin.submit("/north/invitations/new", &fields).await.expect(409).says(&["Бос орын қалмады.", "value=\"Серік\""]);
}

#[tokio::test]
async fn roles_are_added_and_changed() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let admin = site.admin(&company).await;
    admin.get("/north/roles").await.expect(200).says(&["technician", "Built in"]);
    let fixed = format!("/north/roles/{}", company.role("admin"));
    admin.get(&fixed).await.expect(200).says(&["You can look at this role but not change it."]);
    let wrong = [("name", ""), ("level", "100"), ("permissions", "work_order.view")];
    let page = admin.submit("/north/roles/new", &wrong).await.expect(422);
    page.says(&["Fill in this field.", "f-level-error", "value=\"work_order.view\" checked"]);
    admin.submit("/north/roles/new", &[("name", "X"), ("level", "ten")]).await.expect(422).says(&["Enter a whole number."]);
    admin.submit("/north/roles/new", &[("name", "X"), ("level", "10"), ("permissions", "root")]).await.expect(422);
    let fields = [("name", "Аға <механик>"), ("level", "40"), ("permissions", "work_order.view"), ("permissions", "asset.view")];
    admin.complete("/north/roles/new", &fields).await.says(&["Changes saved.", "Аға &lt;механик&gt;"]).hides(&["<механик>"]);

    let roles = site.world.app.run(&company.admin, role::List).await.expect("lists");
    let made = roles.into_iter().find(|role| role.name.starts_with("Аға")).expect("is there");
    assert_eq!((made.level, made.permissions), (40, vec!["work_order.view".to_owned(), "asset.view".to_owned()]));
    let path = format!("/north/roles/{}", made.id);
    let version = admin.get(&path).await.expect(200).value("version").to_owned();
    let change = [("name", "Аға механик"), ("level", "41"), ("version", &*version)];
    admin.complete(&path, &change).await.says(&["Аға механик"]);
    admin.submit(&path, &change).await.expect(412).says(&["Somebody changed this record"]);
    let again = [("name", "technician"), ("level", "41"), ("version", "2")];
    admin.submit(&path, &again).await.expect(422).says(&["This is already taken."]);
    admin.get("/north/roles/01938700-0000-7000-8000-000000000000").await.expect(404);
}

#[tokio::test]
async fn a_role_is_deleted_once_nobody_holds_it() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let admin = site.admin(&company).await;
    let built_in = format!("/north/roles/{}", company.role("driver"));
    admin.get(&built_in).await.expect(200).hides(&["/delete\""]);
    admin.submit(&format!("{built_in}/delete"), &[("version", "1")]).await.expect(409).says(&["it cannot be deleted"]);
    admin.submit("/north/roles/new", &[("name", "Mechanic"), ("level", "40")]).await.expect(303);
    let roles = site.world.app.run(&company.admin, role::List).await.expect("lists");
    let id = roles.into_iter().find(|role| role.name == "Mechanic").expect("is there").id.to_string();
    let path = format!("/north/roles/{id}");
    let fields = [("email", "serik@north.example"), ("name", "Серік"), ("role_id", &*id), ("locale", "kk"), ("all_sites", "true")];
    admin.submit("/north/invitations/new", &fields).await.expect(303);
    let page = admin.get(&path).await.expect(200);
    page.says(&["Delete the role “Mechanic”?"]);
    let version = page.value("version").to_owned();
    let refused = admin.submit(&format!("{path}/delete"), &[("version", &version)]).await.expect(422);
    refused.says(&["while somebody holds it or is invited to it: Серік."]);
    assert_eq!(refused.place(), path);
    admin.submit(&format!("{path}/delete"), &[]).await.expect(428);
    let invitation = admin
        .get("/north/invitations")
        .await
        .expect(200)
        .between("/north/invitations/", "/revoke")
        .rsplit('/')
        .next()
        .expect("an id")
        .to_owned();
    admin.submit(&format!("/north/invitations/{invitation}/revoke"), &[]).await.expect(303);
    admin.complete(&format!("{path}/delete"), &[("version", &version)]).await.says(&["Record deleted."]).hides(&["Mechanic"]);
    admin.get("/north/invitations?past=true").await.expect(200).says(&["Mechanic", "Revoked"]);
}

#[tokio::test]
async fn a_tampered_form_grants_nothing() {
    let site = Site::new().await;
    let (north, south) = (site.world.company("north").await, site.world.company("south").await);
    let manager = site.member(&north, "manager", "aru").await;
    let serik = site.world.member(&north, "technician", "serik").await;
    let path = format!("/north/people/{}", serik.actor().id);
    let version = manager.get(&path).await.expect(200).value("version").to_owned();
    let role = north.role("driver").to_string();
    let tenant = south.admin.tenant().to_string();
    let fields = [
        ("role_id", &*role),
        ("all_sites", "true"),
        ("version", &*version),
        ("active", "false"),
        ("tenant_id", &*tenant),
        ("level", "100"),
        ("permissions", "company.manage"),
    ];
    manager.submit(&path, &fields).await.expect(303);
    let people = site.world.app.run(&north.admin, List::<member::Member>::new(Query::all::<member::Member>())).await.expect("lists").data;
    let person = people.iter().find(|person| person.name == "serik").expect("is there");
    assert_eq!((person.role.as_str(), person.level, person.active), ("driver", 20, true));
}
