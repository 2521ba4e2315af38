//! Work orders: the whole way of one through the pages, presses that come too late, the board, the form.

use domain::kernel::scope::Scope;
use domain::kernel::testing::Company;
use domain::maintenance::work_order::WorkOrder;
use serde_json::json;
use templates::Locale;
use templates::i18n::t;

use crate::browser::{Browser, Site};
use crate::html::{between, option, version};

struct Plant<'a> {
    site: &'a Site,
    company: Company,
    technician: (Browser<'a>, Scope),
    manager: (Browser<'a>, Scope),
    place: String,
}

impl Plant<'_> {
    async fn build(site: &Site) -> Plant<'_> {
        let company = site.world.company("steppe").await;
        let place = site.world.location(&company.admin, "Цех 1", None).await.id.to_string();
        let technician = site.recruit(&company, "technician", "serik").await;
        let manager = site.recruit(&company, "manager", "aigerim").await;
        Plant { site, company, technician, manager, place }
    }

    /// An order the manager asked for: it is open at once.
    async fn open(&self, title: &str) -> WorkOrder {
        let me = self.technician.1.actor().id.uuid();
        let input = json!({ "title": title, "location_id": self.place, "assignee_id": me });
        self.site.world.order(&self.manager.1, input).await.expect("asks")
    }
}

fn step(order: &str, name: &str) -> String {
    format!("{order}/transitions/{name}")
}

#[tokio::test]
async fn an_order_goes_the_whole_way() {
    let site = Site::new().await;
    let plant = Plant::build(&site).await;
    let (technician, manager) = (&plant.technician.0, &plant.manager.0);
    // given a technician who may ask but not approve, when they ask, then the order waits
    let blank = technician.page("/steppe/work-orders/new").await;
    assert!(blank.contains("will wait for approval") && !blank.contains("estimated_cost"), "{blank}");
    assert!(!manager.page("/steppe/work-orders/new").await.contains("will wait for approval"));
    let form = [
        ("title", "Май ағады <b>"),
        ("kind", "repair"),
        ("priority", "high"),
        ("location_id", &*plant.place),
        ("due_at", "2026-03-05T18:00"),
    ];
    let made = technician.submit("/steppe/work-orders/new", &form).await;
    let order = made.leads().to_owned();
    let seen = technician.page(&order).await;
    assert!(seen.contains("On hold") && seen.contains("Май ағады &lt;b&gt;") && !seen.contains("id=\"do-approve\""), "{seen}");
    assert!(seen.contains("Can be done by") && seen.contains("manager"), "who could is said: {seen}");
    // when the manager rejects without a reason, then the reason is asked for; the order still waits
    let waiting = manager.page(&order).await;
    assert!(waiting.contains("id=\"do-approve\"") && waiting.contains("0 of 1"), "{waiting}");
    let read = version(&waiting);
    let refused = manager.submit(&step(&order, "reject"), &[("version", &read), ("reason", " ")]).await.expect(422).text;
    assert!(refused.contains("f-reject-reason-error") && refused.contains("On hold"), "{refused}");
    // when they approve, assign, and the technician starts, then it is in progress
    let approved = manager.submit(&step(&order, "approve"), &[("version", &read)]).await;
    assert_eq!(approved.leads(), order);
    assert!(approved.header("set-cookie").contains("flash="), "the next page says so");
    let open = manager.page(&order).await;
    let serik = option(&open, "serik");
    manager.submit(&step(&order, "assign"), &[("version", &version(&open)), ("assignee", &serik)]).await.leads();
    let mine = technician.page(&order).await;
    technician.submit(&step(&order, "start"), &[("version", &version(&mine))]).await.leads();
    // when completing lacks what was done, then it is asked for and the amount stays as typed
    let working = technician.page(&order).await;
    assert!(working.contains("In progress"));
    let read = version(&working);
    let lacking = technician.submit(&step(&order, "complete"), &[("version", &read), ("cost", "1 250,50")]).await.expect(422).text;
    assert!(lacking.contains("f-complete-resolution-error") && lacking.contains("1 250,50"), "{lacking}");
    let done = [("version", read.as_str()), ("cost", "1 250,50"), ("resolution", "Тығыздағыш ауыстырылды"), ("meter_reading", "")];
    technician.submit(&step(&order, "complete"), &done).await.leads();
    // then the cost shows to who may see costs, and to nobody else
    let (theirs, ours) = (technician.page(&order).await, manager.page(&order).await);
    assert!(ours.contains("Completed") && ours.contains("₸1,250.50") && ours.contains("Тығыздағыш ауыстырылды"), "{ours}");
    assert!(theirs.contains("Completed") && !theirs.contains("1,250.50"), "{theirs}");
    for name in ["serik", "aigerim"] {
        assert!(between(&ours, "id=\"history\"", "</section>").contains(name), "the history says who");
    }
}

