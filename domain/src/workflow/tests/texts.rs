//! What a company's own file says, to whom and by which way.

use serde_json::{Value as Json, json};

use super::{FILE, Shop};
use crate::maintenance::work_order::WorkOrder;

const ASKED: &str = "work_order.approval_requested";
const OWN: &str = "work_order.message";

/// The shop's file with messages of its own.
fn own() -> String {
    let texts = "texts:
  kk: {ready: 'Дайын: %{number}', please: 'Қараңызшы: %{title}'}
  ru: {ready: 'Готово: %{number}', work_order.completed: 'Сделано: %{title}'}
";
    let file = FILE.replace("void_on_change: [title]", "text: please\n      void_on_change: [title]").replace(
        "effects: [{notify: {text: work_order.approved, to: [doc.created_by]}}]",
        "effects: [{notify: {text: ready, to: [doc.created_by], channels: [email]}}]",
    );
    assert_ne!(file, FILE);
    file + texts
}

impl Shop {
    /// The words kept with what was told of an order under a kind, and the ways it went.
    async fn said(&self, order: &WorkOrder, kind: &str) -> Vec<(Json, bool, Option<Vec<String>>)> {
        sqlx::query_as(
            "SELECT n.params->'words', n.shown, array_agg(d.channel ORDER BY d.channel) FILTER (WHERE d.id IS NOT NULL)
             FROM notifications n LEFT JOIN deliveries d ON d.tenant_id = n.tenant_id AND d.notification_id = n.id
             WHERE n.record_id = $1 AND n.kind = $2 GROUP BY n.id, n.params, n.shown ORDER BY n.id",
        )
        .bind(order.id)
        .bind(kind)
        .fetch_all(&mut self.world.superuser().await)
        .await
        .expect("reads")
    }
}

#[tokio::test]
async fn given_a_file_with_words_of_its_own_when_it_tells_then_they_are_kept_in_every_language_under_a_kind_of_ours() {
    let shop = Shop::of(&own()).await;
    let (fatima, farid) = (shop.person("fleet_manager", "fatima").await, shop.person("fleet_manager", "farid").await);
    let order = shop.asked(json!({})).await;
    assert_eq!(shop.told(&order, ASKED).await, ["marat"], "an approval with a text of its own asks all the same");
    let please = "Қараңызшы: %{title}";
    let asked = shop.said(&order, ASKED).await;
    assert_eq!(
        asked[0].0,
        json!({ "kk": please, "ru": please, "en": please, "tr": please }),
        "the company's main language where there is no other"
    );
    assert_eq!(asked[0].2, Some(vec!["email".to_owned(), "telegram".to_owned()]));
    for who in [&shop.manager, &fatima, &farid] {
        shop.press(who, &order, "approve").await.expect("agrees");
    }
    assert_eq!(shop.told(&order, OWN).await, ["timur"]);
    let ready = shop.said(&order, OWN).await;
    let words = json!({ "kk": "Дайын: %{number}", "ru": "Готово: %{number}", "en": "Дайын: %{number}", "tr": "Дайын: %{number}" });
    assert_eq!(ready, [(words, false, Some(vec!["email".to_owned()]))], "by the channel the file names, and no other");
}
