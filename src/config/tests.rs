use super::*;

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

#[test]
fn every_error_is_named_at_once_without_secrets() {
    let errors = Config::from_map(&map(&[
        ("DATABASE_URL", "postgres://u:geheim@db.example/f"),
        ("FUGONG_PUBLIC_URL", "http://fugong.example"),
        ("FUGONG_LISTEN", "nowhere"),
        ("FUGONG_PROVINCE", "51"),
        ("FUGONG_TRUST_ROOTS", "/nonexistent/root"),
    ]))
    .unwrap_err();
    let all = errors.join("\n");
    for name in [
        "DATABASE_URL",
        "FUGONG_PUBLIC_URL",
        "FUGONG_LISTEN",
        "FUGONG_PROVINCE",
        "FUGONG_TRUST_ROOTS",
        "SMTP_URL",
        "SMS_URL",
    ] {
        assert!(all.contains(name), "{name} is missing in {all}");
    }
    assert!(!all.contains("geheim"));
}

#[test]
fn variables_that_are_no_text_are_others_business_or_named() {
    use std::os::unix::ffi::OsStringExt;
    let odd = OsString::from_vec(vec![0xd6]);
    let (values, unreadable) = readable(
        [
            ("FOO".into(), odd.clone()),
            (odd.clone(), "x".into()),
            ("FUGONG_LISTEN".into(), odd),
            ("A".into(), "b".into()),
        ]
        .into_iter(),
    );
    assert_eq!(values, map(&[("A", "b")]));
    assert_eq!(unreadable, ["FUGONG_LISTEN"]);
    let marked = [("\u{feff}DATABASE_URL".into(), "sqlite:a\r".into())];
    assert_eq!(readable(marked.into_iter()).0, map(&[("DATABASE_URL", "sqlite:a\r")]));
}

