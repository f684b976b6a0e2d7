//! Which URLs and addresses are asked.

use std::net::IpAddr;

use super::super::address::is_public;
use super::super::{AddressError, Scheme, TestHost, TestHosts, authority, same_origin};
use super::url;

fn test_hosts() -> TestHosts {
    let address = "127.0.0.1:40000".parse().unwrap();
    TestHosts::new([TestHost { scheme: Scheme::Http, host: "Alpha.test".to_owned(), port: 4000, address }])
}

#[test]
fn s14_private_and_special_addresses_are_refused() {
    let closed = [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "168.63.129.16",
        "::",
        "::1",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:10.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b::808:808",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:808:808::1",
        "3fff::1",
        "3fff:fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ];
    for text in closed {
        assert!(!is_public(text.parse::<IpAddr>().unwrap()), "{text}");
    }
}

#[test]
fn public_addresses_are_accepted() {
    let open = [
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.1",
        "100.63.255.255",
        "100.128.0.1",
        "172.15.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "192.169.0.1",
        "198.17.0.1",
        "198.20.0.1",
        "223.255.255.255",
        "2001:41d0::1",
        "2001:200::1",
        "2606:4700::1111",
        "2a01:e0a::1",
        "2003::1",
        "3ffe::1",
    ];
    for text in open {
        assert!(is_public(text.parse::<IpAddr>().unwrap()), "{text}");
    }
}

#[test]
fn only_https_to_a_dotted_public_name_is_asked() {
    let hosts = TestHosts::default();
    for text in ["https://example.org/x", "https://example.org:8443/", "https://xn--caf-dma.fr/a?b#c"] {
        assert!(hosts.check(text).is_ok(), "{text}");
    }
    let refused = [
        ("http://example.org/", AddressError::Scheme),
        ("ftp://example.org/", AddressError::Scheme),
        ("file:///etc/passwd", AddressError::Scheme),
        ("data:application/json,{}", AddressError::Scheme),
        ("javascript:alert(1)", AddressError::Scheme),
        ("https://user@example.org/", AddressError::UserInfo),
        ("https://user:word@example.org/", AddressError::UserInfo),
        ("https://:word@example.org/", AddressError::UserInfo),
        ("https://127.0.0.1/", AddressError::Host),
        ("https://8.8.8.8/", AddressError::Host),
        ("https://2130706433/", AddressError::Host),
        ("https://0x7f.1/", AddressError::Host),
        ("https://0177.0.0.1/", AddressError::Host),
        ("https://[::1]/", AddressError::Host),
        ("https://[2a01:e0a::1]/", AddressError::Host),
        ("https://localhost/", AddressError::Host),
        ("https://%6c%6fcalhost/", AddressError::Host),
        ("https://intranet/", AddressError::Host),
        ("https://a.localhost/", AddressError::Host),
        ("https://printer.local/", AddressError::Host),
        ("https://db.internal/", AddressError::Host),
        ("https://router.home.arpa/", AddressError::Host),
        ("https://hidden.onion/", AddressError::Host),
        ("https://alpha.test/", AddressError::Host),
        ("https://example.org./", AddressError::Host),
        ("https://exa..mple.org/", AddressError::Host),
        ("https://example.org:0/", AddressError::Host),
        ("//example.org/", AddressError::Malformed),
        ("", AddressError::Malformed),
    ];
    for (text, why) in refused {
        assert_eq!(hosts.check(text), Err(why), "{text}");
    }
}

#[test]
fn s16_blanks_controls_and_backslashes_in_a_url_are_refused_before_parsing() {
    let hosts = TestHosts::default();
    let texts = [
        "https://example.org/a\r\nHost: evil.org",
        "https://exam\tple.org/",
        "https://example.org/a b",
        " https://example.org/",
        "https://example.org/\n",
        "https://example.org\\@evil.org/",
        "https://example.org\u{a0}/",
        "https://example.org/\0",
        "https://example\u{200b}.org/",
        "https://example.org/\u{202e}gpj",
    ];
    for text in texts {
        assert_eq!(hosts.check(text), Err(AddressError::Malformed), "{text:?}");
    }
    let long = format!("https://example.org/{}", "a".repeat(4000));
    assert_eq!(hosts.check(&long), Err(AddressError::Malformed));
}

#[test]
fn a_test_host_is_asked_by_its_own_scheme_and_port_only() {
    let hosts = test_hosts();
    assert!(hosts.check("http://alpha.test:4000/actor").is_ok());
    assert!(hosts.check("http://ALPHA.test:4000/actor").is_ok());
    assert_eq!(hosts.check("http://alpha.test:4001/"), Err(AddressError::TestHost));
    assert_eq!(hosts.check("http://alpha.test/"), Err(AddressError::TestHost));
    assert_eq!(hosts.check("https://alpha.test:4000/"), Err(AddressError::TestHost));
    assert_eq!(hosts.check("http://a@alpha.test:4000/"), Err(AddressError::UserInfo));
    assert_eq!(hosts.check("http://beta.test:4000/"), Err(AddressError::Scheme));
    assert_eq!(hosts.check("http://127.0.0.1:40000/"), Err(AddressError::Scheme));
    assert_eq!(TestHosts::default().check("http://alpha.test:4000/"), Err(AddressError::Scheme));
}

#[test]
fn a_host_in_a_handle_gives_its_root_url() {
    let hosts = test_hosts();
    assert_eq!(hosts.base_url("Example.org").unwrap().as_str(), "https://example.org/");
    assert_eq!(hosts.base_url("example.org:8443").unwrap().as_str(), "https://example.org:8443/");
    assert_eq!(hosts.base_url("alpha.test:4000").unwrap().as_str(), "http://alpha.test:4000/");
    assert_eq!(hosts.base_url("alpha.test"), Err(AddressError::TestHost));
    for host in
        ["", "localhost", "example.org/x", "a@example.org", "example.org?x", "example.org#x", "10.0.0.1"]
    {
        assert!(hosts.base_url(host).is_err(), "{host}");
    }
}

#[test]
fn an_origin_is_scheme_host_and_port() {
    let home = url("https://example.org/a");
    assert!(same_origin(&home, &url("https://EXAMPLE.org:443/b?c#d")));
    assert!(!same_origin(&home, &url("https://example.org:8443/a")));
    assert!(!same_origin(&home, &url("http://example.org/a")));
    assert!(!same_origin(&home, &url("https://www.example.org/a")));
    assert!(!same_origin(&url("data:a"), &url("data:a")));
    assert_eq!(authority(&url("http://alpha.test:4000/x")), "alpha.test:4000");
    assert_eq!(authority(&url("https://example.org:443/x")), "example.org");
}
