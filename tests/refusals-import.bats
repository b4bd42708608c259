load helper
# What cannot be imported, mapped, looked up or fetched, and how that is said: the ways that no other file has.

MEMORY=$(cd "$BUILD" && pwd)/reliability/memory.so

# put FILE TEXT: the text, with printf's escapes.
put() { printf '%b' "$2" >"$1"; }

none() { [ -z "$(find . -name 'out*' -print -quit)" ] || { find . -name 'out*'; return 1; }; }

@test "R objects whose parts are missing, of another kind or do not fit" {
	needs rds-import
	python - "$TESTS/probe" <<-'END'
	import lzma, struct, sys, zlib
	sys.path.insert(0, sys.argv[1])
	import rds_make as R
	from rds_make import NULL, chars, doubles, frame, ints, named, s4, small, strings, symbol, vector, word
	cases, n = open("cases", "w"), 0
	def case(words, body, head=b"X\n" + word(3, 0x040202, 0x030500, 5) + b"UTF-8"):
	    global n
	    name, n = f"r{n}.rds", n + 1
	    with open(name, "wb") as f:
	        f.write(head + body)
	    print(name, words, sep="\t", file=cases, flush=True)
	def text(words, body):
	    case(words, body, b"A\n3\n262657\n197888\n5\nUTF-8\n")
	def experiment(*assays):
	    coldata = s4("DFrame", "S4Vectors", [("rownames", strings(["c1", "c2"])), ("nrows", ints([2])), ("listData", vector([]))])
	    listed = s4("SimpleList", "S4Vectors", [("listData", named(list(assays)))])
	    return s4("SummarizedExperiment", "SummarizedExperiment", [("colData", coldata), ("assays", listed), ("NAMES", strings(["g1", "g2", "g3"]))])
	def seurat(assay, meta=True):
	    table = [("meta.data", frame([("sample", strings(["a"] * 4))], strings(R.CELLS)))] if meta else []
	    return s4("Seurat", "SeuratObject", [("assays", named([("RNA", assay)])), *table, ("active.assay", strings(["RNA"]))])
	def assay5(layers, maps):
	    names = {k: R.CELLS for k in maps}
	    return s4("Assay5", "SeuratObject", [("layers", named(layers)), *maps.items()])
	cells, features = R.log_map(R.CELLS, {"counts": R.CELLS}), R.log_map(R.GENES, {"counts": R.GENES})
	other = R.log_map(R.CELLS, {"other": R.CELLS})
	counts = R.dgc([0, 2, 1], [0, 1, 2, 3, 3], [1.0, 2.0, 3.0], [3, 4])
	def triplets(i, j, x=(1.0, 2.0, 3.0)):
	    return s4("dgTMatrix", "Matrix", [("i", ints(i)), ("j", ints(j)), ("Dim", ints([3, 2])), ("Dimnames", vector([NULL, NULL])), ("x", doubles(x))])
	case("the object has no assays", experiment())
	case("the layer map of the assay is missing", seurat(assay5([("counts", counts)], {"features": features})))
	case("layer counts is not in the assay's map", seurat(assay5([("counts", counts)], {"cells": other, "features": features})))
	case("there is no matrix in it", seurat(assay5([], {"cells": cells, "features": features}), meta=False))
	case("assay RNA has neither counts nor data", seurat(s4("Assay", "SeuratObject", [("key", strings(["rna_"]))])))
	case("a data.frame where a data frame must be", ints([1], [("class", strings(["data.frame"]))]))
	case("slot j has 2 indices for 3 values", triplets([0, 2, 1], [0, 1]))
	case("its values are not numbers", s4("dgCMatrix", "Matrix", [("i", ints([0])), ("p", ints([0, 1])), ("Dim", ints([3, 1])), ("Dimnames", vector([NULL, NULL])), ("x", strings(["a"]))]))
	case("it says it has 1073741824 rows and 1 columns, and has no names", small(i=[], p=[0, 0], x=[], dim=[2**30, 1]))
	case("compact vectors stand for 33554432 values", word(238) + word(2) + symbol("compact_intseq") + word(2) + symbol("base") + word(2) + ints([13]) + NULL
	     + doubles([2.0**25, 1, 1]) + NULL)
	case("a length of 4503599627370496", word(14, -1, 1 << 20, 0))
	case("byte code with -1 constants", word(3 | R.TAG, 253) + NULL + word(21, 1) + ints([1]) + word(-1))
	with open("odd.rds", "wb") as f:
	    f.write(b"X\n" + word(3, 0x040202, 0x030500, 5) + b"UTF-8" + experiment(("counts", small()), ("logcounts", small(dim=(4, 2)))))
	text("'x1' where an integer must be", b"13\n1\nx1\n")
	text("'x1' where a number must be", b"14\n1\nx1\n")
	text("'zz' where a byte must be", b"24\n1\nzz\n")
	text("a number of more than 127 characters", b"13\n1\n" + b"1" * 500 + b"\n")
	packed = bytearray(lzma.compress(b"X\n" + word(3, 0x040202, 0x030500, 5) + b"UTF-8" + ints([1])))
	size = (packed[12] + 1) * 4
	packed[16] = 38  # a dictionary of 2 GiB
	packed[12 + size - 4:12 + size] = struct.pack("<I", zlib.crc32(bytes(packed[12:12 + size - 4])))
	case("damaged xz data .*a dictionary of more than 256 MiB", bytes(packed), b"")
	END
	local file words
	while IFS=$'\t' read -r file words; do
		fails 1 "rds-import: $file: .*$words" rds-import "$file" -o out.h5ad
	done <cases
	fails 0 "left out logcounts: odd.rds: logcounts: a matrix of 4 genes and 2 cells does not fit the object's 3 genes and 2 cells" rds-import odd.rds -o some.h5ad
	fails 1 'nowhere/out.tsv' rds-import --list odd.rds -o nowhere/out.tsv
	[ ! -x "$FAULT" ] || fails 1 'odd.rds: cannot be read: Input/output error' "$FAULT" -c read -n 1 -e -d EIO rds-import odd.rds -o out.h5ad
	none
}

