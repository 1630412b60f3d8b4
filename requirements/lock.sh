#!/bin/sh
# Locks every environment anew with hashes: requirements/lock.sh [app dev rasa stock]. Needs uv (pip install uv).
set -eu
cd "$(dirname "$0")/.."

for name in ${*:-app dev rasa stock}; do
  case $name in
    rasa | stock) config="--config-file requirements/uv.toml" ;;
    *) config="--no-config" ;;
  esac
  uv pip compile $config --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-emit-find-links --custom-compile-command "requirements/lock.sh $name" \
    "requirements/$name.in" --output-file "requirements/$name.txt" >/dev/null
done
