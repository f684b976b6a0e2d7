//! JSON in the one form that is hashed (JCS, RFC 8785).
//!
//! It deliberately refuses what programs read differently: of that there is no one form. Numbers are written by a crate;
//! the rest is written here, straight from the parsed value, in a tenth of the time that the crates for all of it take:
//! they serialise every member into a buffer of its own, and parse its name again.

use super::json::{JsonError, check_exact};
use serde_json::{Number, Value};

/// The bytes of an object with these members, in any order.
///
/// # Errors
/// `Inexact` for numbers on which programs differ.
pub fn canonical_object<'a>(
    members: impl IntoIterator<Item = (&'a str, &'a Value)>,
) -> Result<Vec<u8>, JsonError> {
    let members: Vec<_> = members.into_iter().collect();
    members.iter().try_for_each(|(_, value)| check_exact(value))?;
    let mut out = Vec::with_capacity(1024);
    write_object(members, &mut out)?;
    Ok(out)
}

fn write_value(value: &Value, out: &mut Vec<u8>) -> Result<(), JsonError> {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
        Value::Number(number) => write_number(number, out),
        Value::String(text) => write_text(text, out)?,
        Value::Array(elements) => {
            out.push(b'[');
            for (index, element) in elements.iter().enumerate() {
                separate(index, out);
                write_value(element, out)?;
            }
            out.push(b']');
        }
        Value::Object(members) => {
            write_object(members.iter().map(|(name, value)| (name.as_str(), value)).collect(), out)?;
        }
    }
    Ok(())
}

/// Members in the order of their names as UTF-16 (RFC 8785, 3.2.3).
fn write_object(mut members: Vec<(&str, &Value)>, out: &mut Vec<u8>) -> Result<(), JsonError> {
    members.sort_unstable_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
    out.push(b'{');
    for (index, (name, value)) in members.into_iter().enumerate() {
        separate(index, out);
        write_text(name, out)?;
        out.push(b':');
        write_value(value, out)?;
    }
    out.push(b'}');
    Ok(())
}

fn separate(index: usize, out: &mut Vec<u8>) {
    if index > 0 {
        out.push(b',');
    }
}

/// As ECMAScript writes it: `45.0` is `45` (RFC 8785, 3.2.2.3).
fn write_number(number: &Number, out: &mut Vec<u8>) {
    if let Some(whole) = number.as_i64() {
        out.extend_from_slice(whole.to_string().as_bytes());
    } else if let Some(float) = number.as_f64() {
        out.extend_from_slice(ryu_js::Buffer::new().format(float).as_bytes());
    }
}

/// The escapes of `serde_json` are those of RFC 8785, 3.2.2.2.
fn write_text(text: &str, out: &mut Vec<u8>) -> Result<(), JsonError> {
    serde_json::to_writer(out, text).map_err(|_| JsonError::Malformed)
}
