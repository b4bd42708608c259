load helper

# The same 3 x 4 counts in every layout.
table() {
	cat >table.csv <<'END'
,CD4,GAPDH,ACTB,CD4
c1,0,3,1.0,0
c2,2,0,0,7
c3,0,0,0,0
END
	cat >want <<'END'
c1	GAPDH	3
c1	ACTB	1
c2	CD4	2
c2	CD4-1	7
END
}

trio() { # trio FOLDER GENES: 10x files, gene by cell
	mkdir -p "$1"
	cat >"$1/matrix.mtx" <<'END'
%%MatrixMarket matrix coordinate integer general
%metadata_json: {"software_version": "x"}
4 3 4
2 1 3
3 1 1
1 2 2
4 2 7
END
	printf 'E1\tCD4\tGene Expression\nE2\tGAPDH\tGene Expression\nE3\tACTB\tGene Expression\nE4\tCD4\tGene Expression\n' >"$1/$2"
	printf 'c1\nc2\nc3\n' >"$1/barcodes.tsv"
}

is_wanted() { # the matrix as cell, gene, value
	probe X "$1" >got
	same got want
}

@test "a csv of cells by genes: names, values, unique genes, integers" {
	table
	h5-import table.csv -o out.h5ad
	is_wanted out.h5ad
	probe types out.h5ad | grep -E '^/?X/data' | grep -q int32
	probe obs out.h5ad | cut -f1 | tail -n +2 | paste -sd, >cells
	[ "$(<cells)" = c1,c2,c3 ]
}

@test "tabs, semicolons, blanks, CR LF, a byte-order mark, quotes and gzip make no difference" {
	table
	tr , '\t' <table.csv >table.tsv
	tr , ';' <table.csv >semicolon.csv
	sed 's/^,/cell,/; s/,/  /g' table.csv >blank.txt
	sed 's/$/\r/' table.csv >crlf.csv
	sed -E '2,$s/,([0-9.]+)/, \1 /g' table.csv >padded.csv
	{ printf '\xef\xbb\xbf'; cat table.csv; } >bom.csv
	sed -E 's/([A-Za-z][A-Za-z0-9]*)/"\1"/g' table.csv >quoted.csv
	gzip -k table.csv
	local file
	for file in table.tsv semicolon.csv blank.txt crlf.csv padded.csv bom.csv quoted.csv table.csv.gz; do
		h5-import -q "$file" -o out.h5ad || { echo "$file"; return 1; }
		is_wanted out.h5ad || { echo "$file"; return 1; }
	done
	h5-import -q <table.csv >out.h5ad
	is_wanted out.h5ad
	cat table.csv.gz | h5-import -q - -o out.h5ad
	is_wanted out.h5ad
}

@test "genes by cells is found by gene names, by the header, or told" {
	table
	cat >turned.csv <<'END'
,c1,c2,c3
CD4,0,2,0
GAPDH,3,0,0
ACTB,1,0,0
CD4,0,7,0
END
	h5-import turned.csv -o out.h5ad 2>message
	grep -q 'rows are genes (rows have gene names)' message
	is_wanted out.h5ad
	sed '1s/^/symbol/; s/GAPDH/G2/; s/ACTB/G3/' turned.csv >header.csv
	h5-import header.csv -o out.h5ad 2>message
	grep -q 'rows are genes (the header says so)' message
	sed '1s/symbol//' header.csv >dumb.csv
	h5-import dumb.csv -o out.h5ad 2>message
	grep -q 'rows are cells (nothing says otherwise)' message
	h5-import -q --transpose dumb.csv -o out.h5ad
	sed 's/GAPDH/G2/; s/ACTB/G3/' want >want.2 && mv want.2 want
	is_wanted out.h5ad
}

@test "R's header, which is one name short, and numbered rows of pandas" {
	printf '"GAPDH","B"\n"c1",1,2\n"c2",0,5\n' >r.csv
	printf ',GAPDH,B\n0,1,2\n1,0,5\n' >pandas.csv
	h5-import -q r.csv -o r.h5ad
	h5-import -q pandas.csv -o p.h5ad
	probe X r.h5ad >got
	printf 'c1\tGAPDH\t1\nc1\tB\t2\nc2\tB\t5\n' >want
	same got want
	probe X p.h5ad >got
	sed 's/c1/0/; s/c2/1/' want >want.2
	same got want.2
}

