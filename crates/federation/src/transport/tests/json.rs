//! The strict reader of JSON.

use super::super::json::{check_exact, parse, parse_within};
use super::super::{JsonError, JsonLimits};
use super::fixtures;

#[test]
fn an_ordinary_document_is_read_as_it_stands() {
    let text = r#"{"b":[1,-2,3.5,45.0,1e3],"a":{"t":true,"n":null,"s":"é\ud83d\ude00\""}}"#;
    assert_eq!(parse(text.as_bytes()).unwrap(), serde_json::from_str::<serde_json::Value>(text).unwrap());
    assert_eq!(parse(text.as_bytes()).unwrap()["b"][3].to_string(), "45.0");
}

#[test]
fn what_is_not_json_is_refused() {
    let texts: [&[u8]; 14] = [
        b"",
        b"{",
        b"{}x",
        b"{} {}",
        b"\xef\xbb\xbf{}",
        b"{\"a\":1e400}",
        b"{\"a\":-1e400}",
        b"{\"a\":NaN}",
        b"{\"a\":Infinity}",
        br#"{"a":"\ud800"}"#,
        br#"{"a":"\udc00\ud800"}"#,
        b"{\"a\":\"\xff\"}",
        b"{'a':1}",
        b"{\"a\":01}",
    ];
    for text in texts {
        assert_eq!(parse(text), Err(JsonError::Malformed), "{}", String::from_utf8_lossy(text));
    }
}

#[test]
fn a_member_given_twice_is_refused() {
    assert_eq!(parse(br#"{"id":"a","id":"b"}"#), Err(JsonError::DuplicateKey));
    assert_eq!(parse(br#"{"a":[{"id":"a","\u0069d":"a"}]}"#), Err(JsonError::DuplicateKey));
    assert!(parse(br#"{"id":{"id":1},"ID":2}"#).is_ok());
}

#[test]
fn depth_is_bounded_and_brackets_in_strings_do_not_count() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(parse(nested(32).as_bytes()).is_ok());
    assert_eq!(parse(nested(33).as_bytes()), Err(JsonError::TooDeep));
    assert_eq!(parse("[".repeat(10_000).as_bytes()), Err(JsonError::TooDeep));
    assert_eq!(parse(r#"{"a":"#.repeat(10_000).as_bytes()), Err(JsonError::TooDeep));
    assert!(parse(format!("\"{}\"", "[{".repeat(100)).as_bytes()).is_ok());
}

#[test]
fn size_and_number_of_members_are_bounded() {
    let array = |count: usize| format!("[{}]", vec!["0"; count].join(","));
    assert!(parse(array(20_000).as_bytes()).is_ok());
    assert_eq!(parse(array(20_001).as_bytes()), Err(JsonError::TooMany));
    let members: Vec<_> = (0..30_000).map(|n| format!("\"{n}\":0")).collect();
    assert_eq!(parse(format!("{{{}}}", members.join(",")).as_bytes()), Err(JsonError::TooMany));
    let long = format!("\"{}\"", "a".repeat(1024 * 1024));
    assert_eq!(parse(long.as_bytes()), Err(JsonError::TooLarge));
    let limits = JsonLimits { bytes: 10, ..JsonLimits::default() };
    assert_eq!(parse_within(b"[1,2,3,4,5]", &limits), Err(JsonError::TooLarge));
}

#[test]
fn s46_numbers_that_programs_read_differently_are_found_before_hashing() {
    for text in
        ["[9007199254740993]", "{\"a\":-9007199254740993}", "[-0]", "[-0.0]", "[18446744073709551615]"]
    {
        assert_eq!(check_exact(&parse(text.as_bytes()).unwrap()), Err(JsonError::Inexact), "{text}");
    }
    for text in ["[9007199254740992]", "[0]", "[0.0]", "[45.0,-1.5e-7]"] {
        assert_eq!(check_exact(&parse(text.as_bytes()).unwrap()), Ok(()), "{text}");
    }
}

#[test]
fn every_real_object_is_within_the_limits() {
    let Some(folder) = fixtures() else { return };
    let mut read = 0;
    for set in std::fs::read_dir(folder).unwrap() {
        let set = set.unwrap().path();
        let Ok(files) = std::fs::read_dir(&set) else { continue };
        for file in
            files.map(|file| file.unwrap().path()).filter(|file| file.extension() == Some("json".as_ref()))
        {
            let bytes = std::fs::read(&file).unwrap();
            let name = file.display();
            assert!(parse(&bytes).is_ok(), "{name}: {:?}", parse(&bytes));
            read += 1;
        }
    }
    assert!(read > 100, "only {read} objects");
}
