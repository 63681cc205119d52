"""Scans the portal in every role: its calls with schemathesis, its pages with wapiti. See README.md beside this file."""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import explained
import roles
from demo import Demo
from endpoint import Endpoint

HERE = Path(__file__).parent
SEED = 20200312
CHECKS = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
          "response_schema_conformance", "missing_required_header", "unsupported_method", "allow_header_conformance",
          "use_after_free", "ensure_resource_availability", "ignored_auth")
MODULES = ("backup", "cookieflags", "crlf", "csp", "csrf", "exec", "file", "htaccess", "http_headers", "ldap", "methods",
           "permanentxss", "redirect", "shellshock", "sql", "ssrf", "timesql", "upload", "xss", "xxe")
KNOWN = ("declarations", "certificates", "applications", "me/messages", "desk/declarations", "desk/applications",
         "desk/agents", "desk/claims", "admin/offices", "admin/officials", "audit/entries", "permits")
"""Lists in which a role finds what it may name."""


def arguments():
    """What is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True, help="the built fugong")
    parser.add_argument("--tools", type=Path, required=True, help="folder with the venvs schemathesis and wapiti")
    parser.add_argument("--roles", default="", help="only these, separated by commas")
    parser.add_argument("--only", choices=("api", "web"), help="only one of the two")
    parser.add_argument("--api-seconds", type=int, default=120, help="for each role at most")
    parser.add_argument("--web-seconds", type=int, default=20, help="for each module and role at most")
    parser.add_argument("--examples", type=int, default=20, help="fuzzed calls for each operation at most")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, help="folder for reports")
    return parser.parse_args()


def known(demo: Demo, token: str) -> list[str]:
    """Numbers and identifiers of what the role can see, so that not every fuzzed call asks for what is not there."""
    found: list[str] = []

    def collect(value):
        if isinstance(value, dict):
            found.extend(str(v) for k, v in value.items() if k in ("number", "id", "lane", "seq") and v is not None)
            value = list(value.values())
        for item in value if isinstance(value, list) else ():
            collect(item)

    for path in KNOWN:
        try:
            collect(demo.call("GET", path, token=token))
        except OSError:
            continue
    return list(dict.fromkeys(found))[:200]


def quoted(values) -> str:
    """A list as TOML has it."""
    return "[" + ", ".join(json.dumps(v, ensure_ascii=False) for v in values) + "]"


def configuration(token: str, ids: list[str]) -> str:
    """What schemathesis reads."""
    lines = ["[cache]", "enabled = false", "[headers]", '"Accept-Language" = "en"', '"Connection" = "close"']
    if token:
        lines.append(f'Authorization = "Bearer {token}"')
    if ids:
        lines += ["[dictionaries.known]", f"values = {quoted(ids)}", "[parameters]"]
        names = ("number", "id", "assignment", "lane", "seq")
        lines += [f'"path.{name}" = {{ dictionary = "known", probability = 0.6 }}' for name in names]
    for path in roles.ENDS_THE_SCAN_API:
        lines += ["[[operations]]", f"include-path = {json.dumps(path)}", "include-method = \"DELETE\"", "enabled = false"]
    return "\n".join(lines) + "\n"


def run(command, log: Path, seconds: int) -> int:
    """Runs a tool; gives its exit code."""
    with log.open("w", encoding="utf-8") as out:
        try:
            return subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, timeout=seconds, check=False,
                                  cwd=log.parent).returncode
        except subprocess.TimeoutExpired:
            return -1


def counted(file: Path) -> dict[str, int]:
    """Answers by status."""
    return json.loads(file.read_text()) if file.exists() else {}


def scan_api(args, demo: Demo, role, out: Path) -> dict:
    """schemathesis over every call of the JSON interface."""
    token = demo.sign_in(role)
    config = out / "schemathesis.toml"
    config.write_text(configuration(token, known(demo, token)), encoding="utf-8")
    counts = out / "api.counts.json"
    command = [
        args.tools / "schemathesis/bin/python", HERE / "from_many.py", counts, "schemathesis", "--config-file", config, "run",
        f"{demo.base}{role.document}", "--checks", ",".join(CHECKS), "--seed", str(args.seed),
        "--generation-database", "none", "--max-examples", str(args.examples),
        "--max-time", str(args.api_seconds), "--continue-on-failure", "--no-color", "--warnings", "off",
        "--request-timeout", "30", "--report", "ndjson", "--report-ndjson-path", out / "api.ndjson",
    ]
    code = run([str(c) for c in command], out / "api.log", args.api_seconds + 300)
    findings = read_api((out / "api.log").read_text(encoding="utf-8")) if code else []
    findings += [] if demo.knows(token) else ["the session ended during the scan"]
    return {"code": code, "counts": counted(counts), "findings": findings, "explained": []}


def read_api(text: str) -> list[str]:
    """What schemathesis reports, each with its call."""
    findings, call = [], ""
    for line in text.splitlines():
        if re.fullmatch(r"_+ .* _+", line):
            call = line.strip("_ ")
        elif re.match(r"- ST\d+ |- .*[Ee]rror", line):
            findings.append(f"{call}: {line[2:]}")
    return findings


def cookie_file(demo: Demo, token: str, file: Path) -> Path:
    """The session as wapiti reads it; with English pages, so that reports can be read by more people."""
    who = {"fugong51-session": token} if token else {"fugong51-visitor": demo.visitor()}
    cookies = {"fugong51-lang": "en"} | who
    entry = {name: {"value": value, "version": 0, "expires": None, "secure": False, "port": None}
             for name, value in cookies.items()}
    file.write_text(json.dumps({"127.0.0.1": {"/": entry}}), encoding="utf-8")
    return file


def scan_web(args, demo: Demo, role, out: Path, endpoint: Endpoint) -> dict:
    """wapiti over the pages that the role can reach."""
    token = demo.sign_in(role)
    called = len(endpoint.called)
    counts, report = out / "web.counts.json", out / "web.json"
    command = [
        args.tools / "wapiti/bin/python", HERE / "from_many.py", counts, "wapiti", "-u", f"{demo.base}/", "--scope", "domain",
        "-m", ",".join(MODULES), "-c", cookie_file(demo, token, out / "cookies.json"),
        "--endpoint", endpoint.url, "--flush-session", "--store-session", out / "wapiti", "--no-bugreport",
        "--max-scan-time", str(args.web_seconds * 2), "--max-attack-time", str(args.web_seconds), "-d", "6",
        "--max-links-per-page", "60", "--max-files-per-dir", "12", "--max-parameters", "60", "-S", "normal", "-t", "15",
        "--skip", "_csrf", "-v", "1", "-f", "json", "-dr", "1", "-o", report, "-H", "Connection: close",
    ]
    for path in role.start:
        command += ["-s", f"{demo.base}{path}"]
    for path in roles.ENDS_THE_SCAN_PAGES + (roles.ON_EVERY_PAGE if token else ()):
        command += ["-x", f"{demo.base}{path}"]
    limit = args.web_seconds * (len(MODULES) + 4) + 300
    code = run([str(c) for c in command], out / "web.log", limit)
    findings, reasons = read_web(report) if report.exists() else (["wapiti wrote no report"], [])
    findings += [f"ssrf: the portal called {request}" for request in endpoint.called[called:]]
    findings += [] if demo.knows(token) else ["the session ended during the scan"]
    return {"code": code, "counts": counted(counts), "findings": findings, "explained": reasons}


def read_web(report: Path) -> tuple[list[str], list[str]]:
    """What wapiti reports, and what of it is explained."""
    findings, reasons = [], []
    content = json.loads(report.read_text(encoding="utf-8"))
    for part in ("vulnerabilities", "anomalies"):
        for category, list_of in content[part].items():
            for one in list_of:
                text = f"{one['method']} {one['path']}: {one['info']}"
                reason = explained.why(category, text)
                (reasons if reason else findings).append(f"{category}: {text}" + (f" ({reason})" if reason else ""))
    return findings, reasons


def row(name: str, tool: str, result: dict, seconds: float) -> str:
    """One line of the table."""
    counts = result["counts"]
    by_class = {k: sum(n for s, n in counts.items() if str(s).startswith(k)) for k in "2345"}
    cells = [name, tool, sum(counts.values()), *(by_class[k] for k in "2345"), len(result["findings"]),
             len(result["explained"]), f"{seconds:.0f}"]
    return "| " + " | ".join(str(c) for c in cells) + " |"


def scan(args, demo: Demo, out: Path) -> tuple[list[str], list[str]]:
    """Every role with both tools; gives the table and the findings."""
    endpoint = Endpoint()
    table = ["| role | tool | answers | 2xx | 3xx | 4xx | 5xx | findings | explained | seconds |", "|" + "---|" * 10]
    findings: list[str] = []
    wanted = [name for name in args.roles.split(",") if name]
    for role in (r for r in roles.ROLES if not wanted or r.name in wanted):
        for tool in ("api", "web"):
            if args.only not in (None, tool) or (tool == "web" and not role.start):
                continue
            folder = out / role.name
            folder.mkdir(parents=True, exist_ok=True)
            began = time.monotonic()
            result = scan_api(args, demo, role, folder) if tool == "api" else scan_web(args, demo, role, folder, endpoint)
            if any(str(s).startswith("5") and s != "503" for s in result["counts"]):
                result["findings"].append("an answer 5xx, see the log")
            if result["code"] and not result["findings"]:
                result["findings"].append(f"the tool ended with {result['code']}, see the log")
            table.append(row(role.name, tool, result, time.monotonic() - began))
            print(table[-1], flush=True)
            findings += [f"{role.name} {tool}: {finding}" for finding in result["findings"]]
    return table, findings


def main() -> int:
    """Scans and writes `summary.md`; 1 when anything was found."""
    args = arguments()
    out = (args.out or Path(tempfile.mkdtemp(prefix="fugong-scan-"))).resolve()
    args.program, args.tools = Path(args.program).resolve(), args.tools.resolve()
    out.mkdir(parents=True, exist_ok=True)
    demo = Demo(args.program, out)
    try:
        table, findings = scan(args, demo, out)
    finally:
        demo.stop()
    head = f"{date.today()}, seed {args.seed}, {args.examples} examples, {args.api_seconds} s of calls, {args.web_seconds} s a module"
    summary = "\n".join([head, "", *table, "", f"findings: {len(findings)}", *(f"- {f}" for f in findings)])
    (out / "summary.md").write_text(summary + "\n", encoding="utf-8")
    print(f"\n{summary}\n\nreports: {out}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
