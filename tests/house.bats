# The rules of the house (tests/house) and those of lint that go with them: each, broken in a copy, is
# caught. What is broken is made up; the tree itself is lint's.

load helper

setup_file() {
	git -C "$TESTS" rev-parse 2>/dev/null || return 0
	mkdir "$BATS_FILE_TMPDIR/tree"
	cd "$TESTS/.." || return 1
	git ls-files -z '*.c' '*.h' '*.inc' .clang-format README.md tests/house tests/layers tests/lint workflows |
		tar -c --null -T - --ignore-failed-read 2>/dev/null | tar -x -C "$BATS_FILE_TMPDIR/tree"
	cd "$BATS_FILE_TMPDIR/tree" || return 1
	mkdir build
	cp -as "$(realpath "$BUILD")"/{bin,obj} build
	git init -q .
	echo build >.git/info/exclude
	git add -A
	git -c user.name=x -c user.email=x commit -qm tree
}

# begin: into the copy, as it was before the last case.
begin() {
	[ -d "$BATS_FILE_TMPDIR/tree" ] || skip "not in a repository"
	cd "$BATS_FILE_TMPDIR/tree"
	git reset -q --hard
	git clean -qfd
}

# caught COMMAND -- PATTERN...: it fails, and each pattern is in what it says.
caught() {
	local command=() pattern
	while [ "$1" != -- ]; do command+=("$1"); shift; done
	shift
	git add -A
	run "${command[@]}"
	[ "$status" -eq 1 ] || { echo "status $status: $output"; return 1; }
	for pattern in "$@"; do
		grep -qE -- "$pattern" <<<"$output" || { echo "not caught: $pattern"; echo "$output"; return 1; }
	done
}

# room NAME FILE...: files that open as they should, and hold nothing else.
room() {
	local name=$1 file
	shift
	mkdir -p "common/$name"
	for file in "$@"; do printf '/* %s - x. */\n#include "base/util.h"\n' "$file" >"common/$name/$file"; done
}

# body LINES TITLE: a function as long as that.
body() {
	printf '%s\n{\n' "$2"
	seq $(($1 - 3)) | sed 's/.*/\tputs("x");/'
	echo '}'
}

@test "the tree that the others break is whole" {
	begin
	tests/house build layers sizes names prose contracts only
}

@test "a: a room that sees what is above it, has no row, is not told of, or sees more than it needs" {
	begin
	echo '#include "h5ad/h5ad.h"' >>common/base/text.c
	room cellar damp.c
	room attic dust.c
	sed -i -e 's/^net .*/& linalg/' -e '$aattic' tests/layers
	sed -i 's/^layout .*/& vae/' tests/layers
	caught tests/house build layers -- 'text.c: base must not see h5ad/h5ad.h' 'no row for cellar' \
		'README.md: its table of rooms lacks attic' 'net has no need to see linalg' 'layout sees vae, which is not above it'
}

@test "b: a room of 25 files, a file of 521 lines, a tool of 341, a function of 61, a main of 46" {
	begin
	room cellar jar{1..25}.c
	room attic long.c tall.c
	yes '/* x */' | head -n 519 >>common/attic/long.c
	body 61 'static void tall(void)' >>common/attic/tall.c
	body 46 'int main(int argc, char **argv)' >tools/main.c
	yes '/* x */' | head -n 341 >tools/wide.c
	caught tests/house build sizes -- 'cellar: 25 .c files, at most 24' 'long.c: 521 lines, at most 520' \
		'tall.c:3: a function of 61 lines' 'main.c:1: a function of 46 lines' 'wide.c: 341 lines, at most 340'
	body 60 'static void tall(void)' >common/attic/tall.c
	body 45 'int main(int argc, char **argv)' >tools/main.c
	rm common/cellar/jar1.c common/attic/long.c tools/wide.c
	git add -A
	tests/house build sizes
}

