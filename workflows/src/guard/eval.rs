//! Running a checked expression.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use cel::Context;
use cel::common::types::{CelBool, CelDuration, CelInt, CelList, CelMap, CelMapKey, CelNull, CelString, CelTimestamp};
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;

use super::exact::Exact;
use super::{Expression, MAX_LIST, Path, Root, Slot};
use crate::facts::Facts;
use crate::value::{Record, Value};

/// The standard functions, built once: building them costs thirty times what an evaluation does.
static ROOT: LazyLock<Context<'static, 'static>> = LazyLock::new(Context::default);

static NULL: CelNull = CelNull;

/// What an expression reads: the facts, the form, and what effects before it have written.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub facts: Facts<'a>,
    pub input: &'a BTreeMap<String, Value>,
    /// The record; the facts' own until an effect has written to it.
    pub doc: &'a Record,
}

/// Why an expression has no value: an empty field in an operation, an overflow, a list too long, two currencies.
#[derive(Debug)]
pub(crate) struct EvalError;

impl Scope<'_> {
    pub(super) fn look_up(&self, path: &Path) -> Cow<'_, Value> {
        let (mut value, rest) = match (path.root, path.segments.split_first()) {
            (Root::Doc, Some((first, rest))) => (self.doc.get(first), rest),
            (Root::Input, Some((first, rest))) => (self.input.get(first).unwrap_or(&Value::Null), rest),
            (Root::Doc | Root::Input, None) => return Cow::Owned(Value::Null),
            (Root::ActorId, _) => return Cow::Owned(Value::Ref(self.facts.actor.id)),
            (Root::ActorRole, _) => return Cow::Owned(Value::Text(self.facts.actor.role.clone())),
            (Root::Now, _) => return Cow::Owned(Value::Time(self.facts.now)),
            (Root::Currency, _) => return Cow::Owned(Value::Text(self.facts.tenant.currency.clone())),
            (Root::Zone, _) => return Cow::Owned(Value::Text(self.facts.tenant.zone.name().to_owned())),
        };
        for segment in rest {
            value = match value {
                Value::Object(fields) => fields.get(segment).unwrap_or(&Value::Null),
                _ => &Value::Null,
            };
        }
        Cow::Borrowed(value)
    }
}

/// One expression being run: gives CEL the values of its slots.
struct Run<'a> {
    scope: &'a Scope<'a>,
    slots: &'a [Slot],
}

impl VariableResolver for Run<'_> {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        let number: usize = variable.strip_prefix('$')?.parse().ok()?;
        match self.slots.get(number)? {
            Slot::Const(value) => Some(CowVal::Borrowed(value.as_ref())),
            Slot::Can(permission) => Some(CowVal::owned(CelBool::from(self.scope.facts.actor.can(permission)))),
            Slot::Path(path) => match self.scope.look_up(path) {
                Cow::Borrowed(value) => to_cel(value),
                Cow::Owned(Value::Text(text)) => Some(CowVal::owned(CelString::from(text))),
                Cow::Owned(Value::Ref(id)) => Some(CowVal::owned(Exact::Ref(id))),
                Cow::Owned(Value::Time(time)) => Some(CowVal::owned(CelTimestamp::from(time.fixed_offset()))),
                Cow::Owned(_) => Some(CowVal::Borrowed(&NULL)),
            },
        }
    }
}

impl Expression {
    /// Its value.
    pub fn evaluate(&self, scope: &Scope<'_>) -> Result<Value, EvalError> {
        self.run(scope, |value| from_cel(value))
    }

    /// Its value as a condition.
    pub fn holds(&self, scope: &Scope<'_>) -> Result<bool, EvalError> {
        self.run(scope, |value| value.downcast_ref::<CelBool>().map(|value| *value.inner()))
    }

    fn run<T>(&self, scope: &Scope<'_>, take: impl FnOnce(&dyn Val) -> Option<T>) -> Result<T, EvalError> {
        let run = Run { scope, slots: &self.slots };
        let mut context = ROOT.new_inner_scope();
        context.set_variable_resolver(&run);
        let value = cel::Value::resolve_val(&self.tree, &context).map_err(|_| EvalError)?;
        take(value.as_ref()).ok_or(EvalError)
    }

    /// What it reads, path → value, for the history and for whoever asks why.
    pub fn read(&self, scope: &Scope<'_>) -> BTreeMap<String, Value> {
        let paths = self.slots.iter().filter_map(|slot| if let Slot::Path(path) = slot { Some(path) } else { None });
        paths.map(|path| (path.text.clone(), scope.look_up(path).into_owned())).collect()
    }
}

/// `None` for a list over the limit: the expression then has no value.
fn to_cel(value: &Value) -> Option<CowVal<'_, '_>> {
    Some(match value {
        Value::Null => CowVal::Borrowed(&NULL),
        Value::Bool(value) => CowVal::owned(CelBool::from(*value)),
        Value::Int(value) => CowVal::owned(CelInt::from(*value)),
        Value::Text(value) => CowVal::owned(CelString::from(value.as_str())),
        Value::Time(value) => CowVal::owned(CelTimestamp::from(value.fixed_offset())),
        Value::Duration(value) => CowVal::owned(CelDuration::from(*value)),
        Value::Decimal(value) => CowVal::owned(Exact::Decimal(*value)),
        Value::Money(value) => CowVal::owned(Exact::Money(value.clone())),
        Value::Ref(value) => CowVal::owned(Exact::Ref(*value)),
        Value::Date(value) => CowVal::owned(Exact::Date(*value)),
        Value::List(values) if values.len() > MAX_LIST => return None,
        Value::List(values) => {
            let items: Option<Vec<_>> = values.iter().map(|value| to_cel(value).map(CowVal::into_owned)).collect();
            CowVal::owned(CelList::from(items?))
        }
        Value::Object(fields) => {
            let entries: Option<HashMap<_, _>> =
                fields.iter().map(|(name, value)| Some((CelMapKey::from(name.as_str()), to_cel(value)?.into_owned()))).collect();
            CowVal::owned(CelMap::from(entries?))
        }
    })
}

pub(super) fn from_cel(value: &dyn Val) -> Option<Value> {
    if value.downcast_ref::<CelNull>().is_some() {
        return Some(Value::Null);
    }
    if let Some(value) = value.downcast_ref::<CelBool>() {
        return Some(Value::Bool(*value.inner()));
    }
    if let Some(value) = value.downcast_ref::<CelInt>() {
        return Some(Value::Int(*value.inner()));
    }
    if let Some(value) = value.downcast_ref::<CelString>() {
        return Some(Value::Text(value.inner().to_owned()));
    }
    if let Some(value) = value.downcast_ref::<CelTimestamp>() {
        return Some(Value::Time(value.inner().to_utc()));
    }
    if let Some(value) = value.downcast_ref::<CelDuration>() {
        return Some(Value::Duration(*value.inner()));
    }
    if let Some(value) = value.downcast_ref::<CelList>() {
        return value.inner().iter().map(|item| from_cel(item.as_ref())).collect::<Option<_>>().map(Value::List);
    }
    value.downcast_ref::<Exact>().map(|value| value.clone().into())
}
