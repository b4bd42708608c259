# helper.bash - what every .bats file loads.
#
# $BIN    the filters under test        $DATA    tests/data
# $GOLDEN tests/golden                  $PROBE   the independent h5ad dumper
# A file whose every case needs a filter that may not be built sets NEEDS.
# Each case runs in its own temporary folder, which is also TMPDIR, and fails when it leaves
# something temporary behind.

TESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
DATA=$TESTS/data
GOLDEN=$TESTS/golden
BUILD=${PIPETTE_BUILD:-$TESTS/../build}
BIN=$BUILD/bin
PATH=$BIN:$PATH
export LC_ALL=C.UTF-8
unset PYTHONUNBUFFERED # a system call per line printed

# python PROGRAM...: python3, which within the suite is a fork of one that has h5py loaded
# (tests/runner/python-server). In the background it is "${PYTHON[@]}", for $! to be it.
PYTHON=(/usr/bin/python3)
[ ! -S "${PIPETTE_PYTHON-}" ] || PYTHON=("$BUILD/runner/python-ask" "$PIPETTE_PYTHON")
python() { "${PYTHON[@]}" "$@"; }

# needs FILTER...: skip the test when one is not built, for want of a library (make says which).
needs() {
	local filter
	for filter in "$@"; do
		[ -x "$BIN/$filter" ] || skip "$filter is not built"
	done
}

# watched [threads]: the filters are built for a sanitizer (SAN, TSAN), which has its own malloc, keeps
# what is freed, takes its time, and cannot be held in little memory; or for that of threads, which
# opens, reads and writes files of its own before main: it stands no limit of files or their size.
watched() {
	case $BIN in
	*/tsan/bin) ;;
	*/san/bin) [ "${1-}" != threads ] ;;
	*) return 1 ;;
	esac
}

# FAULT lets a call of a filter fail (tests/reliability), where it is there and can be asked of the filter.
FAULT=$BUILD/reliability/fault
! watched threads || FAULT=/none
FAULTLESS='no calls are let fail but on x86-64, nor under the sanitizer of threads'

setup() {
	# shellcheck disable=SC2086
	needs ${NEEDS-}
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir tmp
	export TMPDIR=$PWD/tmp
}

teardown() { nothing_left; }

# nothing_left: what a case made for the time being is gone.
nothing_left() {
	local left
	left=$(find . \( -name '.*.??????' -o -path './tmp/*' \) -print -quit)
	[ -z "$left" ] || { echo "left behind: $left"; return 1; }
}

# serve PROGRAM READY: a server of tests/ on this machine, $SERVER, with the folder server; it is up
# when the file READY is there.
serve() {
	mkdir -p server
	"${PYTHON[@]}" "$TESTS/$1" "$PWD/server" 3>&- &
	SERVER=$!
	for _ in $(seq 1200); do # an emulated machine takes its time
		[ ! -e "server/$2" ] || return 0
		kill -0 "$SERVER" || return 1
		sleep 0.05
	done
	return 1
}

stop_server() {
	kill "$SERVER" 2>/dev/null || true
	wait "$SERVER" 2>/dev/null || true
}

probe() { python "$TESTS/probe/h5dump.py" "$@"; }

# close_matrix A B [RELATIVE [ABSOLUTE [PART]]]: the matrices of two h5ad files agree, cell by cell.
close_matrix() { python "$TESTS/probe/h5close.py" "$@"; }

# run_split CMD...: as bats' run, with $output from stdout and $errors from stderr.
# A file outside of the case's folder takes them: it need not be removed.
run_split() {
	status=0
	output=$("$@" 2>"$BATS_FILE_TMPDIR/stderr") || status=$?
	errors=$(<"$BATS_FILE_TMPDIR/stderr")
}

# fails STATUS PATTERN CMD...: the command ends with STATUS and one stderr line has PATTERN.
fails() {
	local want=$1 pattern=$2 line
	shift 2
	run_split "$@"
	echo "status $status: $errors"
	[ "$status" -eq "$want" ] || return 1
	while IFS= read -r line; do
		[[ ! $line =~ $pattern ]] || return 0
	done <<<"$errors"
	return 1
}

# As one whom folder permissions bind, though the tests run as root: root without its privileges,
# who still sees a clone in a home that is closed to others.
unprivileged() {
	if [ "$(id -u)" = 0 ]; then setpriv --bounding-set=-all --inh-caps=-all "$@"; else "$@"; fi
}

# same A B: two files are equal, else show how they differ.
same() { cmp -s "$1" "$2" || { diff "$1" "$2" | head -n 20; return 1; }; }

# close A B [RELATIVE [ABSOLUTE]]: two TSV files agree, numbers within the tolerance.
close() {
	awk -F '\t' -v rel="${3:-1e-6}" -v abs_="${4:-1e-12}" -v other="$2" '
	function number(s) { return s ~ /^[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?$/ }
	function size(x) { return x < 0 ? -x : x }
	{
		if ((getline line < other) <= 0) { print "line " NR ": only in the first"; exit bad = 1 }
		n = split(line, b, "\t")
		if (n != NF) { print "line " NR ": " NF " and " n " fields"; exit bad = 1 }
		for (i = 1; i <= NF; i++) {
			if ($i == b[i]) continue
			if (number($i) && number(b[i]) &&
			    size($i - b[i]) <= abs_ + rel * size(b[i])) continue
			print "line " NR " field " i ": " $i " and " b[i]; exit bad = 1
		}
	}
	END { if (!bad && (getline line < other) > 0) { print "the second is longer"; bad = 1 }; exit bad }
	' "$1"
}
