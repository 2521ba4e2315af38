//! Vendors: what every catalogue table does, and what is particular to them.

use serde_json::{Value as Json, json};

use super::{Vendor, VendorInput};
use crate::kernel::resource::Create;
use crate::kernel::testing::{Company, World, named, read};
use crate::kernel::tests::conformance::{Keeps, Specimen, conformance};

conformance!(vendors: Vendor);

impl Specimen for Vendor {
    type Ground = ();
    const UNIQUE: Option<&'static str> = Some("name");

    async fn ground(_: &World, _: &Company) {}

    fn sample((): &(), n: usize) -> VendorInput {
        let kinds = ["supplier", "service", "manufacturer", "insurer"];
        read(
            json!({ "name": format!("vendor {n:02}"), "kind": kinds[n % 4], "tax_id": format!("BIN{n:04}"), "active": !n.is_multiple_of(3) }),
        )
    }

    fn spoilt() -> (Json, &'static [(&'static str, &'static str)]) {
        (
            json!({ "name": "", "kind": "friend", "phone": "1".repeat(41), "website": "javascript:alert(1)", "email": "nobody" }),
            &[("name", "required"), ("kind", "not_one_of"), ("phone", "too_long"), ("website", "not_a_url"), ("email", "not_an_email")],
        )
    }

    async fn refer(world: &World, company: &Company, row: &Self) -> bool {
        world.order(&company.admin, json!({ "title": "refers", "location_id": company.site, "vendor_id": row.id })).await.is_ok()
    }

    fn filters((): &()) -> Keeps<Self> {
        vec![
            ("q=bin0003".into(), Box::new(|row| row.tax_id == "BIN0003")),
            ("kind=service,insurer".into(), Box::new(|row| row.kind == "service" || row.kind == "insurer")),
            ("active=true".into(), Box::new(|row| row.active)),
        ]
    }
}

#[tokio::test]
async fn given_addresses_that_are_none_when_a_vendor_is_added_then_the_field_is_named() {
    let world = World::new().await;
    let company = world.company("north").await;
    for (field, value) in [
        ("website", "ftp://mill.example"),
        ("website", "https://mill.example/\u{0}"),
        ("website", "https://a b"),
        ("website", "//mill.example"),
        ("email", "a@b"),
        ("email", "a b@mill.example"),
        ("email", "a@b@mill.example"),
        ("email", "<a@mill.example>"),
        ("email", "a@mill.example\r\nBcc: x@y.z"),
    ] {
        let input = read(json!({ "name": "Volta", field: value }));
        let refused = named(world.app.run(&company.admin, Create::<Vendor> { input }).await);
        assert_eq!(refused.iter().map(|(field, _)| field.as_str()).collect::<Vec<_>>(), [field], "{value:?}");
    }
}