#[test]
fn what_cannot_run_and_what_is_unsafe_is_named() {
    for (name, values) in [
        ("FUGONG_POOL_SIZE", &["0", "201", "-1", "many"][..]),
        ("FUGONG_WORKERS", &["0", "100000"]),
        ("FUGONG_RUN_JOBS", &["yes"]),
        ("FUGONG_SMS_PER_HOUR", &["0", "99", "10000001", "-1", "1e4"]),
        ("FUGONG_PROVINCE", &["990000", "511600", "51", "５１００００"]),
        (
            "FUGONG_PUBLIC_URL",
            &[
                "http://localhost.example",
                "http://127.0.0.1.example",
                "https://a.example/portal",
                "https://",
                "ftp://a",
                "https://a.example:0",
                "https://a.example:99999",
                "https://[::1]:x",
            ],
        ),
        (
            "SMS_URL",
            &[
                "http://localhost.example/send",
                "http://sms.example",
                "http://far.example\\@localhost/send",
                "http://localhost@far.example",
                "http://localhost%2efar.example",
                "http://[::ffff:192.0.2.1]/",
                "http://0.0.0.0/",
                "ftp://localhost/",
                "https://",
            ],
        ),
        (
            "SMTP_URL",
            &[
                "smtp://mail.example",
                "smtp://u:p@mail.example:587?tls=opportunistic",
                "http://mail.example",
                "smtp://mail.example/tls=required",
                "smtp://mail.example?x=tls=required",
                "smtp://mail.example?tls=opportunistic&tls=required",
                "smtp://mail.example?tls=required&tls=opportunistic",
                "smtp://localhost@mail.example",
                "smtps://",
            ],
        ),
        (
            "FUGONG_TRUSTED_PROXIES",
            &["0.0.0.0", "proxy.example", "10.0.0.1;10.0.0.2", "0.0.0.0/0", "10.0.0.1/8", "::/0"],
        ),
        (
            "DATABASE_URL",
            &[
                "postgres://localhost.example/f",
                "mysql://x",
                "postgres://127.0.0.1/f?host=db.example",
                "postgres:///f?hostaddr=192.0.2.1",
                "postgres://u:p@/f?host=db.example",
                "postgres:///f?host=/run/postgresql,db.example",
                "postgres:///f?h%6Fst=db.example",
                "postgres://127.0.0.1,db.example/f",
                "postgres:///f?service=far",
                "postgres://db.example/f?sslmode=require",
            ],
        ),
        ("FUGONG_METRICS_LISTEN", &["127.0.0.1:8080", "0.0.0.0:8080", "8081", "127.0.0.1:0"]),
        ("FUGONG_LISTEN", &["127.0.0.1:0", "0.0.0.0:8080", "[::]:8080", "192.0.2.1:80", "127.0.0.1:65536"]),
        ("FUGONG_RETRY", &["0s", "8d", "169h", "-1s", "1s,", "10"]),
        ("SMS_TOKEN_FILE", &["/dev/zero", "/"]),
        ("FUGONG_TRUST_ROOTS", &["/dev/zero"]),
        (
            "REDIS_URL",
            &[
                "http://x",
                "redis://cache.example",
                "redis://u:p@192.0.2.1:6379",
                "rediss://x/#insecure",
                "redis://localhost@cache.example",
                "redis://127.0.0.1.example",
                "redis:cache.example",
                "redis://",
            ],
        ),
    ] {
        for value in values {
            let errors = Config::from_map(&map(&[(name, value)])).unwrap_err();
            let said = errors.iter().any(|e| e.starts_with(name) && !e.contains("is not set"));
            assert!(said, "{name}={value}: {errors:?}");
        }
    }
    for value in ["\"510000\"", "'510000'"] {
        let errors = Config::from_map(&map(&[("FUGONG_PROVINCE", value)])).unwrap_err();
        assert!(errors.iter().any(|e| e.contains("leave out the quotes")), "{errors:?}");
    }
    for (name, value) in [
        ("FUGONG_PROVINCE", "510000\r"),
        ("FUGONG_LISTEN", " 127.0.0.1:8080\r\n"),
        ("SMTP_URL", "smtp://mail.example:587?tls=required"),
        ("SMTP_URL", "smtp://localhost:25"),
        ("FUGONG_PUBLIC_URL", "http://[::1]:8080"),
        ("FUGONG_TRUSTED_PROXIES", "10.0.0.1, ::1, 172.16.0.0/12, fd00:1::/32"),
        ("FUGONG_METRICS_LISTEN", "127.0.0.1:9090"),
        ("DATABASE_URL", "postgres:///f?host=/run/postgresql"),
        ("DATABASE_URL", "postgres://u:p@[::1]:5432/f?application_name=a"),
        ("SMS_URL", "http://127.1/send"),
        ("SMS_URL", "http://[::ffff:127.0.0.1]:8080/"),
        ("SMS_URL", "http://LOCALHOST:8080/"),
        ("SMTP_URL", "smtp://[::1]:25"),
        ("REDIS_URL", "redis://[::1]:6379"),
        ("REDIS_URL", "redis://127.0.0.1:6379"),
        ("REDIS_URL", "rediss://u:p@cache.example:6380/1"),
        ("REDIS_URL", "redis+unix:///run/redis/redis.sock"),
    ] {
        let errors = Config::from_map(&map(&[(name, value)])).unwrap_err();
        assert!(!errors.iter().any(|e| e.starts_with(name)), "{name}={value}: {errors:?}");
    }
}

/// The library behind the database reads variables of its own where the address says nothing.
#[test]
fn a_far_database_is_also_named_by_the_surroundings() {
    let refused = |url: &str, name: &str, value: &str| {
        let errors = Config::from_map(&map(&[("DATABASE_URL", url), (name, value)])).unwrap_err();
        errors.iter().any(|e| e.starts_with("DATABASE_URL") && e.contains("verify-full"))
    };
    let (bare, here) = ("postgres:///f", "postgres://127.0.0.1/f");
    for (url, name, value) in [
        (bare, "PGHOST", "db.example"),
        ("postgres://u:p@/f", "PGHOST", "/run/postgresql,db.example"),
        (bare, "PGHOSTADDR", "192.0.2.1"),
        (here, "PGHOSTADDR", "192.0.2.1"),
        (bare, "PGSERVICE", "far"),
        (here, "PGSERVICE", "far"),
    ] {
        assert!(refused(url, name, value), "{url} {name}={value}");
    }
    for (url, name, value) in [
        (bare, "PGHOST", ""),
        (bare, "PGHOST", "/run/postgresql"),
        (bare, "PGHOST", "localhost"),
        (here, "PGHOST", "db.example"),
        (bare, "PGHOSTADDR", "127.0.0.1"),
        ("postgres:///f?hostaddr=127.0.0.1", "PGHOSTADDR", "192.0.2.1"),
    ] {
        assert!(!refused(url, name, value), "{url} {name}={value}");
    }
}

