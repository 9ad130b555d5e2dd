#!/usr/bin/env bash
# A private PostgreSQL with pgvector for Debian users without Docker; run as root.
#
#   docker/debian-server.sh start [--dir DIR] [--port N] [--major 17|18] [--fast] [--native]
#                                 [--shared-buffers SIZE] [--memory SIZE]
#   docker/debian-server.sh stop | status | url | destroy [--dir DIR]
#   docker/debian-server.sh upgrade --major 18 [--dir DIR] [the options of start]
#
# start    makes the server if need be, starts it, prints its URL on stdout (all else on stderr)
# stop     stops it; status says what there is (exit code 3 when it is not running)
# upgrade  stops a server of 17 that was made in a chroot, takes its databases to 18 by pg_upgrade, starts it and
#          brings pgvector up to the version of 18; the databases of 17 stay where it says
# destroy  stops it and deletes DIR with the databases in it
#
#   --dir DIR    where system and databases are kept    (default: /var/lib/pg-lsh-server)
#   --port N     TCP port on 127.0.0.1                  (default: 55417, later the one last used)
#   --major N    17 (from Debian 13) or 18 (from forky) (default: 17)
#   --fast       no fsync: for tests; a crash of the machine may cost the databases, one of a process costs nothing
#   --native     no chroot: install PostgreSQL and pgvector from this machine's own apt (Debian 13)
#   --shared-buffers SIZE  of this start, as PostgreSQL writes it: 6GB     (default: 512MB)
#   --memory SIZE          of this start: the server and what the system caches of its files may take
#                          no more (a control group, so not inside a container): 400M (default: all)
#
# Without --native, mmdebstrap builds a small Debian in DIR/system and the server runs in a chroot
# there. Its mounts live in a mount namespace of the server's own and vanish with it.
# DEBIAN_MIRROR names another mirror than mmdebstrap's own.
set -euo pipefail

say() { printf '%s\n' "$*" >&2; }
fail() {
  printf 'error: %s\n' "$1" >&2
  [ $# -lt 2 ] || printf 'hint: %s\n' "$2" >&2
  exit "${3:-1}"
}
usage() { fail "$1" 'See the head of docker/debian-server.sh.' 2; }

command=${1:-}
[ $# -eq 0 ] || shift
case $command in
  start | stop | status | url | destroy | upgrade) ;;
  *) usage "expected start, stop, status, url, destroy or upgrade, got \"$command\"" ;;
esac

dir=/var/lib/pg-lsh-server port='' major='' fast=no road='' shared_buffers=512MB memory=''
while [ $# -gt 0 ]; do
  case $1 in
    --dir | --port | --major | --shared-buffers | --memory) [ $# -gt 1 ] || usage "$1 needs a value" ;;
  esac
  case $1 in
    --dir) dir=$2 && shift 2 ;;
    --port) port=$2 && shift 2 ;;
    --major) major=$2 && shift 2 ;;
    --fast) fast=yes && shift ;;
    --native) road=native && shift ;;
    --shared-buffers) shared_buffers=$2 && shift 2 ;;
    --memory) memory=$2 && shift 2 ;;
    *) usage "unknown option \"$1\"" ;;
  esac
