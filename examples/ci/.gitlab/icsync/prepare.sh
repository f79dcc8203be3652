# shellcheck shell=bash
# Sourced before every job: installs what is missing, enters the folder with icsync.yaml, checks the definitions.

export scripts=$CI_PROJECT_DIR/.gitlab/icsync results=$CI_PROJECT_DIR/icsync-results
mkdir -p "$results"
[ -n "${ICSYNC_TARGET:-}" ] || unset ICSYNC_TARGET
PATH=$PATH:$CI_PROJECT_DIR/.icsync-ci/bin
command -v jq >/dev/null || { apt-get update -qq && apt-get install -qq -y jq; }
command -v icsync >/dev/null ||
  cargo install icsync --locked --root "$CI_PROJECT_DIR/.icsync-ci" ${ICSYNC_VERSION:+--version "$ICSYNC_VERSION"}
cd "$CI_PROJECT_DIR/$ICSYNC_DIRECTORY" || exit
icsync validate
