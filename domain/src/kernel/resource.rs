//! Catalogue tables, written once. A [`Resource`] declares its shape and four statements; create, read, update and delete
//! with their permissions, events, version checks, REST, pages, downloads and tests come from here and the edges.

use std::future::Future;

use poem_openapi::types::{ParseFromJSON, ToJSON, Type};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::action::{Action, Cx};
use super::error::{Error, Result};
use super::event::Event;
use super::history::stale;
use super::id::Id;
use super::listing::Listing;
use super::permission::Permission;
use super::tenant::Access;

/// A catalogue table. Its [`Listing::Row`] is what is shown of a record everywhere.
pub trait Resource: Listing<Row: Record> {
    /// The right to add and change.
    const WRITE: Permission;
    /// The right to remove.
    const DELETE: Permission;
    /// What somebody fills in. The whole of it replaces the record's: there is no partial update.
    type Input: Type + ToJSON + ParseFromJSON + Serialize + DeserializeOwned + Clone + Send + Sync + 'static;
    /// The form's fields, in order.
    const FORM: &'static [Field];

    /// The input that would leave the record as it is: what an edit form starts from.
    fn input(row: &Self::Row) -> Self::Input;
    /// Refuses wrong values, naming every field.
    fn check(input: &Self::Input) -> Result<()>;
    /// The record.
    fn find(cx: &mut Cx<'_>, id: Id<Self>) -> impl Future<Output = Result<Option<Self::Row>>> + Send;
    /// Adds it under the id.
    fn insert(cx: &mut Cx<'_>, id: Id<Self>, input: &Self::Input) -> impl Future<Output = Result<()>> + Send;
    /// Changes it if it is still at the version; answers the rows changed.
    fn update(cx: &mut Cx<'_>, id: Id<Self>, version: i32, input: &Self::Input) -> impl Future<Output = Result<u64>> + Send;
    /// Removes it if it is still at the version; answers the rows removed.
    fn delete(cx: &mut Cx<'_>, id: Id<Self>, version: i32) -> impl Future<Output = Result<u64>> + Send;
}

/// What every shown record has.
pub trait Record: Type + ToJSON + ParseFromJSON + Serialize + DeserializeOwned + Send + Sync + Unpin + 'static {
    /// Its id.
    fn id(&self) -> uuid::Uuid;
    /// Its version, which an update must name.
    fn version(&self) -> i32;
    /// What a title and a breadcrumb call it.
    fn title(&self) -> String;
}

/// Makes a row with `id`, `version` and `name` a [`Record`], called by its name or by what the closure makes of it.
macro_rules! record {
    ($row:ty) => {
        record!($row, |row| row.name.clone());
    };
    ($row:ty, |$this:ident| $title:expr) => {
        impl $crate::kernel::resource::Record for $row {
            fn id(&self) -> ::uuid::Uuid {
                self.id
            }

            fn version(&self) -> i32 {
                self.version
            }

            fn title(&self) -> String {
                let $this = self;
                $title
            }
        }
    };
}
pub(crate) use record;

/// A field of a form.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The input's field.
    pub name: &'static str,
    /// How it is filled in.
    pub widget: Widget,
    /// Whether it must be.
    pub required: bool,
}

impl Field {
    /// A field one may leave empty.
    pub const fn new(name: &'static str, widget: Widget) -> Self {
        Self { name, widget, required: false }
    }

    /// A field one must fill in.
    pub const fn required(name: &'static str, widget: Widget) -> Self {
        Self { name, widget, required: true }
    }
}

/// How a field is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Widget {
    /// One line of text.
    Text,
    /// Several lines.
    Area,
    /// An email address.
    Email,
    /// A telephone number.
    Phone,
    /// A web address.
    Url,
    /// A day.
    Date,
    /// A moment.
    Time,
    /// A whole number.
    Int,
    /// An amount in the company's currency.
    Money,
    /// Yes or no.
    Check,
    /// One of a closed list, named by `<list>.<field>.<option>`.
    Choice(&'static [&'static str]),
    /// A record of the named list.
    Reference(&'static str),
}

/// Adds a record.
pub struct Create<R: Resource> {
    /// What was filled in.
    pub input: R::Input,
}

impl<R: Resource> Clone for Create<R> {
    fn clone(&self) -> Self {
        Self { input: self.input.clone() }
    }
}

impl<R: Resource> Action for Create<R> {
    const NEEDS: Permission = R::WRITE;
    type Out = R::Row;

