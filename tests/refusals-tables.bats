# What is refused of tables, configs, runs and options of training, and how that is said: the ways that no
# other file has, found by what the tests reached.

load helper

# put FILE TEXT: the text, with printf's escapes.
put() { printf '%b' "$2" >"$1"; }

# no_output: nothing that was refused left a file out*.
no_output() { run compgen -G 'out*' && [ "$status" -ne 0 ]; }

@test "tables that say too little, or more than is read" {
	put calls.tsv 'cell\tlabel\nc1\tT\nc2\tT\n'
	put only.tsv 'cell\nc1\n'
	fails 1 'only.tsv: there is no column beside cell' evaluate --truth only.tsv calls.tsv -o out.tsv
	put clusters.tsv 'cell\tcluster\nc1\tx\nc2\tx\n'
	fails 1 'calls.tsv: there is no column confidence to weigh by' vote --weights confidence -c clusters.tsv calls.tsv -o out.tsv
	put ragged.tsv 'cell\tlabel\nc1\tT\nc2\n'
	fails 1 'ragged.tsv: line 3 has 1 fields, but the header has 2' vote -c clusters.tsv ragged.tsv -o out.tsv
	put r.tsv 'cell\tlabel\tconfidence\nc1\tT\rcell\t.9\nc2\tT\t.9\n'
	fails 1 'out.tsv: a tab or line break inside a value: T\.\.\.$' vote -c clusters.tsv r.tsv -o out.tsv
	fails 1 'nowhere/out.tsv: cannot write here' vote -c clusters.tsv calls.tsv -o nowhere/out.tsv
	put ids.tsv 'label\nT\n'
	{ printf 'label\n'; head -c 68000000 /dev/zero | tr '\0' x; } >long.tsv
	fails 1 'long.tsv: line 2 is longer than 64 MB' cl-map long.tsv -o out.tsv
	fails 2 '\-\-errors counts models: --weights has no say' ensemble --rule ontology --errors 1 --weight a=1 calls.tsv -o out.tsv
	put more.tsv 'cell\tlabel\tconfidence\nc1\tT\t1\n'
	fails 1 'nowhere/out.tsv: cannot write here' ensemble more.tsv -o nowhere/out.tsv
	cp more.tsv shut.tsv
	chmod 000 shut.tsv
	fails 1 'shut.tsv: Permission denied' unprivileged vote -c clusters.tsv shut.tsv -o out.tsv
	fails 1 'shut.tsv: Permission denied' unprivileged vote -c shut.tsv calls.tsv -o out.tsv
	no_output
}

@test "lists of genes and files of studies of absurd lines" {
	python - <<-'END'
	open("fields.csv", "w").write("study_id,condition_standardized,tissue_standardized,n_cells\n" + "," * (1 << 20) + "\n")
	open("quoted.csv", "w").write('study_id,condition_standardized,tissue_standardized,n_cells\n"' + ("x" * 1023 + "\n") * 66000 + '",b\n')
	open("panel.csv", "w").write("gene," + "," * (1 << 22) + "\nA\n")
	END
	local name
	for name in fields quoted; do
		mkdir $name
		mv $name.csv $name/metadata_summary.csv
	done
	fails 1 'fields/metadata_summary.csv: line 2: a row of more than 1048576 fields or bytes' \
		env SCRNASEQ_DATA_DIR="$PWD/fields" ref-query -s local -o out.tsv
	fails 1 'quoted/metadata_summary.csv: line 2: a row longer than 67108864 bytes' \
		env SCRNASEQ_DATA_DIR="$PWD/quoted" ref-query -s local -o out.tsv
	fails 1 'panel.csv: line 1: more than 4194304 fields' h5-select --genes panel.csv "$GOLDEN/cat_in1.h5ad" -o out.h5ad
	no_output
}

