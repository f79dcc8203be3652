#!/usr/bin/env python3
"""say.py note|issue|close REPORT: keeps one note of the merge request, or one issue, with REPORT.md in it.

Without ICSYNC_GITLAB_TOKEN, or when it may not write, there is no note; drift fails the job, so that it does not pass unseen.
"""

import json, os, pathlib, sys, urllib.error, urllib.parse, urllib.request

kind, report = sys.argv[1], pathlib.Path(sys.argv[2])
what, target = report.name.split("-", 1)
env = os.environ
PROJECT = f"projects/{env['CI_PROJECT_ID']}"
MARKER = f"<!-- icsync-ci: {what} {target} {env['ICSYNC_DIRECTORY']} -->"


def call(method, path, **fields):
    headers = {"PRIVATE-TOKEN": env["ICSYNC_GITLAB_TOKEN"], "Content-Type": "application/json"}
    data = json.dumps(fields).encode() if fields else None
    request = urllib.request.Request(f"{env['CI_API_V4_URL']}/{path}", data, headers, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def own(path, text, **query):
    """Gives the first that begins with the marker and is by the owner of the token: others may quote the marker."""
    author, page = call("GET", "user")["id"], 1
    while found := call("GET", f"{path}?{urllib.parse.urlencode(query | {'per_page': 100, 'page': page})}"):
        for one in found:
            if one["author"]["id"] == author and (one[text] or "").startswith(MARKER):
                return one
        page += 1
    return None


def text():
    """The report, no longer than GitLab takes. A job that failed before it had one must not leave an old one standing."""
    file, plan = report.with_name(report.name + ".md"), report.with_name(report.name + ".json")
    body = file.read_text() if file.exists() else f"**icsync {what} failed**; its log says why\n"
    digest = f" · plan {json.loads(plan.read_text())['digest']}" if plan.exists() else ""
    return f"{MARKER}\n{body[:900000]}\n\ncommit {env['CI_COMMIT_SHA']}{digest} · run {env['CI_PIPELINE_URL']}\n"


def note():
    notes = f"{PROJECT}/merge_requests/{env['CI_MERGE_REQUEST_IID']}/notes"
    mine = own(notes, "body", sort="asc")
    call("PUT" if mine else "POST", f"{notes}/{mine['id']}" if mine else notes, body=text())


def issue():
    issues = f"{PROJECT}/issues"
    mine = own(issues, "description", state="opened", scope="all")
    if kind == "issue" and mine:
        call("PUT", f"{issues}/{mine['iid']}", description=text())
    elif kind == "issue":
        call("POST", issues, description=text(), title=f"icsync: the server differs from git ({target})")
    elif mine:
        call("POST", f"{issues}/{mine['iid']}/notes", body=f"in sync again: {env['CI_PIPELINE_URL']}")
        call("PUT", f"{issues}/{mine['iid']}", state_event="close")


if not env.get("ICSYNC_GITLAB_TOKEN"):
    print(f"no {kind}: ICSYNC_GITLAB_TOKEN is not set")
    sys.exit(kind == "issue")
try:
    note() if kind == "note" else issue()
except urllib.error.HTTPError as error:
    print(f"error: {error.url}: {error}: {error.read().decode(errors='replace')}", file=sys.stderr)
    sys.exit(not (kind == "note" and error.code == 403))
