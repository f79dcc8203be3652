# shellcheck shell=bash
# Sourced by comment.sh and issue.sh: talks to the API of GitHub as GITHUB_TOKEN.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
marker="<!-- icsync-ci: $NAME -->"

# call METHOD PATH [FILE]: sends FILE; leaves the answer in $work/answer and its status in $code.
call() {
  local options=(--silent --show-error --max-time 60 --request "$1" --output "$work/answer" --write-out '%{http_code}')
  [ "$1" = POST ] || options+=(--retry 3) # a POST that lost its answer may have been carried out
  [ $# -lt 3 ] || options+=(--data-binary "@$3" --header 'Content-Type: application/json')
  # The token goes through stdin, because everyone on a machine can read its command lines.
  code=$(printf 'header = "Authorization: Bearer %s"\n' "$GITHUB_TOKEN" |
    curl --config - --header 'Accept: application/vnd.github+json' --header 'X-GitHub-Api-Version: 2022-11-28' \
      "${options[@]}" "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/$2") || true
  case $code in
    2??) ;;
    *)
      echo "error: $1 $2: ${code:-no answer}: $(jq -r '.message? // empty' "$work/answer" 2>/dev/null || true)" >&2
      return 1
      ;;
  esac
}

# find_own PATH FIELD: puts FIELD of the first comment or issue that is ours into $found. Ours begins with the marker
# and is by the workflow's own account: others may quote the marker.
find_own() {
  local page=1
  found=
  while [ -z "$found" ]; do
    call GET "$1?state=open&per_page=100&page=$page" || return
    found=$(jq -r --arg marker "$marker" --arg author "${ICSYNC_AUTHOR:-github-actions[bot]}" --arg field "$2" '
      first(.[] | select(.user.login == $author and .pull_request == null)
        | select((.body // "" | split("\n")[0] | rtrimstr("\r")) == $marker) | .[$field]) // empty' "$work/answer")
    [ "$(jq length "$work/answer")" -eq 100 ] || return 0
    page=$((page + 1))
  done
}

# body FILE [TITLE]: makes the JSON of a comment or an issue out of Markdown, no longer than GitHub takes.
body() {
  jq -n --arg marker "$marker" --rawfile report "$1" --arg title "${2:-}" '
    ($marker + "\n" + $report) as $text
    | {body: (if ($text | length) > 65536 then $text[:65400] + "\n\n_cut off: a comment has a limit_\n" else $text end)}
    + if $title == "" then {} else {title: $title} end' >"$work/body.json"
}