@test "values that are not whole numbers are stored as float32" {
	printf 'cell,GAPDH,B\nc1,0.5,1e-3\nc2,-2,0\n' >f.csv
	h5-import -q f.csv -o out.h5ad
	probe types out.h5ad | grep -E '^/?X/data' | grep -q float32
	probe X out.h5ad >got
	printf 'c1\tGAPDH\t0.5\nc1\tB\t0.00100000005\nc2\tGAPDH\t-2\n' >want
	same got want
}

@test "a folder of 10x files, version 2 and 3, plain and gzipped, with a prefix" {
	table
	trio v2 genes.tsv
	cut -f1,2 v2/genes.tsv >g && mv g v2/genes.tsv
	trio v3 features.tsv
	gzip v3/*
	trio prefix features.tsv
	local file
	for file in prefix/*; do mv "$file" "prefix/GSM1_$(basename "$file")"; done
	for file in v2 v3 prefix v3/matrix.mtx.gz; do
		h5-import -q "$file" -o out.h5ad || { echo "$file"; return 1; }
		is_wanted out.h5ad || { echo "$file"; return 1; }
	done
	probe var out.h5ad >var
	grep -q 'gene_ids' var
	grep -q 'E4' var
}

@test "an mtx of cells by genes with lists of one column, in any order of entries" {
	table
	printf 'CD4\nGAPDH\nACTB\nCD4\n' >genes.txt
	printf 'c1\nc2\nc3\n' >cells.txt
	printf '%%%%MatrixMarket matrix coordinate real general\n3 4 5\n2 4 3\n1 3 1\n2 1 2\n1 2 3\n2 4 4\n' >m.mtx
	h5-import m.mtx --genes genes.txt --cells cells.txt -o out.h5ad 2>message
	grep -q 'rows are cells' message
	is_wanted out.h5ad
}

# entries FILE: what an mtx holds, as "cell gene value", when rows are cells.
entries() {
	h5-import "$1" --genes genes.txt --cells cells.txt --rows cells -o out.h5ad 2>message
	probe X out.h5ad | cut -f1-3 | tr '\t' ' ' | LC_ALL=C sort
}

@test "an mtx may be an array, or a triangle that stands for both" {
	printf 'g1\ng2\ng3\n' >genes.txt
	printf 'c1\nc2\nc3\n' >cells.txt
	# what scipy.io.mmread (1.13.1) makes of them
	printf '%%%%MatrixMarket matrix array real general\n%% by column\n3 3\n1\n0\n2\n0\n0\n3\n4\n0\n5\n' >a.mtx
	[ "$(entries a.mtx | paste -sd,)" = "c1 g1 1,c1 g3 4,c3 g1 2,c3 g2 3,c3 g3 5" ]
	printf '%%%%MatrixMarket matrix array integer symmetric\n3 3\n1\n0\n2\n3\n4\n5\n' >s.mtx
	[ "$(entries s.mtx | paste -sd,)" = "c1 g1 1,c1 g3 2,c2 g2 3,c2 g3 4,c3 g1 2,c3 g2 4,c3 g3 5" ]
	printf '%%%%MatrixMarket matrix coordinate real symmetric\n3 3 3\n1 1 7\n3 1 2\n3 2 4\n' >c.mtx
	[ "$(entries c.mtx | paste -sd,)" = "c1 g1 7,c1 g3 2,c2 g3 4,c3 g1 2,c3 g2 4" ]
	printf '%%%%MatrixMarket matrix coordinate pattern symmetric\n3 3 2\n2 2\n3 1\n' >p.mtx
	[ "$(entries p.mtx | paste -sd,)" = "c1 g3 1,c2 g2 1,c3 g1 1" ]
	printf '%%%%MatrixMarket matrix array real skew-symmetric\n3 3\n1\n2\n-3\n' >k.mtx
	[ "$(entries k.mtx | paste -sd,)" = "c1 g2 -1,c1 g3 -2,c2 g1 1,c2 g3 3,c3 g1 2,c3 g2 -3" ]
	sed -i '$d' k.mtx
	fails 1 'ends after 2 entries, but 3 were announced' h5-import k.mtx --genes genes.txt --cells cells.txt -o out.h5ad
	sed -i '2s/.*/3 2/' k.mtx
	fails 1 'line 2: a symmetric matrix of 3 x 2' h5-import k.mtx --genes genes.txt --cells cells.txt -o out.h5ad
	sed -i '1s/real skew-symmetric/complex hermitian/' k.mtx
	fails 1 'only "matrix .coordinate or array' h5-import k.mtx --genes genes.txt --cells cells.txt -o out.h5ad
}

