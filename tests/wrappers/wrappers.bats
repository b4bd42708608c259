# The wrappers as their systems see them: Galaxy's linter and tests, Snakemake's wrappers, modules for Nextflow.
# PIPETTE_WRAPPERS is the folder that `make wrappers` made; `make test-wrappers` sets it.

load ../helper

TREE=$(realpath "$TESTS/..")
peer() { env PATH="$PIPETTE_PEERS/bin:$BIN:$PATH" "$@"; }

@test "planemo finds nothing to say against the Galaxy tools" {
	peer planemo lint --report_level warn --fail_level warn "$PIPETTE_WRAPPERS/galaxy" >said 2>&1 || { tail -n 40 said; return 1; }
}

@test "the tests of the Galaxy tools pass, by Galaxy's own parser, templates and assertions" {
	peer python "$TESTS/wrappers/galaxy_tests.py" "$PIPETTE_WRAPPERS" >said 2>&1 || { cat said; return 1; }
	grep -qE '^[0-9]{2} tests of .* passed, 0 failed' said
}

@test "Snakemake runs every wrapper's rules" {
	mkdir prefix all
	cp -r "$PIPETTE_WRAPPERS/snakemake-wrappers" prefix/master # as its rules name it
	for folder in prefix/master/bio/pipette/*/test; do
		cp "$folder"/*.* all/
		echo "include: \"$PWD/$folder/Snakefile\"" >>all/Snakefile
	done
	outputs=$(grep -h '^        "out/' prefix/master/bio/pipette/*/test/Snakefile | tr -d '", ')
	# shellcheck disable=SC2086
	(cd all && peer snakemake -c2 --wrapper-prefix "file://$PWD/../prefix/" $outputs) >said 2>&1 || { tail -n 40 said; return 1; }
	for file in $outputs; do [ -s "all/$file" ]; done
}