@test "a table that cannot be read twice, or is damaged in its middle" {
	{ printf ',A,B\n'; seq 200000 | sed 's/.*/c&,1,2/'; } | gzip -1 >m.csv.gz
	python -c 'b = bytearray(open("m.csv.gz", "rb").read()); b[len(b) // 2] ^= 255; b[len(b) // 2 + 1] ^= 255; open("bad.csv.gz", "wb").write(b)'
	fails 1 'bad.csv.gz: after line [0-9]+: the gzip data is damaged \((incorrect|invalid)' h5-import bad.csv.gz -o out.h5ad
	put m.csv ',A,B\nc1,1,2\nc2,1,2\n'
	fails 1 ': cannot be read a second time' h5-import --format table -o out.h5ad <(cat m.csv)
	[ -x "$FAULT" ] || skip "$FAULTLESS"
	spooled() { "$FAULT" -c write -n 1 -d ENOSPC h5-import --format table -o out.h5ad - < <(cat m.csv); }
	fails 1 'stdin: cannot be spooled to a temporary file: No space left' spooled
	no_output
}

@test "zip archives that are none" {
	python - <<-'END'
	from struct import pack
	def end(n, size, at):
	    return pack("<IHHHHIIH", 0x06054B50, 0, 0, n, n, size, at, 0)
	def record(n, size, at):
	    return pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, n, n, size, at)
	def locator(at):
	    return pack("<IIQI", 0x07064B50, 0, at, 1)
	def entry(name, size, extra=b""):
	    return pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 45, 45, 0, 0, 0, 0, 0, size, size, len(name), len(extra), 0, 0, 0, 0, 0) + name + extra
	def write(name, *parts):
	    open(name + ".pt", "wb").write(b"".join(parts))
	large = end(0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF)
	write("locator", bytes(60), large)
	write("early", bytes(4), large)
	write("record", bytes(60), locator(0), large)
	write("far", bytes(60), locator(1 << 40), large)
	one = entry(b"a/data.pkl", 0xFFFFFFFF, pack("<HHI", 1, 4, 0))
	write("field", one, end(1, len(one), 0))
	write("many", one, end(1000, len(one), 0))
	write("behind", one, end(1, len(one), 4000))
	write("large", one, record(1 << 40, 1 << 50, 0), locator(len(one)), large)
	good = entry(b"a/data.pkl", 0xFFFFFFFF, pack("<HHB", 7, 1, 0) + pack("<HHQQ", 1, 16, 4, 4) + pack("<HH", 9, 90))
	write("whole", good, record(1, len(good), 0), locator(len(good)), large)
	END
	local not='not a whole zip archive' info=(vae-model info -o out.tsv)
	fails 1 "locator.pt: $not: its zip64 locator is missing" "${info[@]}" locator.pt
	fails 1 "early.pt: $not: its zip64 locator is missing" "${info[@]}" early.pt
	fails 1 "record.pt: $not: its zip64 record is missing" "${info[@]}" record.pt
	fails 1 "far.pt: $not: it is cut" "${info[@]}" far.pt
	fails 1 "field.pt: $not: a zip64 field is cut" "${info[@]}" field.pt
	fails 1 "many.pt: $not: its directory claims more entries than it has room for" "${info[@]}" many.pt
	fails 1 "behind.pt: $not: its directory lies outside it" "${info[@]}" behind.pt
	fails 1 "large.pt: $not: its directory claims more entries than it has room for" "${info[@]}" large.pt
	fails 1 'whole.pt: a/data.pkl: ' "${info[@]}" whole.pt
	no_output
}

@test "evaluations that cannot be read" {
	put calls.tsv 'cell\tlabel\nc1\tT\n'
	mkdir folder.json
	fails 1 'folder.json: cannot be read' report --eval folder.json calls.tsv -o out.html
	no_output
}

@test "runs without manifests that can be read" {
	put calls.tsv 'cell\tlabel\nc1\tT\n'
	mkdir -p empty/manifests link/manifests folder/manifests/a.json long/manifests
	fails 1 'empty: no manifests of steps: is it the folder of a run' crate --date 2026-11-29 empty -o out.json
	ln -s nowhere link/manifests/a.json
	fails 1 'link/manifests/a.json: No such file' crate --date 2026-11-29 link -o out.json
	fails 1 'folder/manifests/a.json: Is a directory' crate --date 2026-11-29 folder -o out.json
	truncate -s 17M long/manifests/a.json
	fails 1 'long/manifests/a.json: larger than 16 MB: not a manifest' crate --date 2026-11-29 long -o out.json
	mkdir -p planned/manifests planned/stamps/steps
	fails 1 'planned: planned/stamps/steps: Is a directory' crate --date 2026-11-29 planned -o out.json
	mkdir -p good/manifests
	put good/manifests/a.json '{"tool": "gate", "version": "1", "argv": ["gate"]}'
	fails 1 'nowhere/out.json: cannot write here' crate --date 2026-11-29 good -o nowhere/out.json
	fails 2 '\-\-atlas is drawn under the queries that were mapped: give --mapped' report --atlas a.ref.h5 calls.tsv -o out.html
	no_output
}