#[tokio::test]
async fn a_press_that_comes_too_late_says_who_was_quicker() {
    let site = Site::new().await;
    let plant = Plant::build(&site).await;
    let order = plant.open("Сүзгі").await;
    let path = format!("/steppe/work-orders/{}", order.number);
    let (technician, manager) = (&plant.technician.0, &plant.manager.0);
    let read = version(&technician.page(&path).await);
    technician.submit(&step(&path, "start"), &[("version", &read)]).await.leads();
    let late = manager.submit(&step(&path, "cancel"), &[("version", &read), ("reason", "Керек емес")]).await.expect(412).text;
    assert!(late.contains("Last changed by serik") && late.contains("In progress") && late.contains("Керек емес"), "{late}");
    let twice = technician.submit(&step(&path, "start"), &[("version", &version(&late))]).await.expect(409).text;
    assert!(twice.contains("In progress"), "{twice}");
    technician.submit(&step(&path, "start"), &[]).await.expect(428);
    technician.submit(&step(&path, "fly"), &[("version", &version(&late))]).await.expect(404);
}

#[tokio::test]
async fn a_press_without_the_right_shows_the_order_and_the_reason() {
    let site = Site::new().await;
    let plant = Plant::build(&site).await;
    let order = plant.open("Белдік").await;
    let path = format!("/steppe/work-orders/{}", order.number);
    let viewer = site.member(&plant.company, "viewer", "dana").await;
    let page = viewer.page(&path).await;
    assert!(page.contains("disabled") && !page.contains("id=\"do-start\""), "{page}");
    let refused = viewer.submit(&step(&path, "start"), &[("version", &order.version.to_string())]).await.expect(403).text;
    assert!(refused.contains("role=\"alert\"") && refused.contains("Белдік"), "{refused}");
    // one who holds the right but is not the assignee is told the condition
    let other = site.member(&plant.company, "technician", "murat").await;
    let blocked = other.submit(&step(&path, "start"), &[("version", &order.version.to_string())]).await.expect(422).text;
    assert!(blocked.contains("role=\"alert\"") && blocked.contains("Open"), "{blocked}");
    assert!(plant.manager.0.page(&path).await.contains("Open"), "nothing moved");
}

#[tokio::test]
async fn unknown_fields_of_a_step_are_refused() {
    let site = Site::new().await;
    let plant = Plant::build(&site).await;
    let order = plant.open("Сорғы").await;
    let path = format!("/steppe/work-orders/{}", order.number);
    let read = order.version.to_string();
    let form = [("version", read.as_str()), ("state", "completed"), ("tenant_id", "x")];
    plant.technician.0.submit(&step(&path, "start"), &form).await.expect(422);
    assert!(plant.technician.0.page(&path).await.contains("Open"));
}

#[tokio::test]
async fn the_board_moves_cards_and_leads_back_to_itself_only() {
    let site = Site::new().await;
    let plant = Plant::build(&site).await;
    let order = plant.open("Тақтадағы").await;
    let technician = &plant.technician.0;
    let board = technician.page("/steppe/work-orders/board?mine=true").await;
    assert!(
        board.contains("Тақтадағы") && board.contains("data-lane=\"in_progress\"") && !board.contains("data-lane=\"cancelled\""),
        "{board}"
    );
    assert!(!board.contains("/transitions/assign"), "who may not is not offered it");
    let path = format!("/steppe/work-orders/{}", order.number);
    let back = "/steppe/work-orders/board?mine=true";
    let read = order.version.to_string();
    let moved = technician.submit(&step(&path, "start"), &[("version", &read), ("next", back)]).await;
    assert_eq!(moved.leads(), back);
    let read = version(&technician.page(&path).await);
    let moved = technician.submit(&step(&path, "await_parts"), &[("version", &read), ("next", "//evil.example")]).await;
    assert_eq!(moved.leads(), path);
    assert!(technician.page(back).await.contains(&format!("{path}/transitions/resume")));
    assert!(!plant.manager.0.page(back).await.contains("Тақтадағы"), "it is not theirs");
}