@test "features that are no gene expression stay out, unless asked for" {
	trio v3 features.tsv
	sed -i '4s/Gene Expression/Antibody Capture/; 4s/CD4/TotalSeq/' v3/features.tsv
	h5-import v3 -o out.h5ad 2>message
	grep -q '3 of 4 features kept (Gene Expression)' message
	[ "$(probe var out.h5ad | wc -l)" -eq 4 ]
	h5-import -q --feature-type all v3 -o out.h5ad
	[ "$(probe var out.h5ad | wc -l)" -eq 5 ]
	h5-import -q --feature-type 'Antibody Capture' --names ids v3 -o out.h5ad
	probe X out.h5ad | grep -q 'c2	E4	7'
	fails 1 'no feature type "Guide".*Gene Expression, Antibody Capture' \
		h5-import --feature-type Guide v3 -o no.h5ad
	[ ! -e no.h5ad ]
}

# 10x HDF5 files as Cell Ranger writes them, made with h5py.
tenx() {
	python - "$@" <<'END'
import sys, h5py, numpy as np
name, kind = sys.argv[1:]
genes, ids = [b"CD4", b"GAPDH", b"ACTB", b"CD4"], [b"E1", b"E2", b"E3", b"E4"]
data, indices, indptr = np.array([3, 1, 2, 7], "i4"), np.array([1, 2, 0, 3]), np.array([0, 2, 4, 4])
def matrix(g):
    for k, v in (("data", data), ("indices", indices), ("indptr", indptr), ("shape", np.array([4, 3], "i4")),
                 ("barcodes", np.array([b"c1", b"c2", b"c3"]))):
        g.create_dataset(k, data=v, compression="gzip", chunks=True)
with h5py.File(name, "w") as f:
    for group in (["matrix"] if kind == "v3" else ["hg19"] if kind == "v2" else ["hg19", "mm10"]):
        g = f.create_group(group)
        matrix(g)
        if kind == "v3":
            t = g.create_group("features")
            t["name"], t["id"] = np.array(genes), np.array(ids)
            t["feature_type"] = np.array([b"Gene Expression"] * 3 + [b"Negative Control Probe"])
            t["genome"] = np.array([b"GRCh38"] * 4)
        else:
            g["gene_names"], g["genes"] = np.array(genes), np.array(ids)
END
}

@test "10x HDF5 files of both layouts, and of several genomes" {
	table
	tenx v2.h5 v2
	h5-import -q v2.h5 -o out.h5ad
	is_wanted out.h5ad
	probe types out.h5ad | grep -E '^/?X/data' | grep -q int32
	tenx v3.h5 v3
	h5-import -q --feature-type all v3.h5 -o out.h5ad
	is_wanted out.h5ad
	h5-import v3.h5 -o out.h5ad 2>message
	grep -q '3 of 4 features kept' message
	[ "$(probe X out.h5ad | grep -c '	7$')" -eq 0 ]
	tenx several.h5 several
	fails 1 'several genomes.*hg19, mm10' h5-import several.h5 -o no.h5ad
	h5-import -q --genome mm10 several.h5 -o out.h5ad
	is_wanted out.h5ad
	fails 1 'no genome "rn6"' h5-import --genome rn6 several.h5 -o no.h5ad
	fails 1 'an h5ad already' h5-import "$GOLDEN/norm_counts.h5ad" -o no.h5ad
	[ ! -e no.h5ad ]
}

