//! Believable vendors, locations and assets.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::super::parts::{Chip, Choice, Crumb, Field, Pager, SortHead, Text, Widget, errors};
use super::super::work::{Money, Stale, event, row};
use super::{Cell, Child, Fact, RelatedWork, ResourceDelete, ResourceForm, ResourceList, ResourceOptions, ResourceShow, Row};
use crate::page::sample_time;

fn label(resource: &str, field: &str) -> Text {
    Text::key(format!("resource.{resource}.field.{field}"))
}

fn crumbs(resource: &str, last: Text) -> Vec<Crumb> {
    let parent = Crumb { label: Text::key(format!("resource.{resource}.title")), href: Some(format!("/steppe/{resource}")) };
    vec![parent, Crumb { label: last, href: None }]
}

fn list(resource: &str, glyph: &str, columns: &[&str]) -> ResourceList {
    let column = |key: &&str| SortHead::new(key, Some(format!("?sort={key}")));
    ResourceList {
        resource: resource.into(),
        path: format!("/steppe/{resource}"),
        glyph: glyph.into(),
        new_href: Some(format!("/steppe/{resource}/new")),
        q: String::new(),
        sort: "name".into(),
        filters: Vec::new(),
        filtered: false,
        notices: Vec::new(),
        columns: columns.iter().map(column).collect(),
        rows: Vec::new(),
        pager: Pager::default(),
        export_href: Some("/steppe/exports/new?list=vendors".into()),
        csv_href: Some(format!("/steppe/{resource}.csv")),
        xlsx_href: Some(format!("/steppe/{resource}.xlsx")),
    }
}

fn at(depth: u32, cells: Vec<Cell>) -> Row {
    Row { href: "/steppe/records/1".into(), depth, cells }
}

fn vendors() -> ResourceList {
    let kind = |id: &str| Text::key(format!("resource.vendors.kind.{id}"));
    let vendor = |name: &str, id: &str, phone: &str, active| {
        let site = if active { Cell::link("kompressor.kz", "https://kompressor.kz") } else { Cell::None };
        at(0, vec![Cell::text(name), Cell::Text { value: kind(id) }, Cell::text(phone), site, Cell::Bool { value: active }])
    };
    let kinds = ["supplier", "service", "manufacturer", "insurer"].map(|id| Choice::new(id, kind(id)));
    ResourceList {
        filters: vec![
            Field::new("kind", label("vendors", "kind"), Widget::Select, "service").options(kinds.into()),
            Field::new("active", label("vendors", "active"), Widget::Checkbox, "true"),
        ],
        rows: vec![
            vendor("«Қазақстан Компрессор Сервис» ЖШС", "service", "+7 727 250 11 22", true),
            vendor("Atlas Copco Türkiye", "manufacturer", "", true),
            vendor("Nomad Insurance", "insurer", "+7 727 258 00 00", false),
        ],
        pager: Pager { total: 3, ..Pager::default() },
        ..list("vendors", "store", &["name", "kind", "phone", "website", "active"])
    }
}

fn locations() -> ResourceList {
    let place = |depth, name: &str, code: &str, kind: &str| {
        at(depth, vec![Cell::text(name), Cell::text(code), Cell::Text { value: Text::key(format!("resource.locations.kind.{kind}")) }])
    };
    ResourceList {
        rows: vec![
            place(0, "Алматы зауыты", "ALA", "site"),
            place(1, "Өндіріс ғимараты", "ALA-1", "building"),
            place(2, "Компрессорлық бөлме", "ALA-1-C", "room"),
            place(1, "Жүк ауласы", "", "area"),
        ],
        pager: Pager { total: 4, ..Pager::default() },
        ..list("locations", "map-pin", &["name", "code", "kind"])
    }
}

