# shellcheck shell=bash
# Sourced by note.sh and issue.sh: talks to the API of GitLab as ICSYNC_GITLAB_TOKEN.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
marker="<!-- icsync-ci: $CI_JOB_NAME ${ICSYNC_TARGET:-} $ICSYNC_DIRECTORY -->"

# call METHOD PATH [FILE]: sends FILE; leaves the answer in $work/answer and its status in $code.
call() {
  local options=(--silent --show-error --max-time 60 --request "$1" --output "$work/answer" --write-out '%{http_code}')
  [ "$1" = POST ] || options+=(--retry 3) # a POST that lost its answer may have been carried out
  [ $# -lt 3 ] || options+=(--data-binary "@$3" --header 'Content-Type: application/json')
  # The token goes through stdin, because everyone on a machine can read its command lines.
  code=$(printf 'header = "PRIVATE-TOKEN: %s"\n' "$ICSYNC_GITLAB_TOKEN" |
    curl --config - "${options[@]}" "$CI_API_V4_URL/$2") || true
  case $code in
    2??) ;;
    *)
      echo "error: $1 $2: ${code:-no answer}: $(jq -c '.message? // empty' "$work/answer" 2>/dev/null || true)" >&2
      return 1
      ;;
  esac
}

# find_own PATH TEXT FIELD: puts FIELD of the first note or issue that is ours into $found. The TEXT of ours begins with
# the marker and is by the owner of the token: others may quote the marker.
find_own() {
  local page=1 author
  call GET user || return
  author=$(jq .id "$work/answer")
  found=
  while [ -z "$found" ]; do
    call GET "$1&per_page=100&page=$page" || return
    found=$(jq -r --arg marker "$marker" --argjson author "$author" --arg text "$2" --arg field "$3" '
      first(.[] | select(.author.id == $author)
        | select((.[$text] // "" | split("\n")[0] | rtrimstr("\r")) == $marker) | .[$field]) // empty' "$work/answer")
    [ "$(jq length "$work/answer")" -eq 100 ] || return 0
    page=$((page + 1))
  done
}

# body STATUS FIELD [TITLE]: makes the JSON of a note or an issue out of the report, no longer than GitLab takes.
# A job that failed before it had a report must not leave an old note standing as if it were true.
body() {
  local report=${results:?}/report.md
  [ -s "$report" ] || echo "**$CI_JOB_NAME failed with exit code $1**" >"$report"
  jq -n --arg marker "$marker" --rawfile report "$report" --arg job "$CI_JOB_URL" --arg field "$2" \
    --arg title "${3:-}" '
    ($marker + "\n" + $report)[:900000] as $text
    | {($field): ($text + "\n\nlast run: " + $job + "\n")} + if $title == "" then {} else {title: $title} end' \
    >"$work/body.json"
}
