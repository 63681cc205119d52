"""Who is scanned: every role of src/access.rs that has pages or calls of its own, and whoever has none."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Role:
    """A role, and how the demonstration's person in it signs in."""

    name: str
    login: str = ""
    phone: str = ""
    start: tuple[str, ...] = ("/",)
    """Pages at which the crawler begins; none where there are only calls."""
    document: str = "/api/v1/openapi.json"
    """What describes the calls."""


PUBLIC = ("/", "/sign-in", "/desk/sign-in", "/verify", "/rules", "/rules/try", "/risks", "/permits", "/privacy",
          "/accessibility", "/about", "/recognition", "/retention", "/receipts/check", "/divisions?within=510000")


def desk(name: str, login: str, *start: str) -> Role:
    """An official, who begins at the own work."""
    return Role(name, login=login, start=("/desk", "/office", "/desk/account", *start))


ROLES = (
    Role("anonymous", start=PUBLIC),
    Role("partner", start=(), document="/exchange/v1/openapi.json"),
    Role("newcomer", phone="13800000001", start=("/", "/code", "/declare", "/me", "/me/contact")),
    Role("resident", phone="13800000002", start=(
        "/", "/code", "/code/why", "/code/print", "/certificates", "/declarations", "/declare", "/me", "/me/messages",
        "/me/access", "/me/sessions", "/me/contact", "/me/data", "/me/kept", "/code/appeal", "/reopening")),
    Role("owner", phone="13800000006", start=("/reopening", "/certificates", "/me")),
    desk("village-worker", "village", "/desk/declarations", "/desk/declarations/new", "/desk/certificates",
         "/desk/codes", "/desk/claims", "/desk/agents"),
    desk("doctor", "doctor", "/desk/declarations", "/desk/certificates", "/desk/codes", "/desk/records/new"),
    desk("town-reviewer", "town", "/desk/applications", "/desk/agents"),
    desk("health-reviewer", "health", "/desk/applications"),
    desk("industry-reviewer", "industry", "/desk/applications"),
    desk("market-reviewer", "market", "/desk/applications"),
    desk("county-desk", "desk", "/desk/applications", "/desk/agents", "/desk/claims"),
    desk("prefecture-reviewer", "prefecture", "/desk/applications"),
    desk("province-operator", "operator", "/desk/risks", "/desk/holds"),
    desk("colour-officer", "colour", "/desk/records", "/desk/records/new", "/desk/codes"),
    desk("appeal-reviewer", "appeals", "/desk/appeals"),
    desk("exchange-operator", "exchange", "/desk/exchange", "/desk/exchange/partners/new",
         "/desk/exchange/agreements/new"),
    desk("auditor", "auditor", "/audit", "/desk/holds"),
    desk("administrator", "admin", "/admin/officials", "/admin/officials/new", "/admin/offices",
         "/admin/offices/new"),
)

# What would end the session that scans, or lock its owner out. Each has its tests in tests/it instead.
ENDS_THE_SCAN_API = (
    "/api/v1/sessions/current",
    "/api/v1/me/sessions/{id}",
)
ENDS_THE_SCAN_PAGES = (
    "/sign-out*", "/desk/sign-out*", "/me/sessions/*", "/desk/account/sessions/*", "/desk/account/password*",
    "/me/contact/phone*", "/me/contact/new-phone*", "/me/kept/delete*", "/desk/switch*",
)
# Two forms that stand on every page, the same for everybody: visitors' are scanned.
ON_EVERY_PAGE = ("/elder*", "/language*")
