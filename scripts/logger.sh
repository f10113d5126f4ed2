#!/bin/sh
# Starts and stops calllog on a host without systemd: ./logger.sh start|stop|restart|status|logs
# Settings are read from calllog.env beside the program (NAME=value lines, see docs/configuration.md).

set -u

here=$(cd "$(dirname "$0")" && pwd) || exit 1
home=$here
[ -x "$home/calllog" ] || home=$(dirname "$here")
program=$home/calllog
pid_file=$home/logger.pid
log_file=$home/logs/logger.log
start_seconds=20
# Longer than --shutdown-timeout, so that only a program that hangs is killed.
stop_seconds=20

say() { printf '%s\n' "$*"; }
fail() {
  printf 'logger.sh: %s\n' "$*" >&2
  exit 1
}

[ -x "$program" ] || fail "there is no program $program; put logger.sh beside calllog"

# Answers the pid of the running service, nothing where there is none. A pid alone proves nothing: after a reboot it may
# be anybody's.
running_pid() {
  [ -f "$pid_file" ] || return 1
  pid=$(cat "$pid_file" 2>/dev/null)
  case $pid in '' | *[!0-9]*) return 1 ;; esac
  kill -0 "$pid" 2>/dev/null || return 1
  if [ -r "/proc/$pid/cmdline" ]; then
    tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q 'calllog' || return 1
  fi
  say "$pid"
}

load_settings() {
  [ -f "$home/calllog.env" ] || return 0
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
      '' | '#'*) ;;
      [A-Za-z_]*=*) export "${line%%=*}=${line#*=}" ;;
      *) fail "cannot read $home/calllog.env: not NAME=value: $line" ;;
    esac
  done <"$home/calllog.env"
}

is_healthy() { "$program" health >/dev/null 2>&1; }

do_start() {
  if pid=$(running_pid); then
    fail "calllog runs already (pid $pid)"
  fi
  load_settings
  cd "$home" || exit 1
  mkdir -p "$home/logs" || fail "cannot make $home/logs"
  # Two starts at the same moment: the second finds the lock. It is left over only where a start was killed.
  if ! mkdir "$pid_file.lock" 2>/dev/null; then
    fail "another start is under way; if that is not so: rmdir $pid_file.lock"
  fi
  trap 'rmdir "$pid_file.lock" 2>/dev/null' EXIT INT TERM
  log=${CALLLOG_LOG_FILE:-$log_file}
  CALLLOG_LOG_FILE=$log nohup "$program" serve </dev/null >>"$home/logs/start.log" 2>&1 &
  pid=$!
  say "$pid" >"$pid_file"
  waited=0
  while [ "$waited" -lt "$((start_seconds * 5))" ]; do
    if ! kill -0 "$pid" 2>/dev/null; then
      rm -f "$pid_file"
      tail -n 5 "$home/logs/start.log" >&2
      fail "calllog ended at once; its last words are above and in $log"
    fi
    if is_healthy; then
      say "calllog runs (pid $pid), log: $log"
      return 0
    fi
    sleep 0.2
    waited=$((waited + 1))
  done
  fail "calllog runs (pid $pid) but is not healthy after $start_seconds s: $("$program" health 2>&1 | head -n 1)"
}

do_stop() {
  if ! pid=$(running_pid); then
    rm -f "$pid_file"
    say "calllog does not run"
    return 0
  fi
  kill -TERM "$pid" 2>/dev/null
  waited=0
  while kill -0 "$pid" 2>/dev/null; do
    if [ "$waited" -ge "$((stop_seconds * 5))" ]; then
      say "calllog (pid $pid) did not stop within $stop_seconds s and is killed"
      kill -KILL "$pid" 2>/dev/null
      while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
      break
    fi
    sleep 0.2
    waited=$((waited + 1))
  done
  rm -f "$pid_file"
  say "calllog stopped"
}

# Exit codes as the Linux Standard Base has them: 0 runs, 1 died and left its pid file, 3 does not run.
do_status() {
  if pid=$(running_pid); then
    load_settings
    cd "$home" || exit 1
    say "calllog runs (pid $pid)"
    "$program" health
    return 0
  fi
  if [ -f "$pid_file" ]; then
    say "calllog died: $pid_file is there, its process is not; see $log_file"
    return 1
  fi
  say "calllog does not run"
  return 3
}

case ${1:-} in
  start) do_start ;;
  stop) do_stop ;;
  restart)
    do_stop
    do_start
    ;;
  status) do_status ;;
  logs)
    load_settings
    exec tail -n 100 -F "${CALLLOG_LOG_FILE:-$log_file}"
    ;;
  *)
    say "use: $0 start|stop|restart|status|logs"
    exit 2
    ;;
esac
