//! The type checker: walks CEL's tree, finds what cannot be right, and notes what is replaced by a slot.

use std::collections::HashMap;

use cel::common::ast::{ComprehensionExpr, Expr, IdedExpr, LiteralValue, SelectExpr};

use super::types::{Names, ROOTS, Type, Typed};
use super::{MAX_DEPTH, MAX_NODES, Path, Root, Slot};
use crate::diagnostic::nearest;
use crate::subject::Field;
use crate::value::Value;

/// A finding at a node of the tree.
#[derive(Debug)]
pub(super) struct Problem {
    pub node: u64,
    pub code: &'static str,
    pub params: Vec<(&'static str, String)>,
}

/// Checks one expression.
pub(super) struct Checker<'a> {
    pub names: Names<'a>,
    pub problems: Vec<Problem>,
    pub slots: Vec<Slot>,
    /// Node → the slot that replaces it.
    pub replaced: HashMap<u64, usize>,
    /// Paths known not to be empty where the walk stands.
    pub known: Vec<String>,
    locals: Vec<(String, Typed)>,
    /// How many names have been read so far: an expression that reads none is constant.
    reads: usize,
    nodes: usize,
    depth: usize,
    folding: bool,
}

impl<'a> Checker<'a> {
    pub fn new(names: Names<'a>, known: Vec<String>) -> Self {
        Self {
            names,
            problems: Vec::new(),
            slots: Vec::new(),
            replaced: HashMap::new(),
            known,
            locals: Vec::new(),
            reads: 0,
            nodes: 0,
            depth: 0,
            folding: false,
        }
    }