@test "a 10x HDF5 file comes through a pipe; a truncated one is refused in one line" {
	table
	tenx v3.h5 v3
	h5-import -q v3.h5 -o out.h5ad
	# shellcheck disable=SC2002 # a pipe is what is tested
	cat v3.h5 | h5-import -q --format 10x - -o piped.h5ad
	cmp out.h5ad piped.h5ad
	head -c 3000 v3.h5 >short.h5
	fails 1 'short.h5: the file is truncated or damaged' h5-import short.h5 -o no.h5ad
	[ ! -e no.h5ad ]
}

@test "a loom file is turned: genes x cells by its attributes, those of cells to obs" {
	table
	python - <<-'P'
	import h5py, numpy as np
	def loom(name, genes="Gene", chunks=(2, 2)):
	    f = h5py.File(name, "w")
	    f.create_dataset("matrix", data=np.array([[0, 2, 0], [3, 0, 0], [1, 0, 0], [0, 7, 0]], "f4"),
	                     chunks=chunks, compression="gzip" if chunks else None)
	    text = h5py.string_dtype()
	    f.create_dataset("row_attrs/" + genes, data=["CD4", "GAPDH", "ACTB", "CD4"], dtype=text)
	    f.create_dataset("row_attrs/Accession", data=["E1", "E2", "E3", "E4"], dtype=text)
	    f.create_dataset("col_attrs/CellID", data=["c1", "c2", "c3"], dtype=text)
	    f.create_dataset("col_attrs/ClusterName", data=["a", "b", "a"], dtype=text)
	    f.create_dataset("col_attrs/Age", data=[1.5, 2, 3])
	    f.create_dataset("col_attrs/Embedding", data=np.zeros((3, 2)))
	    f.create_group("layers")
	    return f
	loom("a.loom")
	loom("b.loom", chunks=None)
	del loom("no.loom")["col_attrs/CellID"]
	loom("nan.loom")["matrix"][3, 2] = np.nan
	f = loom("short.loom")
	del f["col_attrs/CellID"]
	f["col_attrs/CellID"] = np.array(["c1", "c2"], "S2")
	P
	for file in a.loom b.loom; do
		h5-import -q $file -o out.h5ad
		probe X out.h5ad >got
		same got want
		h5-obs get -q -c ClusterName,Age out.h5ad | tail -n 1 >row
		[ "$(<row)" = 'c3	a	3' ]
		probe var out.h5ad | tail -n 1 | grep -q 'CD4-1	E4'
	done
	fails 1 'no names of cells: col_attrs has no CellID' h5-import no.loom -o no.h5ad
	fails 1 'gene CD4 of cell c3 is not a finite number' h5-import nan.loom -o no.h5ad
	fails 1 'col_attrs/CellID: 2 values, but the matrix has 3' h5-import short.loom -o no.h5ad
	[ ! -e no.h5ad ]
}