fn assets() -> ResourceList {
    let asset = |name: &str, tag: &str, tone: &str, criticality: &str, cost: i64| {
        at(
            0,
            vec![
                Cell::text(name),
                Cell::text(tag),
                Cell::link("Компрессорлық бөлме", "/steppe/locations/1"),
                Cell::chip(Text::key(format!("resource.assets.criticality.{criticality}")), tone),
                Cell::Date { value: day() },
                Cell::Money { value: Money { amount: Decimal::new(cost, 2), currency: "KZT".into() } },
                Cell::Number { value: Decimal::new(157_885, 1) },
                Cell::DateTime { value: sample_time() },
            ],
        )
    };
    let mut assets = ResourceList {
        rows: vec![
            asset("Atlas Copco GA37", "C-3", "neutral", "low", 1_845_000_000),
            asset("Гидравлический пресс", "PR-07", "danger", "critical", 920_000_050),
            asset("Жүк тиегіш Linde E20", "F-20", "warn", "high", 0),
        ],
        pager: Pager { total: 1_000, capped: true, previous: Some("?before=x".into()), next: Some("?cursor=y".into()) },
        ..list("assets", "box", &["name", "tag", "location_id", "criticality", "warranty_until", "model", "serial", "purchased_on"])
    };
    assets.columns[0].order = Some("descending".into());
    assets
}

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2027, 3, 14).unwrap_or_default()
}

impl ResourceList {
    pub(super) fn samples() -> Vec<Self> {
        let nothing_found = Self {
            q: "zz".into(),
            filtered: true,
            notices: vec!["Кемінде 3 таңба жазыңыз.".into()],
            rows: Vec::new(),
            pager: Pager::default(),
            ..vendors()
        };
        let empty = |resource: &str, glyph: &str| list(resource, glyph, &["name", "note"]);
        let unwritable = Self { new_href: None, csv_href: None, export_href: None, xlsx_href: None, ..empty("categories", "tags") };
        vec![vendors(), locations(), assets(), nothing_found, empty("asset_types", "boxes"), unwritable]
    }
}

impl ResourceForm {
    pub(super) fn samples() -> Vec<Self> {
        let field = |name: &str, widget, value: &str| Field::new(name, label("vendors", name), widget, value);
        let kinds = ["supplier", "service"].map(|id| Choice::new(id, Text::key(format!("resource.vendors.kind.{id}"))));
        let new = Self {
            resource: "vendors".into(),
            crumbs: crumbs("vendors", Text::key("resource.vendors.new")),
            name: None,
            version: None,
            action: "/steppe/vendors/new".into(),
            cancel_href: "/steppe/vendors".into(),
            fields: vec![
                field("name", Widget::Text, "").required().wide(),
                field("kind", Widget::Select, "service").required().options(kinds.into()),
                field("tax_id", Widget::Text, ""),
                field("email", Widget::Email, "servis@"),
                field("phone", Widget::Phone, ""),
                field("website", Widget::Url, ""),
                field("address", Widget::Textarea, ""),
                field("active", Widget::Checkbox, "true"),
            ],
            errors: errors([]),
            stale: None,
        };
        let wrong = Self {
            errors: errors([("name", "Атауын жазыңыз."), ("email", "Бұл электрондық пошта мекенжайы емес.")]),
            ..new.clone()
        };
        let asset = |name: &str, widget, value: &str| Field::new(name, label("assets", name), widget, value);
        let place = asset("location_id", Widget::Select, "1").options(vec![Choice::new("1", "Алматы зауыты")]);
        let edit = Self {
            resource: "assets".into(),
            crumbs: crumbs("assets", Text::raw("Atlas Copco GA37")),
            name: Some("Atlas Copco GA37".into()),
            version: Some(4),
            action: "/steppe/assets/1/edit".into(),
            cancel_href: "/steppe/assets/1".into(),
            fields: vec![
                asset("name", Widget::Text, "Atlas Copco GA37").required(),
                asset("tag", Widget::Text, "C-3"),
                Field { search: Some("/steppe/options/locations".into()), ..place },
                asset("purchased_on", Widget::Date, "2022-03-14"),
                Field { currency: Some("KZT".into()), ..asset("model", Widget::Money, "18450000.00") },
                Field { min: Some("0".into()), ..asset("serial", Widget::Number, "12") },
                Field { hint: Some(Text::raw("Asia/Almaty")), ..asset("warranty_until", Widget::DateTime, "2027-03-14T09:00") },
                asset("note", Widget::Textarea, "Қосалқы бөлшектері қоймада."),
            ],
            stale: Some(Stale { who: Some("Дмитрий Ким".into()), at: Some(sample_time()), state: None }),
            ..new.clone()
        };
        vec![new, wrong, edit]
    }
}

