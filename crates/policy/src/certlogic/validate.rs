//! Says before evaluation what is wrong with an expression, and where, so that an author can mend a rule
//! before anyone's code depends on it.

use serde::Serialize;
use serde_json::{Number, Value};

use super::{MAX_DEPTH, MAX_NODES, datetime::Unit};

/// One fault of an expression or a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Issue {
    /// JSON pointer (RFC 6901) to the faulty part; empty for the whole.
    pub pointer: String,
    /// What is wrong, in plain English.
    pub message: String,
}

/// Every fault of an expression, in document order; empty when it may be compiled.
pub fn validate(expression: &Value) -> Vec<Issue> {
    let mut check = Check { pointer: String::new(), issues: Vec::new(), depth: 0, nodes: 0 };
    check.expression(expression);
    check.issues
}

/// The number as an integer of 64 bits. `2.0` is the integer 2, as in the reference implementation; beyond
/// 2^53 a fraction could hide, so such numbers are not integers unless written as one.
pub(super) fn integer(number: &Number) -> Option<i64> {
    number.as_i64().or_else(|| {
        let float = number.as_f64().filter(|f| f.fract() == 0.0 && f.abs() <= 9_007_199_254_740_992.0)?;
        format!("{float:.0}").parse().ok()
    })
}

struct Check {
    pointer: String,
    issues: Vec<Issue>,
    depth: usize,
    nodes: usize,
}

impl Check {
    fn fault(&mut self, message: impl Into<String>) {
        self.issues.push(Issue { pointer: self.pointer.clone(), message: message.into() });
    }

    /// Runs `then` with the pointer one step deeper.
    fn inside(&mut self, step: &str, then: impl FnOnce(&mut Self)) {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(&step.replace('~', "~0").replace('/', "~1"));
        then(self);
        self.pointer.truncate(length);
    }

    fn expression(&mut self, expression: &Value) {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            if self.nodes == MAX_NODES + 1 {
                self.fault(format!("the expression has more than {MAX_NODES} parts"));
            }
            return;
        }
        if self.depth >= MAX_DEPTH {
            return self.fault(format!("the expression is nested more than {MAX_DEPTH} levels deep"));
        }
        self.depth += 1;
        match expression {
            Value::Bool(_) | Value::String(_) => {}
            Value::Number(number) if integer(number).is_some() => {}
            Value::Number(_) => self.fault("only integers of up to 64 bits may be written"),
            Value::Null => self.fault("null is not an expression"),
            Value::Array(items) => self.each(items),
            Value::Object(map) => match map.iter().next() {
                Some((operator, operands)) if map.len() == 1 => self.operation(operator, operands),
                _ => self
                    .fault(format!("an operation is an object with exactly one key; this has {}", map.len())),
            },
        }
        self.depth -= 1;
    }

    fn each(&mut self, items: &[Value]) {
        for (index, item) in items.iter().enumerate() {
            self.inside(&index.to_string(), |check| check.expression(item));
        }
    }

    fn operation(&mut self, operator: &str, operands: &Value) {
        if operator == "var" {
            return self.var(operands);
        }
        let Value::Array(operands) = operands else {
            return self.fault(format!("the operands of `{operator}` must be given as an array"));
        };
        // Operators have a number of operands; the operands that are expressions are then checked too.
        let (least, most, expressions) = match operator {
            "if" | "reduce" => (3, 3, 3),
            "and" => (2, usize::MAX, usize::MAX),
            "===" | "in" | "+" => (2, 2, 2),
            "<" | ">" | "<=" | ">=" | "after" | "before" | "not-after" | "not-before" => (2, 3, 3),
            "!" | "dccDateOfBirth" => (1, 1, 1),
            "plusTime" => (3, 3, 1),
            "extractFromUVCI" => (2, 2, 1),
            _ => return self.fault(format!("there is no operator `{operator}`")),
        };
        if !(least..=most).contains(&operands.len()) {
            let want = match (least, most) {
                (l, m) if l == m => format!("exactly {l}"),
                (l, usize::MAX) => format!("at least {l}"),
                (l, m) => format!("{l} to {m}"),
            };
            self.fault(format!("`{operator}` takes {want} operand(s); this has {}", operands.len()));
        }
        if matches!(operator, "plusTime" | "extractFromUVCI") {
            self.constants(operator, operands);
        }
        self.inside(operator, |check| check.each(operands.get(..expressions).unwrap_or(operands)));
    }

    /// The operands that must be written out: the amount and unit of `plusTime`, the index of `extractFromUVCI`.
    fn constants(&mut self, operator: &str, operands: &[Value]) {
        let whole = |v: &Value| v.as_number().and_then(integer).is_some();
        if operands.get(1).is_some_and(|v| !whole(v)) {
            self.fault(format!("operand 2 of `{operator}` must be an integer, written out"));
        }
        if operator == "plusTime"
            && operands.get(2).is_some_and(|v| v.as_str().and_then(Unit::parse).is_none())
        {
            self.fault("operand 3 of `plusTime` must be \"year\", \"month\", \"day\" or \"hour\"");
        }
    }

    fn var(&mut self, path: &Value) {
        match path.as_str() {
            None => self.fault("`var` takes a path as a string, without an array and without a default"),
            Some(path) if path.is_empty() || path.split('.').all(|f| !f.is_empty()) => {}
            Some(_) => self.fault("a path is names or indexes with one point between them"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pointers(expression: Value) -> Vec<String> {
        validate(&expression).into_iter().map(|i| i.pointer).collect()
    }

    #[test]
    fn faults_are_found_where_they_are() {
        assert_eq!(pointers(json!({"if": [{"var": "a"}, {"===": [1]}, null]})), ["/if/1", "/if/2"]);
        assert_eq!(pointers(json!({"and": [true, {"var": ["a", 1]}]})), ["/and/1"]);
        assert_eq!(pointers(json!({"a/b": []})), [""]);
        assert_eq!(pointers(json!([1, 2.5, {"x": 1, "y": 2}])), ["/1", "/2"]);
        assert_eq!(pointers(json!({"plusTime": ["2021", {"var": "n"}, "week"]})), ["", ""]);
        assert_eq!(pointers(json!({"var": "a..b"})), [""]);
    }

    #[test]
    fn sound_expressions_have_no_fault() {
        for sound in
            [json!(2.0), json!([]), json!({"var": ""}), json!({"and": [1, 2, 3, 4]}), json!({"<": [1, 2, 3]})]
        {
            assert_eq!(validate(&sound), [], "{sound}");
        }
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let mut deep = json!(true);
        for _ in 0..300 {
            deep = json!({"!": [deep]});
        }
        assert_eq!(validate(&deep).len(), 1);
        assert_eq!(validate(&json!(vec![1; MAX_NODES + 100])).len(), 1);
    }
}
