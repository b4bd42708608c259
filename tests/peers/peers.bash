# peers.bash - for tests against Python packages that compile when they are first used.

load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir tmp
	export TMPDIR=$PWD/tmp NUMBA_CACHE_DIR=$PWD/tmp
}

teardown() { rm -rf tmp; }
