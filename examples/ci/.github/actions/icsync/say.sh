#!/usr/bin/env bash
# say.sh comment REPORT: makes the comment on pull request NUMBER, or updates the one that an earlier run made.
# say.sh issue REPORT: opens an issue, or updates the one that is open.
# say.sh close REPORT: closes it.
# NAME tells ours from others of this workflow. Starts gh only, so that nothing else sees GH_TOKEN.
set -euo pipefail

repository=repos/$GITHUB_REPOSITORY
run=$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID
export MARKER="<!-- icsync-ci: $NAME -->" AUTHOR=${ICSYNC_AUTHOR:-github-actions[bot]}
case $1 in
  comment) list=issues/$NUMBER/comments item=issues/comments key=id ;;
  *) list=issues item=issues key=number ;;
esac

# Ours begins with the marker and is by the workflow's own account: others may quote the marker.
own=$(gh api --paginate "$repository/$list?state=open&per_page=100" --jq ".[]
  | select(.user.login == env.AUTHOR and .pull_request == null and (.body // \"\" | startswith(env.MARKER))) | .$key")
own=${own%%$'\n'*}
to=${own:+$item/$own}

if [ "$1" = close ]; then
  [ -n "$own" ] || exit 0
  gh api --silent "$repository/issues/$own/comments" -f body="in sync again: $run"
  gh api --silent --method PATCH "$repository/issues/$own" -f state=closed -f state_reason=completed
  exit
fi

title=()
[ "$1" = comment ] || title=(-f title="icsync: the server differs from git ($NAME)")
report=$(<"$2")
[ ${#report} -le 65000 ] || report="${report::65000}"$'\n\n_cut off: GitHub takes no more_'
about="commit $COMMIT · ${DIGEST:+plan $DIGEST · }run $run"
said=$(gh api --silent ${own:+--method PATCH} "$repository/${to:-$list}" "${title[@]}" \
  -F body=@- 2>&1 <<<"$MARKER"$'\n'"$report"$'\n\n'"$about") || {
  echo "$said" >&2
  # A token that may not comment is no failure: the summary of the run has all of it.
  [ "$1" = comment ] && [[ $said == *"HTTP 403"* ]]
}
