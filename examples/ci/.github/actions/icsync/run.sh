#!/usr/bin/env bash
# Runs icsync in one mode; leaves the results in a folder, in the step summary and in the outputs of the step.
# Reads MODE, TARGET, DIRECTORY, BASE, IGNORE. Succeeds when icsync did its work, also when it found changes or drift.
set -euo pipefail

PATH=$PATH:$HOME/.cache/icsync-action/bin # where action.yml installs it
name=icsync-$MODE${TARGET:+-$TARGET}
[ "$DIRECTORY" = . ] || name+=-$DIRECTORY
name=${name//[!A-Za-z0-9._-]/-} # names an artifact, and marks a comment
results=$RUNNER_TEMP/$name
report=$results/report.md
rm -rf "$results"
mkdir -p "$results"
echo "name=$name" >>"$GITHUB_OUTPUT"
[ -z "$TARGET" ] || export ICSYNC_TARGET="$TARGET"

icsync_in_mode() {
  local options=(-o github -o "markdown=$report" -o "html=$results/report.html" -o "json=$results/report.json") state
  case $MODE in
    # On a pull request the merge commit is checked out, and its first parent is the base.
    review) icsync diff "${BASE:-HEAD^1}" "${options[@]}" ;;
    plan) icsync plan --detailed-exitcode "${options[@]}" ;;
    apply) icsync apply --auto-approve "${options[@]}" ;;
    drift)
      for state in $IGNORE; do options+=(--ignore "$state"); done
      [ -z "$BASE" ] || options+=(--since "$BASE")
      icsync drift "${options[@]}"
      ;;
    *)
      echo "error: the mode \`$MODE\` is none of review, plan, apply and drift" >&2
      return 64
      ;;
  esac
}

status=0
icsync validate -o github || status=$?
[ "$status" != 0 ] || icsync_in_mode || status=$?
echo "status=$status" >>"$GITHUB_OUTPUT"

# Without a report of its own a failure would leave an old comment standing as if it were true.
if [ ! -s "$report" ]; then
  printf '### icsync %s\n\n**failed with exit code %s**; the log of the job says why\n' "$MODE" "$status" >"$report"
  echo "::error title=icsync $MODE::failed with exit code $status; the log says why"
fi
cat "$report" >>"$GITHUB_STEP_SUMMARY"

case $MODE:$status in
  *:0 | plan:2 | drift:2) ;;
  *) exit "$status" ;;
esac
