#!/usr/bin/env bash
# Makes the comment on pull request NUMBER, or updates the one that an earlier run made.
# Reads NAME (of the results), NUMBER, GITHUB_TOKEN. A token that may not write, as in a fork, is no failure.
set -euo pipefail
. "$(dirname "$0")/api.sh"

comment() {
  find_own "issues/$NUMBER/comments" id || return
  if [ -n "$found" ]; then
    call PATCH "issues/comments/$found" "$work/body.json"
  else
    call POST "issues/$NUMBER/comments" "$work/body.json"
  fi
}

body "$RUNNER_TEMP/$NAME/report.md"
comment || {
  [ "$code" = 403 ] || exit 1
  echo "::notice title=icsync::the token may not comment on pull requests; the result is in the step summary"
}
