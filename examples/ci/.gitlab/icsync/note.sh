#!/usr/bin/env bash
# note.sh STATUS: makes the note on the merge request, or updates the one that an earlier run made.
# Without ICSYNC_GITLAB_TOKEN, or when it may not write, there is none; the log and the artifacts have the result.
set -euo pipefail

[ -n "${ICSYNC_GITLAB_TOKEN:-}" ] || { echo "no note: ICSYNC_GITLAB_TOKEN is not set"; exit 0; }
. "$(dirname "$0")/api.sh"
notes=projects/$CI_PROJECT_ID/merge_requests/$CI_MERGE_REQUEST_IID/notes

note() {
  find_own "$notes?sort=asc" body id || return
  if [ -n "$found" ]; then call PUT "$notes/$found" "$work/body.json"; else call POST "$notes" "$work/body.json"; fi
}

body "$1" body
note || {
  [ "$code" = 403 ] || exit 1
  echo "no note: ICSYNC_GITLAB_TOKEN may not write one"
}