#[tokio::test]
async fn selections_and_filters_find_what_they_say() {
    let site = Site::new().await;
    let plant = Plant::build(&site).await;
    let world = &site.world;
    plant.open("Alpha").await;
    let waiting = json!({ "title": "Bravo", "location_id": plant.place, "due_at": "2026-03-10T12:00:00Z", "priority": "critical" });
    world.order(&plant.technician.1, waiting).await.expect("asks");
    let (technician, manager) = (&plant.technician.0, &plant.manager.0);
    let shows = async |browser: &Browser<'_>, query: &str| {
        let html = browser.page(&format!("/steppe/work-orders?{query}")).await;
        ["Alpha", "Bravo"].map(|title| html.contains(&format!(">{title}</a>")))
    };
    for (query, expected) in [
        ("", [true, true]),
        ("tab=active", [true, true]),
        ("tab=mine", [true, false]),
        ("tab=unassigned", [false, true]),
        ("tab=approval", [false, true]),
        ("tab=overdue", [false, false]),
        ("tab=done", [false, false]),
        ("q=alph", [true, false]),
        ("state=open", [true, false]),
        ("priority=critical", [false, true]),
        ("due_from=2026-03-10&due_to=2026-03-10", [false, true]),
        ("due_to=2026-03-09", [false, false]),
    ] {
        assert_eq!(shows(technician, query).await, expected, "{query}");
    }
    assert_eq!(shows(manager, "tab=mine").await, [false, false]);
    let wrong = technician.get("/steppe/work-orders?due_from=soon&q=al").await.expect(422).text;
    assert!(wrong.contains("Alpha") && wrong.contains("class=\"notice\"") && wrong.contains(r#"value="soon""#), "{wrong}");
}

#[tokio::test]
async fn the_form_of_an_order_holds_what_it_says_in_the_companys_time() {
    let site = Site::new().await;
    let plant = Plant::build(&site).await;
    let input = json!({ "title": "Тексеру", "location_id": plant.place, "due_at": "2026-03-10T12:00:00Z", "estimated_cost": { "amount": "99.90", "currency": "KZT" } });
    let order = site.world.order(&plant.manager.1, input).await.expect("asks");
    let path = format!("/steppe/work-orders/{}/edit", order.number);
    let manager = &plant.manager.0;
    let html = manager.page(&path).await;
    assert!(html.contains(r#"value="2026-03-10T17:00""#) && html.contains(r#"value="99.90""#), "{html}");
    let read = version(&html);
    let fields = [
        ("version", &*read),
        ("title", ""),
        ("kind", "repair"),
        ("priority", "low"),
        ("location_id", &*plant.place),
        ("estimated_cost", "көп"),
    ];
    let wrong = manager.submit(&path, &fields).await.expect(422).text;
    assert!(wrong.contains("f-title-error") && wrong.contains(r#"value="көп""#) && version(&wrong) == read, "{wrong}");
    let fields =
        [("version", &*read), ("title", "Қайта тексеру"), ("kind", "inspection"), ("priority", "low"), ("location_id", &*plant.place)];
    let saved = manager.submit(&path, &fields).await;
    assert_eq!(saved.leads(), path.trim_end_matches("/edit"));
    let slower = [("version", &*read), ("title", "Тексеру"), ("kind", "repair"), ("priority", "low"), ("location_id", &*plant.place)];
    let stale = manager.submit(&path, &slower).await.expect(412).text;
    assert!(stale.contains("Last changed by aigerim") && version(&stale) != read, "{stale}");
    for told in ["Saved meanwhile: Қайта тексеру", "Saved meanwhile: Inspection"] {
        assert!(stale.contains(told), "{told}: {stale}");
    }
    assert_eq!(stale.matches("Saved meanwhile").count(), 2, "what reads the same is not told: {stale}");
    plant.technician.0.get(&path).await.expect(403);
}

#[tokio::test]
async fn a_form_sent_twice_makes_one_order_and_changed_another() {
    let site = Site::new().await;
    let plant = Plant::build(&site).await;
    let manager = &plant.manager.0;
    let html = manager.page("/steppe/work-orders/new").await;
    let once = html.split("name=\"once\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("the form names its request");
    let send = async |title: &str| {
        let fields = [("once", once), ("title", title), ("kind", "repair"), ("priority", "low"), ("location_id", &*plant.place)];
        manager.submit("/steppe/work-orders/new", &fields).await.leads().to_owned()
    };
    let (first, again) = tokio::join!(send("Тексеру"), send("Тексеру"));
    assert_eq!(first, again);
    assert_ne!(send("Басқа").await, first);
}

#[tokio::test]
async fn without_script_a_choice_is_found_by_the_form_itself_and_nothing_typed_is_lost() {
    let site = Site::new().await;
    let plant = Plant::build(&site).await;
    let manager = &plant.manager.0;
    let wanted = site.world.vendor(&plant.manager.1, "Жүз екінші").await.id.to_string();
    site.world.vendor(&plant.manager.1, "Басқа").await;
    let fields = [("title", "Тексеру"), ("find.vendor_id", " екінші "), ("find", "vendor_id")];
    for at in ["/steppe/work-orders/new", "/steppe/assets/new"] {
        manager.submit(at, &fields).await.expect(200);
    }
    let html = manager.submit("/steppe/work-orders/new", &fields).await.text;
    assert!(html.contains(&wanted) && !html.contains("Басқа") && !html.contains("f-title-error"), "{html}");
    assert!(html.contains(r#"value="Тексеру""#) && html.contains(r#"name="find.vendor_id" value="екінші""#), "{html}");
    // the text stays in the form, and is no field of the order
    let fields = [("title", "Тексеру"), ("location_id", &*plant.place), ("vendor_id", &wanted), ("find.vendor_id", "екінші")];
    let made = manager.submit("/steppe/work-orders/new", &fields).await;
    assert!(manager.page(made.leads()).await.contains("Жүз екінші"));
}

#[tokio::test]
async fn orders_at_other_sites_are_not_there_for_who_is_limited_to_one() {
    let site = Site::new().await;
    let plant = Plant::build(&site).await;
    let other = site.world.location(&plant.company.admin, "Басқа алаң", None).await;
    let hidden = site.world.work_order(&plant.manager.1, "Жасырын", other.id).await;
    let seen = plant.open("Көрінетін").await;
    let sites = Some(vec![plant.place.parse().expect("an id")]);
    site.world.member_at(&plant.company, "operations", "aidar", sites).await;
    let aidar = site.logged_in("aidar@steppe.example").await;
    let list = aidar.page("/steppe/work-orders").await;
    assert!(list.contains("Көрінетін") && !list.contains("Жасырын") && !list.contains("Басқа алаң"), "{list}");
    aidar.get(&format!("/steppe/work-orders/{}", hidden.number)).await.expect(404);
    aidar.page(&format!("/steppe/work-orders/{}", seen.number)).await;
    assert!(!aidar.page("/steppe/").await.contains("Жасырын"));
}

#[tokio::test]
async fn an_amount_is_read_as_the_readers_language_writes_it() {
    let site = Site::new().await;
    let plant = Plant::build(&site).await;
    let manager = &plant.manager.0;
    let ask = async |typed: &str| {
        let form =
            [("title", "Белдік"), ("kind", "repair"), ("priority", "low"), ("location_id", &*plant.place), ("estimated_cost", typed)];
        manager.submit("/steppe/work-orders/new", &form).await
    };
    for (language, typed, shown) in [
        ("tr", "₸1.250,50", "₸1.250,50"),
        ("tr", "1.250", "₸1.250,00"),
        ("en", "1,250", "₸1,250.00"),
        ("ru", "1\u{a0}250,50", "1\u{a0}250,50\u{a0}₸"),
        ("kk", "1 250", "1\u{a0}250,00\u{a0}₸"),
    ] {
        site.speak(language).await;
        let made = ask(typed).await;
        let order = manager.page(made.leads()).await;
        assert!(order.contains(shown), "{language} {typed}: {order}");
    }
    for (language, typed) in [("tr", "1,250"), ("en", "1.250"), ("ru", "1,250"), ("ru", "1.250"), ("kk", "1.250")] {
        site.speak(language).await;
        let refused = ask(typed).await.expect(422).text;
        let locale = Locale::parse(language).expect("is one");
        assert!(refused.contains(&t(locale, "field.ambiguous_number", &[])) && refused.contains(typed), "{language} {typed}: {refused}");
    }
    site.speak("tr").await;
    ask("2_500").await.expect(422);
}

#[tokio::test]
async fn somebody_who_left_stays_in_the_form_and_work_is_offered_to_those_of_the_site_alone() {
    let site = Site::new().await;
    let plant = Plant::build(&site).await;
    let order = plant.open("Сорғы").await;
    let elsewhere = site.world.location(&plant.company.admin, "Цех 9", None).await;
    site.world.member_at(&plant.company, "technician", "marzhan", Some(vec![elsewhere.id])).await;
    let serik = plant.technician.1.actor().id;
    sqlx::query("UPDATE members SET active = false WHERE id = $1")
        .bind(serik.uuid())
        .execute(&mut site.world.superuser().await)
        .await
        .expect("leaves");
    let form = plant.manager.0.page(&format!("/steppe/work-orders/{}/edit", order.number)).await;
    assert!(form.contains(&format!("value=\"{serik}\" selected")) && !form.contains("marzhan"), "{form}");
    let page = plant.manager.0.page(&format!("/steppe/work-orders/{}", order.number)).await;
    assert!(!page.contains("marzhan"), "{page}");
}
