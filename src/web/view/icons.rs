//! Line icons and the shapes of the four code states, drawn in the page so that nothing is fetched.
//!
//! A colour never stands alone (WCAG 2.2, 1.4.1): circle and tick, triangle and exclamation mark, octagon and bar,
//! dashed square and question mark say the same without it.

/// The path of an icon on a 24 × 24 grid, or `None` for an unknown name.
fn path(name: &str) -> Option<&'static str> {
    Some(match name {
        "back" => "M15 5l-7 7 7 7",
        "next" => "M9 5l7 7-7 7",
        "check" => "M5 12.5l4.5 4.5L19 7",
        "x" => "M6 6l12 12M18 6L6 18",
        "down" => "M12 4v11M7 11l5 5 5-5M5 20h14",
        "up" => "M12 15V4M7 8l5-5 5 5M5 20h14",
        "empty" => "M4 13l3-8h10l3 8v6H4zM4 13h5l1 2h4l1-2h5",
        "form" => "M6 3h9l4 4v14H6zM14 3v5h5M9 13l2 2 4-4",
        "print" => "M7 9V3h10v6M7 17H4v-7h16v7h-3M7 14h10v7H7z",
        "qr" => "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h3v3h-3zM20 14v.01M20 20v-3M17 20h-3",
        "reload" => "M20 11a8 8 0 1 0-2 6M20 5v6h-6",
        "seal" => "M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6zM9 12l2 2 4-4",
        "shop" => "M4 10v10h16V10M3 10l2-6h14l2 6a3 3 0 0 1-6 0 3 3 0 0 1-6 0 3 3 0 0 1-6 0M10 20v-5h4v5",
        "person" => "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c0-5 4-7 8-7s8 2 8 7",
        "people" => {
            "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2 20c0-4 3-6 7-6s7 2 7 6M16 4.5a3.5 3.5 0 0 1 0 6.5M18 14.5c2.5 .7 4 2.5 4 5.5"
        }
        "phone" => {
            "M6 3h4l2 5-2.5 1.5a11 11 0 0 0 5 5L16 12l5 2v4c0 2-1.5 3-3 3C10 20.5 3.5 14 3 6c0-1.5 1-3 3-3z"
        }
        "clock" => "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.5 2",
        "lock" => "M6 11h12v10H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3M12 15v2",
        "key" => "M8 16a4.5 4.5 0 1 1 4.4-5.5H21v3h-2v3h-3v-3h-3.6A4.5 4.5 0 0 1 8 16z",
        "search" => "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l5 5",
        "info" => "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5M12 8v.01",
        "bus" => "M5 4h14v13H5zM5 11h14M8 17v3M16 17v3M8 14v.01M16 14v.01",
        "box" => "M4 8l8-4 8 4v8l-8 4-8-4zM4 8l8 4 8-4M12 12v8",
        "chart" => "M4 20V4M4 20h16M8 16v-4M12 16V8M16 16v-6",
        _ => return None,
    })
}

/// An icon as an `<svg>`, hidden from screen readers: the words beside it carry the meaning.
pub(super) fn icon(name: &str) -> Option<String> {
    path(name).map(|d| {
        format!("<svg class=\"i\" viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path d=\"{d}\"/></svg>")
    })
}

/// The shape of a code state (`green`, `yellow`, `red`, `unknown`) as an `<svg>`. On the coloured band it is
/// light (dark for yellow); `inline` draws it in the surrounding text colour instead.
pub(super) fn shape(state: &str, inline: bool) -> Option<String> {
    let (fill, mark) = match (state, inline) {
        (_, true) => ("currentColor", "var(--surface)"),
        ("green", _) => ("#fff", "#0f7a45"),
        ("yellow", _) => ("#1c2420", "#f4b921"),
        ("red", _) => ("#fff", "#b3261e"),
        _ => ("#fff", "#fff"),
    };
    let drawing = match state {
        "green" => format!(
            "<circle cx=\"30\" cy=\"30\" r=\"28\" fill=\"{fill}\"/><path d=\"M17 31l9 9 18-19\" fill=\"none\" stroke=\"{mark}\" stroke-width=\"6\" stroke-linecap=\"round\" stroke-linejoin=\"round\"/>"
        ),
        "yellow" => format!(
            "<path d=\"M30 4L58 54H2z\" fill=\"{fill}\" stroke=\"{fill}\" stroke-width=\"4\" stroke-linejoin=\"round\"/><path d=\"M30 22v15M30 45v1\" stroke=\"{mark}\" stroke-width=\"6\" stroke-linecap=\"round\"/>"
        ),
        "red" => format!(
            "<path d=\"M18 2h24l16 16v24L42 58H18L2 42V18z\" fill=\"{fill}\"/><path d=\"M16 30h28\" stroke=\"{mark}\" stroke-width=\"8\" stroke-linecap=\"round\"/>"
        ),
        "unknown" => format!(
            "<rect x=\"4\" y=\"4\" width=\"52\" height=\"52\" rx=\"8\" fill=\"none\" stroke=\"{fill}\" stroke-width=\"4\" stroke-dasharray=\"8 5\"/><path d=\"M22 24c0-11 17-10 16-1 0 6-8 6-8 13M30 45v1\" fill=\"none\" stroke=\"{fill}\" stroke-width=\"5.5\" stroke-linecap=\"round\"/>"
        ),
        _ => return None,
    };
    Some(format!("<svg class=\"shape\" viewBox=\"0 0 60 60\" aria-hidden=\"true\">{drawing}</svg>"))
}