#[test]
fn a_secret_is_read_as_editors_save_it() {
    let path = std::env::temp_dir().join(format!("fugong-token-{}", uuid::Uuid::now_v7()));
    let read = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        let values = map(&[("SMS_TOKEN_FILE", path.to_str().unwrap())]);
        let mut reader = Reader { values: &values, errors: Vec::new() };
        (reader.secret_file("SMS_TOKEN_FILE"), reader.errors.join("\n"))
    };
    let wide: Vec<u8> = "\u{feff}t0ken\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [&b"t0ken"[..], b"\xef\xbb\xbft0ken\r\n", &wide] {
        assert_eq!(read(bytes), ("t0ken".to_owned(), String::new()), "{bytes:?}");
    }
    for (bytes, said) in [
        (&b""[..], "empty"),
        (b"\xef\xbb\xbf\r\n", "empty"),
        (b"TOKEN=a\nOTHER=b", "in one line"),
        (b"\xff\xfea", "save it as UTF-8"),
        (b"\xd6\xd0", "save it as UTF-8"),
    ] {
        let (secret, error) = read(bytes);
        assert!(secret.is_empty() && error.contains(said), "{bytes:?}: {error}");
    }
}

#[test]
fn a_file_of_authorities_holds_some() {
    let path = std::env::temp_dir().join(format!("fugong-roots-{}", uuid::Uuid::now_v7()));
    let refused = |text: &str| {
        std::fs::write(&path, text).unwrap();
        let errors = Config::from_map(&map(&[("SSL_CERT_FILE", path.to_str().unwrap())])).unwrap_err();
        errors.iter().any(|e| e.starts_with("SSL_CERT_FILE"))
    };
    let section = |name: &str, body: &str| format!("-----BEGIN {name}-----\n{body}\n-----END {name}-----\n");
    let one = include_str!("authority.pem");
    assert!(!refused(one) && !refused(&format!("# ours\n{one}{one}")));
    for wrong in ["", "MAA=", &section("PRIVATE KEY", "MAA="), &section("CERTIFICATE", "MAA="), &one[..80]] {
        assert!(refused(wrong), "{wrong}");
    }
    std::fs::remove_file(&path).unwrap();
    let errors = Config::from_map(&map(&[("SSL_CERT_FILE", path.to_str().unwrap())])).unwrap_err();
    assert!(errors.iter().any(|e| e.starts_with("SSL_CERT_FILE")), "a file that is not there");
}

#[test]
fn a_whole_configuration_is_accepted() {
    let dir = std::env::temp_dir();
    let token = dir.join(format!("fugong-token-{}", uuid::Uuid::now_v7()));
    std::fs::write(&token, "t0ken\n").unwrap();
    let heads = dir.join("fugong-heads").to_string_lossy().into_owned();
    let keys = dir.join(format!("fugong-keys-{}", uuid::Uuid::now_v7()));
    std::fs::create_dir(&keys).unwrap();
    let keys = keys.to_string_lossy().into_owned();
    let config = Config::from_map(&map(&[
        ("DATABASE_URL", "sqlite:fugong.db"),
        ("FUGONG_PUBLIC_URL", "https://fugong.example/"),
        ("FUGONG_PROVINCE", "510000"),
        ("FUGONG_KEYS", &keys),
        ("FUGONG_AUDIT_HEADS", &heads),
        ("FUGONG_MAIL_FROM", "Fugong <noreply@fugong.example>"),
        ("SMTP_URL", "smtps://u:p@mail.example:465"),
        ("SMS_URL", "https://sms.example/send"),
        ("SMS_TOKEN_FILE", &token.to_string_lossy()),
    ]))
    .unwrap();
    assert_eq!(config.public_url, "https://fugong.example");
    assert!(config.is_https() && !config.demo);
    assert_eq!(
        config.sms,
        SmsTransport::Http { url: "https://sms.example/send".into(), token: "t0ken".into() }
    );
}

#[test]
fn the_folder_of_the_keys_is_for_nothing_else() {
    let dir = std::env::temp_dir();
    let (keys, heads) = (dir.to_str().unwrap(), dir.join("heads"));
    for (name, value) in [("FUGONG_AUDIT_HEADS", keys), ("FUGONG_MAIL_DIR", heads.to_str().unwrap())] {
        let errors = Config::from_map(&map(&[("FUGONG_KEYS", keys), (name, value)])).unwrap_err();
        assert!(errors.iter().any(|e| e.starts_with(name) && e.contains("FUGONG_KEYS")), "{errors:?}");
    }
}

#[test]
fn a_mistyped_name_is_pointed_out() {
    let names = ["FUGONG_KEYS", "FUGONG_PROVINZ", "HOME", "DATABASE_URL"].map(OsString::from);
    assert_eq!(unknown(names.into_iter()), ["FUGONG_PROVINZ"]);
}
