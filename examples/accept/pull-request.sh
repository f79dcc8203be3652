#!/usr/bin/env bash
# pull-request.sh BRANCH ACCEPTED LEFT: commits what icsync wrote to a branch of its own, and opens or updates its pull request.
# ACCEPTED and LEFT are what `icsync drift --accept` said on stdout and on stderr. Needs git and gh, and knows no key of a server.
set -euo pipefail
branch=$1 accepted=$2 left=$3

if git diff --quiet; then
  echo "nothing to accept"
  exit 0
fi
git switch --quiet --force-create "$branch"
git -c user.name=icsync -c user.email=icsync@localhost commit --quiet --all --message "Take over what drifted on the server"
git push --quiet --force origin "$branch"

body=$(mktemp)
trap 'rm -f "$body"' EXIT
# Four blanks make a block of code, in which nothing that a server said has a meaning.
{
  echo "Live values that differ from git, written into the definitions by \`icsync drift --accept\`. With them the plan of these"
  echo "clients is empty. To undo what was done on the server instead, close this and apply."
  echo
  cut -c1-400 "$accepted" | sed -n '1,200p' | sed 's/^/    /'
  echo
  echo "What icsync said:"
  echo
  cut -c1-400 "$left" | sed -n '1,200p' | sed 's/^/    /'
} >"$body"

# A fork may have a branch of the same name.
number=$(gh pr list --head "$branch" --state open --json number,isCrossRepository \
  --jq 'map(select(.isCrossRepository | not))[0].number // empty')
if [ -n "$number" ]; then
  gh pr edit "$number" --body-file "$body"
else
  gh pr create --head "$branch" --title "icsync: take over what drifted on the server" --body-file "$body"
fi