@test "bad tables are refused with line and column, and nothing is written" {
	printf 'cell,GAPDH,B\nc1,1,2\nc2,1\n' >short.csv
	fails 1 'short.csv: line 3, column 3: 1 values, but the first row has 2' h5-import short.csv -o out.h5ad
	printf 'cell,GAPDH,B\nc1,1,2\nc2,1,2,3\n' >long.csv
	fails 1 'long.csv: line 3, column 4: 3 values' h5-import long.csv -o out.h5ad
	printf 'cell,GAPDH,B\nc1,1,2\nc2,1,x\n' >text.csv
	fails 1 'line 3, column 3 \(B\): "x" is not a finite number' h5-import text.csv -o out.h5ad
	printf 'cell,GAPDH,type\nc1,1,B cell\n' >words.csv
	fails 1 'column 3 \(type\): "B cell" is not a finite number \(a column of words: cut -d, --complement -f3 takes it out\)' h5-import words.csv -o out.h5ad
	cut -d, --complement -f3 words.csv | h5-import -q - -o words.h5ad
	printf 'cell;GAPDH;B\nc1;1,5;2\n' >comma.csv
	fails 1 'column 2 \(GAPDH\): "1,5" has a decimal comma.*English locale, or tr , \.' h5-import comma.csv -o out.h5ad
	printf 'cell,GAPDH,B\nc1,"1,5","2,0"\n' >quoted.csv
	fails 1 '"1,5" has a decimal comma.*English locale\)' h5-import quoted.csv -o out.h5ad
	printf 'cell,GAPDH,B\nc1,1,5,2,0\n' >bare.csv
	fails 1 'line 2: 5 columns, but the header has 3 \(decimal commas\?' h5-import bare.csv -o out.h5ad
	printf 'cell,GAPDH,B\nc1,1,2\nc2,,1\n' >hole.csv
	fails 1 'line 3, column 2 \(GAPDH\): empty' h5-import hole.csv -o out.h5ad
	printf 'cell,GAPDH,B\nc1,1,nan\n' >nan.csv
	fails 1 'not a finite number' h5-import nan.csv -o out.h5ad
	printf 'cell,GAPDH,B\n"c1,1,2\n' >quote.csv
	fails 1 'line 2: the quotes' h5-import quote.csv -o out.h5ad
	printf 'cell,GAPDH,B\nc1, ,2\n' >blank.csv
	fails 1 'line 2, column 2 \(GAPDH\): " " is not a finite number' h5-import blank.csv -o out.h5ad
	tr '\n' '\r' <long.csv >mac.csv
	fails 1 'mac.csv: line 1: carriage returns' h5-import mac.csv -o out.h5ad
	printf 'cell,GAPDH,B\n' >header.csv
	fails 1 'a header and no row' h5-import header.csv -o out.h5ad
	: >empty.csv
	fails 1 'empty' h5-import empty.csv -o out.h5ad
	head -c 2000 /dev/urandom | gzip | head -c 900 >cut.csv.gz
	fails 1 'cut.csv.gz: ' h5-import cut.csv.gz -o out.h5ad
	table
	for _ in $(seq 20000); do echo "$RANDOM,1,2,3,4"; done | cat table.csv - | gzip >big.csv.gz
	head -c 30000 big.csv.gz >half.csv.gz
	fails 1 'half.csv.gz: after line [0-9]+: the gzip data is cut short' h5-import half.csv.gz -o out.h5ad
	fails 1 'none.csv' h5-import none.csv -o out.h5ad
	[ ! -e out.h5ad ]
}

@test "bad mtx files are refused, and nothing is written" {
	trio t features.tsv
	local file=t/matrix.mtx
	cp "$file" good
	sed '4s/.*/5 1 3/' good >$file
	fails 1 'line 4: entry \(5, 1\), but the matrix is 4 x 3' h5-import t -o out.h5ad
	sed '4s/.*/0 1 3/' good >$file
	fails 1 'entry \(0, 1\)' h5-import t -o out.h5ad
	sed '$d' good >$file
	fails 1 'ends after 3 entries, but 4 were announced' h5-import t -o out.h5ad
	{ cat good; echo '1 1 1'; } >$file
	fails 1 'line 8: more than the 4 entries' h5-import t -o out.h5ad
	sed '4s/.*/2 1 x/' good >$file
	fails 1 'line 4: "x" is not one finite number' h5-import t -o out.h5ad
	sed '1s/coordinate/list/' good >$file
	fails 1 'line 1: a "matrix list' h5-import t -o out.h5ad
	sed '3s/.*/4 3/' good >$file
	fails 1 'line 3: the line of sizes' h5-import t -o out.h5ad
	cp good $file
	sed -i '$d' t/features.tsv
	fails 1 'the matrix is 4 x 3, but t/features.tsv lists 3 genes' h5-import t -o out.h5ad
	rm t/features.tsv
	fails 1 'no features.tsv or genes.tsv beside it' h5-import t -o out.h5ad
	mkdir none
	fails 1 'no matrix.mtx' h5-import none -o out.h5ad
	[ ! -e out.h5ad ]
}

