//! From text to a checked, runnable expression.

use cel::Program;
use cel::common::ast::{Expr, IdedExpr, operators as op};

use super::calls::{literal_text, narrow};
use super::check::{Checker, Problem};
use super::code::Lowering;
use super::types::{Names, Type, Typed};
use super::{Conjunct, Expression, Guard, Slot, need, split};
use crate::MAX_EXPRESSION_BYTES;
use crate::diagnostic::Diagnostic;
use crate::yaml::At;

/// An expression's text and where it stands in the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<'a> {
    pub source: &'a str,
    /// Where the YAML value begins.
    pub at: At,
    /// Characters between that and the expression's first one; `None` when the value is folded or escaped, so that columns do not carry over.
    pub lead: Option<u32>,
}

/// Compiles expressions that may use `names`, and collects what is wrong with them.
pub(crate) struct Compiler<'a, 'd> {
    pub names: Names<'a>,
    pub found: &'d mut Vec<Diagnostic>,
}

impl Compiler<'_, '_> {
    /// Compiles a condition. `None` when something is wrong with it.
    pub fn guard(&mut self, text: Text<'_>) -> Option<Guard> {
        let program = self.parse(text)?;
        let mut parts = Vec::new();
        flatten(program.expression(), &mut parts);
        let written = split::conjuncts(text.source).filter(|written| written.len() == parts.len());
        let mut known = self.required();
        let (mut conjuncts, mut sound) = (Vec::new(), true);
        for (i, &part) in parts.iter().enumerate() {
            let mut checker = Checker::new(self.names, std::mem::take(&mut known));
            checker.condition(part);
            let need = need::of(part, &checker);
            known.clone_from(&checker.known);
            narrow(part, true, &mut known);
            let source = written.as_ref().map_or(text.source.trim(), |written| written[i]);
            match self.finish(&program, part, checker, source, text) {
                Some(expression) => conjuncts.push(Conjunct { expression, need }),
                None => sound = false,
            }
        }
        sound.then_some(Guard { conjuncts })
    }

    /// Compiles an expression whose value goes into something of type `expected`.
    pub fn expression(&mut self, text: Text<'_>, expected: &Typed) -> Option<Expression> {
        let program = self.parse(text)?;
        let mut checker = Checker::new(self.names, self.required());
        let node = program.expression();
        let found = checker.infer(node);
        let coerced = expected.ty == Type::Decimal && found.ty == Type::Int && checker.as_decimal(node);
        match (&expected.ty, &found.ty) {
            _ if coerced => {}
            (_, Type::Null) if expected.nullable => {}
            (ty, found_ty) if !ty.fits(found_ty) => {
                checker.report(node, "WF309", &[("expected", &ty.to_string()), ("found", &found_ty.to_string())]);
            }
            (Type::Choice(options), Type::Text) => match literal_text(node) {
                Some(value) if !options.iter().any(|option| option == value) => {
                    checker.report(node, "WF006", &[("value", value), ("options", &options.join(", "))]);
                }
                Some(_) => {}
                None => {
                    checker.report(node, "WF309", &[("expected", "choice"), ("found", "text")]);
                }
            },
            _ if found.nullable && !expected.nullable => {
                checker.report(node, "WF310", &[("name", text.source.trim())]);
            }
            _ => {}
        }
        let nullable = found.nullable || found.ty == Type::Null;
        let expression = self.finish(&program, node, checker, text.source.trim(), text)?;
        Some(Expression { nullable, ..expression })
    }

    /// Compiles an expression of any type, which it tells.
    pub fn anything(&mut self, text: Text<'_>) -> Option<(Expression, Typed)> {
        let program = self.parse(text)?;
        let mut checker = Checker::new(self.names, self.required());
        let found = checker.infer(program.expression());
        let expression = self.finish(&program, program.expression(), checker, text.source.trim(), text)?;
        Some((expression, found))
    }

    fn required(&self) -> Vec<String> {
        self.names.required.iter().map(|field| format!("doc.{field}")).collect()
    }

    fn parse(&mut self, text: Text<'_>) -> Option<Program> {
        if text.source.len() > MAX_EXPRESSION_BYTES {
            let limit = MAX_EXPRESSION_BYTES.to_string();
            self.found.push(Diagnostic::new("WF305", text.at).with("limit", limit));
            return None;
        }
        match Program::compile(text.source) {
            Ok(program) => Some(program),
            Err(errors) => {
                let first = errors.errors.first();
                let offset = first.filter(|error| error.pos.0 == 1).and_then(|error| u32::try_from(error.pos.1 - 1).ok());
                let problem = first.map_or("it is empty", |error| error.msg.as_str());
                self.found.push(Diagnostic::new("WF300", text.place(offset)).with("problem", problem));
                None
            }
        }
    }

    /// Reports what the checker found, or puts the slots into the tree.
    fn finish(&mut self, program: &Program, node: &IdedExpr, checker: Checker<'_>, source: &str, text: Text<'_>) -> Option<Expression> {
        if checker.problems.is_empty() {
            let lowering = Lowering { replaced: &checker.replaced, slots: &checker.slots, element: None };
            if let Some(code) = lowering.lower(node) {
                let paths = checker.slots.into_iter().filter_map(|slot| if let Slot::Path(path) = slot { Some(path) } else { None });
                return Some(Expression { source: source.to_owned(), nullable: false, code, paths: paths.collect() });
            }
            let place = text.place(program.source_info().offset_for(node.id).map(|(start, _)| start));
            self.found.push(Diagnostic::new("WF304", place).with("what", "this form of a macro"));
        }
        for Problem { node, code, params } in checker.problems {
            let offset = program.source_info().offset_for(node).map(|(start, _)| start);
            let mut found = Diagnostic::new(code, text.place(offset));
            found.params.extend(params);
            self.found.push(found);
        }
        None
    }
}

impl Text<'_> {
    /// The place of the character at `offset` in the expression.
    fn place(&self, offset: Option<u32>) -> At {
        match (self.lead, offset) {
            (Some(lead), Some(offset)) => At { column: self.at.column.saturating_add(lead).saturating_add(offset), ..self.at },
            _ => self.at,
        }
    }
}

/// The conjuncts of a tree.
fn flatten<'e>(node: &'e IdedExpr, into: &mut Vec<&'e IdedExpr>) {
    if let Expr::Call(call) = &node.expr
        && let (op::LOGICAL_AND, [left, right]) = (call.func_name.as_str(), call.args.as_slice())
    {
        flatten(left, into);
        flatten(right, into);
        return;
    }
    into.push(node);
}
