//! REST for a catalogue table, written once. [`Rest`] adds to the generic operations what a macro cannot say of a generic type:
//! names, tags and the parameters of the table's own filters.

use std::collections::HashMap;
use std::marker::PhantomData;

use domain::kernel::listing::{By, Filter, List, Query as Asked};
use domain::kernel::resource::{Create, Delete, Record, Resource, Show, Update};
use poem::endpoint::BoxEndpoint;
use poem::http::Method;
use poem_openapi::OpenApi;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::registry::{MetaApi, MetaOperation, MetaOperationParam, MetaParamIn, Registry};
use poem_openapi::types::Type;
use uuid::Uuid;

use super::answer::{Created, Done, Found, Rows, version};
use super::caller::Member;
use super::download;
use crate::http::body::Body;
use crate::http::failure::{Failure, Result};

/// The generic operations.
pub struct Crud<R>(PhantomData<fn() -> R>);

/// The path of a list under `/api/v1`.
pub fn path<R: Resource>() -> String {
    format!("/{}", R::NAME.replace('_', "-"))
}

#[OpenApi(prefix_path = &path::<R>())]
impl<R: Resource> Crud<R> {
    /// Lists records, a page at a time.
    #[oai(path = "/", method = "get")]
    async fn list(&self, member: Member, request: &poem::Request) -> Result<Rows<R::Row>, Failure> {
        let asked = Asked::parse::<R>(request.uri().query().unwrap_or_default(), &member.scope)?;
        let query = asked.to_query();
        let page = member.edge.app.run(&member.scope, List::<R>::new(asked)).await?;
        Ok(Rows::new(page, &path::<R>(), &query))
    }

    /// Downloads a whole list, filtered and sorted.
    #[oai(path = "/download", method = "get")]
    async fn download(&self, member: Member, format: Query<String>, request: &poem::Request) -> Result<download::File, Failure> {
        download::list::<R>(&member.edge, &member.scope, &format, request)
    }

    /// Adds a record.
    #[oai(path = "/", method = "post")]
    async fn create(
        &self,
        member: Member,
        #[oai(name = "Idempotency-Key")] key: Header<Option<String>>,
        body: Body<R::Input>,
    ) -> Result<Created<R::Row>, Failure> {
        let key = body.key(key.0.as_deref(), R::NAME)?;
        let row = member.edge.app.run_once(&member.scope, key, Create::<R> { input: body.value }).await?;
        let (id, version) = (row.id(), row.version());
        Ok(Created::new(row, version, &path::<R>(), id))
    }

    /// Reads a record.
    #[oai(path = "/:id", method = "get")]
    async fn show(&self, member: Member, id: Path<Uuid>) -> Result<Found<R::Row>, Failure> {
        let row = member.edge.app.run(&member.scope, Show::<R>(id.0.into())).await?;
        let version = row.version();
        Ok(Found::new(row, version))
    }

    /// Replaces a record's input.
    #[oai(path = "/:id", method = "put")]
    async fn update(
        &self,
        member: Member,
        id: Path<Uuid>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
        body: Body<R::Input>,
    ) -> Result<Found<R::Row>, Failure> {
        let version = version(if_match.0.as_deref())?;
        let row = member.edge.app.run(&member.scope, Update::<R> { id: id.0.into(), version, input: body.value }).await?;
        let version = row.version();
        Ok(Found::new(row, version))
    }

    /// Removes a record nothing refers to.
    #[oai(path = "/:id", method = "delete")]
    async fn delete(
        &self,
        member: Member,
        id: Path<Uuid>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
    ) -> Result<Done, Failure> {
        let version = version(if_match.0.as_deref())?;
        member.edge.app.run(&member.scope, Delete::<R> { id: id.0.into(), version }).await?;
        Ok(Done::Done)
    }
}

/// The operations of one table, named and with its filters.
pub struct Rest<R>(Crud<R>);

impl<R> Default for Rest<R> {
    fn default() -> Self {
        Self(Crud(PhantomData))
    }
}

impl<R: Resource> OpenApi for Rest<R> {
    fn meta() -> Vec<MetaApi> {
        let mut meta = Crud::<R>::meta();
        for path in meta.iter_mut().flat_map(|api| &mut api.paths) {
            let (item, file) = (path.path.contains('{') || path.path.contains(':'), path.path.ends_with("/download"));
            for operation in &mut path.operations {
                name::<R>(operation, item, file);
                if operation.method == Method::GET && !item {
                    operation.params.extend(parameters(R::FILTERS, R::SORTS.iter().map(|sort| sort.name)));
                }
            }
        }
        meta
    }

    fn register(registry: &mut Registry) {
        Crud::<R>::register(registry);
    }

    fn add_routes(self, routes: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>) {
        self.0.add_routes(routes);
    }
}

fn name<R: Resource>(operation: &mut MetaOperation, item: bool, file: bool) {
    let verb = match (&operation.method, item, file) {
        (_, _, true) => "download",
        (&Method::GET, false, _) => "list",
        (&Method::GET, true, _) => "show",
        (&Method::POST, ..) => "create",
        (&Method::PUT, ..) => "update",
        _ => "delete",
    };
    // a name lives as long as the description: built a handful of times in a process
    operation.operation_id = Some(Box::leak(format!("{}_{verb}", R::NAME).into_boxed_str()));
    operation.tags.push(R::NAME);
}

/// The query parameters of a list.
pub fn parameters(filters: &'static [Filter], sorts: impl Iterator<Item = &'static str>) -> Vec<MetaOperationParam> {
    let sorts = sorts.collect::<Vec<_>>().join(", ");
    let paging = [
        ("limit", "Rows of a page, 1 to 200; 50 unless given.".to_owned()),
        ("cursor", "Where the page begins: a `next_cursor`.".to_owned()),
        ("sort", format!("One of {sorts}; descending with a leading `-`.")),
    ];
    let declared = filters.iter().map(|filter| (filter.name, meaning(&filter.by)));
    paging.into_iter().chain(declared).map(|(name, description)| parameter(name, description)).collect()
}

fn meaning(by: &By) -> String {
    match by {
        By::Choice(_, options) => format!("One or more of {}, separated by commas.", options.join(", ")),
        By::Word(_) => "One or more words, separated by commas.".to_owned(),
        By::Reference(_, list) => format!("Ids of {list}, separated by commas; `none` for rows without."),
        By::Truth(_) | By::Flag(_) => "`true` or `false`.".to_owned(),
        By::Before(_) => "Before this moment, or this day in the company's zone.".to_owned(),
        By::From(_) => "At or after this moment, or this day in the company's zone.".to_owned(),
        By::Contains(_) => "Rows that contain this text.".to_owned(),
        By::Called(_) => "Rows that contain this text, of three characters or more, or have this number.".to_owned(),
        By::Search(_) => "Rows that contain this text, of three characters or more.".to_owned(),
    }
}

fn parameter(name: &str, description: String) -> MetaOperationParam {
    MetaOperationParam {
        name: name.to_owned(),
        schema: <String as Type>::schema_ref(),
        in_type: MetaParamIn::Query,
        description: Some(description),
        required: false,
        deprecated: false,
        explode: true,
        style: None,
    }
}