@test "c, d: a private header from another room or a tool; a header's name, a struct's tag, twice" {
	begin
	room cellar damp.c ask.h
	echo '#include "h5ad/h5ad_private.h"' >>common/cellar/damp.c
	echo '#include "h5ad/h5ad_private.h"' >>tools/gate.c
	echo 'struct h5ad { int x; };' >>common/cellar/ask.h
	caught tests/house build names -- 'damp.c: h5ad/h5ad_private.h is private' 'gate.c: h5ad/h5ad_private.h is private' \
		'ask.h is the name of common/cellar/ask.h and common/net/ask.h|ask.h is the name of common/net/ask.h and' 'struct h5ad is in'
}

@test "e, f: files in a circle, a name twice, and one that nobody wants" {
	! watched || skip "sanitizers have symbols of their own"
	begin
	room cellar one.c two.c
	printf 'int cellar_two(void);\nint cellar_one(void) { return cellar_two(); }\n' >>common/cellar/one.c
	printf 'int cellar_one(void);\nint cellar_two(void) { return cellar_one(); }\nint cellar_lost(void) { return 0; }\n' >>common/cellar/two.c
	printf 'bool str_ends(const char *s, const char *e) { return s == e; }\n' >>common/cellar/two.c
	mkdir -p build/obj/common/cellar
	for f in one two; do gcc -Icommon -c -o build/obj/common/cellar/$f.o common/cellar/$f.c; done
	caught tests/house build symbols -- 'files in a circle: .*cellar/one' 'nobody wants cellar_lost' 'str_ends is also in'
	rm -r build/obj/common/cellar
}

@test "g: how files open, what is included first, how much is said, what must be looked at, examples" {
	begin
	room cellar damp.c wet.c few.h
	sed -i 1d common/cellar/damp.c
	sed -i '2i#include <math.h>' common/cellar/wet.c
	printf 'int a;\nint b;\nint c;\nint d;\nint e;\n' >>common/cellar/few.h
	sed -i 's/, struct err \*err) MUST_USE;/, struct err *err);/' common/base/folder.h
	sed -i 's/folder_make("runs/folder_make(1, "runs/' common/base/folder.h
	sed -i 's/see folder.h/see fodler.h/' common/base/folder.c
	caught tests/house build prose contracts -- 'damp.c: does not open with' 'wet.c: base/util.h is not included first' \
		'few.h: [0-9]+ % comment, at least 30' 'folder.c: a comment speaks of fodler.h, which there is not' \
		'folder_make fills an err, and is not MUST_USE' 'example gives folder_make 3 arguments'
}

@test "h: a library outside its place" {
	begin
	room cellar damp.c
	printf '#include <%s>\n' cblas.h lapacke.h jansson.h hdf5.h curl/curl.h >>common/cellar/damp.c
	caught tests/house build only -- 'cblas.h outside its place' 'lapacke.h outside its place' 'jansson.h outside' \
		'hdf5.h outside' 'curl/curl.h outside'
}

@test "i: the formatter sees .inc files, and leaves comments as they are wrapped" {
	command -v clang-format >/dev/null || skip "no clang-format"
	begin
	printf '/* A line of a comment that is much longer than the hundred columns that a line may have, and an example:\n *\n *\tuse(it);      // twice\n */\nint x;\n' >common/base/x.h
	clang-format common/base/x.h | cmp - common/base/x.h
	sed -i 's/^\tfor (/\tfor(/' common/train/solver/loss_kernel.inc
	git ls-files '*.c' '*.h' '*.inc' | grep -v loss_kernel | xargs rm # the others take their time
	caught tests/lint build format -- 'run make format' 'loss_kernel.inc'
}

@test "j: a setting that is no option of its filter, or of another kind; a step that the engine lacks" {
	begin
	rm build/bin/gate # a link: the filter itself stays
	printf '#!/bin/sh\necho "-	min-confidence	-	-"\n' >build/bin/gate
	chmod +x build/bin/gate
	sed -i 's/STEP as MAP\b/STEP as MPA/' workflows/nextflow/main.nf
	sed -i "s/files(GATE(ready(plan, 'gate'/files(GATE(ready(plan, 'gaet'/" workflows/nextflow/main.nf
	caught tests/lint build steps -- 'gate has no --min-margin' 'gate.min_confidence: --min-confidence is a flag' \
		'main.nf does not import MAP' 'main.nf does not call GATE'
}