@test "the output is the same for any number of threads" {
	seq 1 300 | awk '{ printf "c%d", $1; for (i = 0; i < 500; i++) printf ",%d", (($1 * i) % 7) * (i % 3 == 0); print "" }' >rows
	{ printf 'cell'; seq 1 500 | sed 's/^/,G/' | tr -d '\n'; echo; cat rows; } >t.csv
	h5-import -q -t 1 -z gzip t.csv -o a.h5ad
	h5-import -q -t 4 -z gzip t.csv -o b.h5ad
	same a.h5ad b.h5ad
}

@test "runs of zeros of any length are read as any other values" {
	awk 'BEGIN {
		printf "cell"; for (g = 1; g <= 23; g++) printf ",g%d", g; print ""
		for (c = 0; c < 200; c++) {
			printf "c%d", c
			for (g = 1; g <= 23; g++) printf ",%s", (c * g * g) % 11 < 3 ? (c + g) % 7 : c % 3 ? "0" : (g % 5 ? "0" : "0.0")
			print ""
		}
	}' >zeros.csv
	h5-import -q zeros.csv -o out.h5ad
	probe X out.h5ad | awk -F '\t' 'NR > 1 || $3 + 0 == $3 { if ($3 != 0) print $1, $2, $3 + 0 }' | sort >have
	awk -F, 'NR == 1 { for (i = 2; i <= NF; i++) g[i] = $i; next } { for (i = 2; i <= NF; i++) if ($i + 0) print $1, g[i], $i + 0 }' zeros.csv | sort >want
	[ "$(wc -l <want)" -gt 500 ]
	same have want
	sed 's/,/\t/g' zeros.csv >zeros.tsv
	h5-import -q zeros.tsv -o tabs.h5ad
	same out.h5ad tabs.h5ad
	printf 'cell,a,b,c\nx,1,2,3\ny,0,0,0,\n' >bad.csv
	fails 1 'line 3, column 5: 4 values, but the first row has 3' h5-import bad.csv -o bad.h5ad
	printf 'cell,a,b,c\nx,1,2,3\ny,0,0,0,0,0\n' >bad.csv
	fails 1 'line 3, column 5: 5 values, but the first row has 3' h5-import bad.csv -o bad.h5ad
	printf 'cell,a,b,c\nx,1,2,3\ny,0,0\n' >bad.csv
	fails 1 'line 3, column 4: 2 values, but the first row has 3' h5-import bad.csv -o bad.h5ad
	printf 'cell,a,b,c\nx,1,2,3\ny,0,0,\n' >bad.csv
	fails 1 'line 3, column 4 \(c\): empty' h5-import bad.csv -o bad.h5ad
	[ ! -e bad.h5ad ]
}

@test "names that are not UTF-8 are refused with their line, in a table and in a list" {
	printf 'cell,g1,g\xe9\nc1,1,2\n' >header.csv
	fails 1 'header.csv: line 1: the text is not UTF-8' h5-import header.csv -o out.h5ad
	printf 'cell,g1,g2\nc1,1,2\nc\xe9,1,2\n' >row.csv
	fails 1 'row.csv: line 3: the text is not UTF-8' h5-import row.csv -o out.h5ad
	mkdir d
	printf '%%%%MatrixMarket matrix coordinate integer general\n2 1 1\n1 1 5\n' >d/matrix.mtx
	printf 'E1\tG1\nE2\tG\xe9\n' >d/genes.tsv
	echo AA >d/barcodes.tsv
	fails 1 'd/genes.tsv: line 2: the text is not UTF-8' h5-import d -o out.h5ad
	[ ! -e out.h5ad ]
}

@test "hexadecimal is no number, lines of blanks are nothing, packed files are named" {
	printf 'cell,g1,g2\nc1,1,0x10\n' >hex.csv
	fails 1 'line 2, column 3 \(g2\): "0x10" is not a finite number' h5-import hex.csv -o out.h5ad
	printf 'cell,g1,g2\n  \nc1,1,2\n   \n' >blank.csv
	h5-import -q blank.csv -o blank.h5ad
	grep -v '^ *$' blank.csv >plain.csv
	h5-import -q plain.csv -o plain.h5ad
	cmp blank.h5ad plain.h5ad
	printf 'PK\3\4rest' >book.csv
	fails 1 'book.csv: a zip archive or an Excel workbook: unpack it' h5-import book.csv -o out.h5ad
	printf 'BZh9rest' >table.csv.bz2
	fails 1 'packed with bzip2' h5-import table.csv.bz2 -o out.h5ad
	[ ! -e out.h5ad ]
}

