#!/usr/bin/env bash
# install.sh FOLDER: puts the icsync of ICSYNC_PATH, or the one of ICSYNC_URL whose digest is ICSYNC_SHA256, into FOLDER.
# A download is kept in DOWNLOAD and checked each time. Nothing is looked up by name; WHERE says where all this is set.
set -euo pipefail

if [ -n "$ICSYNC_PATH" ]; then
  install -D "$ICSYNC_PATH" "$1/icsync"
elif [ -n "$ICSYNC_URL" ] && [ -n "$ICSYNC_SHA256" ]; then
  file=${DOWNLOAD/#\~/$HOME}/$ICSYNC_SHA256
  matches() { sha256sum --check --status <<<"$ICSYNC_SHA256  $file"; }
  mkdir -p "${file%/*}"
  matches 2>/dev/null || curl --fail --silent --show-error --location --retry 3 --output "$file" "$ICSYNC_URL"
  matches || { echo "error: what $ICSYNC_URL gave does not have the SHA-256 $ICSYNC_SHA256" >&2; exit 1; }
  unpacked=$(mktemp -d)
  tar -xzf "$file" -C "$unpacked" 2>/dev/null || cp "$file" "$unpacked/icsync"
  install -D "$(find "$unpacked" -name icsync -type f | head -n 1)" "$1/icsync"
else
  echo "error: there is no icsync: set its path, or a download address and the SHA-256 of what is there, in $WHERE" >&2
  exit 1
fi
"$1/icsync" --version
