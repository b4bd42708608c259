# What runs these files: cases does as bats does, python-server as python3.

load helper

# A file of cases in which much goes wrong; a line that begins with %test is a case's.
sample() {
	sed 's/^%test/@test/' >sample.bats <<-'S'
	setup_file() { echo made >"$BATS_FILE_TMPDIR/once"; }
	setup() { cd "$BATS_TEST_TMPDIR"; ! [ "${broken-}" = setup ]; }
	teardown() { [ ! -e bad ]; }
	no() { false; echo "not reached"; }
	value() { echo 7; return 3; }

	%test "right" { [ "$(cat "$BATS_FILE_TMPDIR/once")" = made ]; }
	%test 'wrong in the middle' {
		false
		true
	}
	%test "wrong at the end: it's \"quoted\"" {
		true
		[ 1 = 2 ]
	}
	%test "a function's first wrong command ends it" {
		no
	}
	%test "what is looked at is no failure" {
		! true
		no || true
		if ! no; then return 1; fi
		no && true
		x=$(value) || [ $? = 3 ]
		local y=$(value)
		[ "$y" = 7 ]
	}
	%test "an assignment has its command's status" {
		x=$(value)
	}
	%test "a pipe has the last one's" {
		false | true
		true | false
	}
	%test "brackets" {
		[[ a = b ]]
	}
	%test "numbers" {
		((1 - 1))
	}
	%test "run takes output and status" {
		run value
		[ "$status" = 3 ]
		[ "$output" = 7 ]
		run no
		[ "$output" = "not reached" ]
		run printf 'a b\n\nc\n'
		[ "${#lines[@]} ${lines[0]}-${lines[1]}" = "2 a b-c" ]
		false
	}
	%test "no leftovers of other cases" {
		[ -z "$(ls)" ]
		[ -z "${x-}" ]
		touch here
	}
	%test "skipped" {
		skip 'for a reason'
		false
	}
	%test "skipped within a function's function" {
		later() { skip; }
		later
		false
	}
	%test "left by exit" {
		exit 0
	}
	%test "return is an end" {
		return 0
		false
	}
	%test "return with a status is a failure" {
		return 4
	}
	%test "the end is not clean" {
		touch bad
	}
	%test "wrong, and skipped too late" {
		(false)
		skip
	}
	%test "a command that is not there" {
		no-such-command
	}
	%test "in the background" {
		true &
		wait $!
	}
	S
}

@test "cases: right, wrong and skipped are what bats says, case by case" {
	command -v bats >/dev/null || skip 'no bats'
	sample
	run "$TESTS/runner/cases" sample.bats
	[ "$status" -eq 1 ]
	grep -E '^(1\.\.|ok|not ok)' <<<"$output" >ours
	bats --tap sample.bats >theirs 2>&1 || true
	grep -E '^(1\.\.|ok|not ok)' theirs | sed 's/\\"/"/g' | same - <(sed 's/\\"/"/g; s/ # skip it says so$/ # skip/' ours)
	[ "$(grep -c '^ok' ours)" -eq 7 ]
	[ "$(grep -c '^not ok' ours)" -eq 13 ]
}

@test "cases: where a case failed and what it said stands below it; a broken file is no success" {
	unset CASES_CPU
	printf '@test "one" {\n\techo "in it"\n\tfalse\n}\n' >one.bats
	run "$TESTS/runner/cases" one.bats
	[ "$status" -eq 1 ]
	[ "$output" = $'1..1\nnot ok 1 one\n# in it\n# (line 3: false)' ]
	printf '@test "one" {\n\tif\n}\n' >one.bats
	run "$TESTS/runner/cases" one.bats
	[ "$status" -ne 0 ]
	run "$TESTS/runner/cases" none.bats
	[ "$status" -ne 0 ]
	printf 'setup_file() { false; }\n@test "one" {\n\ttrue\n}\n' >one.bats
	run "$TESTS/runner/cases" one.bats
	[ "$status" -eq 1 ]
	grep -q '^not ok 1 one' <<<"$output"
	printf 'teardown_file() { false; }\n@test "one" {\n\ttrue\n}\n' >one.bats
	run "$TESTS/runner/cases" one.bats
	[ "$status" -eq 1 ]
	printf 'teardown() { false; }\n@test "one" {\n\tskip\n}\n' >one.bats
	run "$TESTS/runner/cases" one.bats
	[ "$status" -eq 1 ]
}