@test "a header may be the last comment, when it has as many names as the rows" {
	printf '#made by hand\n#cell,g1,g2\nc1,1,2\nc2,3,4\n' >comment.csv
	h5-import -q comment.csv -o out.h5ad
	printf 'cell,g1,g2\nc1,1,2\nc2,3,4\n' >plain.csv
	h5-import -q plain.csv -o want.h5ad
	cmp out.h5ad want.h5ad
	printf '#made by hand\nc1,1,2\nc2,3,4\n' >none.csv
	h5-import -q none.csv -o out.h5ad
	[ "$(probe var out.h5ad | cut -f 1 | tail -n +2 | tr '\n' ' ')" = '0 1 ' ]
}

@test "a list may give only some features a place, and the banner may have any case" {
	mkdir d
	printf '%%%%matrixmarket MATRIX coordinate integer general\n3 1 2\n1 1 5\n3 1 7\n' >d/matrix.mtx
	printf 'E1\tG1\tGene Expression\tchr1\t1\t2\nE2\tG2\tGene Expression\n%s\n' \
		"$(printf 'P1\tchr1:1-5\tPeaks\tchr1\t1\t5')" >d/features.tsv
	echo AA >d/barcodes.tsv
	h5-import -q d -o out.h5ad
	[ "$(probe var out.h5ad | cut -f 1 | tail -n +2 | tr '\n' ' ')" = 'G1 G2 ' ]
	printf 'E1\tG1\nE2\nE3\tG3\n' >d/features.tsv
	fails 1 'line 2 has 1 fields, but the first line has 2' h5-import d -o no.h5ad
	[ ! -e no.h5ad ]
}

@test "a run that is interrupted leaves nothing behind" {
	mkfifo pipe
	h5-import -q - -o out.h5ad <pipe 3>&- &
	local pid=$! how
	exec 9>pipe
	awk 'BEGIN { printf "cell"; for (g = 0; g < 500; g++) printf ",g%d", g; print ""
		for (c = 0; c < 100; c++) { printf "c%d", c; for (g = 0; g < 500; g++) printf ",%d", g % 3; print "" } }' >&9
	kill -TERM $pid
	how=0
	wait $pid || how=$?
	exec 9>&-
	rm pipe
	[ "$how" -eq 143 ]
	[ ! -e out.h5ad ]
	[ -z "$(ls -A tmp)" ]
}

# positions FILE: the rows of obsm/spatial.
positions() { python -c 'import h5py, sys; print(";".join(",".join(f"{v:g}" for v in r) for r in h5py.File(sys.argv[1])["obsm/spatial"]))' "$1"; }

@test "a Xenium folder: positions, and the measures of its cells" {
	mkdir out
	tenx out/cell_feature_matrix.h5 v3
	printf 'cell_id,x_centroid,y_centroid,transcript_counts\nc2,3.5,4.5,9\nc1,1.5,2.5,8\nc3,5,6,7\nother,0,0,0\n' | gzip >out/cells.csv.gz
	h5-import out -o o.h5ad 2>said
	grep -q 'a Xenium folder: 1 columns of its cells, positions in obsm/spatial, rows of other cells passed over' said
	[ "$(positions o.h5ad)" = '1.5,2.5;3.5,4.5;5,6' ]
	[ "$(h5-obs get -c transcript_counts o.h5ad | tail -n +2 | paste -sd ' ')" = 'c1	8 c2	9 c3	7' ]
}

