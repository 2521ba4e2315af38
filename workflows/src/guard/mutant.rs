//! Conditions made wrong on purpose: what tests are tried on.

use super::Guard;
use super::code::Code;
use crate::value::Value;

impl Guard {
    /// The condition with its part `i` turned round.
    pub fn negate(&mut self, i: usize) {
        if let Some(conjunct) = self.conjuncts.get_mut(i) {
            let code = &mut conjunct.expression.code;
            let inner = std::mem::replace(code, Code::Const(Value::Null));
            *code = Code::Not(Box::new(inner));
        }
    }

    /// The condition without its part `i`.
    pub fn drop_part(&mut self, i: usize) {
        if i < self.conjuncts.len() {
            self.conjuncts.remove(i);
        }
    }

    /// How many sides the `||` of part `i` has; 1 where there is none.
    pub fn sides(&self, i: usize) -> usize {
        self.conjuncts.get(i).map_or(0, |conjunct| sides(&conjunct.expression.code))
    }

    /// The condition with side `side` of the `||` of part `i` left out.
    pub fn drop_side(&mut self, i: usize, side: usize) {
        if let Some(conjunct) = self.conjuncts.get_mut(i) {
            drop_side(&mut conjunct.expression.code, side);
        }
    }
}

fn sides(code: &Code) -> usize {
    match code {
        Code::Or(left, right) => sides(left) + sides(right),
        _ => 1,
    }
}

fn drop_side(code: &mut Code, side: usize) {
    let Code::Or(left, right) = code else { return };
    let first = sides(left);
    let (hit, kept, side) = if side < first { (left, right, side) } else { (right, left, side - first) };
    if sides(hit) > 1 {
        drop_side(hit, side);
    } else {
        *code = std::mem::replace(kept, Code::Const(Value::Null));
    }
}
