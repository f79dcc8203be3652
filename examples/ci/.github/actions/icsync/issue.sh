#!/usr/bin/env bash
# Keeps one open issue while there is drift (STATUS 2), and closes it when there is none (STATUS 0).
# Reads NAME (of the results), STATUS, GITHUB_TOKEN.
set -euo pipefail
. "$(dirname "$0")/api.sh"

run=$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID
find_own issues number

case $STATUS in
  0)
    [ -n "$found" ] || exit 0
    jq -n --arg run "$run" '{body: "in sync again: \($run)"}' >"$work/body.json"
    call POST "issues/$found/comments" "$work/body.json"
    jq -n '{state: "closed", state_reason: "completed"}' >"$work/body.json"
    call PATCH "issues/$found" "$work/body.json"
    ;;
  2)
    cat "$RUNNER_TEMP/$NAME/report.md" >"$work/report.md"
    printf '\nlast seen: %s\n' "$run" >>"$work/report.md"
    if [ -n "$found" ]; then
      body "$work/report.md"
      call PATCH "issues/$found" "$work/body.json"
    else
      body "$work/report.md" "icsync: the server differs from git (${NAME#icsync-})"
      call POST issues "$work/body.json"
    fi
    ;;
  *)
    echo "error: the status \`$STATUS\` is neither 0 nor 2" >&2
    exit 1
    ;;
esac