    async fn run(self, cx: &mut Cx<'_>) -> Result<R::Row> {
        R::check(&self.input)?;
        let id = Id::new();
        R::insert(cx, id, &self.input).await?;
        let row = R::find(cx, id).await?.ok_or(Error::NotFound)?;
        cx.emit(Event::new("record.created", R::NAME, id).with(Named { title: row.title() }));
        Ok(row)
    }
}

#[derive(Serialize)]
struct Named {
    title: String,
}

/// Reads a record.
pub struct Show<R: Resource>(
    /// Which.
    pub Id<R>,
);

impl<R: Resource> Clone for Show<R> {
    fn clone(&self) -> Self {
        Self(self.0)
    }
}

impl<R: Resource> Action for Show<R> {
    const NEEDS: Permission = R::READ;
    const ACCESS: Access = Access::Read;
    type Out = R::Row;

    async fn run(self, cx: &mut Cx<'_>) -> Result<R::Row> {
        R::find(cx, self.0).await?.ok_or(Error::NotFound)
    }
}

/// Replaces what is filled in.
pub struct Update<R: Resource> {
    /// Which.
    pub id: Id<R>,
    /// The version the caller read.
    pub version: i32,
    /// What was filled in.
    pub input: R::Input,
}

impl<R: Resource> Clone for Update<R> {
    fn clone(&self) -> Self {
        Self { id: self.id, version: self.version, input: self.input.clone() }
    }
}

impl<R: Resource> Action for Update<R> {
    const NEEDS: Permission = R::WRITE;
    type Out = R::Row;

    async fn run(self, cx: &mut Cx<'_>) -> Result<R::Row> {
        R::check(&self.input)?;
        let changed = R::update(cx, self.id, self.version, &self.input).await?;
        let row = settled::<R>(cx, self.id, changed).await?;
        cx.emit(Event::new("record.changed", R::NAME, self.id).with(Named { title: row.title() }));
        Ok(row)
    }
}

/// Removes a record nothing refers to.
pub struct Delete<R: Resource> {
    /// Which.
    pub id: Id<R>,
    /// The version the caller read.
    pub version: i32,
}

impl<R: Resource> Clone for Delete<R> {
    fn clone(&self) -> Self {
        Self { id: self.id, version: self.version }
    }
}

impl<R: Resource> Action for Delete<R> {
    const NEEDS: Permission = R::DELETE;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        let row = R::find(cx, self.id).await?.ok_or(Error::NotFound)?;
        let removed = R::delete(cx, self.id, self.version).await.map_err(in_use)?;
        if removed == 0 {
            return Err(stale(cx, self.id, row.version()).await);
        }
        cx.emit(Event::new("record.removed", R::NAME, self.id).with(Named { title: row.title() }));
        Ok(())
    }
}

/// The record after an update, or why the update changed nothing.
async fn settled<R: Resource>(cx: &mut Cx<'_>, id: Id<R>, changed: u64) -> Result<R::Row> {
    let row = R::find(cx, id).await?.ok_or(Error::NotFound)?;
    if changed == 0 { Err(stale(cx, id, row.version()).await) } else { Ok(row) }
}

/// A foreign key that still points here is no fault of ours but a fact to tell.
pub(crate) fn in_use(error: Error) -> Error {
    if error.is_foreign_key() { Error::Conflict("in_use") } else { error }
}
