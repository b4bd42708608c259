# As a user has it: installed, packed, completed.

load helper

TREE=$(realpath "$TESTS/..")

install_to() { make -s -C "$TREE" B="$(realpath "$BUILD")" install DESTDIR="$PWD/stage" PREFIX="$1" >install.log 2>&1; }

# outside CMD...: with nothing of the source tree on the path.
outside() { env -i HOME="$PWD" LC_ALL=C.UTF-8 TMPDIR="$TMPDIR" PATH="$PWD/stage/$PREFIX/bin:/usr/bin:/bin" "$@"; }

demo_config() {
	cp "$TREE/refs/demo/pbmc_train.h5ad" "$TREE/refs/demo/pbmc_query.h5ad" .
	cat >pbmc.yaml <<-'E'
	references:
	  - {path: pbmc_train.h5ad, label: bulk_labels}
	queries: pbmc_query.h5ad
	train: {min_cells: 4}
	E
}

@test "installed: the whole pipeline works outside of the source tree" {
	PREFIX=opt/pipette
	install_to /$PREFIX
	! grep -rl "$TREE" stage/$PREFIX/bin stage/$PREFIX/share || false
	demo_config
	outside pipette type pbmc.yaml -j2 2>log || { cat log; return 1; }
	grep -q 'CL:0000451' runs/pbmc/typed/pbmc_query.tsv
	[ -s runs/pbmc/report.html ]
	! outside pipette status pbmc.yaml | grep -v '^fresh' || false
	outside pipette verify pbmc.yaml | grep -q 'outputs are what their steps wrote'
	[ "$(outside pipette why pbmc.yaml TARGET=runs/pbmc/report.html)" = 'runs/pbmc/report.html is fresh' ]
	printf 'queries: pbmc_query.h5ad\ntissue: lung\n' >lung.yaml
	outside pipette conf-mk lung.yaml
	grep -q 'Human_Lung_Atlas' runs/lung/run.mk
	[ -e "$(outside pipette --workflows)/snakemake/Snakefile" ]
	[ -e "$(outside pipette --workflows)/nextflow/main.nf" ]
	[ ! -x "$BIN/ref-query" ] || outside pipette ref-query --id lung_covid | grep -q lung_covid
}

@test "the dispatcher lists the filters, helps, and knows what it does not know" {
	PREFIX=usr
	install_to /usr
	outside pipette --help | grep -q '^  lr-predict  *[a-z]'
	[ "$(outside pipette help)" = "$(outside pipette --help)" ]
	outside pipette help cl-map | grep -q 'cl-map'
	outside pipette --version | grep -qE '^pipette [0-9.]+$'
	[ "$(outside pipette --list-filters | wc -l)" -eq "$(ls stage/usr/libexec/pipette | wc -l)" ]
	fails 2 'there is no filter lognrom' outside pipette lognrom
	fails 2 'there is no filter lognrom' outside pipette help lognrom
	fails 2 'type needs a config' outside pipette type
	printf 'label\nB cells\n' | outside pipette cl-map -q | grep -q 'CL:0000236'
	make -s -C "$TREE" B="$(realpath "$BUILD")" uninstall DESTDIR="$PWD/stage" PREFIX=/usr
	[ -z "$(find stage -type f)" ]
}

# complete_line WORD...: what the last word may become.
complete_line() {
	outside bash -c '
		. "$1"; shift
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _pipette; printf "%s\n" "${COMPREPLY[@]}"' - \
		stage/usr/share/bash-completion/completions/pipette "$@"
}

@test "completion: filters, options, choices, configs" {
	PREFIX=usr
	install_to /usr
	[ "$(complete_line pipette h5-s)" = $'h5-select\nh5-subsample' ]
	[ "$(complete_line pipette stat)" = status ]
	[ "$(complete_line pipette help evalu)" = evaluate ]
	complete_line pipette lr-train --sol | grep -qx -e --solver
	[ "$(complete_line pipette lr-train --solver s)" = sgd ]
	: >a.yaml
	: >a.tsv
	mkdir also
	[ "$(complete_line pipette type a)" = $'a.yaml\nalso' ]
	[ "$(complete_line pipette lognorm a.t)" = a.tsv ]
}

@test "the Debian package has what it needs and names what it needs" {
	command -v dpkg-deb >/dev/null || skip 'no dpkg-deb'
	PREFIX=usr
	install_to /usr
	"$TREE/workflows/package/deb" stage 1.2.3 pipette.deb
	dpkg-deb -f pipette.deb Version | grep -qx 1.2.3
	dpkg-deb -f pipette.deb Depends >depends
	dpkg-deb -f pipette.deb Recommends | grep -q ca-certificates # without it no download is trusted
	for package in libc6 libhdf5 libyaml-0-2 make; do grep -q "$package" depends; done
	rm -r stage
	dpkg-deb -x pipette.deb stage
	demo_config
	outside pipette type pbmc.yaml 2>log || { cat log; return 1; }
	grep -q 'CL:0000451' runs/pbmc/typed/pbmc_query.tsv
}

@test "the source archive builds on its own" {
	git -C "$TREE" rev-parse 2>/dev/null || skip 'not a clone'
	git -C "$TREE" archive --prefix=pipette-x/ HEAD | tar x
	make -n -C pipette-x all >plan
	grep -q 'lr-predict' plan
	[ -e pipette-x/refs/demo/pbmc_query.h5ad ]
	rm -r pipette-x
}

@test "wrappers for Galaxy, nf-core and snakemake-wrappers are made of what the filters say" {
	make -s -C "$TREE" B="$(realpath "$BUILD")" wrappers >said
	grep -qE 'wrappers: [0-9]+ filters .* [0-9]+ tests of commands that ran' said
	cp -r "$(realpath "$BUILD")/wrappers" w
	python - <<-'PY'
	import pathlib, re, subprocess, xml.etree.ElementTree as et
	pages = sorted(p for p in pathlib.Path("w/galaxy").glob("*.xml") if p.name != "macros.xml")
	assert len(pages) > 35
	def name_of(param): return param.get("name") or param.get("argument").lstrip("-").replace("-", "_")
	for page in pages:
	    tool = et.parse(page).getroot()
	    command = tool.find("command").text
	    asked = {name_of(p) for p in tool.find("inputs").iter("param")}
	    for name in asked:
	        assert re.search(r"\$(each\.)?%s\b" % name, command), (page, name)
	    said = subprocess.run([page.stem, "--list-options"], capture_output=True, text=True).stdout
	    known = {line.split("\t")[1] for line in said.splitlines()}
	    assert set(re.findall(r"--([\w-]+) '", command)) <= known, page
	    tests = tool.findall("tests/test")
	    assert tests, page
	    for test in tests:
	        assert {p.get("name") for p in test.iter("param")} <= asked, page
	        assert list(test.find("output/assert_contents")), page
	        for p in test.findall("param"):
	            for file in p.get("value").split(",") if p.get("ftype") else ():
	                assert pathlib.Path("w/galaxy/test-data", file).is_file(), (page, file)
	    module = pathlib.Path("w/nf-core/modules/nf-core/pipette", page.stem.replace("-", ""))
	    for file in ("main.nf", "meta.yml", "environment.yml", "tests/main.nf.test", "tests/nextflow.config"):
	        assert (module / file).stat().st_size > 50, (module, file)
	    wrapper = pathlib.Path("w/snakemake-wrappers/bio/pipette", page.stem)
	    compile((wrapper / "wrapper.py").read_text(), page.stem, "exec")
	    assert (wrapper / "test/Snakefile").exists()
	PY
}