@test "a page whose parts are not there, and pictures that cannot be written" {
	put calls.tsv 'cell\tlabel\nc1\tT\n'
	python - "$GOLDEN/cat_in1.h5ad" <<-'END'
	import h5py, sys
	o = h5py.File(sys.argv[1])["obs"]; k = o.attrs["_index"]
	names = list(o[k].asstr()[()])
	open("all.tsv", "w").write("cell\tlabel\n" + "".join(n + "\tT\n" for n in names + ["more"]))
	END
	fails 1 'cat_in1.h5ad: has [0-9]+ cells, the calls have more: not the file they were made from' \
		report --h5ad "$GOLDEN/cat_in1.h5ad" all.tsv -o out.html
	mkdir -p data/workflows/report/report.css
	fails 1 'report.css: Is a directory' env PIPETTE_DATA="$PWD/data" \
		report --ontology "$DATA/onto/tricky.obo" calls.tsv -o out.html
	rmdir data/workflows/report/report.css
	head -c 1100000 /dev/zero >data/workflows/report/report.css
	fails 1 'report.css: larger than a megabyte' env PIPETTE_DATA="$PWD/data" \
		report --ontology "$DATA/onto/tricky.obo" calls.tsv -o out.html
	echo x >data/workflows/report/report.css
	fails 1 'report.js: not there \(PIPETTE_DATA is' env PIPETTE_DATA="$PWD/data" \
		report --ontology "$DATA/onto/tricky.obo" calls.tsv -o out.html
	no_output
}

@test "trainings that are asked for two things, or for nothing" {
	local train=(lr-train -l bulk_labels --min-cells 1 "$GOLDEN/pbmc_train.h5ad" -o out.h5)
	fails 2 '\-\-ids or --map: one of them says what the ids are' "${train[@]}" --ids a --map b
	fails 2 'which labels\? \(--label COLUMN\)' lr-train "$GOLDEN/pbmc_train.h5ad" -o out.h5
	fails 2 '\-\-oof is for --folds, and a row per cell: not with --depths' "${train[@]}" --oof o.tsv --depths 1,.5
	fails 2 '\-\-oof is for --folds' "${train[@]}" --oof o.tsv
	fails 2 '\-\-by is for --folds' "${train[@]}" --by louvain --factors 0
	fails 2 '\-\-balance is for --mini-batch' "${train[@]}" --solver sgd --balance
	fails 2 '\-\-C auto is for --solver lbfgs' "${train[@]}" --solver sgd -C auto
	fails 2 '\-\-batch-size, --batch-number, --epochs and --top-genes are at least 1' "${train[@]}" --top-genes 0
	fails 2 '\-\-depths .*: [0-9]+ depths at most' "${train[@]}" --depths 1,.9,.8,.7,.6,.5,.4,.3,.2,.1,.09,.08,.07,.06,.05,.04,.03,.02,.01
	fails 2 '\-\-folds 1: from 2 to 1000' "${train[@]}" --folds 1
	fails 2 '\-\-folds 1001: from 2 to 1000' "${train[@]}" --folds 1001
	fails 1 '\-\-holdout 1.5: a fraction is above 0 and below 1' "${train[@]}" --holdout 1.5
	fails 1 '\-\-holdout louvain=nothing: no cell has this value' "${train[@]}" --holdout louvain=nothing
	fails 1 'nowhere/r.tsv: cannot write here' "${train[@]}" -q --max-passes 1 --report nowhere/r.tsv
	h5-obs get -q -c louvain "$GOLDEN/pbmc_train.h5ad" | awk -F '\t' -v OFS='\t' 'NR == 1 { print $1, "whole"; next } { print $1, "x" }' >whole.tsv
	h5-obs put -q -f whole.tsv "$GOLDEN/pbmc_train.h5ad" -o whole.h5ad
	fails 1 '\-\-holdout whole: 1 group with labelled cells: at least 2 are needed' \
		lr-train -l bulk_labels --min-cells 1 --holdout whole whole.h5ad -o out.h5
	fails 1 'cat_in1.h5ad: no column is known to have cell types' lr-train -l auto "$GOLDEN/cat_in1.h5ad" -o out.h5
	no_output
}