# with_server: PYTHON is one of this case's own; it ends with the case.
with_server() {
	[ -x "$BUILD/runner/python-ask" ] || skip 'python-ask is not built'
	"$TESTS/runner/python-server" "$PWD/socket" </dev/null >server.log 2>&1 3>&- &
	SERVER=$!
	for _ in $(seq 200); do [ ! -S socket ] || break; sleep 0.05; done
	PYTHON=("$BUILD/runner/python-ask" "$PWD/socket")
}

# as_python ARGUMENT...: status, output and errors are python3's, of standard input as well.
as_python() {
	cat >in
	local one=0 other=0
	/usr/bin/python3 "$@" <in >out.1 2>err.1 || one=$?
	python "$@" <in >out.2 2>err.2 || other=$?
	echo "$*: $one $other"
	[ $one = $other ] && same out.1 out.2 && same <(tail -n 1 err.1) <(tail -n 1 err.2)
}

@test "python-server: a program sees what python3 would show it, and ends as there" {
	with_server
	as_python -c 'import os, sys; print(sys.argv, os.getcwd(), sys.stdin.read(), __name__, sys.path[0])' a 'b c' <<<'words in'
	as_python - one two <<<'import sys; print(sys.argv, __name__, __builtins__)'
	printf 'import sys\nprint(sys.argv, __file__, sys.path[0], sys.stdin.readline())\n' >p.py
	as_python p.py x <<<'a line'
	ANSWER='é 42' as_python -c 'import os; print(os.environ["ANSWER"], sorted(os.environ))' </dev/null
	as_python -c 'raise SystemExit(3)' </dev/null
	as_python -c 'import sys; sys.exit("said")' </dev/null
	as_python -c '1 / 0' </dev/null
	as_python -c 'x = (' </dev/null
	as_python missing.py </dev/null
	as_python -c 'import os; os.kill(os.getpid(), 9)' </dev/null
	as_python -c 'import os; print("lost"); os._exit(7)' </dev/null
	as_python -c 'print("x" * 3000000)' </dev/null
	as_python -W error -c 'import warnings; warnings.warn("w")' </dev/null
	as_python -c 'import subprocess; print(subprocess.run(["sh", "-c", "exit 5"]).returncode)' </dev/null
	as_python -c 'import sys; print(sys.stdout.encoding, sys.stdout.errors, sys.stderr.errors, sys.stdin.errors)' </dev/null
	as_python -c 'import pickle
class A: pass
print(pickle.dumps(A(), 0))' </dev/null
	(umask 077 && python -c 'open("mine", "w")')
	[ "$(stat -c %a mine)" = 600 ]
	python -c 'import h5py; h5py.File("left-open.h5", "w")["a"] = [1, 2]'
	[ "$(python -c 'import h5py; print(h5py.File("left-open.h5")["a"][:])')" = '[1 2]' ]
	{ echo before; python -c 'print("within")'; echo after; } >told
	[ "$(paste -sd ' ' told)" = 'before within after' ]
	run python -c 'import sys; print("out"); sys.exit(4)'
	[ "$status $output" = '4 out' ]
	kill "$SERVER"
	wait "$SERVER" || true
	[ ! -s server.log ]
	[ "$(python -c 'print("by the real one")')" = 'by the real one' ]
}

@test "python-server: when who asked is killed, so is the program" {
	with_server
	"${PYTHON[@]}" -c 'import os, time; open("pid", "w").write(str(os.getpid())); os.rename("pid", "id"); time.sleep(60)' &
	local asked=$!
	for _ in $(seq 200); do [ ! -e id ] || break; sleep 0.05; done
	kill -0 "$(cat id)"
	kill $asked
	for _ in $(seq 200); do kill -0 "$(cat id)" 2>/dev/null || break; sleep 0.05; done
	run kill -0 "$(cat id)"
	kill "$SERVER"
	[ "$status" -ne 0 ]
}