done
[ "$(id -u)" -eq 0 ] || fail 'only root can make this server' 'Use sudo, or docker/compose.yaml.'
[[ $dir = /* ]] || dir=$PWD/$dir
dir=$(realpath --canonicalize-missing -- "$dir")
[ "$dir" != / ] || usage 'DIR cannot be /'
[[ $port =~ ^[0-9]*$ && $major =~ ^(17|18)?$ ]] || usage 'a port is a number, a major is 17 or 18'
[[ $shared_buffers =~ ^[0-9]+(MB|GB)$ ]] || usage '--shared-buffers looks like 512MB or 6GB'
[[ $memory =~ ^([0-9]+[MG])?$ ]] || usage '--memory looks like 400M or 2G'

target=''
if [ "$command" = upgrade ]; then
  [ "$major" = 18 ] || usage 'upgrade needs --major 18'
  target=$major major=''
fi

# What this directory was made as; it is also the proof that DIR is ours to delete.
made=$dir/pg-lsh-server
remembered() { sed -n "s/^$1=//p" "$made" 2>/dev/null || true; }
if [ -e "$made" ]; then
  had=$(remembered major)
  [ "${major:-$had}" = "$had" ] ||
    fail "$dir holds PostgreSQL $had, not $major" 'Give another --dir, or destroy this one first.'
  major=$had
  had=$(remembered road)
  [ "${road:-$had}" = "$had" ] ||
    fail "$dir was made the $had way" 'Give another --dir, or destroy this one first.'
  road=$had
  port=${port:-$(remembered port)}
elif [ -d "$dir" ] && [ -n "$(ls -A --ignore=lock "$dir")" ]; then
  fail "$dir is not empty and was not made by this script" 'Give another --dir.'
fi
major=${major:-17} port=${port:-55417} road=${road:-chroot}

system=$dir/system              # the chroot; the native road has none
bin=/usr/lib/postgresql/$major/bin
home=/var/lib/pg-lsh-cluster    # as the server sees it, in the chroot
[ "$road" = chroot ] || home=$dir/cluster
if [ "$road" = chroot ]; then cluster=$system$home; else cluster=$home; fi

# Runs a program of the server's system as its user postgres.
as_postgres() {
  if [ "$road" = chroot ]; then
    chroot --userspec=postgres:postgres "$system" /usr/bin/env -i LC_ALL=C.UTF-8 PATH="$bin:/usr/bin:/bin" "$@"
  else
    (cd / && exec setpriv --reuid=postgres --regid=postgres --init-groups \
      /usr/bin/env -i LC_ALL=C.UTF-8 PATH="$bin:/usr/bin:/bin" "$@")
  fi
}

# The same with /proc, /sys and /dev, in a mount namespace that ends with the last process in it.
# A container that forbids mounts has the device nodes mmdebstrap made, which are enough.
as_postgres_mounted() {
  if [ "$road" = native ] || ! unshare --mount --propagation private true 2>/dev/null; then
    as_postgres "$@"
    return
  fi
  export -f as_postgres
  system=$system bin=$bin road=$road unshare --mount --propagation private bash -euc '
    for place in proc sys dev; do mount --rbind "/$place" "$system/$place"; done
    as_postgres "$@"' mounted "$@"
}

# The process of the server in this directory; a stale pid file of another life does not count.
server_pid() {
  local pid
  pid=$(head -n 1 "$cluster/data/postmaster.pid" 2>/dev/null) || return 1
  [[ $pid =~ ^[0-9]+$ ]] || return 1
  [ "$(stat -Lc %d:%i "/proc/$pid/cwd" 2>/dev/null)" = "$(stat -c %d:%i "$cluster/data")" ] || return 1
  printf '%s' "$pid"
}

running_port() { sed -n 4p "$cluster/data/postmaster.pid"; }
url() { printf 'postgres://postgres@127.0.0.1:%s/postgres\n' "$(running_port)"; }

mounts_below() {
  awk -v top="$1/" 'index($5, top) == 1 { print $5 }' /proc/self/mountinfo | sort -r
}

delete_tree() {
  local place
  mounts_below "$1" | while read -r place; do umount "$place" || umount --lazy "$place"; done
  [ -z "$(mounts_below "$1")" ] || fail "something is still mounted below $1" "Look: findmnt -R $1"
  rm -rf --one-file-system -- "$1"
}

need() {
  command -v "$1" >/dev/null && return
  command -v apt-get >/dev/null || fail "$1 is not installed, and this is not Debian" 'Use docker/compose.yaml.'
  say "installing $1"
  install_packages "$1"
}

install_packages() {
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"; } \
    </dev/null >&2 || fail "apt-get could not install $*" 'The messages above are from apt-get.'
}

make_system() {
  local suite=trixie options=()
  [ ! -x "$system$bin/postgres" ] || return 0
  if [ "$major" = 18 ]; then
    suite=forky
    options=(--aptopt='Acquire::Check-Valid-Until "false"')
  fi
  need mmdebstrap
  say "making a Debian $suite with PostgreSQL $major, pgvector and pgTAP in $system (about a minute)"
  rm -rf --one-file-system -- "$system.part"
  # No cluster of Debian's own: ours is made below. systemd-tmpfiles, which fails where nothing can
  # be mounted and makes nothing that is needed, is replaced by "true".
  mmdebstrap --variant=minbase "${options[@]}" --dpkgopt='path-exclude=/usr/bin/systemd-tmpfiles' \
    --essential-hook='ln -s true "$1/usr/bin/systemd-tmpfiles"' \
    --include="postgresql-$major,postgresql-$major-pgvector,postgresql-$major-pgtap" \
    --essential-hook='mkdir -p "$1/etc/postgresql-common/createcluster.d"' \
    --essential-hook='echo "create_main_cluster = false" >"$1/etc/postgresql-common/createcluster.d/none.conf"' \
    "$suite" "$system.part" ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"} </dev/null >&2 ||
    { delete_tree "$system.part" && fail 'mmdebstrap failed' 'Its messages are above; is there a network?'; }
  rm -rf -- "$system.part/var/lib/apt/lists" "$system.part/var/cache/apt"
  mv -- "$system.part" "$system"
}

install_native() {
  [ ! -e "$bin/postgres" ] || [ ! -e "/usr/share/postgresql/$major/extension/vector.control" ] || return 0
  command -v apt-get >/dev/null || fail 'this machine has no apt-get' 'Use docker/compose.yaml.'
  apt-get update -q </dev/null >&2 || fail 'apt-get update failed' 'Is there a network?'
  [ -n "$(apt-cache search --names-only "^postgresql-$major-pgvector\$")" ] ||
    fail "this machine's apt has no postgresql-$major-pgvector" 'Leave --native out.'
  say "installing PostgreSQL $major and pgvector"
  if [ ! -e /etc/postgresql-common ]; then
    mkdir -p /etc/postgresql-common/createcluster.d
    echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/pg-lsh.conf
  fi
  install_packages "postgresql-$major" "postgresql-$major-pgvector"
}

make_cluster() {
  [ ! -e "$cluster/data/PG_VERSION" ] || return 0
  say "making a database cluster in $cluster"
  rm -rf --one-file-system -- "$cluster"
  mkdir -p "$cluster"
  if [ "$road" = chroot ]; then
    chroot "$system" chown postgres:postgres "$home"
  else
    chown postgres:postgres "$cluster"
  fi
  as_postgres_mounted "$bin/initdb" --pgdata="$home/part" --username=postgres --auth=trust \
    --encoding=UTF8 --locale=C.UTF-8 --no-instructions </dev/null >&2 9>&- || fail 'initdb failed'
  mv -- "$cluster/part" "$cluster/data"
}

# Installs PostgreSQL and pgvector of another major beside those that are there.
install_beside() {
  [ ! -x "$system/usr/lib/postgresql/$1/bin/postgres" ] || return 0
  say "installing PostgreSQL $1 and pgvector beside $major in $system (about a minute)"
  printf 'deb %s forky main\n' "${DEBIAN_MIRROR:-http://deb.debian.org/debian}" >"$system/etc/apt/sources.list.d/forky.list"
  {
    chroot "$system" apt-get -o 'Acquire::Check-Valid-Until=false' update -q &&
      chroot "$system" /usr/bin/env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
        "postgresql-$1" "postgresql-$1-pgvector" "postgresql-$1-pgtap"
  } </dev/null >&2 9>&- || fail "apt-get could not install PostgreSQL $1" 'The messages above are from apt-get.'
}

# Copies the cluster into one of another major, and makes that the server's.
upgrade_cluster() {
  local to=$1 from=$major old=$bin new=/usr/lib/postgresql/$1/bin checksums=--no-data-checksums
  [ -e "$cluster/data/PG_VERSION" ] || fail "there are no databases in $cluster" 'Start the server once.'
  [ "$(as_postgres "$old/pg_controldata" "$home/data" | sed -n 's/^Data page checksum version: *//p')" = 0 ] ||
    checksums=--data-checksums
  rm -rf --one-file-system -- "$cluster/part"
  as_postgres_mounted "$new/initdb" --pgdata="$home/part" --username=postgres --auth=trust --encoding=UTF8 \
    --locale=C.UTF-8 --no-instructions "$checksums" </dev/null >&2 9>&- || fail 'initdb failed'
  # It must be able to write into the directory that it runs in.
  as_postgres_mounted /bin/sh -c 'cd "$1" && shift && exec "$@"' upgrade "$home" \
    "$new/pg_upgrade" --old-bindir="$old" --new-bindir="$new" --old-datadir="$home/data" --new-datadir="$home/part" \
    --username=postgres --socketdir=/tmp --old-options='-c dynamic_shared_memory_type=mmap' \
    --new-options='-c dynamic_shared_memory_type=mmap' </dev/null >&2 9>&- ||
    fail "pg_upgrade failed; the databases of $from are untouched in $cluster/data" \
      "Its messages are above. Is the minor version of $to as recent as that of $from?"
  mv -- "$cluster/data" "$cluster/data-$from"
  mv -- "$cluster/part" "$cluster/data"
  major=$to bin=$new
  printf 'road=%s\nmajor=%s\nport=%s\n' "$road" "$major" "$port" >"$made"
  say "the databases of PostgreSQL $from are in $cluster/data-$from"
}

# pg_upgrade leaves extensions at the versions they had.
update_vector() {
  local database query=(as_postgres "$bin/psql" --host=127.0.0.1 --port="$port" --username=postgres --no-psqlrc
    --quiet --tuples-only --no-align)
  "${query[@]}" --dbname=postgres --command='select datname from pg_database where datallowconn' </dev/null 9>&- |
    while read -r database; do
      "${query[@]}" --dbname="$database" --command="
        do \$\$ begin
          if exists (select from pg_extension where extname = 'vector') then alter extension vector update; end if;
        end \$\$" </dev/null >&2 9>&- || fail "pgvector of database $database was not updated"
    done
}

# Puts this shell, and so all it starts, into a control group with a limit of memory. What the system
# caches counts for the group that read it first: caches are dropped, so that all of the server's files
# count for it from now on.
limit_memory() {
  local top=/sys/fs/cgroup group knob=memory.max
  if [ -e "$top/cgroup.controllers" ] && grep -qw memory "$top/cgroup.controllers"; then
    echo +memory >"$top/cgroup.subtree_control" || return 1
  else
    top=$top/memory knob=memory.limit_in_bytes
    [ -e "$top/$knob" ] || return 1
  fi
  group=$top/pg-lsh-$port
  { mkdir -p "$group" && echo "$memory" >"$group/$knob" && echo "$BASHPID" >"$group/cgroup.procs"; } || return 1
  sync && echo 3 >/proc/sys/vm/drop_caches
}

start_server() {
  local settings="-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
  # Tests replicate from one database to another.
  settings+=' -c dynamic_shared_memory_type=mmap -c max_connections=100 -c wal_level=logical'
  settings+=" -c shared_buffers=$shared_buffers"
  [ "$fast" = no ] || settings+=' -c fsync=off -c synchronous_commit=off'
  # In a shell of its own, which the limit begins and ends with.
  (
    [ -z "$memory" ] || limit_memory ||
      fail 'this machine lets nobody limit memory' 'It needs control groups (memory); leave --memory out.'
    as_postgres_mounted "$bin/pg_ctl" start --wait --timeout=60 --silent --pgdata="$home/data" \
    --log="$home/log" --options="$settings" </dev/null >/dev/null 2>&1 9>&- || {
      tail -n 20 "$cluster/log" >&2 || true
      fail "PostgreSQL did not start on port $port" "Its log is $cluster/log; is the port taken?"
    }
  ) || exit
  as_postgres "$bin/psql" --host=127.0.0.1 --port="$port" --username=postgres --dbname=postgres \
    --no-psqlrc --tuples-only --no-align </dev/null 9>&- --command="
      select 'PostgreSQL ' || current_setting('server_version') || ', pgvector ' || default_version
      from pg_available_extensions where name = 'vector'" >&2 || fail 'PostgreSQL does not answer'
}

stop_server() {
  local pid
  pid=$(server_pid) || return 0
  kill -INT "$pid"
  for _ in $(seq 300); do
    server_pid >/dev/null || return 0
    sleep 0.1
  done
  fail "PostgreSQL (process $pid) did not stop within 30 seconds" "Its log is $cluster/log."
}

# Two at once would build in one another's way.
lock() {
  mkdir -p "$dir"
  exec 9>"$dir/lock"
  flock 9
}

case $command in
  start)
    lock
    if ! server_pid >/dev/null; then
      printf 'road=%s\nmajor=%s\nport=%s\n' "$road" "$major" "$port" >"$made"
      if [ "$road" = chroot ]; then make_system; else install_native; fi
      make_cluster
      start_server
    elif [ "$(running_port)" != "$port" ]; then
      fail "the server in $dir runs on port $(running_port), not $port" 'Stop it first.'
    fi
    url
    ;;
  upgrade)
    [ -e "$made" ] || fail "there is no server in $dir" 'Make one first: start.'
    [ "$road" = chroot ] || fail 'only a server in a chroot is upgraded here' "Use Debian's pg_upgradecluster."
    lock
    if [ "$major" != "$target" ]; then
      install_beside "$target"
      stop_server
      upgrade_cluster "$target"
    fi
    server_pid >/dev/null || start_server
    update_vector
    url
    ;;
  stop)
    [ -e "$made" ] || fail "there is no server in $dir"
    lock
    stop_server
    say 'stopped'
    ;;
  status)
    [ -e "$made" ] || { say "no server in $dir" && exit 3; }
    pid=$(server_pid) || { say "PostgreSQL $major in $dir ($road), not running" && exit 3; }
    say "PostgreSQL $major in $dir ($road), process $pid, $(url)"
    ;;
  url)
    server_pid >/dev/null || fail "no server is running in $dir" 'Start it: docker/debian-server.sh start'
    url
    ;;
  destroy)
    [ -e "$made" ] || fail "there is no server of this script in $dir"
    lock
    stop_server
    delete_tree "$dir"
    say "deleted $dir"
    ;;
esac