@test "predictions with models and options that do not go" {
	local query=$GOLDEN/pbmc_train.h5ad
	h5-subsample -q -n 48 --by bulk_labels "$query" -o cells.h5ad
	h5-obs get -q -c bulk_labels cells.h5ad | awk -F '\t' 'NR > 1 { print $2 }' | sort -u |
		awk 'BEGIN { print "label\tid\tname\tscore" } { print $0 "\tCL:0000084\tT cell\t1" }' >map.tsv
	lr-train -q -l bulk_labels --min-cells 1 --max-passes 3 --map map.tsv cells.h5ad -o ids.h5
	put tiny.obo '[Term]\nid: CL:0000236\nname: B cell\n'
	local predict=(lr-predict cells.h5ad -o out.tsv)
	fails 2 '\-\-min-coverage 2: a share is 0 to 1' "${predict[@]}" -m ids.h5 --min-coverage 2
	fails 1 'class .*: the ontology has no term CL:0000084 \(--ontology\)' "${predict[@]}" -m ids.h5 --climb --ontology tiny.obo
	fails 1 'nowhere.obo: No such file' "${predict[@]}" -m ids.h5 --climb --ontology nowhere.obo
	cp ids.h5 other.h5
	fails 1 'cells.h5ad' lr-predict -m ids.h5 -m other.h5 cells.h5ad -o cells.h5ad
	python - <<-'END'
	import h5py, shutil
	shutil.copy("ids.h5", "factors.h5")
	with h5py.File("factors.h5", "r+") as f:
	    f["factors/loadings"][...] = 1e30
	with h5py.File("cells.h5ad", "r+") as f:
	    f["uns/log1p/base"] = 0.5
	END
	fails 1 'factors: the model.s factors are too large, or not finite' "${predict[@]}" -m factors.h5
	fails 1 'cells.h5ad: uns/log1p/base is 0.5' markers -g bulk_labels --few pass cells.h5ad -o out.tsv
	put table.tsv 'cell\tgroup\nc1\tx\n'
	put one.tsv 'cell\nc1\n'
	fails 1 'one.tsv: a table of cells and their clusters is needed' markers -c one.tsv cells.h5ad -o out.tsv
	fails 1 'table.tsv: there is no column kind \(there are: cell, group\)' markers -c table.tsv -g kind cells.h5ad -o out.tsv
	no_output
}

@test "more lists and genes than are compared" {
	python - <<-'END'
	open("lists.tsv", "w").write("list\tgene\n" + "".join("l%d\tg%d\n" % (i, i) for i in range(33000)))
	open("genes.txt", "w").write("".join("g%d\n" % i for i in range(33000)))
	END
	fails 1 'lists.tsv: 33000 lists, of 33000 genes: more than are compared' \
		go-enrich --terms "$DATA/evidence/go.terms.tsv" --annotations "$DATA/evidence/go.gaf" --min-size 1 --background genes.txt lists.tsv -o out.tsv
	no_output
}

