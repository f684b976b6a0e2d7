//! Reads JSON once, strictly and within bounds.
//!
//! It deliberately gives no meaning to what it reads, and never looks at the bytes a second time:
//! the value that is checked is the value that is used.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// What a document may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JsonLimits {
    /// Bytes.
    pub bytes: usize,
    /// Objects and arrays within one another.
    pub depth: usize,
    /// Members and elements in all.
    pub items: usize,
}

impl Default for JsonLimits {
    /// 1 MiB, 32 levels, 20,000 members and elements.
    fn default() -> Self {
        Self { bytes: 1024 * 1024, depth: 32, items: 20_000 }
    }
}

/// Why a text is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// Not JSON: syntax, a byte-order mark, a number without end, half a surrogate pair, not UTF-8.
    #[error("not JSON")]
    Malformed,
    /// More bytes than the limit.
    #[error("the JSON is too large")]
    TooLarge,
    /// Deeper than the limit.
    #[error("the JSON is nested too deeply")]
    TooDeep,
    /// More members and elements than the limit.
    #[error("the JSON has too many members")]
    TooMany,
    /// An object has a member twice.
    #[error("the JSON has a member twice")]
    DuplicateKey,
    /// A number that other programs would read as another number.
    #[error("the JSON has a number that is not exact")]
    Inexact,
}

impl JsonError {
    /// The permanent code of the refusal.
    pub fn code(self) -> &'static str {
        match self {
            Self::Malformed => "json_malformed",
            Self::TooLarge => "json_too_large",
            Self::TooDeep => "json_too_deep",
            Self::TooMany => "json_too_many",
            Self::DuplicateKey => "json_duplicate_key",
            Self::Inexact => "json_inexact",
        }
    }
}

/// Reads a document within the default limits.
pub fn parse(bytes: &[u8]) -> Result<Value, JsonError> {
    parse_within(bytes, &JsonLimits::default())
}

/// Reads a document within these limits.
pub fn parse_within(bytes: &[u8], limits: &JsonLimits) -> Result<Value, JsonError> {
    if bytes.len() > limits.bytes {
        return Err(JsonError::TooLarge);
    }
    let mut budget = Budget { items: limits.items, refusal: None };
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let read = Reader { budget: &mut budget, depth: limits.depth }
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value));
    read.map_err(|_| budget.refusal.unwrap_or(JsonError::Malformed))
}

/// Refuses numbers on which programs differ: whole numbers beyond 2^53 and the negative zero
/// (RFC 8785, 3.2.2.3; RFC 7493, 2.2). To be called before a document is hashed for a proof.
pub fn check_exact(value: &Value) -> Result<(), JsonError> {
    match value {
        Value::Number(number) if !is_exact(number) => Err(JsonError::Inexact),
        Value::Array(elements) => elements.iter().try_for_each(check_exact),
        Value::Object(members) => members.values().try_for_each(check_exact),
        _ => Ok(()),
    }
}

fn is_exact(number: &Number) -> bool {
    const LARGEST: u64 = 1 << 53;
    if let Some(whole) = number.as_i64() {
        whole.unsigned_abs() <= LARGEST
    } else if number.is_u64() {
        false
    } else {
        number.as_f64().is_some_and(|float| float != 0.0 || float.is_sign_positive())
    }
}

struct Budget {
    items: usize,
    refusal: Option<JsonError>,
}

impl Budget {
    fn refuse<E: serde::de::Error>(&mut self, refusal: JsonError) -> E {
        self.refusal = Some(refusal);
        E::custom(refusal)
    }

    fn spend<E: serde::de::Error>(&mut self) -> Result<(), E> {
        match self.items.checked_sub(1) {
            Some(left) => {
                self.items = left;
                Ok(())
            }
            None => Err(self.refuse(JsonError::TooMany)),
        }
    }
}

/// Reads one value; `depth` is how many levels it may still have.
struct Reader<'a> {
    budget: &'a mut Budget,
    depth: usize,
}

impl Reader<'_> {
    fn enter<E: serde::de::Error>(&mut self) -> Result<usize, E> {
        self.depth.checked_sub(1).ok_or_else(|| self.budget.refuse(JsonError::TooDeep))
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not finite"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<Value, A::Error> {
        let depth = self.enter()?;
        let mut elements = Vec::new();
        while let Some(element) = seq.next_element_seed(Reader { budget: &mut *self.budget, depth })? {
            self.budget.spend()?;
            elements.push(element);
        }
        Ok(Value::Array(elements))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Value, A::Error> {
        let depth = self.enter()?;
        let mut members = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            self.budget.spend()?;
            let value = map.next_value_seed(Reader { budget: &mut *self.budget, depth })?;
            if members.insert(key, value).is_some() {
                return Err(self.budget.refuse(JsonError::DuplicateKey));
            }
        }
        Ok(Value::Object(members))
    }
}