@test "tables, trios of files and folders of spatial platforms that are not whole" {
	printf 'a\nb\n' >genes.txt
	printf 'c1\nc2\n' >cells.txt
	put m.mtx '%%MatrixMarket matrix coordinate integer general\n2 2 1\n1 1 1\n'
	put quotes.txt '"a\nb\n'
	fails 1 'quotes.txt: line 1: the quotes do not match' h5-import --genes quotes.txt --cells cells.txt m.mtx -o out.h5ad
	fails 1 'h5-import: nowhere.mtx: No such file or directory' h5-import --format mtx nowhere.mtx -o out.h5ad
	fails 1 'm.mtx: no barcodes.tsv beside it' h5-import --genes genes.txt m.mtx -o out.h5ad
	mkdir closed
	chmod 000 closed
	fails 1 'h5-import: closed: Permission denied' unprivileged "$BIN/h5-import" --format mtx closed -o out.h5ad
	chmod 700 closed
	mkdir cos twice
	put cos/a_metadata_file.csv 'fov,cell_ID,CenterX_global_px,CenterY_global_px\n1,1,0,0\n'
	put cos/a_exprMat_file.csv 'fov,cell_ID,GeneA\n1,1,2\n7\n'
	fails 1 'a_exprMat_file.csv: line 3: does not begin with fov and cell_ID' h5-import cos -o out.h5ad
	put cos/a_exprMat_file.csv 'fov,cell_ID,GeneA\n1,1,2\n1,1,3\n'
	fails 1 'a_exprMat_file.csv: 1 cells have the name of another' h5-import cos -o out.h5ad
	cp cos/* twice
	cp cos/a_exprMat_file.csv twice/b_exprMat_file.csv
	fails 1 'twice: several files end in exprMat_file.csv' h5-import --format spatial twice -o out.h5ad
	put cos/a_exprMat_file.csv 'fov,cell_ID,GeneA\n1,1,2\n'
	[ ! -x "$FAULT" ] || fails 1 'h5-import: .*temporary file for the matrix: .*No space left on device' "$FAULT" -c write -n 1 -d ENOSPC h5-import cos -o out.h5ad
	python -c 'import h5py; f = h5py.File("other.h5", "w"); f["a"] = 1'
	fails 1 'other.h5: no 10x matrix in this file' h5-import --format 10x other.h5 -o out.h5ad
	none
}

@test "what is known of cell types: words, weights and ontologies with a wrong line" {
	mkdir -p data/ontology
	cp "$TESTS"/../ontology/*.tsv data/ontology
	put labels.tsv 'label\nT cell\n'
	local own=(env PIPETTE_DATA="$PWD/data" cl-map labels.tsv -o out.tsv)
	awk -F '\t' 'BEGIN { OFS = FS } NR == 2 { $1 = "dream" } 1' data/ontology/calibration.tsv >c.tsv
	cp c.tsv data/ontology/calibration.tsv
	fails 1 'calibration.tsv: line 2: unknown kind "dream"' "${own[@]}"
	sed -i 2d data/ontology/calibration.tsv
	fails 1 'calibration.tsv: no row for kind "' "${own[@]}"
	cp "$TESTS"/../ontology/calibration.tsv data/ontology
	put w.tsv 'phrase\tmeaning\twhere\ttissue\na\tb\tmoon\t\n'
	mv w.tsv data/ontology/words.tsv
	fails 1 "words.tsv: line 2: 'where' is \"moon\" \(both, label or tissue\)" "${own[@]}"
	put data/ontology/words.tsv 'phrase\tmeaning\twhere\ttissue\na\t\tboth\t\n'
	fails 1 'words.tsv: line 2: an empty phrase or meaning' "${own[@]}"
	{ printf '[Term]\nid: CL:1\nname: '; head -c 17000000 /dev/zero | tr '\0' a; } >long.obo
	put ids.tsv 'id\tother\nCL:0000084\tCL:0000236\n'
	fails 1 'long.obo: line 3: the line is longer than 16 MB' cl-level --level 1 --ontology long.obo ids.tsv -o out.tsv
	fails 1 'ids.tsv: there is no column .*nothing' cl-level --lca id,nothing ids.tsv -o out.tsv
	fails 1 'ids.tsv: there is no column .*nothing' cl-level --level 1 -c nothing ids.tsv -o out.tsv
	fails 1 'nowhere/out.tsv' cl-level --level 1 ids.tsv -o nowhere/out.tsv
	fails 1 'nowhere.tsv' cl-level --level 1 nowhere.tsv -o out.tsv
	put cut.tsv 'id\nCL:0000084\tmore\n'
	fails 1 'cut.tsv: line 2' cl-level --level 1 cut.tsv -o out.tsv
	fails 1 'nowhere.tsv' cl-map nowhere.tsv -o out.tsv
	fails 1 'nowhere/out.tsv' cl-map labels.tsv -o nowhere/out.tsv
	fails 2 '--top takes 1 to' cl-map --top 0 labels.tsv -o out.tsv
	fails 2 '--append is for cell types' cl-map --append label --type tissue labels.tsv -o out.tsv
	none
}

@test "registries, Census, indexes and samples that do not say what they should" {
	needs ref-query
	local what
	for what in 'datasets: {a: {source: [b]}}|source: one value was expected here' \
		'datasets: {a: {source: "b\\tc"}}|source: must be one line without tabs' \
		'datasets: {"a b": {source: local}}|"a b": a name has no blanks, commas or slashes'; do
		put r.yaml "${what%%|*}\n"
		fails 1 "r.yaml:1:.*${what##*|}" ref-query --registry r.yaml -o out.tsv
	done
	put r.yaml 'services: {discover: ""}\n'
	fails 1 'does not say where this service is' ref-query --registry r.yaml --discover service -s cellxgene -o out.tsv
	put r.yaml 'presets: {p: {condition_pattern: "("}}\n'
	fails 1 'preset p: ' ref-query --registry r.yaml --preset p -o out.tsv
	put list.json '[1]\n'
	put no.json '{"v": {"release_build": "v"}}\n'
	fails 1 'the release descriptor is not a JSON object' ref-query --census v --descriptor list.json -o out.tsv
	fails 1 'Census release v: the descriptor does not say where its h5ads are' ref-query --census v --descriptor no.json -o out.tsv
	fails 1 'no.json: has no list "models"' ref-query --models-index no.json -s models -o out.tsv
	mkdir studies
	cp "$DATA/ref/metadata_summary.csv" studies
	put studies/sample_summary.csv 'study_id,sample_id,celltype,n\n43,a,T cell,many\n'
	fails 1 'sample_summary.csv: line 2: n: "many" is not a number of cells' ref-query --data studies -s local --celltype 'T cell' -o out.tsv
	none
}

# until_said WORDS CMD...: each of the first reads fails, and one of these is said so.
until_said() {
	local words=$1 n told=0
	shift
	for n in $(seq 16); do
		rm -rf fresh out.tsv
		run_split "$FAULT" -c read -n "$n" -d EIO "$@" --cache fresh
		echo "$n: $status: $errors"
		[ "$status" -ne 1 ] || ! grep -qE -- "$words" <<<"$errors" || told=1
	done
	[ "$told" -eq 1 ]
}

@test "fetching without a place, a token or an answer" {
	needs ref-fetch
	put a.csv 'x\n'
	put list.tsv "id\tsource\taddress\na\tlocal\t$PWD/a.csv\n"
	fails 1 'no place for the cache: give --cache, or set CELLXGENE_CACHE_DIR' env -u HOME -u XDG_CACHE_HOME -u CELLXGENE_CACHE_DIR ref-fetch list.tsv -o out.tsv
	fails 2 '--wait -1: should be 0 or more' ref-fetch --wait -1 list.tsv -o out.tsv
	fails 1 'nowhere/out.tsv' ref-fetch --cache cache list.tsv -o nowhere/out.tsv
	put no.tsv 'id\tsource\taddress\na\tcellxgene\t\n'
	fails 1 'a: it is not known where it is' ref-fetch --cache cache no.tsv -o out.tsv
	fails 1 'nowhere: cannot be opened' ref-fetch --cache cache --token-file nowhere list.tsv -o out.tsv
	mkdir -m 700 folder
	fails 1 'folder: cannot be read' ref-fetch --cache cache --token-file folder list.tsv -o out.tsv
	SYNAPSE_AUTH_TOKEN='a b' fails 1 'the Synapse token has characters that no token has' ref-fetch --cache cache list.tsv -o out.tsv
	serve ref_server.py ports
	local here
	here=http://127.0.0.1:$(cut -d ' ' -f 1 server/ports)
	mkdir server/files
	head -c 3000 /dev/urandom >server/files/a.h5ad
	put url.tsv "id\tsource\taddress\na\turl\t$here/ok/a.h5ad\n"
	ref-fetch -q --cache cache url.tsv -o fetched.tsv
	local entry
	entry=$(echo cache/a.h5ad-*)
	rm -r "$entry"/{a.h5ad,about.tsv}
	mkdir -p "$entry/a.h5ad/in"
	fails 1 'part: cannot be renamed: ' ref-fetch --cache cache --retries 0 url.tsv -o out.tsv
	rm -r "$entry"
	mkdir -p "$entry/lock"
	fails 1 'lock: cannot be made: Is a directory' ref-fetch --cache cache --retries 0 url.tsv -o out.tsv
	SYNAPSE_AUTH_TOKEN=good-token fails 1 'syn78: Synapse gives no address for its file: NOT_FOUND' ref-fetch --cache cache --synapse "$here" syn78 -o out.tsv
	SYNAPSE_AUTH_TOKEN=good-token fails 1 'syn79: is no file on Synapse, but a Folder' ref-fetch --cache cache --synapse "$here" syn79 -o out.tsv
	rm -r "$entry"
	printf 'id\tsource\taddress\tsize\na\turl\t%s/nolength/a.h5ad\t10\n' "$here" >url.tsv
	fails 1 'the server sends more than the 10 bytes of the list' ref-fetch --cache cache --retries 0 url.tsv -o out.tsv
	if [ -x "$FAULT" ]; then
		printf 'id\tsource\taddress\na\turl\t%s/ok/a.h5ad\n' "$here" >url.tsv
		until_said 'a.h5ad-[0-9a-f]*: cannot be read: Input/output error' ref-fetch --retries 0 url.tsv -o out.tsv
		printf 'id\tsource\taddress\tmd5\na\turl\t%s/ok/a.h5ad\t%s\n' "$here" "$(md5sum <server/files/a.h5ad | cut -c 1-32)" >url.tsv
		until_said 'a.h5ad-[0-9a-f]*: cannot be read: Input/output error' ref-fetch --retries 0 url.tsv -o out.tsv
	fi
	stop_server
}

@test "libraries that have no memory to unpack with, and no memory for an answer" {
	needs rds-import
	[ -e "$MEMORY" ] || skip "memory.so is for x86-64"
	! watched || skip "sanitizers have their own malloc"
	python -c 'import bz2, gzip, lzma, sys
data = gzip.open(sys.argv[1]).read()
open("a.bz2.rds", "wb").write(bz2.compress(data)), open("a.xz.rds", "wb").write(lzma.compress(data))' "$GOLDEN/rds/counts.dgC.rds"
	cp "$GOLDEN/rds/counts.dgC.rds" a.gz.rds
	local pair n told
	for pair in 'a.gz.rds zlib' 'a.bz2.rds libbz2' 'a.xz.rds liblzma'; do
		told=0
		for n in $(seq 60); do
			run_split env LD_PRELOAD="$MEMORY" PIPETTE_MEMORY_OF=all PIPETTE_MEMORY="$n" rds-import -q "${pair% *}" -o out.h5ad
			[ "$status" -ne 0 ] || rm -f out.h5ad
			[ ! -e out.h5ad ]
			[ "$errors" != "rds-import: ${pair% *}: ${pair#* } does not start" ] || told=$n
			[ "$told" -eq 0 ] || break
		done
		echo "$pair: $told"
		[ "$told" -gt 0 ]
	done
}