    pub fn report(&mut self, node: &IdedExpr, code: &'static str, params: &[(&'static str, &str)]) -> Typed {
        // where something is wrong already, nothing is called constant
        self.reads += 1;
        let params = params.iter().map(|&(name, value)| (name, value.to_owned())).collect();
        self.problems.push(Problem { node: beginning(node), code, params });
        Typed::ANY
    }

    /// The type of `node`, where an empty value will not do.
    pub fn value(&mut self, node: &IdedExpr) -> Type {
        let typed = self.infer(node);
        if typed.nullable {
            let name = path_text(&node.expr).unwrap_or_else(|| "this".to_owned());
            self.report(node, "WF310", &[("name", &name)]);
        }
        typed.ty
    }

    /// A condition, which must not be constant.
    pub fn condition(&mut self, node: &IdedExpr) {
        let reads = self.reads;
        let ty = self.value(node);
        if !ty.fits(&Type::Bool) {
            self.report(node, "WF309", &[("expected", "bool"), ("found", &ty.to_string())]);
        } else if self.reads == reads && ty != Type::Any {
            self.report(node, "WF322", &[]);
        }
    }

    pub fn infer(&mut self, node: &IdedExpr) -> Typed {
        self.nodes += 1;
        if self.nodes == MAX_NODES + 1 {
            self.report(node, "WF306", &[("limit", &MAX_NODES.to_string()), ("what", "parts")]);
        }
        if self.nodes > MAX_NODES {
            return Typed::ANY;
        }
        if self.depth >= MAX_DEPTH {
            // one such finding is enough: nothing further is looked at
            self.nodes = MAX_NODES + 1;
            return self.report(node, "WF306", &[("limit", &MAX_DEPTH.to_string()), ("what", "levels")]);
        }
        self.depth += 1;
        let typed = self.infer_node(node);
        self.depth -= 1;
        typed
    }

    fn infer_node(&mut self, node: &IdedExpr) -> Typed {
        match &node.expr {
            Expr::Literal(literal) => self.literal(node, literal),
            Expr::Ident(name) => self.ident(node, name),
            Expr::Select(select) => self.select(node, select),
            Expr::Call(call) => self.call(node, call),
            Expr::List(list) => {
                let mut of = Type::Any;
                for element in &list.elements {
                    let ty = self.value(element);
                    if !of.fits(&ty) {
                        self.report(element, "WF309", &[("expected", &of.to_string()), ("found", &ty.to_string())]);
                    } else if of == Type::Any {
                        of = ty;
                    }
                }
                Typed::of(Type::List(Box::new(Typed::of(of))))
            }
            Expr::Comprehension(fold) => self.fold(node, fold),
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => self.report(node, "WF304", &[("what", "a literal object")]),
        }
    }

    fn literal(&mut self, node: &IdedExpr, literal: &LiteralValue) -> Typed {
        match literal {
            LiteralValue::Boolean(_) => Typed::of(Type::Bool),
            LiteralValue::Int(_) => Typed::of(Type::Int),
            LiteralValue::String(_) => Typed::of(Type::Text),
            LiteralValue::Null => Typed::of(Type::Null),
            LiteralValue::Double(number) => {
                // the shortest decimal that reads back as this number is the one that was written
                let written = number.inner().to_string();
                match rust_decimal::Decimal::from_str_exact(&written) {
                    Ok(decimal) => self.constant(node, Value::Decimal(decimal), Type::Decimal),
                    Err(_) => self.report(node, "WF311", &[("value", &written), ("what", "an exact decimal")]),
                }
            }
            LiteralValue::Bytes(_) => self.report(node, "WF304", &[("what", "a literal of bytes")]),
            LiteralValue::UInt(_) => self.report(node, "WF304", &[("what", "an unsigned number")]),
        }
    }

    /// Replaces `node` by a constant.
    pub fn constant(&mut self, node: &IdedExpr, value: Value, ty: Type) -> Typed {
        self.replace(node, Slot::Const(value));
        Typed::of(ty)
    }

    /// The constant `node` has been replaced by.
    pub fn constant_of(&self, node: &IdedExpr) -> Option<&Value> {
        match self.slots.get(*self.replaced.get(&node.id)?)? {
            Slot::Const(value) => Some(value),
            _ => None,
        }
    }

    /// Whether the walk stands inside a macro over a list.
    pub fn is_folding(&self) -> bool {
        self.folding
    }

    pub fn replace(&mut self, node: &IdedExpr, slot: Slot) {
        if !matches!(slot, Slot::Const(_)) {
            self.reads += 1;
        }
        let number = match &slot {
            Slot::Path(path) => self.slots.iter().position(|other| matches!(other, Slot::Path(other) if other == path)),
            _ => None,
        };
        let number = number.unwrap_or_else(|| {
            self.slots.push(slot);
            self.slots.len() - 1
        });
        self.replaced.insert(node.id, number);
    }

    fn ident(&mut self, node: &IdedExpr, name: &str) -> Typed {
        if let Some(typed) = self.local(name) {
            self.reads += 1;
            return typed;
        }
        match name {
            "now" => self.path(node, "now", Root::Now, &[], Typed::of(Type::Time)),
            _ if ROOTS.contains(&name) => self.report(node, "WF304", &[("what", &format!("`{name}` by itself"))]),
            _ => self.report(node, "WF302", &[("name", name), ("known", &ROOTS.join(", "))]),
        }
    }

    fn local(&self, name: &str) -> Option<Typed> {
        self.locals.iter().rev().find(|(local, _)| local == name).map(|(_, typed)| typed.clone())
    }

    fn select(&mut self, node: &IdedExpr, select: &SelectExpr) -> Typed {
        if select.test {
            return self.report(node, "WF304", &[("what", "`has(…)`: test against `null`, that")]);
        }
        if let Some(text) = path_text(&node.expr) {
            let mut segments = text.split('.');
            let root = segments.next().unwrap_or_default();
            let segments: Vec<&str> = segments.collect();
            if self.local(root).is_none() && ROOTS.contains(&root) {
                return self.record_path(node, root, &segments);
            }
        }
        let owner = self.value(&select.operand);
        match owner {
            Type::Any => Typed::ANY,
            other => match other.fields() {
                Some(fields) => match self.field(node, "the object", fields, &select.field) {
                    Some(field) => self.narrowed(path_text(&node.expr), Typed::from(field)),
                    None => Typed::ANY,
                },
                None => self.report(node, "WF303", &[("owner", &other.to_string()), ("name", &select.field), ("hint", "")]),
            },
        }
    }

    fn record_path(&mut self, node: &IdedExpr, root: &str, segments: &[&str]) -> Typed {
        let text = format!("{root}.{}", segments.join("."));
        match (root, segments) {
            ("actor", ["id"]) => self.path(node, &text, Root::ActorId, &[], Typed::of(Type::Ref("member".to_owned()))),
            ("actor", ["role"]) => self.path(node, &text, Root::ActorRole, &[], Typed::of(Type::Text)),
            ("tenant", ["currency"]) => self.path(node, &text, Root::Currency, &[], Typed::of(Type::Text)),
            ("tenant", ["zone"]) => self.path(node, &text, Root::Zone, &[], Typed::of(Type::Text)),
            ("input", [name]) => {
                if let Some(field) = self.names.form.iter().find(|field| field.name == *name) {
                    return self.path(node, &text, Root::Input, segments, Typed::from(field));
                }
                let hint = nearest(name, self.names.form.iter().map(|field| field.name.as_str()));
                self.report(node, "WF303", &[("owner", "the form"), ("name", name), ("hint", &hint)])
            }
            ("doc", ["custom", name]) if self.names.subject.field("custom").is_none() => self.custom(node, &text, segments, name),
            ("doc", [first, rest @ ..]) => {
                let subject = self.names.subject;
                let Some(mut field) = self.field(node, &format!("`{}`", subject.key), subject.fields, first) else { return Typed::ANY };
                let mut so_far = format!("doc.{first}");
                for segment in rest {
                    let typed = self.narrowed(Some(so_far.clone()), Typed::from(field));
                    if typed.nullable {
                        return self.report(node, "WF310", &[("name", &so_far)]);
                    }
                    let Some(fields) = typed.ty.fields() else {
                        return self.report(node, "WF303", &[("owner", &typed.ty.to_string()), ("name", segment), ("hint", "")]);
                    };
                    let Some(inner) = self.field(node, &format!("`{so_far}`"), fields, segment) else { return Typed::ANY };
                    field = inner;
                    so_far = format!("{so_far}.{segment}");
                }
                self.path(node, &text, Root::Doc, segments, Typed::from(field))
            }
            (_, [name, ..]) => self.report(node, "WF303", &[("owner", &format!("`{root}`")), ("name", name), ("hint", "")]),
            (_, []) => self.report(node, "WF304", &[("what", &format!("`{root}` by itself"))]),
        }
    }

    /// A field of the company's own.
    fn custom(&mut self, node: &IdedExpr, text: &str, segments: &[&str], name: &str) -> Typed {
        let custom = self.names.vocabulary.custom;
        if let Some(field) = custom.iter().find(|field| field.name == name) {
            return self.path(node, text, Root::Doc, segments, Typed::from(field));
        }
        let hint = nearest(name, custom.iter().map(|field| field.name.as_str()));
        self.report(node, "WF303", &[("owner", "`doc.custom`"), ("name", name), ("hint", &hint)])
    }

    fn path(&mut self, node: &IdedExpr, text: &str, root: Root, segments: &[&str], typed: Typed) -> Typed {
        let segments = segments.iter().map(|&segment| segment.to_owned()).collect();
        self.replace(node, Slot::Path(Path { text: text.to_owned(), root, segments }));
        self.narrowed(Some(text.to_owned()), typed)
    }

    fn narrowed(&self, path: Option<String>, typed: Typed) -> Typed {
        let known = path.is_some_and(|path| self.known.contains(&path));
        Typed { nullable: typed.nullable && !known, ..typed }
    }

    fn field(&mut self, node: &IdedExpr, owner: &str, fields: &'static [Field], name: &str) -> Option<&'static Field> {
        let found = fields.iter().find(|field| field.name == name);
        if found.is_none() {
            let hint = nearest(name, fields.iter().map(|field| field.name));
            self.report(node, "WF303", &[("owner", owner), ("name", name), ("hint", &hint)]);
        }
        found
    }

    /// `all`, `exists`, `exists_one`, `filter`, `map`: macros, already written out by the parser.
    fn fold(&mut self, node: &IdedExpr, fold: &ComprehensionExpr) -> Typed {
        if self.folding {
            return self.report(node, "WF307", &[]);
        }
        let element = match self.value(&fold.iter_range) {
            Type::List(of) => *of,
            Type::Any => Typed::ANY,
            other => return self.report(&fold.iter_range, "WF309", &[("expected", "a list"), ("found", &other.to_string())]),
        };
        if ROOTS.contains(&fold.iter_var.as_str()) || fold.iter_var2.is_some() {
            return self.report(node, "WF304", &[("what", &format!("`{}` as the name of an element", fold.iter_var))]);
        }
        self.folding = true;
        let accumulator = match &fold.accu_init.expr {
            Expr::List(_) => Typed::of(Type::List(Box::new(Typed::ANY))),
            _ => self.infer(&fold.accu_init),
        };
        self.locals.push((fold.iter_var.clone(), element));
        self.locals.push((fold.accu_var.clone(), accumulator.clone()));
        let step = self.infer(&fold.loop_step);
        let result = self.infer(&fold.result);
        self.locals.truncate(self.locals.len() - 2);
        self.folding = false;
        if matches!(accumulator.ty, Type::List(_)) { step } else { result }
    }
}

/// The node a path or a call on something begins with: the parser places those at their last dot.
fn beginning(node: &IdedExpr) -> u64 {
    match &node.expr {
        Expr::Select(select) => beginning(&select.operand),
        Expr::Call(call) => call.target.as_deref().map_or(node.id, beginning),
        _ => node.id,
    }
}

/// `doc.asset.meter`, if the expression is a plain path.
pub(super) fn path_text(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Ident(name) => Some(name.clone()),
        Expr::Select(select) if !select.test => Some(format!("{}.{}", path_text(&select.operand.expr)?, select.field)),
        _ => None,
    }
}
