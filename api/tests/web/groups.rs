//! A company's Telegram groups, as its administrators see them.

use poem::http::StatusCode;
use uuid::Uuid;

use crate::browser::Site;

const PAGE: &str = "/north/settings/telegram";

/// A group, as the bot leaves one behind.
async fn group(site: &Site, company: &domain::kernel::testing::Company) -> Uuid {
    let sql = "INSERT INTO telegram_groups (tenant_id, id, chat, title, locale, kinds)
               VALUES ($1, gen_random_uuid(), -100, 'Котельная <b>', 'ru', ARRAY['work_order.overdue']) RETURNING id";
    let group = sqlx::query_scalar(sql).bind(company.admin.tenant().uuid());
    group.fetch_one(&mut site.world.superuser().await).await.expect("is linked")
}

#[tokio::test]
async fn a_link_for_a_group_is_made_for_those_who_look_after_the_company() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let admin = site.admin(&company).await;
    admin.get(PAGE).await.expect(200).says(&["No groups yet", "Link a group"]).hides(&["startgroup"]);
    let page = admin.submit(&format!("{PAGE}/link"), &[]).await.expect(200);
    page.says(&["https://t.me/millwright_test_bot?startgroup=", "half an hour"]);
    assert_eq!(page.header("cache-control"), "no-store");
    let technician = site.member(&company, "technician", "serik").await;
    technician.get(PAGE).await.expect(403);
    technician.submit(&format!("{PAGE}/link"), &[]).await.expect(403);
    let made = "SELECT count(*) FROM platform.telegram_links WHERE for_group";
    let made: i64 = sqlx::query_scalar(made).fetch_one(&mut site.world.superuser().await).await.expect("counts");
    assert_eq!(made, 1);
}

#[tokio::test]
async fn what_a_group_is_told_is_chosen_and_it_is_unlinked() {
    let site = Site::new().await;
    let (north, south) = (site.world.company("north").await, site.world.company("south").await);
    let id = group(&site, &north).await;
    let path = format!("{PAGE}/{id}");
    let admin = site.admin(&north).await;
    let page = admin.get(PAGE).await.expect(200);
    page.says(&["Котельная &lt;b&gt;", "value=\"work_order.overdue\" checked"]).hides(&["work_order.assigned", "daily.summary"]);
    let hall = site.world.location(&north.admin, "Hall", None).await;
    let chosen = [("locale", "kk"), ("site", &*hall.id.to_string()), ("kind", "work_order.completed"), ("kind", "asset.reminder")];
    let page = admin.complete(&path, &chosen).await;
    page.says(&["value=\"work_order.completed\" checked", "value=\"asset.reminder\" checked"]);
    page.hides(&["value=\"work_order.overdue\" checked"]);
    let stored: (String, Vec<String>, Option<Uuid>) = sqlx::query_as("SELECT locale, kinds, about_site FROM telegram_groups")
        .fetch_one(&mut site.world.superuser().await)
        .await
        .expect("is kept");
    let kinds = ["asset.reminder", "work_order.completed"].map(str::to_owned).to_vec();
    assert_eq!(stored, ("kk".to_owned(), kinds, Some(hall.id)));
    for (field, value, named) in
        [("locale", "de", "locale"), ("kind", "work_order.assigned", "kinds"), ("kind", "invitation", "kinds"), ("site", "x", "site")]
    {
        let wrong: Vec<(&str, &str)> =
            [("locale", "en"), ("site", "")].into_iter().filter(|(name, _)| *name != field).chain([(field, value)]).collect();
        let page = admin.submit(&path, &wrong).await.expect(422);
        assert!(page.text.contains("role=\"alert\""), "{named}: {}", page.text);
    }
    // another company's site, and another company's group
    let far = site.world.location(&south.admin, "Far", None).await;
    admin.submit(&path, &[("locale", "en"), ("site", &far.id.to_string())]).await.expect(422);
    let stranger = site.admin(&south).await;
    for path in [format!("/south/settings/telegram/{id}"), format!("/south/settings/telegram/{id}/unlink")] {
        assert_eq!(stranger.submit(&path, &[("locale", "en")]).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    admin.complete(&format!("{path}/unlink"), &[]).await.says(&["The group is unlinked.", "No groups yet"]);
    admin.submit(&format!("{path}/unlink"), &[]).await.expect(404);
}
