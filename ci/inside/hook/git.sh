#!/bin/sh
# The image's git. A check has files and no history, where every checkout has one: the first command that asks in the project gets a
# history of one commit, the same for the same files.
root=/app
git=/slipway/hook/git
made=/tmp/.slipway-history

history() {
  export GIT_DIR="$made/git" GIT_WORK_TREE="$root"
  export GIT_AUTHOR_DATE="2000-01-01T00:00:00Z" GIT_COMMITTER_DATE="2000-01-01T00:00:00Z"
  $git init --quiet && printf '%s\n' node_modules .venv >"$GIT_DIR/info/exclude" &&
    $git add --all &&
    $git -c user.name=slipway -c user.email=slipway@localhost commit --quiet --no-verify --allow-empty --message "The files of the check" &&
    $git config --unset core.worktree && mv "$GIT_DIR" "$root/.git"
}

case "$1:$PWD/" in
init:* | clone:* | config:* | version:* | --version:* | help:*) ;;
*:$root/*)
  if ! $git rev-parse --git-dir >/dev/null 2>&1; then
    # Of several processes, the first makes it; the others wait.
    if mkdir "$made" 2>/dev/null; then
      (history) >/dev/null 2>&1
      : >"$made/done"
    fi
    seconds=0
    while [ ! -e "$made/done" ] && [ $seconds -lt 60 ]; do sleep 1; seconds=$((seconds + 1)); done
  fi
  ;;
esac
exec $git "$@"