impl ResourceShow {
    pub(super) fn samples() -> Vec<Self> {
        let fact = |key: &str, value| Fact { key: key.into(), value };
        let work = RelatedWork {
            rows: vec![row(1042, "Compressor C-3 oil leak", "in_progress", "high", "C-3", -1)],
            all_href: "/steppe/work-orders?asset=1".into(),
            new_href: Some("/steppe/work-orders/new?asset=1".into()),
        };
        let asset = Self {
            resource: "assets".into(),
            crumbs: crumbs("assets", Text::raw("C-3")),
            name: "Atlas Copco GA37".into(),
            chips: vec![
                Chip::new(Text::key("resource.filter.active.out_of_use"), "neutral"),
                Chip::new(Text::key("resource.assets.criticality.high"), "warn"),
            ],
            facts: vec![
                fact("serial", Cell::text("APF 214 887")),
                fact("location_id", Cell::link("Компрессорлық бөлме", "/steppe/locations/1")),
                fact("manufacturer", Cell::Money { value: Money { amount: Decimal::new(1_845_000_000, 2), currency: "KZT".into() } }),
                fact("warranty_until", Cell::Date { value: day() }),
                fact("model", Cell::None),
            ],
            note: Some("Қосалқы бөлшектері қоймада, 3-сөре.".into()),
            history: vec![event("record.changed", "pencil", "neutral", 2), event("record.created", "plus", "neutral", 9_600)],
            edit_href: Some("/steppe/assets/1/edit".into()),
            delete_href: Some("/steppe/assets/1/delete".into()),
            work: Some(work.clone()),
            children: Vec::new(),
        };
        let kind = Text::key("resource.locations.kind.room");
        let location = Self {
            resource: "locations".into(),
            crumbs: crumbs("locations", Text::raw("Алматы зауыты")),
            name: "Алматы зауыты".into(),
            chips: Vec::new(),
            facts: vec![fact("code", Cell::text("ALA")), fact("active", Cell::Bool { value: true })],
            note: None,
            edit_href: None,
            delete_href: None,
            work: None,
            children: vec![Child { name: "Компрессорлық бөлме".into(), href: "/steppe/locations/2".into(), kind }],
            ..asset.clone()
        };
        let idle = Self { work: Some(RelatedWork { rows: Vec::new(), new_href: None, ..work }), history: Vec::new(), ..asset.clone() };
        vec![asset, location, idle]
    }
}

impl ResourceDelete {
    pub(super) fn samples() -> Vec<Self> {
        let asks = Self {
            resource: "vendors".into(),
            crumbs: crumbs("vendors", Text::raw("Nomad Insurance")),
            name: "Nomad Insurance".into(),
            version: 2,
            action: "/steppe/vendors/1/delete".into(),
            cancel_href: "/steppe/vendors/1".into(),
            refusal: None,
        };
        let refused = Self {
            refusal: Some("Бұл жеткізуші 3 жұмыс тапсырмасында қолданылады.".into()), ..asks.clone()
        };
        vec![asks, refused]
    }
}

impl ResourceOptions {
    pub(super) fn samples() -> Vec<Self> {
        vec![Self { options: vec![Choice::new("1", "Atlas Copco GA37 · C-3"), Choice::new("2", "Қазандық <2>")] }]
    }
}