@test "Visium folders of both generations" {
	mkdir -p new/spatial old/spatial
	tenx new/filtered_feature_bc_matrix.h5 v3
	cp new/filtered_feature_bc_matrix.h5 old
	printf 'c1,1,0,0,10,20\nc2,1,0,1,11,21\nc3,0,1,0,12,22\n' >old/spatial/tissue_positions_list.csv
	{ echo barcode,in_tissue,array_row,array_col,pxl_row_in_fullres,pxl_col_in_fullres; cat old/spatial/tissue_positions_list.csv; } >new/spatial/tissue_positions.csv
	local folder
	for folder in old new; do
		h5-import -q $folder -o $folder.h5ad
		[ "$(positions $folder.h5ad)" = '20,10;21,11;22,12' ]
		[ "$(h5-obs get -c in_tissue,array_row,array_col $folder.h5ad | sed -n 3p)" = 'c2	1	0	1' ]
	done
}

@test "a MERSCOPE and a CosMx folder" {
	mkdir mer cos
	printf ',GeneA,GeneB,Blank-1\n101,1,0,0\n102,0,5,1\n' >mer/run_cell_by_gene.csv
	printf 'EntityID,fov,volume,center_x,center_y\n102,0,7.5,3,4\n101,0,8.5,1,2\n' >mer/run_cell_metadata.csv
	h5-import -q mer -o mer.h5ad
	[ "$(positions mer.h5ad)" = '1,2;3,4' ]
	[ "$(h5-obs get -c volume mer.h5ad | tail -n +2 | paste -sd ' ')" = '101	8.5 102	7.5' ]
	printf 'fov,cell_ID,GeneA,GeneB\n1,0,99,99\n1,1,1,0\n1,2,0,5\n2,1,3,3\n' | gzip >cos/S0_exprMat_file.csv.gz
	printf 'fov,cell_ID,Area,CenterX_local_px,CenterY_local_px,CenterX_global_px,CenterY_global_px\n1,1,5,0,0,1,2\n1,2,6,0,0,3,4\n2,1,7,0,0,5,6\n' >cos/S0_metadata_file.csv
	h5-import -q cos -o cos.h5ad
	[ "$(positions cos.h5ad)" = '1,2;3,4;5,6' ]
	[ "$(h5-obs get -c Area cos.h5ad | tail -n +2 | paste -sd ' ')" = '1_1	5 1_2	6 2_1	7' ]
	[ "$(probe X cos.h5ad | grep -c 99)" -eq 0 ]
}

@test "folders that lack a table, and positions that are missing, no numbers or twice there, are refused by name" {
	mkdir out
	tenx out/cell_feature_matrix.h5 v3
	fails 1 'a Xenium folder, but there is no cells.csv' h5-import out -o no.h5ad
	touch out/cells.parquet
	fails 1 'cells.parquet is not read' h5-import out -o no.h5ad
	table_of() { printf 'cell_id,x_centroid,y_centroid\n'; printf '%s\n' "$@"; }
	table_of c1,1,2 c2,3,4 >out/cells.csv
	fails 1 "1 of 3 cells have no position there, the first is 'c3'" h5-import out -o no.h5ad
	table_of c1,1,2 c2,nan,4 c3,5,6 >out/cells.csv
	fails 1 "cells.csv: line 3: 'nan' is no position" h5-import out -o no.h5ad
	table_of c1,1,2 c1,3,4 c3,5,6 >out/cells.csv
	fails 1 "cell 'c1' stands there twice" h5-import out -o no.h5ad
	printf 'cell_id,x,y\nc1,1,2\n' >out/cells.csv
	fails 1 'there is no column x_centroid' h5-import out -o no.h5ad
	[ ! -e no.h5ad ]
	table_of c1,1,2 c2,1,2 c3,1,2 >out/cells.csv
	h5-import out -o o.h5ad 2>said
	grep -q 'all cells have the same position' said
	mkdir cos
	printf 'a,b\n1,2\n' >cos/x_exprMat_file.csv
	cp cos/x_exprMat_file.csv cos/x_metadata_file.csv
	fails 1 'does not begin with fov and cell_ID' h5-import cos -o no.h5ad
	fails 1 'no folder of Xenium, Visium, MERSCOPE or CosMx' h5-import --format spatial tmp -o no.h5ad
}
