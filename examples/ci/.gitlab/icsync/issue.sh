#!/usr/bin/env bash
# issue.sh STATUS: keeps one open issue while there is drift (2), and closes it when there is none (0).
# Without ICSYNC_GITLAB_TOKEN drift fails the job, so that it does not pass unseen.
set -euo pipefail

if [ -z "${ICSYNC_GITLAB_TOKEN:-}" ]; then
  echo "no issue: ICSYNC_GITLAB_TOKEN is not set"
  exit "$1"
fi
. "$(dirname "$0")/api.sh"
issues=projects/$CI_PROJECT_ID/issues

case $1 in
  0 | 2) find_own "$issues?state=opened&scope=all" description iid ;;
  *) exit "$1" ;;
esac
case $1:$found in
  0:) ;;
  0:*)
    jq -n --arg job "$CI_JOB_URL" '{body: "in sync again: \($job)"}' >"$work/body.json"
    call POST "$issues/$found/notes" "$work/body.json"
    jq -n '{state_event: "close"}' >"$work/body.json"
    call PUT "$issues/$found" "$work/body.json"
    ;;
  2:)
    body 2 description "icsync: the server differs from git${ICSYNC_TARGET:+ ($ICSYNC_TARGET)}"
    call POST "$issues" "$work/body.json"
    ;;
  2:*)
    body 2 description
    call PUT "$issues/$found" "$work/body.json"
    ;;
esac