@test "configs that a plan cannot be made of" {
	touch q1.h5ad a.h5ad
	local good='genes\tquery\t-\t{query.h5ad}\tgenes/{query}.h5ad\t-\t1\tjob\tgene-normalize {1} -o {out}'
	row() { put steps.tsv "# a list\n$good\n$1\n"; }
	put c.yaml 'references: [a.h5ad]\nqueries: q1.h5ad\n'
	row 'two\tquery\t-\t-\t-\t-\t1\tjob\tx'
	fails 1 'steps.tsv:3: two.q1 has no output' conf-mk --steps steps.tsv c.yaml
	row 'two\tquery\t-\t{1}\tx\t-\t1\tjob\tx'
	fails 1 'steps.tsv:3: \{1\} is of commands only' conf-mk --steps steps.tsv c.yaml
	put t.yaml 'blood: [a]\n'
	put c.yaml 'queries: q1.h5ad\ntissue: lung\n'
	fails 1 't.yaml: has no models for lung, nor for "unknown" tissues' conf-mk --tissues t.yaml c.yaml
	local text words
	while IFS='|' read -r text words; do
		put c.yaml "$text"
		fails 1 "c.yaml:$words" conf-mk --check c.yaml
	done <<-'END'
	queries: [{name: a}]\n|1:.*a query has a path
	queries: [{path: [q1.h5ad]}]\n|1:.*one value was expected here
	queries: q1.h5ad\ntrain: {min_cells: [1]}\n|2:.*one value was expected here
	queries: q1.h5ad\nname: [a]\n|2:.*one value was expected here
	queries: q1.h5ad\ntrain: {? [a] : 1}\n|2:.*a key must be plain text
	END
	export SCRNASEQ_DATA_DIR=$PWD/studies
	mkdir -p studies/seurat_objects
	put studies/metadata_summary.csv 'study_id,condition_standardized,tissue_standardized,n_cells\n44,psoriasis,skin,90000\n'
	put c.yaml 'presets: ra_synovial\nqueries: q1.h5ad\n'
	fails 1 'c.yaml:1:.*no study is what the presets ask for' conf-mk --check c.yaml
	mkdir mtx
	ln -s nowhere mtx/matrix.mtx
	put c.yaml 'references: [a.h5ad]\nqueries: mtx\n'
	fails 1 'mtx/matrix.mtx: No such file' conf-mk c.yaml
	rm mtx/matrix.mtx
	touch mtx/matrix.mtx
	chmod 311 mtx
	put c.yaml 'references: [a.h5ad]\nqueries: mtx/matrix.mtx\n'
	fails 1 'mtx: Permission denied' unprivileged conf-mk c.yaml
	chmod 755 mtx
	put c.yaml 'references: [a.h5ad]\nqueries: q1.h5ad\n'
	touch file
	fails 1 'file/c: ' conf-mk -o file/c c.yaml
	no_output
}

@test "disks that fill or break while a scratch file or a picture is written" {
	[ -x "$FAULT" ] || skip "$FAULTLESS"
	export ASAN_OPTIONS=detect_leaks=0 # of who is watched, leaks cannot be looked for
	local cells=$GOLDEN/pbmc_train.h5ad train n told=0
	train=(lr-train -q -t 1 --memory 1K -l bulk_labels --min-cells 1 "$cells" -o out.h5)
	fails 1 'cannot write the scratch file \(set TMPDIR to a larger disk, or raise --memory\): No space left' \
		"$FAULT" -c cut -n 1 -d ENOSPC "${train[@]}" --recipe celltypist --solver sgd --mini-batch --epochs 1
	for n in 300 330 360 390; do
		run_split "$FAULT" -c read -n $n -e -d EIO "${train[@]}" --max-passes 2
		echo "$n: $status ${errors-}"
		[ "$status" -eq 1 ]
		! grep -q 'cannot read the scratch file (Input/output error)' <<<"${errors-}" || told=$((told + 1))
	done
	[ $told -gt 0 ]
	h5-obs get -q -c bulk_labels "$cells" | sed '1s/bulk_labels/label/' >calls.tsv
	local page=(report --png png --h5ad "$cells" --ontology "$DATA/onto/tricky.obo" calls.tsv) all
	"$FAULT" -c write -n 100000 -o writes "${page[@]}" -o page.html
	all=$(cat writes) told=0
	for n in 1 2 3 4 5 6 7 8; do # the pictures are the last that is written
		run_split "$FAULT" -c write -n $((all - n)) -e -d ENOSPC "${page[@]}" -o page.html
		echo "$n of $all: $status ${errors-}"
		[ "$status" -eq 1 ]
		! grep -q 'png: No space left' <<<"${errors-}" || told=$((told + 1))
	done
	[ $told -gt 0 ]
	no_output
}
